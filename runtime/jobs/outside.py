"""Jobs whose effect is elsewhere: marked as being sent before it, so that whoever finds them so afterwards knows of the doubt."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import time
from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from runtime.jobs.inside import soon
from runtime.jobs.job import Job, State
from runtime.jobs.kinds import Aside, Finished, Later, Outside, Retry, Sending, Sent
from runtime.jobs.lane import FAILURES, Lane, Shift, told
from runtime.jobs.marking import Ending, Lost, begin_sending, end, hold, put_back
from runtime.jobs.times import back_off, elapsed
from runtime.store.compiled import Release
from runtime.store.errors import FenceMoved, StoreError

__all__ = ["OutsideLane"]

QUICK_SECONDS = 0.02
FEW = 16
"""So many are taken at a time while sending is quick and succeeds; else one, so that none waits in this lane while another is idle,
and each is asked anew whether to be sent once one was not taken."""
ROUND_SECONDS = 0.5
"""After so long those that are not sent yet are put back."""
RECORD_ATTEMPTS = 60
_LOST = "its lease ended; another has it"

_log = structlog.get_logger("carework.jobs")


@dataclasses.dataclass(frozen=True, slots=True)
class _Attempt:
    """What became of sending one job; `doubt` says that it may have arrived all the same."""

    job: Job
    result: Sent | Retry | Aside
    doubt: bool


class OutsideLane(Lane):
    """Sends jobs of an Outside kind, one after another; a kind has several lanes.

    What is claimed together is marked as being sent together, and recorded together.
    """

    kind: Outside

    def __init__(self, kind: Outside, shift: Shift, name: str) -> None:
        super().__init__(kind, shift, name)
        self._took = 0.0
        self._taken = True
        """Whether the far side took the last one."""

    @property
    def wide(self) -> bool:
        """Whether sending takes so long that several lanes get on faster: else they would only wait for each other's writes."""
        return max(self._took, self.check() * self.kind.seconds) > QUICK_SECONDS

    def _limit(self) -> int:
        return FEW if self._taken and self._took < QUICK_SECONDS else 1

    def _do(self, jobs: list[Job]) -> None:
        began = elapsed()
        if self._shift.stopping():
            self._put_back(jobs)
            return
        try:
            self._round(self._patiently(lambda: self._prepared(jobs)), began)
        except (Lost, _Failed) as error:
            if len(jobs) > 1:  # one of them spoils it for all: each by itself
                for job in jobs:
                    self._do([job])
            elif isinstance(error, _Failed):
                self._failed(jobs[0], error.result)
            else:
                _log.warning("job.lost", job=jobs[0].id, kind=self.kind.name, detail=_LOST)

    def _put_back(self, jobs: Sequence[Job], *, counted: bool = False) -> None:
        with self._shift.workplace.store.write() as connection:
            put_back(connection, [job.id for job in jobs], self._holder, counted=counted)

    def _until(self, now: datetime.datetime) -> datetime.datetime:
        """When the longest time that sending may take is over, and half a lease more."""
        return now + datetime.timedelta(seconds=self.kind.seconds + ROUND_SECONDS) + self._shift.lease / 2

    def _prepared(self, jobs: Sequence[Job]) -> list[tuple[Job, Sending]]:
        """What to send, the jobs marked as being sent; those that are not to be sent now are marked so. Raises Lost, _Failed."""
        store = self._shift.workplace.store
        release = store.release()
        try:
            with store.write() as connection:
                store.fence(connection, release)
                now = self._shift.moment(connection)
                if len(hold(connection, [job.id for job in jobs], self._holder, self._until(now))) != len(jobs):
                    raise Lost
                results = [self._prepare(connection, job, release, now) for job in jobs]
                parcels = [(job, result) for job, result in zip(jobs, results, strict=True) if isinstance(result, Sending)]
                begin_sending(connection, [job.id for job, _ in parcels], self._holder, self._until(now))
                others = [self._unsent(job, result, now) for job, result in zip(jobs, results, strict=True) if not isinstance(result, Sending)]
                end(connection, others, self._holder)
                return parcels
        except (Lost, FenceMoved, StoreError, _Failed):
            raise
        except FAILURES as error:
            raise _Failed(Retry(told(error))) from error

    def _prepare(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> Sending | Finished | Later:
        with self._watched():
            result = self.kind.prepare(connection, job, release, now)
        if isinstance(result, Retry | Aside):
            raise _Failed(result)
        return result

    def _failed(self, job: Job, result: Retry | Aside) -> None:
        """Mark a job that could not be prepared; what it wrote is taken back."""
        with contextlib.suppress(Lost), self._shift.workplace.store.write() as connection:
            end(connection, [self._ended(job, result, self._shift.moment(connection), job.doubtful)], self._holder)

    def _round(self, parcels: Sequence[tuple[Job, Sending]], began: float) -> None:
        attempts: list[_Attempt] = []
        slept = False
        for job, sending in parcels:
            self._shift.reached("before_effect", self.kind.name)
            slept = elapsed() - began > self._shift.lease.total_seconds() / 2  # the lease may be over before sending is
            if slept or self._is_over(bool(attempts), began):
                break
            attempts.append(self._send(job, sending))
        if attempts:
            self._record_all(attempts)
            self._shift.reached("after_commit", self.kind.name)
        if unsent := [job for job, _ in parcels[len(attempts):]]:  # after what was sent, of which there would be doubt if this failed
            counted = slept and not attempts  # or what takes too long to prepare would be prepared again and again
            self._patiently(lambda: self._put_back(unsent, counted=counted))

    def _is_over(self, some_sent: bool, began: float) -> bool:
        """Whether to send no more of what was prepared together."""
        return self._shift.stopping() or (some_sent and (not self._taken or elapsed() > began + ROUND_SECONDS))

    def _send(self, job: Job, sending: Sending) -> _Attempt:
        doubt = job.doubtful
        result: Sent | Retry | Aside
        sent_at = time.monotonic()
        try:
            with self._watched():
                result = self.kind.send(sending, key=job.key, doubtful=job.doubtful)
        except FAILURES as error:
            result, doubt = Retry(told(error)), True
        self._took, self._taken = time.monotonic() - sent_at, isinstance(result, Sent)
        self._shift.reached("after_effect", self.kind.name)
        if isinstance(result, Retry) and job.attempts >= self.kind.attempts:
            result = Aside(result.problem)
        return _Attempt(job, result, doubt)

    def _record_all(self, attempts: Sequence[_Attempt]) -> None:
        """Write what became of them: together, or each by itself where that fails."""
        if len(attempts) > 1:
            try:
                self._patiently(lambda: self._record(attempts), RECORD_ATTEMPTS)
                return
            except (Lost, *FAILURES) as error:
                _log.warning("jobs.recorded_apart", kind=self.kind.name, problem=told(error))
        for each in attempts:
            try:
                self._patiently(lambda each=each: self._record_one(each), RECORD_ATTEMPTS)  # type: ignore[misc]
            except Lost:
                _log.warning("job.lost", job=each.job.id, kind=self.kind.name, detail=_LOST)

    def _record(self, attempts: Sequence[_Attempt]) -> None:
        """Write what became of jobs, with the marks, in one transaction. Raises Lost."""
        with self._shift.workplace.store.write() as connection:
            now = self._shift.moment(connection)
            for each in attempts:
                self.kind.record(connection, each.job, each.result, now)
            end(connection, [self._ended(each.job, each.result, now, each.doubt) for each in attempts], self._holder)
            self._shift.reached("before_commit", self.kind.name)

    def _record_one(self, each: _Attempt) -> None:
        """The same for one; what it was is kept even when its kind cannot write it. Raises Lost."""
        try:
            self._record([each])
        except (Lost, StoreError):
            raise
        except FAILURES as error:
            with self._shift.workplace.store.write() as connection:
                end(connection, [_unrecorded(each.job, each.result, error)], self._holder)

    def _unsent(self, job: Job, result: Finished | Later, now: datetime.datetime) -> Ending:
        if isinstance(result, Finished):
            return Ending(job=job, state=State.DONE, done_at=now, problem=result.note or None)
        return Ending(job=job, state=State.WAITING, due_at=soon(result.at, now), attempts=0)

    def _ended(self, job: Job, result: Sent | Retry | Aside, now: datetime.datetime, doubt: bool) -> Ending:
        if isinstance(result, Sent):
            return Ending(job=job, state=State.DONE, done_at=now, doubtful=doubt)
        if isinstance(result, Aside) or job.attempts >= self.kind.attempts:
            return Ending(job=job, state=State.ASIDE, problem=result.problem, doubtful=doubt)
        due_at = now + back_off(job.attempts, self._shift.chance())
        return Ending(job=job, state=State.WAITING, due_at=due_at, problem=result.problem, doubtful=doubt)


class _Failed(Exception):
    """Ends the transaction of a `prepare` that answered Retry or Aside, or raised."""

    def __init__(self, result: Retry | Aside) -> None:
        super().__init__(result.problem)
        self.result = result


def _unrecorded(job: Job, result: Sent | Retry | Aside, error: BaseException) -> Ending:
    sent = isinstance(result, Sent)
    said = "it was sent; run again, it is sent again" if sent else "it was not sent"
    problem = f"what became of it could not be written ({told(error)}); {said}"
    return Ending(job=job, state=State.ASIDE, problem=problem, doubtful=sent)
