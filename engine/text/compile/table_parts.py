"""Inputs and outputs of tables: their types, and the values that rules give."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.expressions.checker.inline import place
from engine.expressions.tree import Literal, Node
from engine.expressions.types import MapOf, RecordOf, RowsOf, Type
from engine.fields.base import BadSetting, FieldType, Invalid
from engine.model import Choices, TableInput, TableOutput
from engine.problems import Code, Place, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.table_scope import TableScope, expression
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import ListNode, MapNode, ScalarNode, plain
from engine.text.nodes import Node as TextNode

if TYPE_CHECKING:
    from engine.text.compile.tables import Tables

__all__ = ["Inputs", "inputs", "output_value", "outputs", "rebound", "unknown_input"]


@dataclasses.dataclass(frozen=True, slots=True)
class _Links:
    """What a type may ask while it is built (see `engine.fields.base.Links`)."""

    context: Context

    def choices(self, name: str) -> Choices | None:
        return self.context.choices.get(name) or next((found for found in self.context.states.values() if found.name == name), None)

    def own_choices(self) -> Choices | None:
        return None

    def object(self, name: str) -> str | None:
        return name if name in self.context.namespace["object"].current else None

    def known(self, kind: str) -> Iterable[str]:
        return self.context.choices if kind == "choices" else self.context.namespace[kind].current


@dataclasses.dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a table and the scope of its expressions. `bound` are the expressions of a table over an object, `fields` the types of
    that object's fields whose `min` and `max` every record keeps."""

    on: str
    elements: Mapping[str, TableInput]
    scope: TableScope
    bound: Mapping[str, Node]
    broken: bool
    fields: Mapping[str, FieldType]

    def known(self, name: str) -> bool:
        """Whether cells may stand under a name: an input, or a field of the object that the table is over."""
        if name in self.scope.inputs:
            return True
        kind = self.scope.root(name) if self.scope.over else None
        return kind is not None and not isinstance(kind, MapOf | RowsOf)

    def names(self) -> list[str]:
        return list(self.scope.names(None)) if self.scope.over else list(self.scope.inputs)


def unknown_input(context: Context, given: Inputs, owner: str, name: str, at: Place) -> None:
    """Report a name under which no cell may stand; one of the object's that is renamed, retired or broken is told as such."""
    if given.broken:
        return
    over = context.drafts.get(given.on)
    if over is not None and (name in over.broken or name in over.gone or name in over.former):
        context.report(over.unknown(name, at))
        return
    context.problems.add(Code.TABLE_002.at(at, name=name, owner=owner, suggestion=suggest(name, given.names())))


def inputs(context: Context, definition: Definition, tables: Tables) -> Inputs:
    """Reports what is wrong with them; an input with a problem is left out."""
    node = definition.node
    named = context.ids.elements("table_input", definition.id, node.map("inputs"))
    on = context.over(node.get("on")) or ""
    broken = bool(node.get("on")) and not on
    over = tables.scopes.of(on) if on else None
    like = over or tables.any_scope()
    bare = TableScope({}, over, tables.find, like)
    types: dict[str, Type] = {}
    bound: dict[str, Node] = {}
    found: dict[str, TableInput] = {}
    for one in named:
        if one.gone:
            continue
        kind = value = None
        if on:
            value = _value(context, one, bare)
        else:
            kind = _typed(context, one)
        if kind is None and value is None:
            broken = True
            continue
        types[one.name] = value.type if value is not None else kind.expression_type  # type: ignore[union-attr]
        if value is not None:
            bound[one.name] = value
        found[one.name] = TableInput(
            id=one.id, name=one.name, label=label(one.node.get("label"), one.name), place=one.place, former=one.former, type=kind,
            value=one.node.text("value", one.name) if on else "")
    return Inputs(on, found, TableScope(types, over, tables.find, like), bound, broken, _typed_in(context, on))


def _typed_in(context: Context, on: str) -> Mapping[str, FieldType]:
    """The fields of an object that are typed in: nothing holds a formula to `min` and `max`."""
    draft = context.drafts.get(on)
    if draft is None:
        return {}
    return {one.name: draft.types[one.name] for one in draft.named if one.name in draft.types and "formula" not in one.node.entries}


