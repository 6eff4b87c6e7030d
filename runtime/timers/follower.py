"""Keeps the timers' jobs in step with the records, in the transaction of every change."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model import Object
from engine.targets.timers import Due
from runtime.audit.keys import Keys
from runtime.jobs.job import NewJob
from runtime.jobs.queue import cancel, schedule
from runtime.records.writing.happening import Follower, Happening
from runtime.records.writing.work import Work
from runtime.store.compiled import Release
from runtime.timers.waiting import KIND, due_of, job_of, rows_of

__all__ = ["TimersFollower", "followers"]


def followers(keys: Keys) -> tuple[Follower, ...]:
    """See `runtime.composition`."""
    return (TimersFollower(),)


class TimersFollower:
    """Follows the objects whose workflow has timers."""

    def watched(self, release: Release) -> frozenset[str]:
        """See `Follower`."""
        return frozenset(flow.object for flow in release.model.workflows.values() if flow.timers)

    def follow(self, work: Work, happened: Sequence[Happening]) -> None:
        """See `Follower`. What was waited for and is no more is cancelled, but for the job that brought this about; what is new is
        scheduled."""
        gone: list[str] = []
        jobs: dict[str, NewJob] = {}
        for one in happened:
            object = work.release.model.objects[one.object]
            if not one.row:
                self._without_row(work, object, one, jobs)
                continue
            before = {due.key(one.id) for due in due_of(work.release, object, one.old, work.now)}
            after = due_of(work.release, object, one.row, work.now)
            for key in before - {due.key(one.id) for due in after}:
                gone.append(key)
                jobs.pop(key, None)
            for due in after:
                if due.key(one.id) not in before:
                    jobs[due.key(one.id)] = _job(object, one, due)
        if gone:
            cancel(work.connection, keys=[key for key in gone if key not in jobs], now=work.now, but=work.request.jobs)
        schedule(work.connection, tuple(jobs.values()), now=work.now, new_id=work.new_id, release=work.release)

    def _without_row(self, work: Work, object: Object, one: Happening, jobs: dict[str, NewJob]) -> None:
        """A deleted record waits for nothing; one of which a delete elsewhere cleared a link is looked at as it is now."""
        for key in [key for key, job in jobs.items() if job.record_id == one.id]:
            del jobs[key]
        cancel(work.connection, record_id=one.id, kind=KIND, now=work.now, but=work.request.jobs)
        if one.action == "delete":
            return
        for row, after in rows_of(work.connection, work.release, object, (one.id,), work.now).values():
            for due in after:
                jobs[due.key(one.id)] = job_of(object, one.id, due, row.lookup(("subject_id",)), row.lookup(("clinic_id",)))


def _job(object: Object, one: Happening, due: Due) -> NewJob:
    return job_of(object, one.id, due, one.row.get("subject_id"), one.row.get("clinic_id"))
