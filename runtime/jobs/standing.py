"""Jobs that must always be there, like the one for the next day: whoever runs jobs looks for them and schedules those that are lost."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable

from sqlalchemy import select

from runtime.jobs.job import State
from runtime.jobs.kinds import Kind
from runtime.jobs.queue import schedule
from runtime.store import system
from runtime.store.database import Store
from runtime.store.errors import FenceMoved

__all__ = ["keep_standing"]

_job = system.job


def keep_standing(store: Store, kinds: Iterable[Kind], now: datetime.datetime, new_id: Callable[[], str]) -> int:
    """Schedule the jobs that kinds want to be there and that are not; how many. One that is there is not moved, however it stands."""
    release = store.release()
    wanted = {job.key: job for kind in kinds for job in kind.standing(release, now)}
    if not wanted:
        return 0
    with store.read() as connection:
        there = set(connection.scalars(select(_job.c.key).where(_job.c.key.in_(wanted), _job.c.state != State.CANCELLED.value)))
    lost = [job for key, job in wanted.items() if key not in there]
    if not lost:
        return 0
    try:
        with store.write() as connection:
            store.fence(connection, release)
            schedule(connection, lost, now=now, new_id=new_id, release=release)
    except FenceMoved:  # the publish has seen to its own
        return 0
    return len(lost)