def _typed(context: Context, one: Named) -> FieldType | None:
    if "value" in one.node.entries:
        why = "a table takes what it is called with, unless it says 'on'"
        context.problems.add(Code.TABLE_015.at(one.node.entries["value"].place, name=one.name, why=why, fix="remove 'value', or add 'on:'"))
        return None
    if "type" not in one.node.entries:
        why = "it has no type"
        context.problems.add(Code.TABLE_015.at(one.place, name=one.name, why=why, fix="add 'type:'"))
        return None
    return built(context, one)


def _value(context: Context, one: Named, bare: TableScope) -> Node | None:
    """The expression of an input over an object: its own, or the field of its name."""
    if "type" in one.node.entries:
        why = "over an object it has the type of what it reads"
        context.problems.add(Code.TABLE_015.at(one.node.entries["type"].place, name=one.name, why=why, fix="remove 'type'"))
        return None
    node = one.node.get("value")
    text = node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else one.name
    at = node if isinstance(node, ScalarNode) else ScalarNode(one.node.source, one.place.line, one.place.column, 0, 0, one.name)
    tree = expression(context, bare, at, text, 0, None)
    if tree is not None and isinstance(tree.type, RecordOf | MapOf | RowsOf):
        why = f"it gives a {tree.type.words}"
        context.problems.add(Code.TABLE_015.at(at.place, name=one.name, why=why, fix="name the field behind it"))
        return None
    return tree


def built(context: Context, one: Named) -> FieldType | None:
    """The type of an input or output, None with a problem."""
    kind = context.registry.field_types.get(one.node.text("type"))
    if kind is None:
        return None
    settings = {key: plain(entry.node) for key, entry in one.node.entries.items() if key in kind.settings}
    target = one.node.get("to")
    if kind.name == "link" and isinstance(target, ScalarNode) and context.reference("object", target) is None:
        return None
    try:
        return kind.build(settings, _Links(context))
    except (BadSetting, KeyError) as error:
        key, why, fix = (error.key, error.why, error.fix) if isinstance(error, BadSetting) else ("type", f"{error} is missing", "add it")
        at = one.node.place_of(key) if key in one.node.entries else one.place
        context.problems.add(Code.FIELD_004.at(at, key=key, field=one.name, why=why.rstrip("."), fix=fix))
        return None


def outputs(context: Context, definition: Definition) -> dict[str, TableOutput]:
    """The outputs with their order of priority, for choices that of their options."""
    found = {}
    for one in context.ids.elements("table_output", definition.id, definition.node.map("outputs")):
        kind = None if one.gone else built(context, one)
        if kind is None:
            continue
        order = tuple(value for value in _order(context, one, kind) if value is not None)
        choices = getattr(kind, "choices", None)
        if not order and isinstance(choices, Choices):
            order = tuple(option.stored for option in choices.options.values())
        found[one.name] = TableOutput(id=one.id, name=one.name, label=label(one.node.get("label"), one.name), place=one.place,
                                      former=one.former, type=kind, order=order)
    return found


def _order(context: Context, one: Named, kind: FieldType) -> Iterable[object]:
    node = one.node.get("order")
    for item in node.items if isinstance(node, ListNode) else ():
        found = _literal(context, one.name, kind, item)
        if found is not None:
            yield found.value


def _literal(context: Context, name: str, kind: FieldType, node: TextNode) -> Literal | None:
    try:
        return Literal(kind.expression_type, 0, kind.parse(plain(node)))
    except Invalid as error:
        context.problems.add(Code.TABLE_005.at(node.place, name=name, code=error.code))
        return None


def output_value(context: Context, scope: TableScope, name: str, kind: FieldType, node: TextNode) -> Node | None:
    """The value of an output in a rule: a literal as in a record, or `{value: expression}`. None with a problem."""
    if not isinstance(node, MapNode):
        return _literal(context, name, kind, node)
    computed = node.get("value")
    if not isinstance(computed, ScalarNode) or not isinstance(computed.value, str):
        return None
    return expression(context, scope, computed, computed.value, 0, kind.expression_type)


def rebound(tree: Node, given: Inputs) -> Node:
    """The tree of a table over an object with what its inputs read in their places."""
    return place(tree, given.bound, None) if given.bound else tree
