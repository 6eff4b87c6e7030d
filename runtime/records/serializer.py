"""What a row becomes outside: JSON values, texts for screens, cells of exports. One closure per column, made once per page.

Rows hold only what the reader may see (see `runtime.records.rows`), so nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.fields.base import Locale, StorageKind
from engine.fields.choice import Choice
from engine.fields.text import Text
from engine.fields.time import Date
from runtime.access import Sight
from runtime.records.rows import Column, FileRef, LinkRef, Page, Row

__all__ = ["Cell", "Serializer", "guarded"]

_Dump = Callable[[Any], Any]
_DumpAll = Callable[[Sequence[Any]], Sequence[Any]]


class Cell(NamedTuple):
    """A value as a person reads it. `link` is (object, id) of the record it leads to, `file` the id of a file to download."""

    text: str
    sight: Sight
    link: tuple[str, str] | None = None
    file: str = ""
    color: str = ""

    @property
    def masked(self) -> bool:
        return self.sight is Sight.MASK


class Serializer:
    """Serializes the rows of pages with the same columns."""

    def __init__(self, columns: Sequence[Column], locale: Locale) -> None:
        self.columns = tuple(columns)
        self.locale = locale
        self._dumps: tuple[tuple[str, _Dump], ...] = tuple((column.key, _dump(column)) for column in columns)
        self._wholes: tuple[_DumpAll, ...] = tuple(_dump_all(column) for column in columns)
        self._texts: tuple[_Dump, ...] = tuple(_text(column, locale) for column in columns)
        self._cells: tuple[_Dump, ...] = tuple(_cell(column, text) for column, text in zip(columns, self._texts, strict=True))
        self._plain = tuple(_never_formula(column) for column in columns)
        self._whole = (Sight.VALUE,) * len(self.columns)

    def json(self, row: Row) -> dict[str, Any]:
        """The record by semantics, "Values": hidden fields are left out, masked ones hold the mask and stand in `_masked`."""
        found: dict[str, Any] = {"id": row.id, "version": row.version}
        if row.sights == self._whole:
            for (key, dump), value in zip(self._dumps, row.values, strict=True):
                found[key] = None if value is None else dump(value)
            return found
        masked: list[str] = []
        for (key, dump), value, sight in zip(self._dumps, row.values, row.sights, strict=True):
            if sight is Sight.VALUE:
                found[key] = None if value is None else dump(value)
            elif sight is Sight.MASK:
                found[key] = value
                masked.append(key)
        if masked:
            found["_masked"] = masked
        return found

    def items(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Every row as JSON; a column at a time where all rows are seen alike."""
        if not rows or not self.columns or any(row.sights != rows[0].sights for row in rows):
            return [self.json(row) for row in rows]
        keys, masked = ["id", "version"], []
        columns: list[Sequence[Any]] = [[row.id for row in rows], [row.version for row in rows]]
        parts = zip(self._dumps, self._wholes, rows[0].sights, zip(*[row.values for row in rows], strict=True), strict=True)
        for (key, _), whole, sight, values in parts:
            if sight is Sight.ABSENT:
                continue
            keys.append(key)
            if sight is Sight.MASK:
                masked.append(key)
            columns.append(values if sight is Sight.MASK else whole(values))
        if masked:
            keys.append("_masked")
            columns.append([masked] * len(rows))
        return [dict(zip(keys, cells, strict=True)) for cells in zip(*columns, strict=True)]

    def page(self, page: Page) -> dict[str, Any]:
        """A list: `{items, next}`, with `count` when it was asked for."""
        found: dict[str, Any] = {"items": self.items(page.rows), "next": page.next}
        if page.count is not None:
            found["count"] = page.count
        return found

    def cells(self, row: Row) -> tuple[Cell | None, ...]:
        """Cells for screens in the order of the columns; None where the field is hidden in this row, '' for no value."""
        return tuple([
            None if sight is Sight.ABSENT else _EMPTY if value is None else Cell(value, sight) if sight is Sight.MASK else cell(value)
            for cell, value, sight in zip(self._cells, row.values, row.sights, strict=True)
        ])

    def texts(self, row: Row) -> list[str]:
        """Texts in the order of the columns; '' for hidden and empty ones."""
        return [
            "" if value is None or sight is Sight.ABSENT else value if sight is Sight.MASK else text(value)
            for text, value, sight in zip(self._texts, row.values, row.sights, strict=True)
        ]

    def export(self, row: Row) -> list[str]:
        """The same texts as cells that no spreadsheet takes for a formula."""
        return [text if plain else guarded(text) for text, plain in zip(self.texts(row), self._plain, strict=True)]

    def header(self) -> list[str]:
        """The columns' labels, guarded too."""
        return [guarded(column.label(self.locale.language)) for column in self.columns]


