"""Uploaded files become a record's own when the record is saved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from engine.fields.attachment import Attachment
from engine.model import Object
from runtime.records.writing.work import Item, Work
from runtime.store import system

__all__ = ["claim_files"]


def claim_files(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Note on each newly attached file whose it is and in which field (element id)."""
    file = system.attachment
    for field in object.fields.values():
        if not isinstance(field.type, Attachment):
            continue
        for item in items:
            if item.new.get(field.name):
                claimed = update(file).where(file.c.id == item.new[field.name]).values(record_id=item.id, field=field.id)
                work.connection.execute(claimed)
