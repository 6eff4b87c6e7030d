"""Who does a job: claims by compare-and-set with a lease, and marks that are refused to whoever has lost it.

Each claim writes a holder's name that no other claim has; every later mark asks for it. So a runner that was asleep past its lease
finds that its job is another's, and what it wrote in that transaction is rolled back.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Update, and_, exists, func, or_, select, tuple_, update

from runtime.jobs.job import Job, State, job_of
from runtime.jobs.kinds import Kind
from runtime.jobs.queue import is_state
from runtime.store import system

__all__ = ["BATCH", "LEASE", "LONGEST_LEASE", "NO_WORD", "claim", "earliest", "free", "hold", "mark"]

LEASE = datetime.timedelta(seconds=60)
"""So long a claimed job is nobody else's; prolonged when it is begun."""
LONGEST_LEASE = datetime.timedelta(minutes=10)
"""A lease that ends later than this after now was written before the clock was set back, and holds nothing."""
BATCH = 64
NO_WORD = "every attempt ended without a word: the process died, or its machine"

_job = system.job
_LOCK = 0x6A6F6273  # "jobs"


def free(now: datetime.datetime, job: Any = _job) -> Any:
    """The condition that nobody holds a job."""
    return or_(job.c.held_until.is_(None), job.c.held_until < now, job.c.held_until > now + LONGEST_LEASE)


def earliest(connection: Connection, kinds: Collection[str], now: datetime.datetime) -> Mapping[str, datetime.datetime]:
    """When the next job of each kind is due that nobody holds; kinds without any are left out. One statement, an index search each."""
    if not kinds:
        return {}
    columns = []
    for place, kind in enumerate(kinds):
        waiting = select(_job.c.due_at).where(is_state(State.WAITING), _job.c.kind == kind, free(now)).order_by(_job.c.due_at).limit(1)
        left = select(_job.c.held_until).where(is_state(State.SENDING), _job.c.kind == kind, free(now)).limit(1)
        columns += [waiting.scalar_subquery().label(f"w{place}"), left.scalar_subquery().label(f"s{place}")]
    row = connection.execute(select(*columns)).one()
    found = {kind: (row[2 * place], row[2 * place + 1]) for place, kind in enumerate(kinds)}
    return {kind: now if left is not None else waiting for kind, (waiting, left) in found.items() if left is not None or waiting is not None}


def claim(
    connection: Connection, kind: Kind, holder: str, now: datetime.datetime, limit: int = BATCH, lease: datetime.timedelta = LEASE,
) -> list[Job]:
    """Due jobs of a kind, now held: the oldest, up to `limit`, in the order they are due.

    One that was claimed before comes alone: if it ends the process, no other is held or counted as tried with it. Those that were
    tried too often are set aside on the way. A job whose record has an earlier one in somebody's hands is left for later.
    """
    if connection.dialect.name == "postgresql":  # one claim of a kind at a time, or the order of a record's jobs could be lost
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK, crc32(kind.name.encode()) - 2**31)))
    worn, chosen = _choose(_candidates(connection, kind.name, now, limit), kind.attempts)
    if worn:
        connection.execute(_claimable(worn, now).values(
            state=State.ASIDE.value, problem=NO_WORD, holder=None, held_until=None, doubtful=_doubtful()))
    if not chosen:
        return [] if not worn else claim(connection, kind, holder, now, limit, lease)
    taken = _claimable(chosen, now).values(
        holder=holder, held_until=now + lease, attempts=_job.c.attempts + 1, doubtful=_doubtful()).returning(*_job.c)
    jobs = [job_of(row._asdict()) for row in connection.execute(taken)]
    return sorted(jobs, key=lambda job: (job.due_at, job.id))


def hold(connection: Connection, ids: Sequence[str], holder: str, until: datetime.datetime, *, state: State | None = None) -> set[str]:
    """Prolong the lease of jobs, and set their state; those that are still this holder's, locked until the end of the transaction."""
    values: dict[str, Any] = {"held_until": until} if state is None else {"held_until": until, "state": state.value}
    return set(connection.execute(_mine(ids, holder).values(values).returning(_job.c.id)).scalars())


def mark(connection: Connection, ids: Sequence[str], holder: str, state: State, **values: Any) -> int:
    """Let go of jobs that are still this holder's; how many were."""
    return connection.execute(_mine(ids, holder).values(state=state.value, holder=None, held_until=None, **values)).rowcount


def _mine(ids: Sequence[str], holder: str) -> Update:
    return update(_job).where(_job.c.id.in_(ids), _job.c.holder == holder, is_state(State.WAITING, State.SENDING))


def _claimable(ids: Sequence[str], now: datetime.datetime) -> Update:
    """The compare-and-set: whoever claims between the look and this wins."""
    return update(_job).where(_job.c.id.in_(ids), is_state(State.WAITING, State.SENDING), free(now))


def _doubtful() -> Any:
    """A job that is found as being sent may have had its effect."""
    return or_(_job.c.doubtful, is_state(State.SENDING))


def _candidates(connection: Connection, kind: str, now: datetime.datetime, limit: int) -> list[Any]:
    """Those left behind while they were being sent, then those that wait, in order."""
    earlier = _job.alias("earlier")
    before = exists().where(
        earlier.c.record_id == _job.c.record_id, earlier.c.kind == kind, is_state(State.WAITING, job=earlier),
        and_(earlier.c.held_until >= now, earlier.c.held_until <= now + LONGEST_LEASE),
        tuple_(earlier.c.due_at, earlier.c.id) < tuple_(_job.c.due_at, _job.c.id),
    )
    columns = (_job.c.id, _job.c.record_id, _job.c.attempts)
    left = select(*columns).where(is_state(State.SENDING), _job.c.kind == kind, free(now)).limit(1)
    waiting = select(*columns).where(is_state(State.WAITING), _job.c.kind == kind, _job.c.due_at <= now, free(now), ~before)
    ordered = waiting.order_by(_job.c.due_at, _job.c.id).limit(limit)
    return [row for each in (left, ordered) for row in connection.execute(each.with_for_update(skip_locked=True))]


def _choose(rows: Sequence[Any], attempts: int) -> tuple[list[str], list[str]]:
    """Of candidates in order: those tried too often, and those to take: a tried one alone, or the first that are fresh."""
    worn: list[str] = []
    chosen: list[str] = []
    left: set[str | None] = set()
    for row in rows:
        if row.attempts >= attempts:
            worn.append(row.id)
        elif row.attempts and not chosen:
            return worn, [row.id]
        elif row.attempts or row.record_id in left:
            left.add(row.record_id or row.id)
        else:
            chosen.append(row.id)
    return worn, chosen
