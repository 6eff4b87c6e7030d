"""What reading gives: rows whose values are already limited to what the reader may see, and the columns they stand in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.model import Field, Label, Object
from runtime.access import Sight

__all__ = ["BadQuery", "Column", "FileRef", "LinkRef", "Page", "Row", "Titles", "UnknownObject"]


class LinkRef(NamedTuple):
    """A link's value: the record's id, and its title where the reader may see it."""

    object: str
    id: str
    title: str | None


class FileRef(NamedTuple):
    """An attachment's value; `size` in bytes."""

    id: str
    name: str
    size: int
    media_type: str


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A column of a result. `key` names it in JSON; `field` is the field at the end of `path`, `owner` the object that has it."""

    key: str
    path: tuple[str, ...]
    label: Label
    field: Field
    owner: str


class Titles:
    """The titles of a page's rows, made when the first of them is asked for: most pages show none."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Sequence[str | None]]) -> None:
        self._make = make
        self._made: Sequence[str | None] | None = None

    def of(self, place: int) -> str | None:
        """The title of the row at a place."""
        if self._made is None:
            self._made = self._make()
        return self._made[place]


@dataclasses.dataclass(slots=True)
class Row:
    """One row. `values` and `sights` stand in the order of the columns: the in-memory value, the mask's text, or None.

    `state` is the stored name, '' without a workflow or when hidden.
    """

    id: str
    version: int
    titles: Titles
    """Of all rows of the page; `place` is this one's."""
    place: int
    state: str
    values: tuple[Any, ...]
    sights: tuple[Sight, ...]

    @property
    def title(self) -> str | None:
        """None where a part of it is hidden."""
        return self.titles.of(self.place)


@dataclasses.dataclass(slots=True)
class Page:
    """Rows of one list with their columns. `next` and `previous` are cursors, None at the ends; `count` is at most 501."""

    object: Object
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    next: str | None = None
    previous: str | None = None
    count: int | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids seen, for the view audit."""
        return tuple(row.id for row in self.rows)


class UnknownObject(LookupError):
    """No such object, or none that the actor may know of."""


class BadQuery(ValueError):
    """A query that cannot be answered. `parameter` is `filter`, `sort`, `fields`, `limit`, `after`, `view` or `field`.

    `offset` counts characters of the filter from 0, None for other parameters; `chinese` says the same in Chinese, where there is that.
    """

    def __init__(self, parameter: str, code: str, message: str, offset: int | None = None, chinese: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter
        self.code = code
        self.message = message
        self.offset = offset
        self.chinese = chinese
