"""After downtime: jobs whose time passed while nothing ran are left out or merged where their definition says so."""

from __future__ import annotations

import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true, update

from engine.model.effect import Missed
from runtime.jobs.claiming import LEASE, LONGEST_LEASE, free
from runtime.jobs.job import State
from runtime.jobs.queue import is_state
from runtime.store import system
from runtime.store.database import Store

__all__ = ["GRACE", "MERGED", "MISSED", "Downtime", "catch_up"]

GRACE = datetime.timedelta(minutes=15)
"""A job that is begun within this time is not late: a restart or a busy hour misses nothing."""
SETTLING = LEASE / 2
"""What was done or claimed this shortly before may be the work of those who woke up with this runner, or of its own lanes."""
SLICE = 2000
MISSED = "missed: its time passed while nothing ran"
MERGED = "merged: a later one of the same group runs"

_job = system.job


class Downtime:
    """When work was last taken up after nothing had run, as one runner knows it; a backlog of work that goes on is none."""

    def __init__(self) -> None:
        self._looked: datetime.datetime | None = None
        self._over: datetime.datetime | None = None
        self._settled: datetime.datetime | None = None

    def look(self, connection: Connection, now: datetime.datetime) -> bool:
        """Note that this runner is at work. Was it not for a while, and nobody else either, then nothing ran until now: whether that is so."""
        found = (self._looked is None or now - self._looked > GRACE) and not _somebody_worked(connection, now)
        if found:
            self._over = now
        self._looked = now
        return found

    def settle(self, now: datetime.datetime) -> None:
        """Note that what was missed until now is left out or merged."""
        self._settled = now

    def awake(self, now: datetime.datetime) -> bool:
        """Whether that was noted lately: a lane that goes on after its machine slept waits for it."""
        return self._settled is not None and now - self._settled <= GRACE

    def before(self, now: datetime.datetime) -> datetime.datetime | None:
        """What was due before this, and was not begun, was missed; None where nothing was."""
        return min(self._over, now) - GRACE if self._over is not None else None


def _somebody_worked(connection: Connection, now: datetime.datetime) -> bool:
    """Whether some job was finished within the grace, or is in somebody's hands, and that since before `SETTLING`."""
    finished = is_state(State.DONE) & (_job.c.done_at > now - GRACE) & (_job.c.done_at <= now - SETTLING)
    held = is_state(State.WAITING, State.SENDING) & (_job.c.held_until >= now) & (_job.c.held_until <= now + LEASE - SETTLING)
    return bool(connection.scalar(select(or_(exists().where(finished), exists().where(held)))))


def catch_up(store: Store, kind: str, now: datetime.datetime, before: datetime.datetime) -> int:
    """Cancel what was due before a time and is not to run late, in slices of one transaction each; how many jobs."""
    count = 0
    for missed, why in ((Missed.SKIP, MISSED), (Missed.MERGE, MERGED)):
        while (gone := _slice(store, kind, missed, why, now, before)) > 0:
            count += gone
            if gone < SLICE:
                break
    return count


def _slice(store: Store, kind: str, missed: Missed, why: str, now: datetime.datetime, before: datetime.datetime) -> int:
    """Jobs that were tried before were not missed; they have their own time by then. Nor were those that came when work
    was taken up again, for a time that had passed already: they are due at once."""
    late = and_(
        is_state(State.WAITING), _job.c.due_at < before, _job.c.created_at < before + GRACE, _job.c.attempts == 0,
        free(now, now + LONGEST_LEASE))
    due = (
        select(*_job.c, _place().label("place"))
        .where(is_state(State.WAITING), _job.c.kind == kind, _job.c.due_at <= now, _job.c.missed == missed.value).subquery()
    )
    followed = due.c.place > 1 if missed is Missed.MERGE else true()
    some = select(due.c.id).where(
        due.c.due_at < before, due.c.created_at < before + GRACE, due.c.attempts == 0, free(now, now + LONGEST_LEASE, due), followed,
    ).order_by(due.c.due_at).limit(SLICE)
    with store.read() as connection:
        ids = connection.execute(some).scalars().all()
    if not ids:
        return 0
    gone = update(_job).where(_job.c.id.in_(ids), late).values(
        state=State.CANCELLED.value, done_at=now, problem=why, holder=None, held_until=None)
    with store.write() as connection:
        return connection.execute(gone).rowcount


def _place() -> ColumnElement[int]:
    """How manieth from the end a job is in its group, in one pass over what is due."""
    return func.row_number().over(partition_by=_job.c.merge, order_by=(_job.c.due_at.desc(), _job.c.id.desc()))
