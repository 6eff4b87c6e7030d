"""After a publish: the timers' jobs of records that are there already, made anew in slices."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from sqlalchemy import Connection, select

from engine.model import Object
from engine.targets.timers import Due
from runtime.jobs.job import Job, NewJob, State
from runtime.jobs.kinds import Aside, Inside, Later, Retry, Workplace
from runtime.jobs.queue import cancel, is_state, schedule
from runtime.records.writing.checks import RowValues
from runtime.store import system
from runtime.store.compiled import Release
from runtime.timers.waiting import KIND, clock_of, job_of, object_of, rows_of

__all__ = ["SLICE", "RenewKind", "renewal"]

NAME = "timers"
SLICE = 500
"""So many records at a time; other jobs and people get their turn in between."""

_job = system.job


def renewal(object_id: str, release_hash: str, now: datetime.datetime, *, phase: str = "waiting", after: str = "") -> NewJob:
    """The job that looks at the next slice of an object's records."""
    return NewJob(
        kind=NAME, key=f"{NAME}:{release_hash}:{object_id}:{phase}:{after}", due_at=now,
        payload={"phase": phase, "after": after, "for": release_hash}, object=object_id)


class RenewKind(Inside):
    """First the records that wait for something (it may be no more), then those in a state that a timer waits in (it may be new)."""

    name = NAME

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        """One slice, and the job of the next; by the live release, whichever publish began it."""
        object = object_of(release.model, job.object)
        if object is None:
            return None
        phase, after = str(job.payload["phase"]), str(job.payload["after"])
        ids = _waiting(connection, object, after) if phase == "waiting" else _in_state(connection, release, object, after)
        self._renew(connection, release, object, ids, now)
        following = {"after": ids[-1], "phase": phase} if len(ids) == SLICE else {"phase": "states"} if phase == "waiting" else None
        if following is not None:
            schedule(
                connection, [renewal(object.id, str(job.payload["for"]), now, **following)], now=now, new_id=self._workplace.new_id,
                release=release)
        return None

    def _renew(self, connection: Connection, release: Release, object: Object, ids: Sequence[str], now: datetime.datetime) -> None:
        """Cancel what the records wait for no more; schedule what they should wait for."""
        if not ids:
            return
        rows = rows_of(connection, release, object, ids, now, lock=True)
        wanted = {due.key(id): _wanted(object, id, row, due) for id, (row, several) in rows.items() for due in several}
        there = set(connection.scalars(
            select(_job.c.key).where(_job.c.kind == KIND, _job.c.record_id.in_(ids), is_state(State.WAITING))))
        gone = there - wanted.keys()
        if gone:
            cancel(connection, keys=sorted(gone), now=now)
        jobs = [made for key, made in wanted.items() if key not in there]
        schedule(connection, jobs, now=now, new_id=self._workplace.new_id, release=release)


def _wanted(object: Object, id: str, row: RowValues, due: Due) -> NewJob:
    return job_of(object, id, due, row.lookup(("subject_id",)), row.lookup(("clinic_id",)))


def _waiting(connection: Connection, object: Object, after: str) -> list[str]:
    """Records of the object that have a timer's job waiting, in the order of their ids."""
    statement = select(_job.c.record_id).distinct().where(
        _job.c.kind == KIND, is_state(State.WAITING), _job.c.object == object.id, _job.c.record_id > after)
    return list(connection.scalars(statement.order_by(_job.c.record_id).limit(SLICE)))


def _in_state(connection: Connection, release: Release, object: Object, after: str) -> list[str]:
    """Records in a state that a timer waits in, in the order of their ids."""
    clock = clock_of(release, object.name)
    if clock is None:
        return []
    table = release.tables.object(object.name)
    id = table.column("id")
    statement = select(id).where(table.column(object.workflow).in_(clock.states), id > after)
    return list(connection.scalars(statement.order_by(id).limit(SLICE)))
