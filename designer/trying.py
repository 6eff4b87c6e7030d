"""What is asked before a plan is simulated, and the case that the answers make: fields of the patient, of the record that begins the plan, and
of the records of its steps."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from designer.conditions import Group, Literal, Row, rows_of
from engine.fields.choice import Choice, ChoiceList
from engine.model import Field, Model, Object, Plan, PlanStep
from engine.model.rule import Rule
from runtime.simulation.timeline import Case, way

__all__ = ["Asked", "asked_of_begins", "asked_of_patient", "asked_of_step", "case_of", "ways_of"]

_INPUTS: Mapping[str, str] = {
    "text": "text", "long_text": "text", "phone": "text", "email": "text", "id_number": "text", "integer": "number", "decimal": "number",
    "date": "date", "datetime": "datetime-local", "time": "time", "boolean": "flag", "choice": "choice", "choices": "choices",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """An input. `first` is one that is needed or that the plan looks at; the others are folded away."""

    key: str
    label: str
    kind: str
    value: Any
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    first: bool = False


def asked_of_patient(model: Model, plan: Plan, sent: MultiDict[str, str] | None, language: str) -> list[Asked]:
    """The fields of the patient."""
    made = model.objects[plan.subject]
    return _asked(made, "patient", list(made.fields.values()), sent, _usual(plan, made, "subject"), _read(plan), language)


def asked_of_begins(model: Model, plan: Plan, sent: MultiDict[str, str] | None, day: datetime.date, language: str) -> list[Asked]:
    """The fields of the record that begins the plan; the patient's own are asked there."""
    if plan.object == plan.subject:
        return []
    made = model.objects[plan.object]
    usual = _usual(plan, made, "")
    if len(plan.anchor) == 1:
        usual[plan.anchor[0]] = day.isoformat() if made.fields[plan.anchor[0]].type.name == "date" else f"{day}T09:00"
    return _asked(made, "begins", list(made.fields.values()), sent, usual, {*_read(plan), *plan.anchor[:1]}, language)


def asked_of_step(model: Model, plan: Plan, step: PlanStep, sent: MultiDict[str, str] | None, language: str) -> list[Asked]:
    """What the forms ask that lead from the step's new record to its end; all fields that later conditions read stand first."""
    made = model.objects.get(step.create)
    if made is None:
        return []
    flow = model.workflows.get(step.create)
    asks = [flow.transitions[name].ask for name in way(flow, flow.initial)] if flow is not None else []
    names = [name for form in dict.fromkeys((step.form, *asks)) if form in model.forms for name in model.forms[form].fields]
    filled = (made.task.due, made.task.label) if made.task is not None else ()
    fields = [field for field in ([made.fields[name] for name in dict.fromkeys(names)] or made.fields.values()) if field.name not in filled]
    return _asked(made, f"answers.{step.name}", fields, sent, {}, _read(plan), language, needed=bool(names))


def ways_of(model: Model, step: PlanStep, language: str) -> list[tuple[str, str]]:
    """The transitions that may be taken with a step's record, instead of completing it."""
    flow = model.workflows.get(step.create)
    if flow is None:
        return []
    return [(name, edge.label(language)) for name, edge in flow.transitions.items() if not edge.retired and edge.reason != "required"
            and way(flow, flow.initial, name)]


def case_of(model: Model, plan: Plan, sent: MultiDict[str, str]) -> Case:
    """The case that a form says. Empty inputs are left to the simulation."""
    patient, begins = model.objects[plan.subject], model.objects[plan.object]
    answers: dict[str, Mapping[str, Any]] = {}
    for name, step in plan.steps.items():
        if sent.get(f"done.{name}") and step.create in model.objects:
            answers[name] = _values(model.objects[step.create], f"answers.{name}", sent)
    transitions = {name: sent[f"by.{name}"] for name in answers if sent.get(f"by.{name}")}
    return Case(patient=_values(patient, "patient", sent), begins=_values(begins, "begins", sent) if begins is not patient else {},
                answers=answers, transitions=transitions)


def _values(made: Object, before: str, sent: MultiDict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in made.fields.items():
        kind = _INPUTS.get(field.type.name)
        texts = [text.strip() for text in sent.getlist(f"{before}.{name}") if text.strip()]
        if kind is None or not field.typed or not texts:
            continue
        found[name] = texts if kind == "choices" else _value(field.type.name, texts[0])
    return found


def _value(kind: str, text: str) -> Any:
    """What is no value of its kind goes on as it is: the simulation says why it is refused."""
    if kind == "boolean":
        return text == "true"
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    return text


def _asked(made: Object, before: str, fields: Sequence[Field], sent: MultiDict[str, str] | None, usual: Mapping[str, Any],
           read: set[str], language: str, needed: bool = False) -> list[Asked]:
    found = []
    for field in fields:
        kind = _INPUTS.get(field.type.name)
        if kind is None or not field.typed or field.retired:
            continue
        key = f"{before}.{field.name}"
        value: Any = usual.get(field.name, _first(made, field, language) if before in ("patient", "begins") else "")
        if sent is not None:
            value = sent.getlist(key) if kind == "choices" else sent.get(key, "")
        options = _options(field, language)
        first = needed or field.required or field.name in read
        found.append(Asked(key, field.label(language), kind, value, options, field.required, first))
    return found


def _options(field: Field, language: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(field.type, Choice | ChoiceList):
        return ()
    return tuple((option.name, option.label(language)) for option in field.type.choices.current)


def _first(made: Object, field: Field, language: str) -> Any:
    """What a required field is filled with at first; an address too, so that messages can be seen."""
    if field.type.name == "email" and made.contact is not None:
        return "someone@example.com"
    if not field.required or field.filled:
        return ""
    if field.type.name in ("text", "long_text"):
        return ("示例" if language.startswith("zh") else "Example ") + made.label(language).lower()
    if isinstance(field.type, Choice) and field.type.choices.current:
        return field.type.choices.current[0].name
    return ""


def _rules(plan: Plan) -> list[Rule]:
    steps = [rule for step in plan.steps.values() for rule in (step.at, step.when, step.skip_when)]
    return [rule for rule in (plan.enrol_when, plan.stop_when, *steps) if rule is not None]


def _read(plan: Plan) -> set[str]:
    """Every name that a condition of the plan mentions."""
    return {name for rule in _rules(plan) for name in re.findall(r"[a-z_][a-z0-9_]*", rule.text)}


def _usual(plan: Plan, made: Object, root: str) -> dict[str, Any]:
    """What the record must have to begin the plan, as far as its condition says it plainly."""
    group = rows_of(plan.enrol_when.text) if plan.enrol_when is not None else None
    found: dict[str, Any] = {}
    for row in group.items if isinstance(group, Group) and group.every else ():
        if isinstance(row, Row) and isinstance(row.value, Literal) and row.operator == "is":
            path, _, name = row.field.rpartition(".")
            if path == root and name in made.fields:
                found[name] = row.value.value
        elif isinstance(row, Row) and row.operator == "true" and row.field in made.fields and not root:
            found[row.field] = "true"
    return found
