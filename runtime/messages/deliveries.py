"""The rows of `cw_message`: what became of each message."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Delivery", "delivery", "note_sending", "settle"]

Delivery = Mapping[str, Any]

_message = system.message


def delivery(connection: Connection, key: str) -> Delivery | None:
    """The row of a key."""
    row = connection.execute(select(_message).where(_message.c.key == key)).mappings().one_or_none()
    return dict(row) if row is not None else None


def settle(connection: Connection, row: Delivery, state: str, reason: str = "", **values: Any) -> None:
    """Write how it stands."""
    connection.execute(update(_message).where(_message.c.id == row["id"]).values(state=state, reason=reason, **values))


def note_sending(
    connection: Connection, row: Delivery, release: Release, channel: str, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """The audit's entry of what leaves: whose record was told of to whom, before it leaves, and never what was said."""
    connection.execute(insert(system.audit).values(
        id=new_id(), at=now, actor="system", acting_for=None, action="message", object=row["object"], record_id=row["record_id"],
        clinic_id=row["clinic_id"], subject_id=row["subject_id"], release=release.hash, request_id=None, outcome="done",
        detail={"message": row["message"], "channel": channel, "to": row["to_id"], "delivery": row["id"]}, digest=None,
    ))
