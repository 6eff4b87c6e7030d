"""What must hold of jobs, for `carework doctor`: I9 nothing due is forgotten, I10 no effect was recorded twice."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from sqlalchemy import Connection, func, or_, select

from runtime.jobs.claiming import LONGEST_LEASE
from runtime.jobs.job import State
from runtime.jobs.operating import found_aside
from runtime.jobs.queue import is_state
from runtime.store import system

__all__ = ["FORGOTTEN", "doubts", "faults"]

FORGOTTEN = datetime.timedelta(minutes=30)
"""Due for so long and in nobody's hands: nothing works jobs off."""
SHOWN = 20

_job = system.job


def faults(connection: Connection, now: datetime.datetime) -> Iterator[tuple[str, str]]:
    """Breaches as (number of the invariant, text)."""
    twice = select(_job.c.key).group_by(_job.c.key).having(func.count() > 1).limit(SHOWN)
    for key in connection.execute(twice).scalars():
        yield "I10", f"the effect {key} has more than one job"
    unfinished = or_(is_state(State.DONE, State.CANCELLED) & _job.c.done_at.is_(None), is_state(State.DONE) & (_job.c.attempts < 1))
    for id in connection.execute(select(_job.c.id).where(unfinished).limit(SHOWN)).scalars():
        yield "I10", f"job {id} ended without a time or without having been begun"
    kept = is_state(State.WAITING, State.SENDING, State.ASIDE) & _job.c.done_at.is_not(None)
    for id in connection.execute(select(_job.c.id).where(kept).limit(SHOWN)).scalars():
        yield "I9", f"job {id} is still to be done and has ended: it would be done twice"
    orphan = is_state(State.SENDING) & (_job.c.held_until.is_(None) | _job.c.holder.is_(None))
    for id in connection.execute(select(_job.c.id).where(orphan).limit(SHOWN)).scalars():
        yield "I9", f"job {id} is being sent by nobody"


def doubts(connection: Connection, now: datetime.datetime) -> Iterator[str]:
    """What an operator should look at."""
    late = is_state(State.WAITING) & (_job.c.due_at < now - FORGOTTEN)
    idle = or_(_job.c.held_until.is_(None), _job.c.held_until < now)
    count, oldest = connection.execute(select(func.count(), func.min(_job.c.due_at)).where(late, idle)).one()
    if count:
        yield f"{count:,} jobs are due since {oldest:%F %T} and nobody does them; `carework serve` and `carework worker` do"
    held = is_state(State.WAITING, State.SENDING) & (_job.c.held_until > now + LONGEST_LEASE)
    ahead = connection.execute(select(func.count()).where(held)).scalar_one()
    if ahead:
        yield f"{ahead} jobs are held beyond the longest lease: the clock was set back; runners take them all the same"
    aside = len(found_aside(connection, 1000))
    if aside:
        yield f"{aside:,} jobs are set aside; `carework jobs list` says why"
