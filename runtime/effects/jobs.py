"""What could not follow at once: tried again, and set aside with the line of the effect when that does not help."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from sqlalchemy import Connection

from engine.model import Model, Object, Transition
from runtime.effects.follower import KIND
from runtime.effects.running import Around, run
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.identity.loading import load_actor
from runtime.jobs.job import Job
from runtime.jobs.kinds import Aside, Inside, Later, Retry, Workplace
from runtime.records.commands import Command, RequestInfo
from runtime.records.outcomes import Outcome
from runtime.records.writing.saving import all_or_none
from runtime.store.compiled import Release

__all__ = ["EffectsKind", "job_kinds"]


def job_kinds(workplace: Workplace) -> tuple[Inside, ...]:
    """See `runtime.jobs.kinds`."""
    return (EffectsKind(workplace),)


class EffectsKind(Inside):
    """The effects of one transition of one record that were refused, and those after them."""

    name = KIND

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        """All of them in order, judged over the record as it is now; or none. Nothing to do once the record or the effects are gone."""
        if job.payload["circle"]:
            return Aside(str(job.payload["problem"]))
        object, transition = _named(release.model, job)
        if object is None or transition is None or job.record_id is None:
            return None
        today = clinic_day(release, now)
        by = str(job.payload["by"])
        around = Around(
            connection=connection, release=release, actor=_asker(connection, release, by, today), now=now, new_id=self._workplace.new_id,
            carry=lambda commands: self._carry(connection, release, commands, job, today),
            causes={job.record_id: str(job.payload["version"])})
        stopped = run(around, object, transition, [job.record_id], only=frozenset(job.payload["effects"]))
        for each in stopped.values():
            return Retry(each.problem)
        return None

    def _carry(self, connection: Connection, release: Release, commands: Sequence[Command], job: Job, today: datetime.date) -> list[Outcome]:
        return all_or_none(
            self._workplace.records, connection, commands, system_actor(today), release, request=RequestInfo(id=job.id, channel="effect"),
            acting_for=str(job.payload["by"]))


def _named(model: Model, job: Job) -> tuple[Object | None, Transition | None]:
    object = next((each for each in model.objects.values() if each.id == job.object), None)
    flow = model.workflows.get(object.name) if object is not None else None
    steps = flow.transitions.values() if flow is not None else ()
    return object, next((each for each in steps if each.id == job.payload["transition"]), None)


def _asker(connection: Connection, release: Release, by: str, today: datetime.date) -> Actor:
    """Who pressed, as she is now; nobody when she left."""
    return (load_actor(connection, release, by, today) if by else None) or system_actor(today)
