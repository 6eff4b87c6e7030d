"""What operators see of jobs and do about them: counts, what was set aside, run it again, drop it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from runtime.identity.actor import Actor
from runtime.jobs.job import Job, State, job_of
from runtime.jobs.queue import SCHEDULED, is_state
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["LATE", "SLICE", "Line", "again", "all_again", "drop", "found_aside", "overview"]

LATE = datetime.timedelta(minutes=5)
"""A job that is due for so long, and not begun, says that nobody works."""
DAY = datetime.timedelta(days=1)
DROPPED = "dropped"
SLICE = 500
_SLICES = 1000

_job = system.job


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The jobs of one kind. `due` of the waiting ones should have been begun; `done` and `cancelled` are of the last 24 hours."""

    kind: str
    waiting: int = 0
    due: int = 0
    sending: int = 0
    aside: int = 0
    done: int = 0
    cancelled: int = 0
    oldest: datetime.datetime | None = None
    """When the first that is due was due."""

    def is_late(self, now: datetime.datetime) -> bool:
        """Whether its jobs are not being done."""
        return self.oldest is not None and self.oldest < now - LATE


def overview(connection: Connection, kinds: Sequence[str], now: datetime.datetime) -> list[Line]:
    """A line for each of these kinds and for every other that has jobs. Reads no index of what is done beyond a day."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
    for row in connection.execute(_waiting(now)):
        found.setdefault(row.kind, {}).update(waiting=row.waiting, due=row.due, oldest=row.oldest)
    for statement in (_standing(State.SENDING), _standing(State.ASIDE), _ended(now)):
        for row in connection.execute(statement):
            found.setdefault(row.kind, {})[row.state] = row.jobs
    return [Line(kind=kind, **counts) for kind, counts in sorted(found.items())]


def found_aside(connection: Connection, limit: int = 100) -> list[Job]:
    """Jobs that were set aside, the latest first."""
    statement = select(_job).where(is_state(State.ASIDE)).order_by(_job.c.due_at.desc(), _job.c.id).limit(limit)
    return [job_of(row._asdict()) for row in connection.execute(statement)]


def again(
    connection: Connection, actor: Actor, release: Release, *, ids: Sequence[str] = (), kind: str = "", now: datetime.datetime,
    new_id: Callable[[], str],
) -> int:
    """Let jobs that were set aside wait again, due now and as if never tried: these, or the next SLICE of a kind. How many; audited.

    What an earlier attempt may have led to stays known as doubtful.
    """
    fresh = {"state": State.WAITING.value, "due_at": now, "attempts": 0, "problem": None, "holder": None, "held_until": None}
    if not ids:
        chosen = select(_job.c.id).where(_job.c.kind == kind, is_state(State.ASIDE)).order_by(_job.c.due_at, _job.c.id).limit(SLICE)
        ids = connection.scalars(chosen).all()
    rows = connection.execute(update(_job).where(_job.c.id.in_(ids), is_state(State.ASIDE)).values(fresh).returning(*_TOLD)).all()
    connection.info[SCHEDULED] = True
    _audit(connection, actor, release, "run_job_again", rows, now, new_id)
    return len(rows)


def all_again(store: Store, actor: Actor, release: Release, kind: str, *, now: datetime.datetime, new_id: Callable[[], str]) -> int:
    """The same for all of a kind, a slice in each transaction, so that others get their turn in between."""
    count = 0
    for _ in range(_SLICES):  # one that fails at once is set aside again
        with store.write() as connection:
            slice = again(connection, actor, release, kind=kind, now=now, new_id=new_id)
        count += slice
        if slice < SLICE:
            break
    return count


def drop(
    connection: Connection, actor: Actor, release: Release, ids: Sequence[str], reason: str, *, now: datetime.datetime,
    new_id: Callable[[], str],
) -> int:
    """Give up jobs that were set aside, for a reason; how many.

    Audited without the reason, in which a person may name another: it stands with the job as long as that is kept.
    """
    problem = func.substr(func.coalesce(_job.c.problem, "") + f"; {DROPPED}: {reason}", 1, 2000)
    gone = {"state": State.CANCELLED.value, "done_at": now, "holder": None, "held_until": None, "problem": problem}
    rows = connection.execute(update(_job).where(_job.c.id.in_(ids), is_state(State.ASIDE)).values(gone).returning(*_TOLD)).all()
    _audit(connection, actor, release, "drop_job", rows, now, new_id)
    return len(rows)


_TOLD = (_job.c.id, _job.c.kind, _job.c.object, _job.c.record_id, _job.c.clinic_id, _job.c.subject_id)


def _audit(
    connection: Connection, actor: Actor, release: Release, action: str, rows: Sequence[Any], now: datetime.datetime,
    new_id: Callable[[], str],
) -> None:
    entries = [
        {"id": new_id(), "at": now, "actor": actor.id, "action": action, "object": row.object, "record_id": row.record_id,
         "clinic_id": row.clinic_id, "subject_id": row.subject_id, "release": release.hash, "outcome": "done",
         "detail": {"job": row.id, "kind": row.kind}}
        for row in rows
    ]
    if entries:
        connection.execute(insert(system.audit), entries)


def _waiting(now: datetime.datetime) -> Any:
    is_due = _job.c.due_at <= now
    return (
        select(_job.c.kind, func.count().label("waiting"), func.count(case((is_due, 1))).label("due"),
               func.min(case((is_due, _job.c.due_at))).label("oldest"))
        .where(is_state(State.WAITING)).group_by(_job.c.kind)
    )


def _standing(state: State) -> Any:
    return select(_job.c.kind, _job.c.state, func.count().label("jobs")).where(is_state(state)).group_by(_job.c.kind, _job.c.state)


def _ended(now: datetime.datetime) -> Any:
    return (
        select(_job.c.kind, _job.c.state, func.count().label("jobs")).where(_job.c.done_at >= now - DAY)
        .group_by(_job.c.kind, _job.c.state)
    )
