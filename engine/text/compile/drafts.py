"""Objects with the types of their fields: what everything else is checked against."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from engine.fields.base import BadSetting, FieldType
from engine.model import Choices
from engine.problems import Code, suggest
from engine.text.compile.choices import inline
from engine.text.compile.context import Context, Draft
from engine.text.elements import Named, former_names
from engine.text.link import Definition
from engine.text.nodes import MapNode, ScalarNode, plain

__all__ = ["draft"]

_REFERENCES = {"of": "choices", "to": "object"}


@dataclasses.dataclass(frozen=True, slots=True)
class _Links:
    """What a field type may ask while it is built (see `engine.fields.base.Links`)."""

    context: Context
    own: Choices | None

    def choices(self, name: str) -> Choices | None:
        return self.context.choices.get(name) or (self.context.gone_choices.get(name) if self.context.lenient else None)

    def own_choices(self) -> Choices | None:
        return self.own

    def object(self, name: str) -> str | None:
        names = self.context.namespace["object"]
        return name if name in names.current or (self.context.lenient and name in names.gone) else None

    def known(self, kind: str) -> Iterable[str]:
        return self.context.namespace[kind].current


def draft(context: Context, definition: Definition, workflow: Definition | None) -> Draft:
    """The object with its fields' types; the workflow adds its field when the object does not write it."""
    named = context.ids.elements("field", definition.id, definition.node.map("fields"))
    made = Draft(definition, named, former=former_names(named), workflow=workflow)
    if workflow is not None:
        made.state_field = workflow.node.text("field")
        made.named = named = _with_state(context, made, workflow)
    for field in named:
        if field.gone:
            made.gone[field.name] = field
            continue
        built = field_type(context, made, field)
        if built is None:
            made.broken.add(field.name)
        else:
            made.types[field.name] = built
    if not named and not context.namespace["object"].incomplete:
        context.problems.add(Code.OBJECT_011.at(definition.place, name=definition.name))
    return made


def _with_state(context: Context, made: Draft, workflow: Definition) -> tuple[Named, ...]:
    node = workflow.node.get("field")
    if not isinstance(node, ScalarNode) or not made.state_field:
        return made.named
    for field in made.named:
        if field.name != made.state_field:
            continue
        if field.node.text("type") != "state":
            context.problems.add(Code.FLOW_004.at(node.place, object=made.name, name=field.name, other=field.place))
        return made.named
    element_id = f"{workflow.id}.{made.state_field}"
    context.ids.take("field", element_id, node.place)
    entries = {key: entry for key, entry in workflow.node.entries.items() if key == "label"}
    body = MapNode(node.source, node.line, node.column, node.start, node.end, entries)
    state = Named(made.state_field, element_id, body, node.place, node.pack, (), workflow.retired, workflow.hidden)
    return (*made.named, state)


def field_type(context: Context, made: Draft, field: Named) -> FieldType | None:
    """The finished type; None with a problem when it cannot be built."""
    is_state = field.name == made.state_field and "type" not in field.node.entries
    name = "state" if is_state else field.node.text("type")
    if not name:
        context.problems.add(Code.FIELD_003.at(field.place, field=field.name))
        return None
    kind = context.registry.field_types.get(name)
    if kind is None:
        known = context.registry.field_types
        context.problems.add(Code.FIELD_002.at(
            field.node.place_of("type"), field=field.name, type=name, suggestion=suggest(name, known), known=", ".join(known)))
        return None
    if name == "state" and field.name != made.state_field:
        context.problems.add(Code.FIELD_012.at(field.place, field=field.name, object=made.name))
        return None
    return _built(context, made, field, kind)


def _built(context: Context, made: Draft, field: Named, kind: type[FieldType]) -> FieldType | None:
    written = "type" in field.node.entries
    if written and context.field_check and not context.field_check(field.node, kind.name, field.name, context.problems):
        return None
    own = context.states.get(made.name) if kind.name == "state" else inline(context, made.name, field)
    settings = {key: plain(entry.node) for key, entry in field.node.entries.items() if key in kind.settings}
    for key in settings:
        node = field.node.get(key)
        if key in _REFERENCES and isinstance(node, ScalarNode) and context.reference(_REFERENCES[key], node) is None:
            return None
    try:
        built = kind.build(settings, _Links(context, own))
    except BadSetting as error:
        place = field.node.place_of(error.key) if error.key in field.node.entries else field.place
        context.problems.add(Code.FIELD_004.at(place, key=error.key, field=field.name, why=error.why.rstrip("."), fix=error.fix))
        return None
    if own is not None and kind.name != "state":
        context.choices[own.name] = own
    return built
