"""What follows from a transition by itself (`then:`): set, create, transition, enrol, assign, notify."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.expressions import Position
from engine.fields.base import FieldType
from engine.model import Assign, CreateRecord, Effect, EnrolIn, Fire, Notify, Object, Rule, SetFields
from engine.problems import Code, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.paths import follow, leads_through_hidden, target
from engine.text.compile.rules import Rules
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import Entry, MapNode, ScalarNode
from engine.text.places import place_within

__all__ = ["Effects", "fired", "not_settable"]

_Path = tuple[str, ...]

_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "set": (("values",), ("on",)),
    "create": (("object",), ("values",)),
    "transition": (("name",), ("on",)),
    "enrol": (("plan",), ("on",)),
    "assign": (("to",), ("on",)),
    "notify": (("message", "to"), ()),
}
"""What each thing to do needs, and what it may have besides."""
_OWN = frozenset(key for needed, more in _KEYS.values() for key in (*needed, *more))


def fired(context: Context, object_name: str, node: ScalarNode) -> MapNode | None:
    """The transition of an object's workflow that a scalar names, if it can fire by itself; reports it otherwise."""
    flow = context.namespace["workflow"].find(object_name)
    nodes = flow.node.map("transitions") if flow is not None else None
    entries = nodes.entries if nodes is not None else {}
    name = str(node.value)
    there = entries.get(name)
    if there is None:
        current = next((n for n, entry in entries.items() if isinstance(entry.node, MapNode) and name in entry.node.texts("was")), None)
        context.problems.add(
            Code.NAME_008.at(node.place, name=name, kind="transition", current=current) if current else
            Code.FLOW_007.at(node.place, object=object_name, name=name, suggestion=suggest(name, entries), known=", ".join(entries) or "–"))
        return None
    if not isinstance(there.node, MapNode):
        return None
    if there.node.flag("retired"):
        context.problems.add(Code.NAME_011.at(node.place, kind="transition", name=name, why="retired", other=there.place))
        return None
    if there.node.text("reason") == "required":
        context.problems.add(Code.FLOW_010.at(node.place, name=name))
    return there.node


