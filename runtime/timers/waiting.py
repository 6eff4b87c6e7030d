"""Which jobs the timers of some records should have, and the jobs themselves."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from engine.model import Model, Object
from engine.targets.timers import Clock, Due
from runtime.identity.actor import system_actor
from runtime.identity.callers import clinic_day
from runtime.jobs.job import NewJob
from runtime.records.writing.checks import RowValues, row_values
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.regarding import Needs, needs_of, regard
from runtime.store.compiled import Release

__all__ = ["KIND", "clock_of", "due_of", "job_of", "object_of", "rows_of"]

KIND = "timer"
"""The kind of the timers' jobs."""


def clock_of(release: Release, object_name: str) -> Clock | None:
    """The timers of an object's workflow, compiled once per release; None without any."""
    flow = release.model.workflows.get(object_name)
    if flow is None or not flow.timers:
        return None
    found: Clock = prepared_once(release, ("clock", object_name), lambda: Clock(flow, release.model.organisation.timezone))
    return found


def due_of(release: Release, object: Object, row: Mapping[str, Any], now: datetime.datetime) -> tuple[Due, ...]:
    """The timers of a row as the records service holds it: values by the names of stored fields."""
    clock = clock_of(release, object.name)
    if clock is None or not row:
        return ()
    values: dict[tuple[str, ...], Any] = {(name,): value for name, value in row.items()}
    env = row_values(system_actor(clinic_day(release, now)), now, release, object, values)
    return clock.due(row.get(object.workflow), env)


def rows_of(
    connection: Connection, release: Release, object: Object, ids: Iterable[str], now: datetime.datetime, *, lock: bool = False,
) -> dict[str, tuple[RowValues, tuple[Due, ...]]]:
    """The records that are there with their timers, by id."""
    clock = clock_of(release, object.name)
    needs: Needs = prepared_once(
        release, ("clock.needs", object.name), lambda: needs_of(clock.trees if clock else (), ((object.workflow,),)))
    rows = regard(connection, release, object.name, ids, needs, system_actor(clinic_day(release, now)), now, lock=lock)
    return {id: (row, clock.due(row.lookup((object.workflow,)), row) if clock else ()) for id, row in rows.items()}


def job_of(object: Object, id: str, due: Due, subject_id: str | None, clinic_id: str | None) -> NewJob:
    """The job that fires a timer of a record."""
    return NewJob(
        kind=KIND, key=due.key(id), due_at=due.at, payload={"timer": due.timer.id, "at": due.at.isoformat()}, object=object.id, record_id=id,
        subject_id=subject_id, clinic_id=clinic_id, missed=due.timer.missed, merge=f"{object.workflow}:{id}")


def object_of(model: Model, id: str | None) -> Object | None:
    """The object with an element id; None when the release has it no more."""
    return next((each for each in model.objects.values() if each.id == id), None)
