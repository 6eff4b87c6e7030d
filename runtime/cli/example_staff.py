"""The staff of an example chain: each morning they see what has come due, and do it as they use to."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

import click
from sqlalchemy import select

from engine.model import Object
from runtime.identity.actor import Actor, system_actor
from runtime.jobs.claiming import earliest
from runtime.jobs.runner import Runner
from runtime.records.commands import Command, RequestInfo, Transition
from runtime.records.outcomes import Kind, Refused
from runtime.records.query import MAX_LIMIT, ListQuery
from runtime.records.service import Records
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Staff"]

_WENT = frozenset({Kind.LOST, Kind.NOT_FOUND})
"""Refusals of a step that came too late: a plan was stopped, a task called off."""


class Staff:
    """Works off the tasks that plans and timers bring; `Object.task` says which objects are tasks."""

    def __init__(self, records: Records, runner: Runner, release: Release) -> None:
        self._records = records
        self._runner = runner
        self._release = release
        steps = {step.create for plan in release.model.plans.values() for step in plan.steps.values() if step.create}
        self._tasks = [object for object in release.model.objects.values() if object.task is not None and object.name in steps]
        self._coming: dict[datetime.date, list[tuple[datetime.datetime, Command]]] = defaultdict(list)

    def look(self, day: datetime.date, now: datetime.datetime, habits: Any) -> None:
        """Let what is due come about, and decide what becomes of the tasks that plans made for the day."""
        self._catch_up(now)
        actor = system_actor(day)
        for object in self._tasks:
            for id, step in self._due(object, day, actor):
                for move in habits.moves(object.name, step, day):
                    command = Transition(object.name, id, move.transition, values=move.values, reason=move.reason or None)
                    self._coming[move.at.date()].append((move.at, command))

    def _catch_up(self, now: datetime.datetime) -> None:
        """Do what is due. A look costs a tenth of asking every kind of job; on most days of two years there is nothing."""
        with self._records.store.read() as connection:
            coming = earliest(connection, tuple(self._runner.kinds), now)
        if any(at <= now for at in coming.values()):
            self._runner.run_due(now)

    def _due(self, object: Object, day: datetime.date, actor: Actor) -> list[tuple[str, str]]:
        """The tasks that plans made for the day: (id, step)."""
        task, table = object.task, system.enrolment_step
        assert task is not None
        made = select(table.c.record_id).where(table.c.object == object.id, table.c.due_date == day, table.c.state == "created")
        with self._records.store.read() as connection:
            ids = tuple(connection.scalars(made.order_by(table.c.record_id).limit(MAX_LIMIT)))
        if not ids:
            return []
        page = self._records.list(ListQuery(object=object.name, fields=(task.label,), ids=ids, limit=len(ids)), actor, self._release)
        return sorted((row.id, str(row.values[0])) for row in page.rows)

    def work(self, day: datetime.date, now: datetime.datetime) -> None:
        """Take the steps of the day in the order of their times."""
        steps = sorted(self._coming.pop(day, []), key=lambda step: step[0])
        if not steps:
            return
        commands = [command for _, command in steps]
        outcomes = self._records.execute(commands, system_actor(day), atomic=False, request=RequestInfo(channel="service"))
        for command, outcome in zip(commands, outcomes, strict=True):
            if isinstance(outcome, Refused) and outcome.kind not in _WENT:
                why = "; ".join(f"{error.field}: {error.message}" for error in outcome.errors) or outcome.message
                raise click.ClickException(f"the example does not fit the definitions: {command} is refused: {why}")
        self._catch_up(now)
