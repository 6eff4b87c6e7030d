"""The kinds of jobs of plans: one enrolment moves on at the time of its next step; all of a plan are worked through in slices."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from runtime.jobs.job import Job, NewJob
from runtime.jobs.kinds import Apart, Aside, Inside, Later, Retry, Workplace
from runtime.jobs.queue import schedule
from runtime.plans.daily import by_clock, day_job
from runtime.plans.doing import NotMade, carry_on
from runtime.plans.enrolment import State, hold, load
from runtime.plans.met import forget
from runtime.plans.round import Round
from runtime.plans.sweeping import SWEEP, slice_of, sweep_job
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
        try:
            answers = self._carry_on(connection, (job,), release, now)
        except NotMade as refused:
            return Aside(refused.problem)
        return answers[job.id]

    def run_together(
        self, connection: Connection, jobs: Sequence[Job], release: Release, now: datetime.datetime,
    ) -> Sequence[None | Later | Apart]:
        """Those about different patients at once, the others by themselves; with a record that is refused, all by themselves."""
        firsts: dict[str, Job] = {}
        for job in jobs:
            firsts.setdefault(job.subject_id or job.id, job)
        answers = self._carry_on(connection, tuple(firsts.values()), release, now)
        return [answers.get(job.id, Apart()) for job in jobs]

    def _carry_on(
        self, connection: Connection, jobs: Sequence[Job], release: Release, now: datetime.datetime,
    ) -> dict[str, None | Later]:
        """By the job's id. Raises NotMade."""
        wanted = {str(job.payload["enrolment"]): job for job in jobs}
        # Not waiting for whoever holds one: that transaction may be waiting for this very job, to move it.
        held = {each.id: each for each in hold(connection, wanted, wait=False)}
        kept = wanted.keys() - held.keys()
        there = {each.id for each in load(connection, system.enrolment.c.id.in_(sorted(kept)))} if kept else set()
        answers: dict[str, None | Later] = {job.id: Later(now + _SOON) if id in there else None for id, job in wanted.items()}
        ready = [each for id, each in held.items() if each.state is State.ACTIVE and each.key == wanted[id].key]
        if ready:
            round = Round.apart(connection, release, self._records, now, self._new_id)
            for id, when in carry_on(round, ready).items():
                answers[wanted[id].id] = None if when is None else Later(when)
        return answers


class Sweep(Inside):
    """Looks at one slice of a plan's records and leaves the rest to the next job; each day, begins with all whose plans go by the clock."""

    name = SWEEP
    seconds = 120.0

    def __init__(self, records: Records, new_id: Callable[[], str]) -> None:
        self._records = records
        self._new_id = new_id

    def standing(self, release: Release, now: datetime.datetime) -> Sequence[NewJob]:
        return day_job(release, now)

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        asked = job.payload
        if asked.get("day"):
            plans = [sweep_job(plan.id, now, self._new_id, whole=True) for plan in by_clock(release)]
            schedule(connection, [*plans, *day_job(release, now)], now=now, new_id=self._new_id, release=release)
            return None
        if "forget" in asked:
            last = forget(connection, asked["forget"], asked.get("after", ""))
        else:
            round = Round.apart(connection, release, self._records, now, self._new_id)
            last = slice_of(round, asked["plan"], asked.get("after", ""), whole=asked["whole"], replan=asked["replan"])
        if last is not None:
            rest = NewJob(kind=SWEEP, key=f"{job.key.partition('/')[0]}/{last}", due_at=now, object=job.object, payload={**asked, "after": last})
            schedule(connection, [rest], now=now, new_id=self._new_id, release=release)
        return None
