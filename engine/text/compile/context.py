"""What every step of compiling shares: the namespace, the ids, the problems, and the objects as far as they are built."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.fields.base import FieldType
from engine.model import Choices, Inverse, Label
from engine.problems import Code, Place, Problem, Problems, suggest
from engine.registry import Registry
from engine.text.elements import Ids, Named
from engine.text.link import Definition, Namespace
from engine.text.nodes import MapNode, Node, ScalarNode

if TYPE_CHECKING:
    from engine.text.compile.tables import Tables

__all__ = ["Context", "Draft", "label"]


@dataclasses.dataclass(slots=True)
class Draft:
    """An object whose fields have their types; expressions are checked against drafts."""

    definition: Definition
    named: tuple[Named, ...]
    types: dict[str, FieldType] = dataclasses.field(default_factory=dict)
    """By current name; without retired, hidden and broken fields."""
    gone: dict[str, Named] = dataclasses.field(default_factory=dict)
    former: dict[str, str] = dataclasses.field(default_factory=dict)
    broken: set[str] = dataclasses.field(default_factory=set)
    """Fields that have a problem of their own; mentioning them gives no second one."""
    inverses: dict[str, Inverse] = dataclasses.field(default_factory=dict)
    """The rows that point to its records, by the names that their links give them."""
    workflow: Definition | None = None
    state_field: str = ""

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def node(self) -> MapNode:
        return self.definition.node

    def unknown(self, name: str, place: Place) -> Problem | None:
        """The problem of a field that is not there; None when it is broken and reported already."""
        if name in self.broken:
            return None
        if name in self.gone:
            there = self.gone[name]
            why = "retired" if there.retired else "hidden"
            return Code.NAME_011.at(place, kind="field", name=name, why=why, other=there.place)
        if name in self.former:
            return Code.NAME_008.at(place, name=name, kind="field", current=self.former[name])
        return Code.FIELD_001.at(place, object=self.name, name=name, suggestion=suggest(name, self.types))


@dataclasses.dataclass(slots=True)
class Context:
    namespace: Namespace
    registry: Registry
    ids: Ids
    problems: Problems
    field_check: Callable[[Node, str, str, Problems], bool] | None = None
    """Checks the keys and values of a field (node, type, name, problems); None for a release that was checked when published."""
    choices: dict[str, Choices] = dataclasses.field(default_factory=dict)
    """By name, retired sets left out; inline ones by `object.field`."""
    states: dict[str, Choices] = dataclasses.field(default_factory=dict)
    """The states of each object's workflow as options, by the object's name."""
    drafts: dict[str, Draft] = dataclasses.field(default_factory=dict)
    gone_choices: dict[str, Choices] = dataclasses.field(default_factory=dict)
    tables: Tables | None = None
    """The decision tables and scores that expressions call."""
    lenient: bool = False
    """Whether retired definitions may be named: by what is retired itself."""

    def for_retired(self, problems: Problems) -> Context:
        """A context in which retired elements are compiled: they keep their tables and columns."""
        return dataclasses.replace(self, problems=problems, lenient=True, drafts=dict(self.drafts), choices=dict(self.choices))

    def reference(self, kind: str, node: ScalarNode | None) -> str | None:
        """The name a scalar refers to when it is a current one; reports it otherwise."""
        if node is None or not isinstance(node.value, str):
            return None
        names = self.namespace[kind]
        if node.value in names.current or (self.lenient and node.value in names.gone):
            return node.value
        self.report(names.unknown(node.value, node.place))
        return None

    def report(self, problem: Problem | None) -> None:
        if problem is not None:
            self.problems.add(problem)

    def over(self, node: Node | None) -> str | None:
        """The object that a form, list, grant … is over; None without a problem when a later layer hid the object."""
        if not isinstance(node, ScalarNode):
            return None
        there = self.namespace["object"].gone.get(str(node.value))
        return None if there is not None and there.hidden and not self.lenient else self.reference("object", node)

    def field(self, object_name: str, node: ScalarNode) -> FieldType | None:
        """The type of a field that a scalar names; reports it when there is none."""
        draft = self.drafts.get(object_name)
        if draft is None or not isinstance(node.value, str):
            return None
        found = draft.types.get(node.value)
        if found is None:
            self.report(draft.unknown(node.value, node.place))
        return found

    def hidden(self, object_name: str, name: str) -> bool:
        """Whether a later layer hid the field: what mentions it in lower layers is left out, not refused."""
        draft = self.drafts.get(object_name)
        return draft is not None and name in draft.gone and draft.gone[name].hidden

    def fields(self, object_name: str, nodes: Iterable[ScalarNode]) -> Mapping[str, FieldType]:
        """The fields that scalars name, without those that are unknown or hidden."""
        found = {}
        for node in nodes:
            name = str(node.value)
            if self.hidden(object_name, name):
                continue
            kind = self.field(object_name, node)
            if kind is not None:
                found[name] = kind
        return found


def label(node: Node | None, name: str) -> Label:
    """The label as written, or one made of the name."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.value.strip():
        return Label({"en": node.value})
    if isinstance(node, MapNode):
        texts = {key: entry.node.value for key, entry in node.entries.items()
                 if isinstance(entry.node, ScalarNode) and isinstance(entry.node.value, str)}
        if texts:
            return Label(texts)
    return Label({"en": name.replace("_", " ").capitalize()})
