"""From the cells of a line to the texts of fields, by the rules of the mapping."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.problems import Code
from runtime.imports.mapping import ColumnRule, ImportMapping
from runtime.imports.table import LineProblem, Table

__all__ = ["CellReader", "text_of"]

_Cells = Sequence[object]
_SHOWN = 60


def text_of(cell: object) -> str:
    """The text of a cell; dates and numbers of workbooks as fields read them."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    return str(cell)


class Refusal(Exception):
    """A cell that the mapping does not know what to do with."""

    def __init__(self, code: Code, **words: object) -> None:
        super().__init__(code.code)
        self.code = code
        self.words: dict[str, Any] = words


class CellReader:
    """Reads lines of one table by one mapping; `places` gives the number of each header, from 0."""

    def __init__(self, table: Table, mapping: ImportMapping, dated: Mapping[str, bool]) -> None:
        """`dated` tells of each field with a `date` whether it keeps a day alone."""
        self._table = table
        self._rules = mapping.columns
        self._dated = dated
        self.places: dict[str, int] = {}
        for number, header in enumerate(table.header):
            self.places.setdefault(header, number)
        self._country = self._country_of(mapping.country)

    def country(self, cells: _Cells) -> str:
        """The country of the line's phones, '' for the organisation's."""
        return self._country(cells)

    def read(self, line: int, cells: _Cells) -> tuple[dict[str, str], list[LineProblem]]:
        """Field → text, and what could not be read."""
        values: dict[str, str] = {}
        problems: list[LineProblem] = []
        for rule in self._rules:
            try:
                values[rule.field] = self._value(rule, cells)
            except Refusal as refused:
                problems.append(self.problem(line, rule.field, refused.code, **refused.words))
        return values, problems

    def problem(self, line: int, field: str, code: Code, /, *, warning: bool = False, **words: object) -> LineProblem:
        """A problem at the first column that a field comes from, or of the whole line."""
        header = next((source for rule in self._rules if rule.field == field for source in rule.sources), "")
        column = self.places.get(header, 0) + 1
        return LineProblem(code.at(self._table.place(line, column), warning=warning, **words), header)

    def _value(self, rule: ColumnRule, cells: _Cells) -> str:
        found = [cells[self.places[source]] for source in rule.sources]
        texts = [self._dated_text(rule, cell) if rule.date else text_of(cell) for cell in found]
        text = rule.glue.join(filter(None, texts)) if len(texts) > 1 else "".join(texts)
        if text and rule.values is not None:
            if text not in rule.values:
                raise Refusal(Code.IMPORT_030, value=_shown(text), field=rule.field)
            return rule.values[text]
        return text or rule.default

    def _dated_text(self, rule: ColumnRule, cell: object) -> str:
        """A date as fields read it. Real dates of a workbook need no format."""
        found: object = cell
        text = text_of(cell)
        if not text:
            return ""
        if isinstance(cell, str):
            try:
                found = datetime.datetime.strptime(text, rule.date)
            except ValueError:
                raise Refusal(Code.IMPORT_031, value=_shown(text), format=rule.date) from None
        if isinstance(found, datetime.datetime):
            return found.date().isoformat() if self._dated.get(rule.field) else _instant(found)
        return text

    def _country_of(self, country: str) -> Callable[[_Cells], str]:
        if country in self.places:
            place = self.places[country]
            return lambda cells: text_of(cells[place]).upper()[:2]
        return lambda cells: country


def _instant(moment: datetime.datetime) -> str:
    """With a zone as RFC 3339, else as the clinics' wall clock."""
    if moment.tzinfo is None:
        return moment.isoformat(" ", "seconds")
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:_SHOWN])
