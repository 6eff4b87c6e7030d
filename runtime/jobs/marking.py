"""What whoever holds a job writes about it; each mark is refused once the job is another's."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Update, bindparam, update

from runtime.jobs.job import Job, State
from runtime.jobs.queue import is_state
from runtime.store import system

__all__ = ["Ending", "Lost", "begin_sending", "done", "end", "hold", "put_back"]

_job = system.job


class Lost(Exception):
    """The job is another's by now: what was written with the mark must be rolled back."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt ended; what is not said stays as the claim left it."""

    job: Job
    state: State
    due_at: datetime.datetime | None = None
    attempts: int | None = None
    problem: str | None = None
    doubtful: bool | None = None
    done_at: datetime.datetime | None = None


def hold(connection: Connection, ids: Sequence[str], holder: str, until: datetime.datetime) -> set[str]:
    """Prolong the lease of jobs; those that are still this holder's, locked until the end of the transaction."""
    return set(connection.execute(_hold(), {"b_ids": list(ids), "b_holder": holder, "b_until": until}).scalars())


def begin_sending(connection: Connection, ids: Sequence[str], holder: str, until: datetime.datetime) -> None:
    """Mark jobs as being sent. Raises Lost when one is another's."""
    given = {"b_ids": list(ids), "b_holder": holder, "b_until": until, "b_state": State.SENDING.value}
    if ids and connection.execute(_sending(), given).rowcount != len(ids):
        raise Lost


def done(connection: Connection, ids: Sequence[str], holder: str, now: datetime.datetime) -> None:
    """Mark jobs as done. Raises Lost when one is another's."""
    if connection.execute(_done(), {"b_ids": list(ids), "b_holder": holder, "b_now": now}).rowcount != len(ids):
        raise Lost


def end(connection: Connection, endings: Sequence[Ending], holder: str) -> None:
    """Mark how attempts ended. Raises Lost when one of the jobs is another's."""
    if endings and connection.execute(_end(), [_values(ending, holder) for ending in endings]).rowcount != len(endings):
        raise Lost


def _values(ending: Ending, holder: str) -> dict[str, Any]:
    job = ending.job
    return {
        "b_id": job.id, "b_holder": holder, "b_state": ending.state.value, "b_due": ending.due_at or job.due_at,
        "b_attempts": job.attempts if ending.attempts is None else ending.attempts, "b_problem": ending.problem,
        "b_doubtful": job.doubtful if ending.doubtful is None else ending.doubtful, "b_done": ending.done_at,
    }


def put_back(connection: Connection, ids: Sequence[str], holder: str, *, counted: bool = False) -> None:
    """Let go of jobs that were not begun, as if they had not been claimed, unless that is `counted`. What a claim knew of doubt stays."""
    connection.execute(_put_back(), {"b_ids": list(ids), "b_holder": holder, "b_uncounted": 0 if counted else 1})


def _mine() -> tuple[Any, ...]:
    return (_job.c.holder == bindparam("b_holder"), is_state(State.WAITING, State.SENDING))


def _several() -> Update:
    return update(_job).where(_job.c.id.in_(bindparam("b_ids", expanding=True)), *_mine())


def _single() -> Update:
    return update(_job).where(_job.c.id == bindparam("b_id"), *_mine())


@functools.cache
def _hold() -> Any:
    return _several().values(held_until=bindparam("b_until")).returning(_job.c.id)


@functools.cache
def _sending() -> Update:
    return _several().values(held_until=bindparam("b_until"), state=bindparam("b_state"))


@functools.cache
def _done() -> Update:
    return _several().values(state=State.DONE.value, holder=None, held_until=None, problem=None, done_at=bindparam("b_now"))


@functools.cache
def _end() -> Update:
    return _single().values(
        state=bindparam("b_state"), holder=None, held_until=None, due_at=bindparam("b_due"), attempts=bindparam("b_attempts"),
        problem=bindparam("b_problem"), doubtful=bindparam("b_doubtful"), done_at=bindparam("b_done"))


@functools.cache
def _put_back() -> Update:
    attempts = _job.c.attempts - bindparam("b_uncounted", type_=Integer())
    return _several().values(state=State.WAITING.value, holder=None, held_until=None, attempts=attempts)
