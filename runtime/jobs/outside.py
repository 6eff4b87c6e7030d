"""Jobs whose effect is elsewhere: marked as being sent before it, so that whoever finds them so afterwards knows of the doubt."""

from __future__ import annotations

import datetime
import time

import structlog

from runtime.jobs.inside import soon
from runtime.jobs.job import Job, State
from runtime.jobs.kinds import Aside, Finished, Later, Outside, Retry, Sending, Sent
from runtime.jobs.lane import FAILURES, Lane, Shift, told
from runtime.jobs.marking import Ending, Lost, begin_sending, end, put_back
from runtime.jobs.times import back_off
from runtime.store.errors import FenceMoved, StoreError

__all__ = ["OutsideLane"]

QUICK_SECONDS = 0.02
FEW = 8
"""So many are claimed at a time while sending is quick; else one, so that none waits in this lane while another is idle."""
RECORD_ATTEMPTS = 60

_log = structlog.get_logger("carework.jobs")


class OutsideLane(Lane):
    """Sends jobs of an Outside kind, one after another; a kind has several lanes."""

    kind: Outside

    def __init__(self, kind: Outside, shift: Shift, name: str) -> None:
        super().__init__(kind, shift, name)
        self._took = 0.0

    @property
    def wide(self) -> bool:
        """Whether sending takes so long that several lanes get on faster: else they would only wait for each other's writes."""
        return max(self._took, self.check() * self.kind.seconds) > QUICK_SECONDS

    def _limit(self) -> int:
        return FEW if self._took < QUICK_SECONDS else 1

    def _do(self, jobs: list[Job]) -> None:
        for place, job in enumerate(jobs):
            if self._shift.stopping():
                with self._shift.workplace.store.write() as connection:
                    put_back(connection, [each.id for each in jobs[place:]], self._holder)
                return
            began = time.monotonic()
            try:
                sending = self._patiently(lambda job=job: self._prepare(job))  # type: ignore[misc]
                if sending is not None:
                    self._send(job, sending, began)
            except Lost:
                _log.warning("job.lost", job=job.id, kind=job.kind, detail="its lease ended; another has it")

    def _until(self, now: datetime.datetime) -> datetime.datetime:
        """When the longest time that sending may take is over, and half a lease more."""
        return now + datetime.timedelta(seconds=self.kind.seconds) + self._shift.lease / 2

    def _prepare(self, job: Job) -> Sending | None:
        """What to send, the job marked as being sent; None when it is not to be sent now. Raises Lost."""
        store = self._shift.workplace.store
        release = store.release()
        result: Sending | Finished | Later | Retry | Aside
        try:
            with store.write() as connection:
                store.fence(connection, release)
                now = self._shift.moment(connection)
                with self._watched():
                    result = self.kind.prepare(connection, job, release, now)
                if isinstance(result, Sending):
                    begin_sending(connection, job, self._holder, self._until(now))
                    return result
                if isinstance(result, Finished | Later):
                    end(connection, self._unsent(job, result, now), self._holder)
                    return None
                raise _Failed(result.problem)
        except (Lost, FenceMoved, StoreError):
            raise
        except _Failed as failed:
            result = result if isinstance(result, Retry | Aside) else Retry(str(failed))
        except FAILURES as error:
            result = Retry(told(error))
        with store.write() as connection:
            end(connection, self._ended(job, result, self._shift.moment(connection), job.doubtful), self._holder)
        return None

    def _send(self, job: Job, sending: Sending, began: float) -> None:
        self._shift.reached("before_effect", self.kind.name)
        if time.monotonic() - began > self._shift.lease.total_seconds() / 2:
            return  # the process was asleep: the lease may be over before sending is
        doubt = job.doubtful
        result: Sent | Retry | Aside
        sent_at = time.monotonic()
        try:
            with self._watched():
                result = self.kind.send(sending, key=job.key, doubtful=job.doubtful)
        except FAILURES as error:
            result, doubt = Retry(told(error)), True
        self._took = time.monotonic() - sent_at
        self._shift.reached("after_effect", self.kind.name)
        if isinstance(result, Retry) and job.attempts >= self.kind.attempts:
            result = Aside(result.problem)
        self._patiently(lambda: self._record(job, result, doubt), RECORD_ATTEMPTS)
        self._shift.reached("after_commit", self.kind.name)

    def _record(self, job: Job, result: Sent | Retry | Aside, doubt: bool) -> None:
        """Write what became of it, with the mark. Raises Lost."""
        store = self._shift.workplace.store
        try:
            with store.write() as connection:
                now = self._shift.moment(connection)
                self.kind.record(connection, job, result, now)
                end(connection, self._ended(job, result, now, doubt), self._holder)
                self._shift.reached("before_commit", self.kind.name)
        except (Lost, StoreError):
            raise
        except FAILURES as error:
            with store.write() as connection:
                end(connection, _unrecorded(job, result, error), self._holder)

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
    """Ends the transaction of a `prepare` that answered Retry or Aside."""


def _unrecorded(job: Job, result: Sent | Retry | Aside, error: BaseException) -> Ending:
    sent = isinstance(result, Sent)
    said = "it was sent; run again, it is sent again" if sent else "it was not sent"
    problem = f"what became of it could not be written ({told(error)}); {said}"
    return Ending(job=job, state=State.ASIDE, problem=problem, doubtful=sent)
