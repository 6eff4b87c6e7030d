"""Edits of a workflow that reach further than one element: a transition with who may do it, and what goes away with a state."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from designer.edits.definitions import OfDefinition
from designer.edits.edit import Bench, reads
from designer.edits.elements import AddElement
from designer.edits.granting import SetGrant
from designer.edits.layering import change, layer_path
from designer.edits.refused import EditRefused
from designer.edits.retiring import RemoveElement, RetireElement
from designer.layers import Layers

__all__ = ["AddTransition", "RemoveState", "RemoveTransition"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _OfWorkflow(OfDefinition):
    """`folder` is that of workflows, `definition` the object that the workflow is of."""

    name: str
    folder: str = "workflows"

    def elements(self, bench: Bench, section: str) -> dict[str, dict[str, Any]]:
        found = Layers(bench.files).elements("workflows", self.definition, (section,))
        return {name: value for name, value in found.items() if not value.get("retired") and not value.get("hidden")}

    def there(self, bench: Bench, section: str) -> dict[str, Any]:
        """What the element says. Raises EditRefused."""
        found = Layers(bench.files).elements("workflows", self.definition, (section,)).get(self.name)
        if found is None:
            raise EditRefused("no_place", at=f"{section}.{self.name}", path=f"workflows/{self.definition}")
        return found

    def remove(self, bench: Bench, section: str, name: str) -> None:
        RemoveElement(folder="workflows", definition=self.definition, pack=self.pack, section=(section,), name=name).make(bench)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AddTransition(_OfWorkflow):
    """A new transition, and the roles that may do it."""

    kind: ClassVar[str] = "add_transition"
    words: ClassVar[tuple[str, str]] = ("Added the transition “{name}” to the {kind} “{definition}”", "在{kind}“{definition}”中新增流转“{name}”")

    value: dict[str, Any] = reads("map")
    roles: tuple[str, ...] = reads("names", default=())

    def make(self, bench: Bench) -> None:
        AddElement(folder="workflows", definition=self.definition, pack=self.pack, section=("transitions",), name=self.name,
                   value=self.value).make(bench)
        for role in self.roles:
            SetGrant(role=role, object=self.definition, action=self.name, on=True, pack=self.pack).make(bench)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTransition(_OfWorkflow):
    """Without a transition, the timers that fire it, and its name in the grants of roles."""

    kind: ClassVar[str] = "remove_transition"
    words: ClassVar[tuple[str, str]] = ("Removed the transition “{name}” from the {kind} “{definition}”", "从{kind}“{definition}”中移除流转“{name}”")

    def make(self, bench: Bench) -> None:
        self.there(bench, "transitions")
        for timer, value in self.elements(bench, "timers").items():
            if value.get("fire") == self.name:
                self.remove(bench, "timers", timer)
        layers = Layers(bench.files)
        owned = layers.owner("workflows", self.definition, ("transitions", self.name)) == self.pack
        for role in layers.names("roles"):
            for layer in layers.of("roles", role) if owned else ():
                _forget(bench, role, layer.value, layer.pack, self.definition, self.name)
            _forget(bench, role, Layers(bench.files).merged("roles", role), self.pack, self.definition, self.name)
        self.remove(bench, "transitions", self.name)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoveState(_OfWorkflow):
    """Without a state: retired, or with `kept` false (no release has had it) taken away, or hidden where another pack owns it; and
    with it what leads to it, what leads from it alone and what waits in it."""

    kind: ClassVar[str] = "remove_state"
    words: ClassVar[tuple[str, str]] = ("Removed the state “{name}” from the {kind} “{definition}”", "从{kind}“{definition}”中移除状态“{name}”")

    kept: bool = reads("flag", default=True)

    def make(self, bench: Bench) -> None:
        self.there(bench, "states")
        layers = Layers(bench.files)
        if layers.merged("workflows", self.definition).get("initial") == self.name:
            raise EditRefused("initial_state", name=self.name)
        owned = layers.owner("workflows", self.definition, ("states", self.name)) == self.pack
        for timer, value in self.elements(bench, "timers").items():
            if value.get("in") == self.name:
                self.remove(bench, "timers", timer)
        for transition, value in self.elements(bench, "transitions").items():
            self._leave(bench, transition, value)
        how = RetireElement if self.kept or not owned else RemoveElement
        how(folder="workflows", definition=self.definition, pack=self.pack, section=("states",), name=self.name).make(bench)

    def _leave(self, bench: Bench, transition: str, value: dict[str, Any]) -> None:
        began = value.get("from")
        starts = began if isinstance(began, list) else [began]
        rest = [state for state in starts if state != self.name]
        if value.get("to") == self.name or not rest:
            RemoveTransition(definition=self.definition, pack=self.pack, name=transition).make(bench)
        elif len(rest) < len(starts):
            path = layer_path(bench, "workflows", self.definition, self.pack)
            change(bench, path, ("transitions", transition), {"from": rest if len(rest) > 1 else rest[0]})


def _forget(bench: Bench, role: str, said: dict[str, Any], pack: str, object_name: str, action: str) -> None:
    """What `said` grants and denies names the action no more, by the layer of a pack; what is left empty goes."""
    for section in ("grants", "denials"):
        merged = Layers(bench.files).elements("roles", role, (section,))
        for name, value in (said.get(section) or {}).items():
            can = value.get("can") if isinstance(value, dict) else None
            if not isinstance(can, list) or action not in can or merged.get(name, {}).get("object") != object_name or value.get("hidden"):
                continue
            rest = [each for each in can if each != action]
            if rest:
                change(bench, layer_path(bench, "roles", role, pack), (section, name), {"can": rest})
            else:
                RemoveElement(folder="roles", definition=role, pack=pack, section=(section,), name=name).make(bench)
