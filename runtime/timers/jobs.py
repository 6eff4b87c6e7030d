"""Fires timers: the transition of a record whose time has come, if the record still waits for it."""

from __future__ import annotations

import datetime

from sqlalchemy import Connection

from runtime.identity.actor import system_actor
from runtime.identity.callers import clinic_day
from runtime.jobs.job import Job
from runtime.jobs.kinds import Aside, Inside, Later, Retry, Workplace
from runtime.records.commands import RequestInfo, Transition
from runtime.records.outcomes import Kind, Refused
from runtime.records.writing.saving import all_or_none
from runtime.store.compiled import Release
from runtime.timers.renewing import RenewKind
from runtime.timers.waiting import KIND, object_of, rows_of

__all__ = ["TimerKind", "job_kinds"]

_AGAIN = frozenset({Kind.BUSY, Kind.STALE})
"""Refusals that have nothing to do with the record or its rules."""


def job_kinds(workplace: Workplace) -> tuple[Inside, ...]:
    """See `runtime.jobs.kinds`."""
    return (TimerKind(workplace), RenewKind(workplace))


class TimerKind(Inside):
    """One timer of one record at one time."""

    name = KIND

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        """Fire, unless the record is gone, has left the state, waits for another time now, or its guard says no: then nothing happens."""
        object = object_of(release.model, job.object)
        if object is None or job.record_id is None:
            return None
        found = rows_of(connection, release, object, (job.record_id,), now, lock=True).get(job.record_id)
        due = next((due for due in found[1] if due.key(job.record_id) == job.key), None) if found is not None else None
        if found is None or due is None:
            return None
        if due.at > now:
            return Later(due.at)
        command = Transition(object.name, job.record_id, due.timer.transition, version=found[0].lookup(("version",)))
        request = RequestInfo(id=job.id, channel="timer")
        actor = system_actor(clinic_day(release, now))
        outcome = all_or_none(self._workplace.records, connection, (command,), actor, release, request=request)[0]
        if isinstance(outcome, Refused) and outcome.kind in _AGAIN:
            return Retry(f"{due.timer.place} {due.timer.id}: {outcome.kind.value}")
        return None
