"""Forgets jobs that ended long ago, in slices, so that other writers get their turn in between."""

from __future__ import annotations

import datetime

from sqlalchemy import delete, select

from runtime.store import system
from runtime.store.database import Store

__all__ = ["KEPT", "purge"]

KEPT = datetime.timedelta(days=90)
"""So long a job that is done keeps its key from being used again."""
SLICE = 1000

_job = system.job


def purge(store: Store, now: datetime.datetime, *, slices: int = 50) -> int:
    """Delete what is done or cancelled for longer than that, in at most so many transactions; how many jobs."""
    old = _job.c.done_at < now - KEPT
    count = 0
    for _ in range(slices):
        with store.read() as connection:
            ids = connection.execute(select(_job.c.id).where(old).order_by(_job.c.done_at).limit(SLICE)).scalars().all()
        if ids:
            with store.write() as connection:
                count += connection.execute(delete(_job).where(_job.c.id.in_(ids), old)).rowcount
        if len(ids) < SLICE:
            break
    return count
