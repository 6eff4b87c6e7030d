"""Which form a transition asks for: its own, unless the record was made by a step of a plan that has one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.types import Text

from engine.model import Form, Object, StateCategory, Transition
from engine.targets.machine import Machine
from runtime.records.ids import chunks
from runtime.records.prepared import Prepared
from runtime.records.writing.loading import prepared_once
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["asked_form", "asked_forms", "machine_for", "may_ask"]

_step = system.enrolment_step


def asked_form(connection: Connection, release: Release, object: Object, transition: Transition, id: str) -> Form | None:
    """The form that is filled with the transition of one record; None where there is nothing to fill."""
    return asked_forms(connection, release, object, transition, [id])[id]


def asked_forms(
    connection: Connection, release: Release, object: Object, transition: Transition, ids: Iterable[str],
) -> dict[str, Form | None]:
    """The same for several records, by id. A step's form takes the place of the one that completing its record asks for."""
    own = release.model.forms.get(transition.ask)
    found: dict[str, Form | None] = dict.fromkeys(ids, own)
    by_step = _forms_of_steps(release, object)
    if not by_step or not found or not _completes(release, object, transition):
        return found
    prepared: Prepared = prepared_once(release, ("asked",), lambda: Prepared(
        select(_step.c.record_id, _step.c.step).where(_step.c.record_id.in_(bindparam("ids", expanding=True, type_=Text()))),
        connection.dialect))
    for chunk in chunks(found):
        found.update((id, by_step[step]) for id, step in prepared.fetch(connection, {"ids": chunk}) if step in by_step)
    return found


def may_ask(release: Release, object: Object, transition: Transition) -> tuple[Form, ...]:
    """Every form that the transition may ask for, its own first."""
    own = release.model.forms.get(transition.ask)
    steps = _forms_of_steps(release, object).values() if _completes(release, object, transition) else ()
    return tuple({form.name: form for form in (own, *steps) if form is not None}.values())


def machine_for(release: Release, object: Object) -> Machine | None:
    """The machine of the object's workflow; None without one. A guard waits for what any form of a transition may still ask for."""
    workflow = release.model.workflows.get(object.name)
    if workflow is None:
        return None

    def make() -> Machine:
        return Machine(workflow, {
            name: {field for form in may_ask(release, object, transition) for field in form.fields}
            for name, transition in workflow.transitions.items()})

    found: Machine = prepared_once(release, ("machine", object.name), make)
    return found


def _completes(release: Release, object: Object, transition: Transition) -> bool:
    workflow = release.model.workflows[object.name]
    return workflow.states[transition.target].category is StateCategory.DONE


def _forms_of_steps(release: Release, object: Object) -> Mapping[str, Form]:
    """By the id of the step."""
    forms = release.model.forms
    found: Mapping[str, Form] = prepared_once(release, ("forms of steps", object.name), lambda: {
        step.id: forms[step.form] for plan in release.model.plans.values() for step in plan.steps.values()
        if step.create == object.name and step.form in forms})
    return found
