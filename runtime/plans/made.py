"""The records that steps made: where they stand now, how they are created, moved and cancelled."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.expressions import to_python
from engine.expressions.tree import Path
from engine.model import Model, Object, Plan, PlanStep, StateCategory, Workflow
from engine.model import Transition as Edge
from runtime.plans.enrolment import Enrolment, StepRow, StepState
from runtime.plans.needs import needs_of
from runtime.plans.reasons import Why
from runtime.plans.round import Round
from runtime.plans.values import Read, Values, values_of
from runtime.records.commands import Command, Create, Transition, Update
from runtime.records.ids import chunks
from runtime.records.outcomes import Outcome
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Made", "answers_of", "cancel", "creation", "look_up", "move", "settle"]


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """A record of a step as it stands."""

    object: Object
    id: str
    values: Values
    category: StateCategory | None
    """Of its state; None without a workflow: such a record is done as soon as it is there."""

    @property
    def due(self) -> Any:
        """When it says that it is due."""
        return self.values.get((self.object.task.due,)) if self.object.task else None


def look_up(round: Round, release: Release, plan: Plan | None, rows: Iterable[StepRow]) -> dict[str, Made]:
    """The records that rows name and that are there, by id; with what the plan reads of them."""
    objects = {object.id: object for object in release.model.objects.values()}
    wanted: dict[str, list[str]] = {}
    for row in rows:
        if row.record_id is not None and row.object in objects:
            wanted.setdefault(row.object, []).append(row.record_id)
    found: dict[str, Made] = {}
    for object_id, ids in wanted.items():
        object = objects[object_id]
        flow = release.model.workflows.get(object.name)
        values = values_of(round.connection, release, round.actor, object.name, _paths(release, plan, object, flow), ids, round.now)
        for id, each in values.items():
            found[id] = Made(object, id, each, _category(flow, each))
    return found


def _paths(release: Release, plan: Plan | None, object: Object, flow: Workflow | None) -> tuple[Path, ...]:
    found: set[Path] = {("id",), ("version",)}
    if plan is not None:
        answers = needs_of(release, plan).answers
        found.update(path for name, step in plan.steps.items() if step.create == object.name for path in answers.get(name, ()))
    if object.task:
        found.add((object.task.due,))
    if flow is not None:
        found.add((flow.field,))
    return tuple(sorted(found))


def _category(flow: Workflow | None, values: Values) -> StateCategory | None:
    if flow is None:
        return None
    state = next((state for state in flow.states.values() if state.stored == values.get((flow.field,))), None)
    return state.category if state is not None else StateCategory.OPEN


def settle(rows: Iterable[StepRow], made: Mapping[str, Made], now: datetime.datetime) -> list[StepRow]:
    """Let the rows say where their records stand; those that changed."""
    changed = []
    for row in rows:
        if row.record_id is None or row.state is StepState.STOPPED:
            continue
        state, why = _standing(row, made.get(row.record_id), now)
        if (state, why) != (row.state, row.why):
            row.state, row.why = state, why
            row.settled_at = now if state.settled else None
            changed.append(row)
    return changed


def _standing(row: StepRow, made: Made | None, now: datetime.datetime) -> tuple[StepState, str | None]:
    if made is None:
        return StepState.SKIPPED, Why.DELETED
    if made.category in (None, StateCategory.DONE):
        return StepState.DONE, Why.LATE if row.state is StepState.MISSED or row.why == Why.LATE else None
    if made.category is StateCategory.CANCELLED:
        return StepState.SKIPPED, Why.CANCELLED
    if row.until is not None and now >= row.until:
        return StepState.MISSED, Why.WINDOW
    return StepState.CREATED, None


def answers_of(plan: Plan, rows: Sequence[StepRow], made: Mapping[str, Made]) -> dict[str, Values]:
    """By the step's name, the values of the latest record that it made."""
    names = {step.id: name for name, step in plan.steps.items()}
    latest: dict[str, tuple[int, Values]] = {}
    for row in rows:
        name, record = names.get(row.step), made.get(row.record_id or "")
        if name is not None and record is not None and row.n >= latest.get(name, (0, None))[0]:
            latest[name] = row.n, record.values
    return {name: values for name, (_, values) in latest.items()}


# Creating

def creation(release: Release, live: Model, plan: Plan, step: PlanStep, enrolment: Enrolment, read: Read, row: StepRow) -> Create:
    """The command that makes the record of a step, in the names of the live release."""
    object = release.model.objects[step.create]
    given = {**_given(release.model, plan, step, object, enrolment, row), **_computed(step, object, read)}
    target = next((each for each in live.objects.values() if each.id == object.id), object)
    names = {field.id: field.name for field in target.fields.values()}
    values = {names[object.fields[name].id]: value for name, value in given.items() if object.fields[name].id in names}
    clinic = enrolment.clinic_id if target.belongs_to.scope in ("clinic", "clinics") else None
    return Create(target.name, values, clinic=clinic)


