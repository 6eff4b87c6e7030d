"""What time does to records (`timers:`): while a record is in a state, a transition fires by itself at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expressions import Position
from engine.expressions.tree import Node
from engine.expressions.types import DATE, INSTANT
from engine.model import Missed, Object, Rule, State, Timer
from engine.model.reads import reads
from engine.names import RUNTIME_FIELDS
from engine.problems import Code
from engine.text.compile.context import Context, label
from engine.text.compile.effects import fired
from engine.text.compile.rules import Rules
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

__all__ = ["compile_timers"]

_STEADY = frozenset({"id", "created_at", "created_by"})
"""Fields of the runtime that never change."""


def compile_timers(
    context: Context, rules: Rules, definition: Definition, objects: Mapping[str, Object], states: Mapping[str, State],
) -> dict[str, Timer]:
    """The timers of a workflow by name; without those that are gone or stand on what a later layer hid."""
    found = {}
    for named in context.ids.elements("timer", definition.id, definition.node.map("timers")):
        timer = None if named.gone else _timer(context, rules, definition, objects, states, named)
        if timer is not None:
            found[named.name] = timer
    return found


def _timer(
    context: Context, rules: Rules, definition: Definition, objects: Mapping[str, Object], states: Mapping[str, State], named: Named,
) -> Timer | None:
    node = named.node
    state, name = _state(context, definition, states, node.get("in")), node.get("fire")
    if not state or not isinstance(name, ScalarNode) or _hidden(definition, "transitions", name):
        return None
    transition = fired(context, definition.name, name)
    if transition is None:
        return None
    if state not in transition.texts("from"):
        context.problems.add(Code.FLOW_014.at(name.place, name=name.value, state=state))
    at = _time(context, rules, definition.name, objects, node.get("at"))
    known = {each.value: each for each in Missed}
    if at is None:
        return None
    return Timer(
        id=named.id, name=named.name, label=label(node.get("label"), named.name), place=named.place, former=named.former,
        state=state, at=at, transition=str(name.value), missed=known.get(node.text("missed"), Missed.RUN_LATE),
    )


def _hidden(definition: Definition, key: str, node: ScalarNode) -> bool:
    """Whether a later layer hid the state or transition that a scalar names."""
    nodes = definition.node.map(key)
    there = nodes.map(str(node.value)) if nodes is not None else None
    return there is not None and there.flag("hidden")


def _state(context: Context, definition: Definition, states: Mapping[str, State], node: object) -> str:
    if not isinstance(node, ScalarNode) or _hidden(definition, "states", node):
        return ""
    name = str(node.value)
    there = states.get(name)
    if there is not None and not there.retired:
        return name
    former = next((state.name for state in states.values() if name in state.former), "")
    if there is not None:
        context.problems.add(Code.NAME_011.at(node.place, kind="state", name=name, why="retired", other=there.place))
    elif former:
        context.problems.add(Code.NAME_008.at(node.place, name=name, kind="state", current=former))
    else:
        known = [state.name for state in states.values() if not state.retired]
        context.problems.add(Code.FLOW_001.at(node.place, name=name, object=definition.name, suggestion="", known=", ".join(known)))
    return ""


def _time(context: Context, rules: Rules, object_name: str, objects: Mapping[str, Object], node: object) -> Rule | None:
    """The expression of `at`: a date or an instant that only a change of the record itself changes."""
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        return None
    tree = rules.tree(object_name, node, node.value, 0, None)
    if tree is None:
        return None
    if tree.type not in (DATE, INSTANT):
        context.problems.add(Code.FLOW_015.at(node.place, found=tree.type.words))
        return None
    wrong = next(_unsteady(objects, object_name, tree), None)
    if wrong is not None:
        path, why, at = wrong
        context.problems.add(Code.FLOW_016.at(place_within(node, at), path=path, why=why))
        return None
    return Rule(node.value, tree, Position.DEFAULT, node.place)


def _unsteady(objects: Mapping[str, Object], object_name: str, tree: Node, at: int | None = None) -> Iterator[tuple[str, str, int]]:
    """What is read that changes without a change of the record's own fields: its name, why, and where it is read."""
    own = objects[object_name]
    for read in reads(objects, object_name, tree):
        place = read.at if at is None else at
        if not read.object:
            yield read.name, _ROOTS[read.name], place
        elif read.hops:
            hop = read.hops[0]
            yield (hop.object if hop.rows else hop.link), "what it leads to changes without a change of this record", place
        elif read.name in RUNTIME_FIELDS and read.name not in _STEADY:
            yield read.name, "the runtime changes it by the way", place
        elif (field := own.fields.get(read.name)) is not None and field.kept and field.formula is not None:
            yield from _unsteady(objects, object_name, field.formula.tree, place)


_ROOTS = {
    "today": "every day gives another time", "now": "every moment gives another time", "user": "nobody is there when the time comes",
}