class Effects:
    """Compiles the effects of one workflow's transitions."""

    def __init__(self, context: Context, rules: Rules, definition: Definition, objects: Mapping[str, Object]) -> None:
        self._context = context
        self._rules = rules
        self._object = definition.name
        self._objects = objects
        self._makers: Mapping[str, Callable[[Named, _About], Effect | None]] = {
            "set": self._set, "create": self._create, "transition": self._fire, "enrol": self._enrol, "assign": self._assign,
            "notify": self._notify,
        }

    def of(self, transition: Named) -> dict[str, Effect]:
        """The effects of a transition by name, in order; without those that are gone or named what a later layer hid."""
        found = {}
        for named in self._context.ids.elements("effect", transition.id, transition.node.map("then")):
            effect = None if named.gone else self._effect(named)
            if effect is not None:
                found[named.name] = effect
        return found

    def _effect(self, named: Named) -> Effect | None:
        node, do = named.node, named.node.text("do")
        if do not in _KEYS or not self._keys(named, do):
            return None
        condition = self._rules.rule(self._object, node.get("if"), Position.EFFECT_IF)
        on = self._links(node.get("on"))
        if on is None:
            return None
        return self._makers[do](named, _About(condition, on, target(self._context, self._object, on)))

    def _keys(self, named: Named, do: str) -> bool:
        """Whether the keys are those of what is done."""
        needed, more = _KEYS[do]
        owner, node = f"an effect with do: {do}", named.node
        for key in node.entries:
            if key in _OWN and key not in needed and key not in more:
                known = ", ".join(("if", "do", *needed, *more))
                self._context.problems.add(Code.SHAPE_001.at(node.entries[key].place, key=key, owner=owner, suggestion="", known=known))
        missing = [key for key in needed if key not in node.entries]
        for key in missing:
            self._context.problems.add(Code.SHAPE_003.at(named.place, key=key, owner=owner))
        return not missing

    def _links(self, node: object) -> _Path | None:
        """The links that a path names; () without one. None, reported, when it is none; None silently when a later layer hid a step."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or node.value == "self":
            return ()
        if node.value == "subject":
            paths = self._objects[self._object].subject
            if len(paths) != 1:
                self._context.problems.add(Code.FLOW_019.at(node.place, object=self._object))
                return None
            return paths[0]
        if leads_through_hidden(self._context, self._object, node.value):
            return None
        followed = follow(self._context, self._object, node, node.value)
        if followed is None:
            return None
        steps, kind = followed
        if not kind.link_to:
            place = place_within(node, len(node.value) - len(steps[-1]))
            self._context.problems.add(Code.FLOW_008.at(place, path=node.value, name=steps[-1]))
            return None
        return steps

    # What is done

    def _set(self, named: Named, about: _About) -> Effect | None:
        values = self._values(about.target, named.node.map("values"))
        return SetFields(**_identity(named), **about.settings, values=values) if values else None

    def _create(self, named: Named, about: _About) -> Effect | None:
        object_name = self._context.over(named.node.get("object"))
        if object_name is None or object_name not in self._objects:
            return None
        values = self._values(object_name, named.node.map("values"))
        made = self._objects[object_name]
        values = {**self._links_back(named, made, values), **values}
        written = named.node.map("values")
        for field in made.fields.values():
            given = field.name in values or (written is not None and field.name in written.entries)
            if field.required and field.stored and not field.filled and field.type.writable and not given:
                self._context.problems.add(Code.FLOW_011.at(named.place, object=object_name, field=field.name))
        return CreateRecord(**_identity(named), **about.settings, object=object_name, values=values)

    def _links_back(self, named: Named, made: Object, values: Mapping[str, Rule]) -> dict[str, Rule]:
        """Links of the new record that need no line: the only one to the record, and the one to the patient whom both are about."""
        own = self._objects[self._object]
        found: dict[str, str] = {}
        back = [field.name for field in made.links if field.type.link_to == self._object]
        if len(back) == 1:
            found[back[0]] = "id"
        about = [path[0] for path in made.subject if len(path) == 1]
        if len(about) == 1 and len(own.subject) == 1 and about[0] not in found:
            found[about[0]] = ".".join(own.subject[0]) or "id"
        at = named.node
        nodes = {name: ScalarNode(at.source, at.line, at.column, at.start, at.end, text) for name, text in found.items() if name not in values}
        rules = {name: self._rule(made.fields[name].type, node) for name, node in nodes.items()}
        return {name: rule for name, rule in rules.items() if rule is not None}

    def _fire(self, named: Named, about: _About) -> Effect | None:
        name = named.node.get("name")
        if not isinstance(name, ScalarNode) or self._hidden_transition(about.target, name):
            return None
        if fired(self._context, about.target, name) is None:
            return None
        return Fire(**_identity(named), **about.settings, transition=str(name.value))

    def _hidden_transition(self, object_name: str, node: ScalarNode) -> bool:
        flow = self._context.namespace["workflow"].find(object_name)
        transitions = flow.node.map("transitions") if flow is not None else None
        there = transitions.map(str(node.value)) if transitions is not None else None
        return there is not None and there.flag("hidden")

    def _enrol(self, named: Named, about: _About) -> Effect | None:
        plan = self._reference("plan", named.node.get("plan"))
        return EnrolIn(**_identity(named), **about.settings, plan=plan) if plan else None

    def _assign(self, named: Named, about: _About) -> Effect | None:
        task = self._context.drafts[about.target].node.map("task")
        field = self._objects[about.target].fields.get(task.text("assignee")) if task is not None else None
        if field is None or not field.type.link_to:
            self._context.problems.add(Code.FLOW_012.at(named.place, object=about.target))
            return None
        to = self._rule(field.type, named.node.get("to"))
        return Assign(**_identity(named), **about.settings, to=to) if to is not None else None

    def _notify(self, named: Named, about: _About) -> Effect | None:
        message = self._reference("message", named.node.get("message"))
        node = named.node.get("to")
        to = self._links(node)
        if not message or to is None or not isinstance(node, ScalarNode):
            return None
        recipient = target(self._context, self._object, to)
        draft = self._context.drafts[recipient]
        if not draft.node.flag("account") and draft.node.map("contact") is None:
            self._context.problems.add(Code.FLOW_013.at(node.place, object=recipient))
            return None
        return Notify(**_identity(named), **about.settings, message=message, to=to, recipient=recipient)

    def _reference(self, kind: str, node: object) -> str | None:
        """The plan or message that is named; None silently when a later layer hid it."""
        if not isinstance(node, ScalarNode):
            return None
        there = self._context.namespace[kind].gone.get(str(node.value))
        return None if there is not None and there.hidden else self._context.reference(kind, node)

    # Values

    def _values(self, object_name: str, node: MapNode | None) -> dict[str, Rule]:
        """Fields of an object with the expressions over the record of the transition that give their values."""
        found = {}
        for name, entry in self._settable(object_name, node.entries if node is not None else {}):
            rule = self._rule(self._objects[object_name].fields[name].type, entry.node)
            if rule is not None:
                found[name] = rule
        return found

    def _settable(self, object_name: str, entries: Mapping[str, Entry]) -> Iterable[tuple[str, Entry]]:
        for name, entry in entries.items():
            if self._context.hidden(object_name, name) or self._context.field(object_name, entry.key) is None:
                continue
            field = self._objects[object_name].fields[name]
            why = not_settable(field.type, computed=field.formula is not None)
            if why:
                self._context.problems.add(Code.FLOW_009.at(entry.place, field=name, why=why))
            else:
                yield name, entry

    def _rule(self, kind: FieldType, node: object) -> Rule | None:
        return self._rules.rule(self._object, node, Position.DEFAULT, kind.expression_type)


class _About:
    """What every effect has: its condition, and the record that it is done to."""

    def __init__(self, condition: Rule | None, on: _Path, target: str) -> None:
        self.target = target
        self.settings: dict[str, Any] = {"condition": condition, "on": on, "target": target}


def _identity(named: Named) -> dict[str, Any]:
    return {
        "id": named.id, "name": named.name, "label": label(named.node.get("label"), named.name), "place": named.place,
        "former": named.former,
    }


def not_settable(kind: FieldType, *, computed: bool) -> str:
    """Why nothing sets a field by itself, '' when something may."""
    if computed:
        return "it is computed"
    if kind.name == "state":
        return "transitions alone change a state; use do: transition"
    if kind.name == "attachment":
        return "it holds a file"
    return "" if kind.writable else f"the runtime sets fields of type {kind.name}"