def _given(model: Model, plan: Plan, step: PlanStep, object: Object, enrolment: Enrolment, row: StepRow) -> dict[str, Any]:
    """What a step fills in by itself: the links to the patient and to the record that began, the due time and the label."""
    found: dict[str, Any] = {}
    about = {path[0] for path in object.subject if len(path) == 1}
    for field in object.links:
        if field.type.link_to == plan.subject and field.name in about:
            found[field.name] = enrolment.subject_id
        elif field.type.link_to == plan.object and plan.object != plan.subject:
            found[field.name] = enrolment.record_id
    if object.task:
        due = object.fields[object.task.due]
        found[due.name] = due.type.dump(_due(due.type.name, row))
        if object.task.label and not object.fields[object.task.label].type.link_to:
            found[object.task.label] = step.label(model.organisation.languages[0])
    return found


def _due(kind: str, row: StepRow) -> datetime.date | datetime.datetime:
    return (row.due_date or row.due_at.date()) if kind == "date" else row.due_at


def _computed(step: PlanStep, object: Object, read: Read) -> dict[str, Any]:
    found = {}
    for name, rule in step.values.items():
        value = to_python(rule.tree)(read)
        found[name] = None if value is None else object.fields[name].type.dump(value)
    return found


# Moving and cancelling what nobody has begun

def move(round: Round, pairs: Sequence[tuple[StepRow, Made]]) -> list[StepRow]:
    """Let records that nobody has begun be due when their rows are; one whose day somebody set by hand stays.

    `pairs` are rows with their new times and the records as they stand. The rows of which the record could not be moved come back:
    it refuses that day.
    """
    begun = _begun(round, [made.id for _, made in pairs])
    refused = []
    for row, made in pairs:
        if made.object.task is None or made.id in begun:
            continue
        due = made.object.fields[made.object.task.due]
        wanted = _due(due.type.name, row)
        if made.due != wanted:
            outcomes = round.command([Update(_name(round, made.object), made.id, {due.name: due.type.dump(wanted)}, None)])
            refused += [] if _ok(outcomes) else [row]
    return refused


def cancel(round: Round, made: Sequence[Made], reason: str) -> set[str]:
    """Cancel records that nobody has begun, by a transition that leads to a state of that category; the ids of those.

    Of several, by the first that takes a reason: a record that was called off did not miss its time.
    """
    open_ = [each for each in made if each.category in (StateCategory.OPEN, StateCategory.WAITING)]
    begun = _begun(round, [each.id for each in open_])
    found: set[str] = set()
    for each in open_:
        command = None if each.id in begun else _cancelling(round.release.model, each, reason)
        if command is not None and _ok(round.command([command])):
            found.add(each.id)
    return found


def _ok(outcomes: Sequence[Outcome]) -> bool:
    return all(outcome.ok for outcome in outcomes)


def _cancelling(model: Model, made: Made, reason: str) -> Command | None:
    object = next((each for each in model.objects.values() if each.id == made.object.id), None)
    flow = model.workflows.get(object.name) if object is not None else None
    if object is None or flow is None:
        return None
    stored = made.values.get((flow.field,))
    state = next((state.name for state in flow.states.values() if state.stored == stored), "")
    edges = [edge for edge in flow.transitions.values() if state in edge.sources and _ends(flow, edge)]
    if not edges:
        return None
    edge = next((edge for edge in edges if edge.reason != "none"), edges[0])
    return Transition(object.name, made.id, edge.name, reason=None if edge.reason == "none" else reason)


def _ends(flow: Workflow, edge: Edge) -> bool:
    return flow.states[edge.target].category is StateCategory.CANCELLED


def _begun(round: Round, ids: Sequence[str]) -> set[str]:
    """Those of which a person has taken a transition."""
    history = system.history
    found: set[str] = set()
    for chunk in chunks(ids) if ids else ():
        statement = select(history.c.record_id).where(
            history.c.record_id.in_(chunk), history.c.by != round.actor.id,
            history.c.action.not_in(("create", "update", "restore", "delete")))
        found.update(round.connection.execute(statement.distinct()).scalars())
    return found


def _name(round: Round, object: Object) -> str:
    """The object's current name."""
    return next((each.name for each in round.release.model.objects.values() if each.id == object.id), object.name)
