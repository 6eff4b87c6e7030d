"""Views of an object's rows: lists, boards by state and calendars; which rows, what is shown of each, in which order."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

from engine.model.element import Element
from engine.model.rule import Rule

__all__ = ["BoardView", "CalendarView", "ListColumn", "ListView", "SortKey"]


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

    kind: ClassVar[str] = "list"
    object: str
    columns: Mapping[str, ListColumn]
    """Of a board and a calendar, what stands on a card below its title."""
    filter: Rule | None = None
    sort: tuple[SortKey, ...] = ()
    """Empty means newest first (by id, which grows with time)."""
    filters: tuple[str, ...] = ()
    """Fields offered as quick filters."""
    default: bool = False
    """The one of its kind and object that opens first."""
    generated: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BoardView(ListView):
    """A card per row in the column of its state. Every object with a workflow has a default one."""

    kind: ClassVar[str] = "board"
    states: tuple[str, ...]
    """Names of the states that have a column, in order."""
    limit: int = 20
    """So many cards of a column are shown at first."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView(ListView):
    """Rows by day and hour. Every object that is a task, or has a workflow and a required date, has a default one."""

    kind: ClassVar[str] = "calendar"
    start: str
    """A field that holds a date or an instant."""
    end: str = ""
    """A field of the same type, '' for none."""
    minutes: str = ""
    """A field that says how long it takes, '' for none."""
    color_by: str = ""
    """A field of one choice, or the state, whose colours entries have."""
