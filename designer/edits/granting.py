"""One cell of the matrix role × object × action: switched on or off in the layer of a pack."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from designer.edits.edit import Bench, Composite, reads
from designer.edits.layering import change, layer_path, put
from designer.layers import Layers
from designer.naming import name_of

__all__ = ["SetGrant"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetGrant(Composite):
    """Whether a role may do an action with an object's records. Switched on, the widest grant of the role for that object takes
    the action, else a new grant; switched off, every grant of the role for that object loses it."""

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
        grants = {
            name: grant for name, grant in layers.elements("roles", self.role, ("grants",)).items()
            if grant.get("object") == self.object and not grant.get("hidden") and not grant.get("retired")
        }
        path = layer_path(bench, "roles", self.role, self.pack)
        if not self.on:
            for name, grant in grants.items():
                if self.action in _can(grant):
                    change(bench, path, ("grants", name), {"can": [action for action in _can(grant) if action != self.action]})
            return
        if any(self.action in _can(grant) and not grant.get("rows") for grant in grants.values()):
            return
        if grants:
            name = min(grants, key=lambda name: (bool(grants[name].get("rows")), -len(_can(grants[name]))))
            if self.action not in _can(grants[name]):
                change(bench, path, ("grants", name), {"can": [*_can(grants[name]), self.action]})
            return
        can = ["read"] if self.action == "read" else ["read", self.action]
        taken = layers.elements("roles", self.role, ("grants",))
        put(bench, path, ("grants",), name_of(self.object, taken), {"object": self.object, "can": can})


def _can(grant: dict[str, Any]) -> list[str]:
    found = grant.get("can")
    return [str(action) for action in found] if isinstance(found, list) else []
