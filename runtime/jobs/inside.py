"""Jobs whose effect is in our database: the effect and the mark that it is done are one transaction, several jobs in each."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from runtime.jobs.job import Job, State
from runtime.jobs.kinds import Aside, Inside, Later, Retry
from runtime.jobs.lane import FAILURES, Lane, Shift, told
from runtime.jobs.marking import Ending, done, end, hold, put_back
from runtime.jobs.times import back_off
from runtime.store.compiled import Release

__all__ = ["InsideLane", "soon"]

TURN_SECONDS = 0.25
"""After so long a transaction is committed, so that others who write get their turn."""

Result = None | Later | Retry | Aside


class InsideLane(Lane):
    """Runs jobs of an Inside kind."""

    kind: Inside

    def __init__(self, kind: Inside, shift: Shift, name: str) -> None:
        super().__init__(kind, shift, name)

    def _do(self, jobs: list[Job]) -> None:
        left = jobs
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
            mine = hold(connection, [job.id for job in jobs], self._holder, now + self._shift.lease)
            held = [job for job in jobs if job.id in mine]
            results = self._results(connection, release, held, now)
            self._mark(connection, held, results, now)
            self._shift.reached("before_commit", self.kind.name)
        return held[len(results):]

    def _results(self, connection: Connection, release: Release, jobs: Sequence[Job], now: datetime.datetime) -> list[Result]:
        end = time.monotonic() + TURN_SECONDS
        results: list[Result] = []
        for job in jobs:
            results.append(self._one(connection, release, job, now))
            if time.monotonic() > end:
                break
        return results

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

    def _mark(self, connection: Connection, jobs: Sequence[Job], results: Sequence[Result], now: datetime.datetime) -> None:
        finished = [job.id for job, result in zip(jobs, results, strict=False) if result is None]
        if finished:
            done(connection, finished, self._holder, now)
        for job, result in zip(jobs, results, strict=False):
            if result is not None:
                end(connection, self._ended(job, result, now), self._holder)

    def _ended(self, job: Job, result: Later | Retry | Aside, now: datetime.datetime) -> Ending:
        if isinstance(result, Later):
            return Ending(job=job, state=State.WAITING, due_at=soon(result.at, now), attempts=0)
        if isinstance(result, Aside) or job.attempts >= self.kind.attempts:
            return Ending(job=job, state=State.ASIDE, problem=result.problem)
        return Ending(job=job, state=State.WAITING, due_at=now + back_off(job.attempts, self._shift.chance()), problem=result.problem)


def soon(at: datetime.datetime, now: datetime.datetime) -> datetime.datetime:
    """A time that was asked for, or a second from now: what asks for the past must not be asked again at once."""
    return max(at, now + datetime.timedelta(seconds=1))
