"""What is known of a record that was deleted."""

from __future__ import annotations

import sqlalchemy as sa

from runtime.store import system
from runtime.store.database import Store

__all__ = ["deleted_object"]


def deleted_object(store: Store, id: str) -> str | None:
    """The id of the object that a deleted record is of; None when no such record can be put back."""
    with store.read() as connection:
        found: str | None = connection.scalar(sa.select(system.deleted.c.object).where(system.deleted.c.record_id == id))
        return found
