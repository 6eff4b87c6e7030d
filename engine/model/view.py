"""A list view: columns, a fixed filter, the order and the fields offered as quick filters."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.model.element import Element
from engine.model.rule import Rule

__all__ = ["ListColumn", "ListView", "SortKey"]


@dataclasses.dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order; `path` is a field's name or links and a field; nulls stand last in both directions."""

    path: tuple[str, ...]
    descending: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn(Element):
    """A column; `path` is a field of the row or of a linked row, e.g. ("patient", "name")."""

    path: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ListView(Element):
    """A list over one object. Every object has a default list; one is generated when no file gives it."""

    object: str
    columns: Mapping[str, ListColumn]
    filter: Rule | None = None
    sort: tuple[SortKey, ...] = ()
    """Empty means newest first (by id, which grows with time)."""
    filters: tuple[str, ...] = ()
    """Fields offered as quick filters."""
    default: bool = False
    generated: bool = False
