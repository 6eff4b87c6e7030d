"""All named elements of a Model in one flat map, each with its kind, its owner and its settings in comparable form.

Settings name other elements by id, so a rename elsewhere is no difference here.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from engine.expressions.tree import Node
from engine.fields.base import FieldType
from engine.model import (
    Choices,
    Element,
    Field,
    Form,
    Label,
    ListView,
    Message,
    Model,
    Object,
    Page,
    Plan,
    Role,
    Rule,
    Scenario,
    Workflow,
)
from engine.model.data import DataSet
from engine.model.table import DecisionTable, Score
from engine.problems import Place

__all__ = ["Found", "elements"]

_IDENTITY = frozenset({"id", "name", "former", "place", "retired", "inline", "bounds"})
_PARTS = frozenset({
    "fields", "retired_fields", "unique", "indexes", "checks", "options", "items", "columns", "states", "transitions", "then", "timers",
    "grants", "denials", "records", "panels", "steps", "inputs", "outputs", "rules", "bands", "inverses",
})
# Settings that hold names of fields of the object an element stands on.
_FIELD_NAMES = frozenset({
    "field", "fields", "path", "sort", "filters", "subject", "show", "mask", "hide", "key", "workflow", "head", "link", "anchor",
    "start", "end", "minutes", "color_by",
})
Resolve = Callable[[str], str]
T = TypeVar("T", bound=Element)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """An element as the comparison sees it. `owner` is the key of the element it belongs to, '' for a definition of its own."""

    kind: str
    element: Element
    owner: str
    retired: bool
    resolve: Resolve
    """A field's name → its id, for the object the element stands on; other words unchanged."""

    @property
    def key(self) -> str:
        """`<kind> <id>`, as in layouts."""
        return f"{self.kind} {self.element.id}"

    def settings(self) -> dict[str, object]:
        """What can differ between two releases while the element stays the same one."""
        found: dict[str, object] = {}
        for field in dataclasses.fields(self.element):
            value = getattr(self.element, field.name)
            if field.name in _IDENTITY or (field.name in _PARTS and isinstance(value, Mapping)):
                continue
            found[field.name] = _plain(value, self.resolve if field.name in _FIELD_NAMES else str)
        return found


def elements(model: Model) -> dict[str, Found]:
    """Every element by `<kind> <id>`, retired ones included; generated forms and lists are left out."""
    return {found.key: found for found in _walk(model)}


def _walk(model: Model) -> Iterator[Found]:
    for pack in model.packs.values():
        yield Found("pack", pack, "", False, str)
    for obj in (*model.objects.values(), *_retired(model, Object)):
        yield from _of_object(obj)
    own = {field.id for obj in model.objects.values() for field in (*obj.fields.values(), *obj.retired_fields.values())}
    for choices in (*model.choices.values(), *_retired(model, Choices)):
        if choices.id not in own:
            yield Found("choices", choices, "", choices.retired, str)
            yield from _parts(choices.options, "option", f"choices {choices.id}", str)
    for form in (*model.forms.values(), *_retired(model, Form)):
        if not form.generated:
            yield from _with_parts("form", form, form.items, "form_item", _names(model, form.object))
            for item in form.groups:
                yield from _parts(item.items, "form_item", f"form_item {item.id}", _names(model, item.row_object))
    for view in (*model.views.values(), *_retired(model, ListView)):
        if not view.generated:
            yield from _with_parts("view", view, view.columns, "column", _names(model, view.object))
    for page in (*model.pages.values(), *_retired(model, Page)):
        yield from _of_page(page, model)
    for flow in (*model.workflows.values(), *_retired(model, Workflow)):
        resolve = _names(model, flow.object)
        yield from _with_parts("workflow", flow, flow.states, "state", resolve)
        yield from _parts(flow.transitions, "transition", f"workflow {flow.id}", resolve)
        for transition in flow.transitions.values():
            yield from _parts(transition.then, "effect", f"transition {transition.id}", resolve)
        yield from _parts(flow.timers, "timer", f"workflow {flow.id}", resolve)
    for role in (*model.roles.values(), *_retired(model, Role)):
        yield from _of_role(role, model)
    for table in (*model.decisions.values(), *_retired(model, DecisionTable)):
        yield from _with_parts("decision", table, table.rules, "table_rule", str)
        yield from _parts(table.inputs, "table_input", f"decision {table.id}", str)
        yield from _parts(table.outputs, "table_output", f"decision {table.id}", str)
    for score in (*model.scores.values(), *_retired(model, Score)):
        yield from _with_parts("score", score, score.items, "score_item", str)
        yield from _parts(score.inputs, "table_input", f"score {score.id}", str)
        yield from _parts(score.bands, "score_band", f"score {score.id}", str)
    for plan in (*model.plans.values(), *_retired(model, Plan)):
        yield from _of_plan(plan, model)
    for scenario in (*model.scenarios.values(), *_retired(model, Scenario)):
        yield from _with_parts("scenario", scenario, scenario.steps, "scenario_step", str)
    for message in (*model.messages.values(), *_retired(model, Message)):
        yield Found("message", message, "", message.retired, _names(model, message.object))
    for dataset in (*model.datasets.values(), *_retired(model, DataSet)):
        yield from _with_parts("dataset", dataset, dataset.records, "record", _names(model, dataset.object))


