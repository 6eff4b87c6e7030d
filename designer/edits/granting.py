"""One cell of the matrix role × object × action: switched on or off in the layer of a pack."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from designer.edits.edit import Bench, Composite, reads
from designer.edits.layering import change, layer_path, put
from designer.edits.retiring import RemoveElement, RestoreElement
from designer.layers import Layers
from designer.naming import name_of

__all__ = ["SetGrant"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetGrant(Composite):
    """Whether a role may do an action with an object's records. Switched on, the widest grant of the role for all records of that object
    takes the action, else a new grant: one that holds for some records only would give less than was asked for. Switched off, every grant of
    the role for that object loses it. A grant that allows nothing any more goes; another pack's is hidden, and comes back when
    its one action is switched on again."""

    kind: ClassVar[str] = "grant"
    words: ClassVar[tuple[str, str]] = ("The role “{role}” {may} “{action}” on “{object}”", "角色“{role}”{may}对“{object}”执行“{action}”")

    role: str
    object: str
    action: str
    on: bool = reads("flag")
    pack: str

    def said(self, language: str) -> dict[str, Any]:
        chinese = language.startswith("zh")
        may = ("可以" if self.on else "不可") if chinese else ("may" if self.on else "may not")
        return {"role": self.role, "object": self.object, "action": self.action, "may": may}

    def make(self, bench: Bench) -> None:
        layers = Layers(bench.files)
        layers.known("roles", self.role)
        layers.known("objects", self.object)
        every = {name: grant for name, grant in layers.elements("roles", self.role, ("grants",)).items() if grant.get("object") == self.object}
        live = {name: grant for name, grant in every.items() if not grant.get("hidden") and not grant.get("retired")}
        if not self.on:
            self._off(bench, live)
        elif not any(self.action in _can(grant) and not _ruled(grant) for grant in live.values()):
            hidden = [name for name, grant in every.items() if name not in live and _can(grant) == [self.action]]
            self._on(bench, live, hidden[0] if hidden and not live else "")

    def _off(self, bench: Bench, grants: dict[str, dict[str, Any]]) -> None:
        for name, grant in grants.items():
            left = [action for action in _can(grant) if action != self.action]
            if not left and self.action in _can(grant):
                RemoveElement(folder="roles", definition=self.role, pack=self.pack, section=("grants",), name=name).make(bench)
            elif self.action in _can(grant):
                change(bench, layer_path(bench, "roles", self.role, self.pack), ("grants", name), {"can": left})

    def _on(self, bench: Bench, grants: dict[str, dict[str, Any]], hidden: str) -> None:
        path = layer_path(bench, "roles", self.role, self.pack)
        plain = [name for name, grant in grants.items() if not _ruled(grant)]
        if plain:
            name = max(plain, key=lambda name: len(_can(grants[name])))
            if self.action not in _can(grants[name]):
                change(bench, path, ("grants", name), {"can": [*_can(grants[name]), self.action]})
        elif hidden:
            RestoreElement(folder="roles", definition=self.role, pack=self.pack, section=("grants",), name=hidden).make(bench)
        else:
            # Which records are seen stays as a rule says it: that was not asked for.
            sees = self.action == "read" or any("read" in _can(grant) for grant in grants.values())
            can = [self.action] if sees else ["read", self.action]
            taken = Layers(bench.files).elements("roles", self.role, ("grants",))
            put(bench, path, ("grants",), name_of(self.object, taken), {"object": self.object, "can": can})


def _can(grant: dict[str, Any]) -> list[str]:
    found = grant.get("can")
    return [str(action) for action in found] if isinstance(found, list) else []


def _ruled(grant: dict[str, Any]) -> bool:
    """Whether it holds for some rows only."""
    return str(grant.get("rows") or "true").strip() != "true"
