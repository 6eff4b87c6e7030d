"""The kinds of jobs of plans: one enrolment moves on at the time of its next step; all of a plan are worked through in slices."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from sqlalchemy import Connection

from runtime.jobs.job import Job, NewJob
from runtime.jobs.kinds import Aside, Inside, Later, Retry, Workplace
from runtime.jobs.queue import schedule
from runtime.plans.enrolment import State, hold, load
from runtime.plans.progress import NotMade, carry_on
from runtime.plans.round import Round
from runtime.plans.sweeping import SWEEP, slice_of
from runtime.plans.waking import KIND
from runtime.records.service import Records
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["MoveOn", "Sweep", "job_kinds"]

_SOON = datetime.timedelta(seconds=1)


def job_kinds(workplace: Workplace) -> tuple[Inside, ...]:
    """See `runtime.jobs.kinds`."""
    return MoveOn(workplace.records, workplace.new_id), Sweep(workplace.records, workplace.new_id)


class MoveOn(Inside):
    """Does what is due of one enrolment. What has been done says its rows, so that a job that runs again does nothing."""

    name = KIND

    def __init__(self, records: Records, new_id: Callable[[], str]) -> None:
        self._records = records
        self._new_id = new_id

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        # Not waiting for whoever holds it: that transaction may be waiting for this very job, to move it.
        held = hold(connection, [job.payload["enrolment"]], wait=False)
        if not held:
            there = load(connection, system.enrolment.c.id == job.payload["enrolment"])
            return Later(now + _SOON) if there else None
        enrolment = held[0]
        if enrolment.state is not State.ACTIVE or enrolment.key != job.key:
            return None
        round = Round.apart(connection, release, self._records, now, self._new_id)
        try:
            when = carry_on(round, enrolment)
        except NotMade as refused:
            return Aside(refused.problem)
        return None if when is None else Later(when)


class Sweep(Inside):
    """Looks at one slice of a plan's records and leaves the rest to the next job."""

    name = SWEEP
    seconds = 120.0

    def __init__(self, records: Records, new_id: Callable[[], str]) -> None:
        self._records = records
        self._new_id = new_id

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        round = Round.apart(connection, release, self._records, now, self._new_id)
        asked = job.payload
        last = slice_of(round, asked["plan"], asked.get("after", ""), whole=asked["whole"], replan=asked["replan"])
        if last is not None:
            rest = NewJob(kind=SWEEP, key=f"{job.key.partition('/')[0]}/{last}", due_at=now, object=job.object, payload={**asked, "after": last})
            schedule(connection, [rest], now=now, new_id=self._new_id, release=release)
        return None
