"""Jobs whose effect is in our database: the effect and the mark that it is done are one transaction, several jobs in each."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from runtime.jobs.job import Job, State
from runtime.jobs.kinds import Apart, Aside, Inside, Later, Retry
from runtime.jobs.lane import FAILURES, Lane, Shift, told
from runtime.jobs.marking import Ending, done, end, hold, put_back
from runtime.jobs.queue import CHANGES
from runtime.jobs.times import back_off
from runtime.store.compiled import Release

__all__ = ["InsideLane", "soon"]

TURN_SECONDS = 0.25
"""After so long a transaction is committed, so that others who write get their turn."""
FIRST = 16
"""So many jobs are run together as long as nothing is known of how long they take."""

Result = None | Later | Retry | Aside


class InsideLane(Lane):
    """Runs jobs of an Inside kind."""

    kind: Inside

    def __init__(self, kind: Inside, shift: Shift, name: str) -> None:
        super().__init__(kind, shift, name)
        self._each_took = TURN_SECONDS / FIRST
        self._alone: set[str] = set()
        """Jobs of the claim that are not to be run together with others."""

    def _do(self, jobs: list[Job]) -> None:
        left, self._alone = jobs, set()
        while left and not self._shift.stopping():
            left = self._patiently(lambda left=left: self._turn(left))  # type: ignore[misc]
            self._shift.reached("after_commit", self.kind.name)
        if left:
            with self._shift.workplace.store.write() as connection:
                put_back(connection, [job.id for job in left], self._holder)

    def _turn(self, jobs: Sequence[Job]) -> list[Job]:
        """One transaction over the first of the jobs; those that are left."""
        store = self._shift.workplace.store
        release = store.release()
        with store.write() as connection:
            store.fence(connection, release)
            now = self._shift.moment(connection)
            left = self._run(connection, release, self._held(connection, jobs, now), now)
            self._shift.reached("before_commit", self.kind.name)
        return left

    def _held(self, connection: Connection, jobs: Sequence[Job], now: datetime.datetime) -> list[Job]:
        """Those that are still this lane's, for a lease more."""
        mine = hold(connection, [job.id for job in jobs], self._holder, now + self._shift.lease)
        return [job for job in jobs if job.id in mine]

    def _run(self, connection: Connection, release: Release, jobs: Sequence[Job], now: datetime.datetime) -> list[Job]:
        """Run and mark as many as there is time for, at least one; those that are left. One that must be run apart keeps its place.

        Each is marked before the next is run, which may lead to another time for it; so may each for those that are to come.
        """
        end = time.monotonic() + TURN_SECONDS
        left, begun = list(jobs), False
        while left and not (begun and (time.monotonic() >= end or self._shift.stopping())):
            changes = connection.info.get(CHANGES)
            group = self._group(left)
            results = self._together(connection, release, group, now) if len(group) > 1 else None
            if results is None:
                results = {group[0].id: self._one(connection, release, group[0], now)}
            self._mark(connection, group, results, now)
            begun = begun or bool(results)
            left = [job for job in left if job.id not in results]
            if left and connection.info.get(CHANGES) != changes:
                left = self._held(connection, left, now)
        return left

    def _group(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """The next jobs that may be run together: none that is to be alone, none of one record, as many as a turn has time for."""
        if type(self.kind).run_together is Inside.run_together:
            return jobs[:1]
        records: set[str] = set()
        for place, job in enumerate(jobs):
            if place * self._each_took >= TURN_SECONDS or job.attempts > 1 or job.id in self._alone or job.record_id in records:
                return jobs[:max(place, 1)]
            records.update((job.record_id,) if job.record_id else ())
        return jobs

    def _together(
        self, connection: Connection, release: Release, jobs: Sequence[Job], now: datetime.datetime,
    ) -> dict[str, Result] | None:
        """The answers of several jobs by id, without those that are left apart; None where all must be run one by one: nothing of them is
        written then."""
        savepoint = connection.begin_nested()
        self._shift.reached("before_effect", self.kind.name)
        began = time.monotonic()
        try:
            with self._watched():
                results = self.kind.run_together(connection, jobs, release, now)
        except FAILURES:  # which of them it was, and why, shows when they are run one by one
            savepoint.rollback()
            self._alone.update(job.id for job in jobs)
            return None
        self._shift.reached("after_effect", self.kind.name)
        savepoint.commit()
        self._each_took = (time.monotonic() - began) / len(jobs)
        found: dict[str, Result] = {}
        for job, result in zip(jobs, results, strict=True):
            if isinstance(result, Apart):
                self._alone.add(job.id)
            else:
                found[job.id] = result
        return found

    def _one(self, connection: Connection, release: Release, job: Job, now: datetime.datetime) -> Result:
        savepoint = connection.begin_nested()
        self._shift.reached("before_effect", self.kind.name)
        try:
            with self._watched():
                result = self.kind.run(connection, job, release, now)
        except FAILURES as error:
            savepoint.rollback()
            return Retry(told(error))
        self._shift.reached("after_effect", self.kind.name)
        if isinstance(result, Retry | Aside):
            savepoint.rollback()
        else:
            savepoint.commit()
        return result

    def _mark(self, connection: Connection, jobs: Sequence[Job], results: Mapping[str, Result], now: datetime.datetime) -> None:
        finished = [id for id, result in results.items() if result is None]
        if finished:
            done(connection, finished, self._holder, now)
        others = [self._ended(job, result, now) for job in jobs if (result := results.get(job.id)) is not None]
        end(connection, others, self._holder)

    def _ended(self, job: Job, result: Later | Retry | Aside, now: datetime.datetime) -> Ending:
        if isinstance(result, Later):
            return Ending(job=job, state=State.WAITING, due_at=soon(result.at, now), attempts=0)
        if isinstance(result, Aside) or job.attempts >= self.kind.attempts:
            return Ending(job=job, state=State.ASIDE, problem=result.problem)
        return Ending(job=job, state=State.WAITING, due_at=now + back_off(job.attempts, self._shift.chance()), problem=result.problem)


def soon(at: datetime.datetime, now: datetime.datetime) -> datetime.datetime:
    """A time that was asked for, or a second from now: what asks for the past must not be asked again at once."""
    return max(at, now + datetime.timedelta(seconds=1))
