"""What was told about a record, or to a patient and about all that is hers: the deliveries that somebody may know of."""

from __future__ import annotations

import datetime

from sqlalchemy import Connection, or_, select

from runtime.identity.actor import Actor
from runtime.messages.deliveries import Delivery
from runtime.messages.recipients import by_id
from runtime.messages.rendering import reading_as
from runtime.records.paging import list_page
from runtime.records.query import ListQuery
from runtime.records.rows import UnknownObject
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["told_about"]

_message = system.message


def told_about(
    connection: Connection, release: Release, reader: Actor, now: datetime.datetime, record_id: str, *, subject: bool, limit: int = 50,
) -> list[Delivery]:
    """Deliveries, newest first; with `subject` those about every record of the person. Only where the reader may read the record."""
    asked = or_(_message.c.record_id == record_id, _message.c.to_id == record_id)
    if subject:
        asked = or_(asked, _message.c.subject_id == record_id)
    rows = connection.execute(select(_message).where(asked).order_by(_message.c.id.desc()).limit(limit)).mappings()
    found = [dict(row) for row in rows]
    reading = reading_as(connection, release, reader, now)
    may: set[str] = set()
    for object_id in {row["object"] for row in found}:
        about = by_id(release.model, object_id)
        if about is None:
            continue
        ids = tuple({row["record_id"] for row in found if row["object"] == object_id})
        try:
            may |= {row.id for row in list_page(ListQuery(object=about.name, fields=(), ids=ids, limit=len(ids)), reading).rows}
        except UnknownObject:
            continue
    return [row for row in found if row["record_id"] in may]
