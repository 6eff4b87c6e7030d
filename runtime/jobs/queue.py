"""Schedules and cancels jobs in the transaction of the change that asks for them."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, case, literal, literal_column, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import Text

from engine.model.effect import Missed
from runtime.identity.standing import padded
from runtime.jobs.job import NewJob, State
from runtime.records.prepared import PreparedChange
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["CHANGES", "SCHEDULED", "cancel", "is_state", "schedule"]

SCHEDULED = "carework.jobs.scheduled"
"""Set in the connection's notes by `schedule`; a runner of this process looks for work when such a connection is given back."""
CHANGES = "carework.jobs.changes"
"""In the connection's notes, a number that grows whenever `schedule` or `cancel` may have changed jobs that are there."""
_CHUNK = 500

_job = system.job
_SPELLED: dict[State, Any] = {
    State.WAITING: literal_column("'waiting'"), State.SENDING: literal_column("'sending'"), State.DONE: literal_column("'done'"),
    State.CANCELLED: literal_column("'cancelled'"), State.ASIDE: literal_column("'aside'"),
}


def is_state(*states: State, job: Any = _job) -> Any:
    """The condition that a job is in one of some states, spelled out, because an index over part of a table needs that."""
    return or_(*(job.c.state == _SPELLED[state] for state in states))


def schedule(
    connection: Connection, jobs: Sequence[NewJob], *, now: datetime.datetime, new_id: Callable[[], str], release: Release,
) -> None:
    """Write jobs, in the caller's transaction.

    A job that waits under the same key is moved to the new time and payload, also out of the hands of a runner that has not
    begun it; a cancelled one waits again; one that is being sent, done or set aside stays as it is.
    """
    rows = {job.key: _row(job, now, new_id, release) for job in jobs}  # by key: a statement may meet each row once
    ordered = [rows[key] for key in sorted(rows)]  # always in one order, so that two transactions do not wait for each other
    for start in range(0, len(ordered), _CHUNK):
        connection.execute(_upsert(connection.dialect.name), ordered[start:start + _CHUNK])
    if ordered:
        connection.info[SCHEDULED] = True
        _note(connection)


def cancel(
    connection: Connection, *, keys: Sequence[str] = (), record_id: str | None = None, kind: str | None = None, now: datetime.datetime,
    but: Collection[str] = (),
) -> int:
    """Cancel jobs that wait: those with these keys, or those about a record, of one kind or of all. How many there were.

    `but` are the ids of jobs that stay: those that are being run and lead to this.
    """
    if not keys and record_id is None:
        raise ValueError("cancel needs keys or a record")
    statement = _cancelling(bool(keys), record_id is not None, kind is not None, bool(but))
    binds = {"at": now, "of_kind": kind, "about": record_id, "but": padded(sorted(but))}
    named = sorted(keys)
    chunks = [named[start:start + _CHUNK] for start in range(0, len(named), _CHUNK)] or [[]]
    count = sum(statement.change(connection, {**binds, "keys": padded(chunk)}) for chunk in chunks)
    if count:
        _note(connection)
    return count


def _note(connection: Connection) -> None:
    connection.info[CHANGES] = connection.info.get(CHANGES, 0) + 1


@functools.cache
def _cancelling(keys: bool, record: bool, kind: bool, but: bool) -> PreparedChange:
    """The statement for one kind of question: many changes of records ask it."""
    where = [is_state(State.WAITING)]
    if kind:
        where.append(_job.c.kind == bindparam("of_kind", type_=Text()))
    if but:
        where.append(_job.c.id.not_in(bindparam("but", expanding=True, type_=Text())))
    if record:
        where.append(_job.c.record_id == bindparam("about", type_=Text()))
    if keys:
        where.append(_job.c.key.in_(bindparam("keys", expanding=True, type_=Text())))
    return PreparedChange(update(_job).where(*where).values(
        state=literal(State.CANCELLED.value, Text()), done_at=bindparam("at", type_=_job.c.done_at.type), holder=None, held_until=None))


def _row(job: NewJob, now: datetime.datetime, new_id: Callable[[], str], release: Release) -> dict[str, Any]:
    merge = job.merge or (job.record_id or job.key if job.missed is Missed.MERGE else "")
    return {
        "id": new_id(), "kind": job.kind, "key": job.key, "due_at": job.due_at, "payload": dict(job.payload), "object": job.object,
        "record_id": job.record_id, "subject_id": job.subject_id, "clinic_id": job.clinic_id, "release": release.hash,
        "missed": job.missed.value, "merge": merge, "state": State.WAITING.value, "attempts": 0, "doubtful": False, "created_at": now,
    }


@functools.cache
def _upsert(dialect: str) -> Any:
    insert: Any = sqlite.insert(_job) if dialect == "sqlite" else postgresql.insert(_job)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[_job.c.key],
        set_={
            "due_at": new.due_at, "payload": new.payload, "release": new.release, "missed": new.missed, "merge": new.merge,
            "state": new.state, "holder": None, "held_until": None, "problem": None, "done_at": None,
            # What was called off begins anew; whether an earlier attempt had its effect stays in doubt all the same.
            "attempts": case((is_state(State.CANCELLED), 0), else_=_job.c.attempts),
        },
        where=is_state(State.WAITING, State.CANCELLED),
    )
