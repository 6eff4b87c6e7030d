"""The job of an enrolment: one that waits for the next thing to do, moved whenever that moves."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from sqlalchemy import select

from runtime.jobs.job import NewJob
from runtime.jobs.job import State as JobState
from runtime.jobs.queue import cancel, is_state, schedule
from runtime.plans.enrolment import Enrolment, State, write
from runtime.plans.reasons import Why
from runtime.plans.round import Round
from runtime.records.ids import chunks
from runtime.store import system

__all__ = ["KIND", "sleep", "wake"]

KIND = "plan"


def wake(round: Round, pairs: Sequence[tuple[Enrolment, datetime.datetime | None]]) -> None:
    """Schedule the job of each enrolment for a time; cancel it for None and where the plan is over."""
    late = [(each, when) for each, when in pairs if each.state is State.ACTIVE and when is not None]
    aside = _aside(round, [each.key for each, _ in late])
    changed = []
    jobs = []
    for each, when in late:
        assert when is not None
        if each.key in aside:  # it failed for good; now that something changed it may succeed
            each.turn += 1
            changed.append(each)
        if each.why is not None:
            each.why = None
            changed.append(each)
        jobs.append(NewJob(
            kind=KIND, key=each.key, due_at=max(when, round.now), payload={"enrolment": each.id}, object=each.object,
            record_id=each.record_id, subject_id=each.subject_id, clinic_id=each.clinic_id))
    schedule(round.connection, jobs, now=round.now, new_id=round.new_id, release=round.release)
    idle = [each for each, when in pairs if each.state is not State.ACTIVE or when is None]
    if idle:
        cancel(round.connection, keys=[each.key for each in idle], now=round.now)
    for each in idle:
        if each.state is State.ACTIVE and each.why != Why.WAITING:
            each.why = Why.WAITING
            changed.append(each)
    write(round.connection, list({each.id: each for each in changed}.values()))


def sleep(round: Round, enrolments: Sequence[Enrolment]) -> None:
    """The jobs that are running were the last for now; the next ones have other keys."""
    for each in enrolments:
        each.turn += 1
        if each.state is State.ACTIVE:
            each.why = Why.WAITING
    write(round.connection, enrolments)


def _aside(round: Round, keys: Sequence[str]) -> set[str]:
    job = system.job
    found: set[str] = set()
    for chunk in chunks(keys) if keys else ():
        statement = select(job.c.key).where(job.c.key.in_(chunk), is_state(JobState.ASIDE))
        found.update(round.connection.execute(statement).scalars())
    return found
