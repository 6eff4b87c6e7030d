"""Queues a message in the transaction of what causes it; everything else is decided when it is sent."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.model import Message
from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["KIND", "queue_message"]

KIND = "message"


def queue_message(
    connection: Connection, release: Release, message: Message, record: tuple[str, str], to: tuple[str, str], *,
    key: str, now: datetime.datetime, new_id: Callable[[], str], cause: str = "",
) -> None:
    """Queue a message about a record to a person or patient, both given as (object's name, id), in the caller's transaction.

    `key` names the one delivery: queued twice, it is sent once. `cause` is the element id of the effect or step that asks for it.
    """
    model = release.model
    about, recipient = model.objects[record[0]], model.objects[to[0]]
    table = release.tables.object(about.name)
    stands = connection.execute(
        select(table.column("clinic_id"), table.column("subject_id")).where(table.column("id") == record[1])).one_or_none()
    clinic, subject = tuple(stands) if stands is not None else (None, None)
    row = {
        "id": new_id(), "key": key, "message": message.id, "object": about.id, "record_id": record[1], "subject_id": subject,
        "clinic_id": clinic, "to_object": recipient.id, "to_id": to[1], "cause": cause, "state": "queued", "reason": "", "doubtful": False,
        "tried": [], "release": release.hash, "queued_at": now,
    }
    connection.execute(_insert(connection.dialect.name), [row])
    job = NewJob(
        kind=KIND, key=f"{KIND}:{key}", due_at=now, object=about.id, record_id=record[1], subject_id=subject, clinic_id=clinic,
        payload={"message": message.id, "object": about.id, "record_id": record[1], "to": {"object": recipient.id, "id": to[1]},
                 "cause": cause, "key": key},
    )
    schedule(connection, [job], now=now, new_id=new_id, release=release)


def _insert(dialect: str) -> Any:
    insert: Any = sqlite.insert(system.message) if dialect == "sqlite" else postgresql.insert(system.message)
    return insert.on_conflict_do_nothing(index_elements=[system.message.c.key])
