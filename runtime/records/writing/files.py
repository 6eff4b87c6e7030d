"""Uploaded files become a record's own when the record is saved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from engine.fields.attachment import Attachment
from engine.model import Object
from runtime.records.writing.work import Item, Raced, Work
from runtime.store import system

__all__ = ["claim_files"]


def claim_files(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Note on each newly attached file whose it is and in which field (element id). Raises Raced when another record took it."""
    file = system.attachment
    for field in object.fields.values():
        if not isinstance(field.type, Attachment):
            continue
        for item in items:
            if item.new.get(field.name):
                free = update(file).where(file.c.id == item.new[field.name], file.c.record_id.is_(None))
                if work.connection.execute(free.values(record_id=item.id, field=field.id)).rowcount != 1:
                    raise Raced
