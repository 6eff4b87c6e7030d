"""Roles with their grants and denials."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.model.element import Element
from engine.model.rule import Rule

__all__ = ["Denial", "Grant", "Role"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Element):
    """What a role may do with rows of an object. `show`, `mask`, `hide` name fields; see semantics, Grants."""

    role: str
    object: str
    can: frozenset[str]
    """`create, read, update, delete, export` and names of transitions."""
    rows: Rule | None = None
    show: frozenset[str] = frozenset()
    mask: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Denial(Element):
    """What a role never may: `can` denies actions on the rows; `mask` and `hide` limit fields whatever is granted."""

    role: str
    object: str
    can: frozenset[str] = frozenset()
    rows: Rule | None = None
    mask: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Role(Element):
    """A role; `system` holds rights on the system: `design, grant, audit, operate`."""

    grants: Mapping[str, Grant]
    denials: Mapping[str, Denial]
    system: frozenset[str] = frozenset()
