"""Forgets jobs and links that ended long ago, and drafts that are over, in slices, so that other writers get their turn in between."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Column, Table, delete, select

from runtime import drafts
from runtime.store import system
from runtime.store.database import Store

__all__ = ["KEPT", "purge"]

KEPT = datetime.timedelta(days=90)
"""So long a job that is done keeps its key from being used again."""
SLICE = 1000

_job, _draft, _link = system.job, system.draft, system.link


def purge(store: Store, now: datetime.datetime, *, slices: int = 50) -> int:
    """Delete what is done, cancelled or over for longer than that, and old drafts, in at most so many transactions each; how many rows.

    Who made a link and what came of it stays in the audit. Deliveries stay: that somebody was told is part of her care.
    """
    return sum(_purge(store, table, column, now - kept, slices) for table, column, kept in (
        (_job, _job.c.done_at, KEPT), (_draft, _draft.c.saved_at, drafts.KEPT), (_link, _link.c.expires_at, KEPT)))


def _purge(store: Store, table: Table, column: Column[Any], before: datetime.datetime, slices: int) -> int:
    old = column < before
    count = 0
    for _ in range(slices):
        with store.read() as connection:
            ids = connection.execute(select(table.c.id).where(old).order_by(column).limit(SLICE)).scalars().all()
        if ids:
            with store.write() as connection:
                count += connection.execute(delete(table).where(table.c.id.in_(ids), old)).rowcount
        if len(ids) < SLICE:
            break
    return count
