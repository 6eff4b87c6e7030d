"""Who may do what: roles × objects × actions as the layers of a draft say it, with the grants that give each right.

Works on texts that do not check, like `layers.py`; what a person effectively sees is the compiler's word, and the plan's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from designer.layers import Layers, label_of
from engine.registry import builtin

__all__ = ["Cell", "Grant", "cell_of", "denials_of", "field_views", "grants_of", "moves_of", "objects_of", "roles_of", "view_changes"]

VIEWS = ("shown", "masked", "hidden")
"""How a grant shows a field."""


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """A grant or denial of a role. `pack` first named it, `changed_in` are packs that change it."""

    name: str
    role: str
    object: str
    pack: str
    changed_in: tuple[str, ...]
    value: Mapping[str, Any]
    gone: bool

    @property
    def can(self) -> tuple[str, ...]:
        found = self.value.get("can")
        return tuple(str(action) for action in found) if isinstance(found, list) else ()

    @property
    def rows(self) -> str:
        """Its rule; '' where it holds for all rows."""
        found = str(self.value.get("rows") or "")
        return "" if found.strip() in ("true", "True") else found


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """`level`: none, some (rows of a rule), all, less (all but what a denial takes) or denied."""

    level: str
    grants: tuple[Grant, ...] = ()
    denials: tuple[Grant, ...] = ()


def roles_of(layers: Layers) -> list[str]:
    """Roles in use, those of the topmost pack first."""
    order = {pack: -place for place, pack in enumerate(layers.packs)}
    names = [name for name in layers.names("roles") if _live(layers.merged("roles", name))]
    return sorted(names, key=lambda name: order.get(layers.names("roles")[name], 0))


def objects_of(layers: Layers) -> list[str]:
    """Objects in use, those of the topmost pack first."""
    order = {pack: -place for place, pack in enumerate(layers.packs)}
    names = [name for name in layers.names("objects") if _live(layers.merged("objects", name))]
    return sorted(names, key=lambda name: order.get(layers.names("objects")[name], 0))


def moves_of(layers: Layers, object_name: str, language: str) -> list[tuple[str, str]]:
    """The transitions of an object's workflow with what they are called."""
    found = layers.elements("workflows", object_name, ("transitions",))
    return [(name, label_of(value, language) or name) for name, value in found.items() if _live(value)]


def _live(value: Mapping[str, Any]) -> bool:
    return not value.get("retired") and not value.get("hidden")


def _of(layers: Layers, role: str, section: str) -> Iterator[Grant]:
    for name, value in layers.elements("roles", role, (section,)).items():
        at = (section, name)
        packs = tuple(layer.pack for layer in layers.of("roles", role) if layer.text.find(at) is not None)
        yield Grant(name, role, str(value.get("object", "")), packs[0] if packs else "", packs[1:], value, not _live(value))


def grants_of(layers: Layers, role: str) -> list[Grant]:
    """All grants of a role, those that are hidden too."""
    return list(_of(layers, role, "grants"))


def denials_of(layers: Layers, role: str) -> list[Grant]:
    """What it never may, whatever is granted."""
    return [denial for denial in _of(layers, role, "denials") if not denial.gone]


def cell_of(grants: list[Grant], denials: list[Grant], object_name: str, action: str) -> Cell:
    """What a role may do, out of all its grants and denials."""
    giving = tuple(g for g in grants if not g.gone and g.object == object_name and action in g.can)
    taking = tuple(d for d in denials if d.object == object_name and action in d.can)
    if not giving:
        return Cell("none", (), taking)
    if any(not denial.rows for denial in taking):
        return Cell("denied", giving, taking)
    if all(grant.rows for grant in giving):
        return Cell("some", giving, taking)
    return Cell("less" if taking else "all", giving, taking)


def field_views(layers: Layers, grant: Grant, language: str) -> list[dict[str, Any]]:
    """How the grant shows each field of its object: shown, masked or hidden."""
    rows = []
    for name, field in layers.elements("objects", grant.object, ("fields",)).items():
        if _live(field):
            rows.append({"name": name, "label": label_of(field, language) or name, "restricted": _restricted(field),
                         "view": _view(grant, name, field)})
    return rows


def _restricted(field: Mapping[str, Any]) -> bool:
    """Fields that tell who somebody is are restricted unless the text says otherwise."""
    kind = builtin().field_types.get(str(field.get("type")))
    return bool(field.get("restricted", kind is not None and kind.personal))


def _names(grant: Grant, key: str) -> list[str]:
    found = grant.value.get(key)
    return [str(name) for name in found] if isinstance(found, list) else []


def _view(grant: Grant, name: str, field: Mapping[str, Any]) -> str:
    if name in _names(grant, "hide"):
        return "hidden"
    if name in _names(grant, "mask"):
        return "masked"
    return "hidden" if _restricted(field) and name not in _names(grant, "show") else "shown"


def view_changes(layers: Layers, grant: Grant, wanted: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys `show`, `mask` and `hide` of the grant that must change for its fields to be shown as wanted; names that are no
    fields in use stay where they are."""
    lists = {key: _names(grant, key) for key in ("show", "mask", "hide")}
    for name, field in layers.elements("objects", grant.object, ("fields",)).items():
        if not _live(field) or wanted.get(name) not in VIEWS or wanted[name] == _view(grant, name, field):
            continue
        for names in lists.values():
            if name in names:
                names.remove(name)
        restricted = _restricted(field)
        key = {"shown": "show" if restricted else "", "masked": "mask", "hidden": "" if restricted else "hide"}[wanted[name]]
        if key:
            lists[key].append(name)
    return {key: names for key, names in lists.items() if names != _names(grant, key)}