def _retired(model: Model, kind: type[T]) -> Iterator[T]:
    return (element for element in model.retired.values() if isinstance(element, kind))


def _of_object(obj: Object) -> Iterator[Found]:
    resolve = _resolver(obj)
    yield Found("object", obj, "", obj.retired, resolve)
    owner = f"object {obj.id}"
    for field in obj.fields.values():
        yield Found("field", field, owner, field.retired, resolve)
        yield from _own_options(field)
    for field in obj.retired_fields.values():
        yield Found("field", field, owner, True, resolve)
        yield from _own_options(field)
    for kind, parts in (("unique", obj.unique), ("index", obj.indexes), ("check", obj.checks)):
        yield from _parts(parts, kind, owner, resolve)


def _own_options(field: Field) -> Iterator[Found]:
    """The options of a set written inside the field."""
    choices = getattr(field.type, "choices", None)
    if isinstance(choices, Choices) and choices.id == field.id and field.type.writable:
        yield from _parts(choices.options, "option", f"field {field.id}", str)


def _of_page(page: Page, model: Model) -> Iterator[Found]:
    yield Found("page", page, "", page.retired, _names(model, page.object))
    for panel in page.panels.values():
        yield Found("panel", panel, f"page {page.id}", panel.retired, _names(model, panel.object or page.object))


def _of_plan(plan: Plan, model: Model) -> Iterator[Found]:
    yield Found("plan", plan, "", plan.retired, _names(model, plan.object))
    for step in plan.steps.values():
        yield Found("plan_step", step, f"plan {plan.id}", step.retired, _names(model, step.create))


def _of_role(role: Role, model: Model) -> Iterator[Found]:
    yield Found("role", role, "", role.retired, str)
    for kind, parts in (("grant", role.grants), ("denial", role.denials)):
        for part in parts.values():
            yield Found(kind, part, f"role {role.id}", part.retired, _names(model, part.object))


def _with_parts(
    kind: str, element: Element, parts: Mapping[str, Element], part_kind: str, resolve: Resolve
) -> Iterator[Found]:
    yield Found(kind, element, "", element.retired, resolve)
    yield from _parts(parts, part_kind, f"{kind} {element.id}", resolve)


def _parts(parts: Mapping[str, Element], kind: str, owner: str, resolve: Resolve) -> Iterator[Found]:
    for part in parts.values():
        yield Found(kind, part, owner, part.retired, resolve)


def _names(model: Model, object_name: str) -> Resolve:
    obj = model.objects.get(object_name)
    return _resolver(obj) if obj else str


def _resolver(obj: Object) -> Resolve:
    ids = {name: field.id for name, field in obj.fields.items()}
    return lambda word: ids.get(word, word)


def _plain(value: Any, resolve: Resolve) -> object:
    """A value that two releases can be compared by: no places, no trees, other elements by id."""
    if isinstance(value, str):
        return resolve(value)
    if isinstance(value, Element):
        return value.id
    if isinstance(value, Rule):
        return value.text
    if isinstance(value, Label):
        return dict(value.texts)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(item, resolve) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(_plain(item, resolve)) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item, resolve) for item in value]
    if isinstance(value, Place | Node):
        return None
    if isinstance(value, FieldType):
        return [value.name, _parts_of(value, resolve)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _parts_of(value, resolve)
    return value


def _parts_of(value: Any, resolve: Resolve) -> object:
    return {field.name: _plain(getattr(value, field.name), resolve) for field in dataclasses.fields(value)}
