"""Who does a job: claims by compare-and-set with a lease, and marks that are refused to whoever has lost it.

Each claim writes a holder's name that no other claim has; every later mark asks for it. So a runner that was asleep past its lease
finds that its job is another's, and what it wrote in that transaction is rolled back. Statements are built once: many jobs are small.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Integer, Select, Update, bindparam, func, or_, select, update

from runtime.jobs.job import Job, State, job_of
from runtime.jobs.kinds import Kind
from runtime.jobs.queue import is_state
from runtime.store import system
from runtime.store.columns import Instant

__all__ = ["BATCH", "LEASE", "LONGEST_LEASE", "NO_WORD", "claim", "earliest", "free"]

LEASE = datetime.timedelta(seconds=60)
"""So long a claimed job is nobody else's; prolonged when it is begun."""
LONGEST_LEASE = datetime.timedelta(minutes=10)
"""A lease that ends later than this after now was written before the clock was set back, and holds nothing."""
BATCH = 64
NO_WORD = "every attempt ended without a word: the process died, or its machine"

_job = system.job
_LOCK = 0x6A6F6273  # "jobs"
_LOOKED_AT = (_job.c.id, _job.c.record_id, _job.c.attempts, _job.c.due_at)
_NOW, _FAR = bindparam("b_now", type_=Instant()), bindparam("b_far", type_=Instant())


def free(now: Any = _NOW, far: Any = _FAR, job: Any = _job) -> Any:
    """The condition that nobody holds a job; `far` is the end of the longest lease."""
    return or_(job.c.held_until.is_(None), job.c.held_until < now, job.c.held_until > far)


def earliest(connection: Connection, kinds: Collection[str], now: datetime.datetime) -> Mapping[str, datetime.datetime]:
    """When the next job of each kind is due that nobody holds; kinds without any are left out. One statement, an index search each."""
    if not kinds:
        return {}
    row = connection.execute(_earliest(tuple(kinds)), _times(now)).one()
    found = {kind: (row[2 * place], row[2 * place + 1]) for place, kind in enumerate(kinds)}
    return {kind: now if left is not None else waiting for kind, (waiting, left) in found.items() if left is not None or waiting is not None}


@functools.lru_cache(maxsize=64)
def _earliest(kinds: tuple[str, ...]) -> Select[Any]:
    columns = []
    for place, kind in enumerate(kinds):
        waiting = select(_job.c.due_at).where(is_state(State.WAITING), _job.c.kind == kind, free()).order_by(_job.c.due_at).limit(1)
        left = select(_job.c.held_until).where(is_state(State.SENDING), _job.c.kind == kind, free()).limit(1)
        columns += [waiting.scalar_subquery().label(f"w{place}"), left.scalar_subquery().label(f"s{place}")]
    return select(*columns)


def claim(
    connection: Connection, kind: Kind, holder: str, now: datetime.datetime, limit: int = BATCH, lease: datetime.timedelta = LEASE,
) -> list[Job]:
    """Due jobs of a kind, now held: the oldest, up to `limit`, in the order they are due.

    One that was claimed before comes alone: if it ends the process, no other is held or counted as tried with it. Those that were
    tried too often are set aside on the way. A job whose record has an earlier one in somebody's hands is left for later.
    """
    if connection.dialect.name == "postgresql":  # one claim of a kind at a time, or the order of a record's jobs could be lost
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK, crc32(kind.name.encode()) - 2**31)))
    given = {**_times(now), "b_kind": kind.name}
    chosen, worn = list[str](), [""]
    while worn and not chosen:
        rows = [*connection.execute(_left(), given), *connection.execute(_waiting(), {**given, "b_limit": limit})]
        held = _held(connection, kind.name, rows, now)
        worn, chosen = _choose([row for row in rows if not _follows(row, held)], kind.attempts)
        if worn:
            connection.execute(_set_aside(), {**_times(now), "b_ids": worn})
    if not chosen:
        return []
    taken = connection.execute(_take(), {**_times(now), "b_ids": chosen, "b_holder": holder, "b_until": now + lease})
    return sorted((job_of(row._asdict()) for row in taken), key=lambda job: (job.due_at, job.id))


def _times(now: datetime.datetime) -> dict[str, Any]:
    return {"b_now": now, "b_far": now + LONGEST_LEASE}


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


@functools.cache
def _waiting() -> Select[Any]:
    """Those that wait, in order."""
    kind = bindparam("b_kind", type_=_job.c.kind.type)
    return (
        select(*_LOOKED_AT).where(is_state(State.WAITING), _job.c.kind == kind, _job.c.due_at <= _NOW, free())
        .order_by(_job.c.due_at, _job.c.id).limit(bindparam("b_limit", type_=Integer())).with_for_update(skip_locked=True)
    )


@functools.cache
def _left() -> Select[Any]:
    """One that was left behind while it was being sent."""
    kind = bindparam("b_kind", type_=_job.c.kind.type)
    return (
        select(*_LOOKED_AT).where(is_state(State.SENDING), _job.c.kind == kind, free()).limit(1).with_for_update(skip_locked=True)
    )


def _held(connection: Connection, kind: str, rows: Sequence[Any], now: datetime.datetime) -> dict[str, tuple[Any, str]]:
    """By record, the time and id of its first job that somebody holds."""
    records = sorted({row.record_id for row in rows if row.record_id is not None})
    found: dict[str, tuple[Any, str]] = {}
    for row in connection.execute(_in_hands(), {"b_records": records}) if records else ():
        if row.kind == kind and now <= row.held_until <= now + LONGEST_LEASE:
            place = (row.due_at, row.id)
            found[row.record_id] = min(found.get(row.record_id, place), place)
    return found


def _follows(row: Any, held: Mapping[str, tuple[Any, str]]) -> bool:
    """Whether an earlier job of its record is in somebody's hands."""
    return row.record_id in held and held[row.record_id] < (row.due_at, row.id)


@functools.cache
def _in_hands() -> Select[Any]:
    """Without the kind: with it PostgreSQL, as long as it knows nothing of a new table, searches the index of what is due."""
    records = _job.c.record_id.in_(bindparam("b_records", expanding=True))
    return select(_job.c.record_id, _job.c.kind, _job.c.due_at, _job.c.id, _job.c.held_until).where(
        is_state(State.WAITING), records, _job.c.held_until.is_not(None))


def _claimable() -> Update:
    """The compare-and-set: whoever claims between the look and this wins."""
    ids = _job.c.id.in_(bindparam("b_ids", expanding=True))
    return update(_job).where(ids, is_state(State.WAITING, State.SENDING), free())


def _doubtful() -> Any:
    """A job that is found as being sent may have had its effect."""
    return or_(_job.c.doubtful, is_state(State.SENDING))


@functools.cache
def _take() -> Any:
    return _claimable().values(
        holder=bindparam("b_holder"), held_until=bindparam("b_until"), attempts=_job.c.attempts + 1, doubtful=_doubtful(),
    ).returning(*_job.c)


@functools.cache
def _set_aside() -> Update:
    return _claimable().values(state=State.ASIDE.value, problem=NO_WORD, holder=None, held_until=None, doubtful=_doubtful())
