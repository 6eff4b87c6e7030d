"""Fires timers: the transition of a record whose time has come, if the record still waits for it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from engine.targets.timers import Due
from runtime.identity.actor import system_actor
from runtime.identity.callers import clinic_day
from runtime.jobs.job import Job
from runtime.jobs.kinds import Apart, Aside, Inside, Later, Retry, Workplace
from runtime.records.commands import RequestInfo, Transition
from runtime.records.outcomes import Kind, Outcome, Refused
from runtime.records.writing.checks import RowValues
from runtime.records.writing.saving import all_or_none
from runtime.store.compiled import Release
from runtime.timers.renewing import RenewKind
from runtime.timers.waiting import KIND, object_of, rows_of

__all__ = ["TimerKind", "job_kinds"]

_AGAIN = frozenset({Kind.BUSY, Kind.STALE})
"""Refusals that have nothing to do with the record or its rules."""
_NOTHING = frozenset({Kind.LOST, Kind.NOT_FOUND})
"""Somebody was faster."""
_HELD_BACK = frozenset({"guard_refused", "wrong_state"})
_ROUNDS = 4
"""So often the rest is tried again without those that were refused."""


def job_kinds(workplace: Workplace) -> tuple[Inside, ...]:
    """See `runtime.jobs.kinds`."""
    return (TimerKind(workplace), RenewKind(workplace))


class TimerKind(Inside):
    """One timer of one record at one time."""

    name = KIND

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        """Fire, unless the record is gone, has left the state, waits for another time now, or its guard says no: then nothing happens.

        Whatever else the rules have against it, an operator must see: nothing would bring the timer back.
        """
        meant = _meant(connection, (job,), release, now)[0]
        if not isinstance(meant, _Firing):
            return meant
        due, outcome = meant.due, self._fire(connection, (meant,), release, now)[0]
        if not isinstance(outcome, Refused) or outcome.kind in _NOTHING or any(error.code in _HELD_BACK for error in outcome.errors):
            return None
        codes = ", ".join(dict.fromkeys(f"{error.field or 'the record'} {error.code}" for error in outcome.errors))
        problem = f"{due.timer.place} {due.timer.id}: {outcome.kind.value}{f' ({codes})' if codes else ''}"
        return Retry(problem) if outcome.kind in _AGAIN else Aside(problem)

    def run_together(
        self, connection: Connection, jobs: Sequence[Job], release: Release, now: datetime.datetime,
    ) -> Sequence[None | Later | Apart]:
        """Fire several, those of one transition in one list of commands; one that is refused is left to `run`, which says what that means."""
        meant = _meant(connection, jobs, release, now)
        answers: dict[str, None | Later | Apart] = {job.id: None if isinstance(one, _Firing) else one for job, one in zip(jobs, meant, strict=True)}
        firing = sorted((one for one in meant if isinstance(one, _Firing)), key=lambda one: (one.command.object, one.command.name))
        for _ in range(_ROUNDS):
            outcomes = self._fire(connection, firing, release, now) if firing else []
            refused = {one.job.id for one, outcome in zip(firing, outcomes, strict=True) if _itself(outcome)}
            if not refused:
                return [answers[job.id] for job in jobs]
            answers.update(dict.fromkeys(refused, Apart()))
            firing = [one for one in firing if one.job.id not in refused]
        return [Apart() if answers[job.id] is None else answers[job.id] for job in jobs]

    def _fire(self, connection: Connection, several: Sequence[_Firing], release: Release, now: datetime.datetime) -> list[Outcome]:
        """All of them or none."""
        request = RequestInfo(id=several[0].job.id, channel="timer", jobs=tuple(one.job.id for one in several))
        actor = system_actor(clinic_day(release, now))
        return all_or_none(
            self._workplace.records, connection, [one.command for one in several], actor, release, request=request)


@dataclasses.dataclass(frozen=True, slots=True)
class _Firing:
    """A job whose time has come, and what it commands."""

    job: Job
    due: Due
    command: Transition


def _meant(
    connection: Connection, jobs: Sequence[Job], release: Release, now: datetime.datetime,
) -> list[_Firing | Later | None]:
    """What each job comes to now; None for nothing. The records are held."""
    rows: dict[str, dict[str, tuple[RowValues, tuple[Due, ...]]]] = {}
    for object_id in sorted({job.object for job in jobs if job.object is not None}):
        object = object_of(release.model, object_id)
        ids = sorted(job.record_id for job in jobs if job.object == object_id and job.record_id is not None)
        rows[object_id] = rows_of(connection, release, object, ids, now, lock=True) if object is not None else {}
    return [_of(release, job, rows.get(job.object or "", {}), now) for job in jobs]


def _of(release: Release, job: Job, rows: Mapping[str, tuple[RowValues, tuple[Due, ...]]], now: datetime.datetime) -> _Firing | Later | None:
    found, object = rows.get(job.record_id or ""), object_of(release.model, job.object)
    due = next((due for due in found[1] if due.key(str(job.record_id)) == job.key), None) if found is not None else None
    if found is None or object is None or due is None:
        return None
    if due.at > now:
        return Later(due.at)
    return _Firing(job, due, Transition(object.name, str(job.record_id), due.timer.transition, version=found[0].lookup(("version",))))


def _itself(outcome: Outcome) -> bool:
    """Whether it was refused for what it is, and not because another one was."""
    return isinstance(outcome, Refused) and outcome.kind is not Kind.NOT_TRIED
