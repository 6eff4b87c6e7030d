"""Jobs whose effect is elsewhere: marked as being sent before it, so that whoever finds them so afterwards knows of the doubt."""

from __future__ import annotations

import datetime
import time
from typing import Any

import structlog

from runtime.jobs.claiming import hold, mark
from runtime.jobs.inside import soon
from runtime.jobs.job import Job, State
from runtime.jobs.kinds import Aside, Finished, Later, Outside, Retry, Sending, Sent
from runtime.jobs.lane import FAILURES, Lane, Shift, told
from runtime.jobs.times import back_off

__all__ = ["OutsideLane"]

QUICK_SECONDS = 0.1
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

    def _limit(self) -> int:
        return FEW if self._took < QUICK_SECONDS else 1

    def _do(self, jobs: list[Job]) -> None:
        for place, job in enumerate(jobs):
            if self._shift.stopping():
                rest = [each.id for each in jobs[place:]]
                with self._shift.workplace.store.write() as connection:
                    mark(connection, rest, self._holder, State.WAITING, attempts=0)
                return
            began = time.monotonic()
            sending = self._patiently(lambda job=job: self._prepare(job))  # type: ignore[misc]
            if sending is not None:
                self._send(job, sending, began)
            self._took = time.monotonic() - began

    def _lease(self) -> datetime.timedelta:
        """Until the longest time that sending may take is over, and as long again as half a lease."""
        return datetime.timedelta(seconds=self.kind.seconds) + self._shift.lease / 2

    def _prepare(self, job: Job) -> Sending | None:
        """What to send, the job marked as being sent; None when it is not to be sent now, or is not ours any more."""
        store = self._shift.workplace.store
        release = store.release()
        with store.write() as connection:
            store.fence(connection, release)
            now = self._shift.moment(connection)
            if not hold(connection, [job.id], self._holder, now + self._lease()):
                return None
            savepoint = connection.begin_nested()
            result: Sending | Finished | Later | Retry | Aside
            try:
                with self._watched():
                    result = self.kind.prepare(connection, job, release, now)
            except FAILURES as error:
                result = Retry(told(error))
            if isinstance(result, Retry | Aside):
                savepoint.rollback()
            else:
                savepoint.commit()
            if isinstance(result, Sending):
                hold(connection, [job.id], self._holder, now + self._lease(), state=State.SENDING)
                return result
            state, values = self._unsent(job, result, now)
            mark(connection, [job.id], self._holder, state, **values)
            return None

    def _send(self, job: Job, sending: Sending, began: float) -> None:
        self._shift.reached("before_effect", self.kind.name)
        if time.monotonic() - began > self._shift.lease.total_seconds() / 2:
            return  # the process was asleep: the lease may be over before sending is
        doubt = job.doubtful
        result: Sent | Retry | Aside
        try:
            with self._watched():
                result = self.kind.send(sending, key=job.key, doubtful=job.doubtful)
        except FAILURES as error:
            result, doubt = Retry(told(error)), True
        self._shift.reached("after_effect", self.kind.name)
        if isinstance(result, Retry) and job.attempts >= self.kind.attempts:
            result = Aside(result.problem)
        self._patiently(lambda: self._record(job, result, doubt), RECORD_ATTEMPTS)
        self._shift.reached("after_commit", self.kind.name)

    def _record(self, job: Job, result: Sent | Retry | Aside, doubt: bool) -> None:
        with self._shift.workplace.store.write() as connection:
            now = self._shift.moment(connection)
            if not hold(connection, [job.id], self._holder, now + self._lease()):
                _log.warning("job.lost", job=job.id, kind=job.kind, detail="its lease ended while it was sent; another has it")
                return
            savepoint = connection.begin_nested()
            try:
                self.kind.record(connection, job, result, now)
            except FAILURES as error:
                savepoint.rollback()
                state, values = self._unrecorded(result, error)
            else:
                savepoint.commit()
                state, values = self._ended(job, result, now)
            mark(connection, [job.id], self._holder, state, **{"doubtful": doubt, **values})
            self._shift.reached("before_commit", self.kind.name)

    def _unsent(self, job: Job, result: Finished | Later | Retry | Aside, now: datetime.datetime) -> tuple[State, dict[str, Any]]:
        if isinstance(result, Finished):
            return State.DONE, {"done_at": now, "problem": result.note or None}
        if isinstance(result, Later):
            return State.WAITING, {"due_at": soon(result.at, now), "attempts": 0, "problem": None, "doubtful": job.doubtful}
        return self._ended(job, result, now)

    def _ended(self, job: Job, result: Sent | Retry | Aside, now: datetime.datetime) -> tuple[State, dict[str, Any]]:
        if isinstance(result, Sent):
            return State.DONE, {"done_at": now, "problem": None}
        if isinstance(result, Aside) or job.attempts >= self.kind.attempts:
            return State.ASIDE, {"problem": result.problem}
        return State.WAITING, {"due_at": now + back_off(job.attempts, self._shift.chance()), "problem": result.problem}

    def _unrecorded(self, result: Sent | Retry | Aside, error: BaseException) -> tuple[State, dict[str, Any]]:
        sent = isinstance(result, Sent)
        said = "it was sent; run again, it is sent again" if sent else "it was not sent"
        return State.ASIDE, {"problem": f"what became of it could not be written ({told(error)}); {said}", "doubtful": sent}