_EMPTY = Cell("", Sight.VALUE)


def _dump(column: Column) -> _Dump:
    kind = column.field.type
    plain = kind.dump

    def dump(value: Any) -> Any:
        return _REFERENCES[type(value)](value) if type(value) in _REFERENCES else plain(value)

    return dump if _refers(column) else plain


def _dump_all(column: Column) -> _DumpAll:
    """The dump of a whole column, nulls among it: most lists of the API are made of a few kinds, which need no call for each value."""
    kind = column.field.type
    if isinstance(kind, Text) or kind.columns[0].storage.kind in (StorageKind.INTEGER, StorageKind.BOOLEAN):
        return lambda values: values  # they are their own JSON
    if isinstance(kind, Choice):
        name = kind.table.names.get
        return lambda values: [name(value, value) for value in values]
    if isinstance(kind, Date):
        return lambda values: [None if value is None else value.isoformat() for value in values]
    dump = _dump(column)
    return lambda values: [None if value is None else dump(value) for value in values]


def _refers(column: Column) -> bool:
    """Whether values of the column are references to records or files."""
    return bool(column.field.type.link_to) or column.field.type.widget == "attachment"


_REFERENCES: Mapping[type, _Dump] = {
    LinkRef: lambda value: {"id": value.id} if value.title is None else {"id": value.id, "title": value.title},
    FileRef: lambda value: {"id": value.id, "name": value.name, "size": value.size, "type": value.media_type},
}


def _text(column: Column, locale: Locale) -> _Dump:
    if column.field.type.link_to:
        return lambda value: value.title if value.title is not None else value.id
    if _refers(column):
        return lambda value: value.name
    text = column.field.type.text
    return lambda value: text(value, locale)


def _cell(column: Column, text: _Dump) -> _Dump:
    kind = column.field.type
    if kind.link_to:
        # Without a title the record is not the reader's to open: no link, and its id tells nothing.
        return lambda value: Cell("–", Sight.VALUE) if value.title is None else Cell(value.title, Sight.VALUE, (value.object, value.id))
    if _refers(column):
        return lambda value: Cell(value.name, Sight.VALUE, file=value.id)
    if isinstance(kind, Choice):
        colors = {stored: option.color for stored, option in kind.table.by_stored.items()}
        return lambda value: Cell(text(value), Sight.VALUE, color=colors.get(value, ""))
    return lambda value: Cell(text(value), Sight.VALUE)


def _never_formula(column: Column) -> bool:
    """Numbers and times keep their minus; their masks are made of stars."""
    return column.field.type.columns[0].storage.kind not in (StorageKind.TEXT, StorageKind.TEXTS, StorageKind.ID)


_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
"""What makes spreadsheets take a cell for a formula, in both widths; A-56 of the threat catalogue."""
_JUNK = " \t\r\n\v\f\0\u00a0\u2007\u202f\u3000\ufeff\u200b\u2060;,\"'"
"""What they skip before it."""


def guarded(text: str) -> str:
    """The text with an apostrophe in front when a spreadsheet could take it for a formula."""
    if not text or (text[0] not in _FORMULA_SIGNS and text[0] not in _JUNK):
        return text
    if text[0] in "\t\r\n":
        return f"'{text}"
    start = text.lstrip(_JUNK)
    return f"'{text}" if start and start[0] in _FORMULA_SIGNS else text
