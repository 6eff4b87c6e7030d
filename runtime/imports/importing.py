"""Runs an import: lines become commands in batches, each one transaction, so that a second run after a crash ends the same."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa

from engine.problems import Code
from runtime.identity.actor import Actor
from runtime.imports.cells import CellReader
from runtime.imports.csv_text import Damage, Record
from runtime.imports.mapping import ImportMapping
from runtime.imports.matching import Index, Key
from runtime.imports.table import LineProblem, Table
from runtime.records.commands import Create, Encoding, RequestInfo, Update
from runtime.records.outcomes import Outcome, Refused
from runtime.records.service import Records
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["BATCH", "Importing", "Summary", "rehearsing"]

BATCH = 500


@dataclasses.dataclass(slots=True)
class Summary:
    """What an import did; every line of the table is in exactly one of the first four."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    problems: list[LineProblem] = dataclasses.field(default_factory=list)

    def refuse(self, *problems: LineProblem) -> None:
        """One line is not loaded, for these reasons."""
        self.refused += 1
        self.problems += problems


@dataclasses.dataclass(slots=True)
class _Line:
    number: int
    command: Create | Update
    key: Key | None


class Importing:
    """One import; `run` carries it out. `index` finds rows by the mapping's key, `links` those behind each link with `match`."""

    def __init__(
        self, records: Records, release: Release, actor: Actor, table: Table, mapping: ImportMapping, *, clinic: str | None = None,
        index: Index | None = None, links: dict[str, Index] | None = None, request_id: str = "",
    ) -> None:
        self._records = records
        self._release = release
        self._actor = actor
        self._table = table
        self._mapping = mapping
        self._clinic = clinic
        self._index = index
        self._links = links or {}
        self._request = RequestInfo(id=request_id, channel="import")
        object = release.model.objects[mapping.object]
        dated = {rule.field: object.fields[rule.field].type.name == "date" for rule in mapping.columns}
        self._cells = CellReader(table, mapping, dated)
        self._seen: dict[Key, int] = {}
        self.summary = Summary()

    def run(self, advance: Callable[[int], None]) -> Summary:
        """Load every line that can be loaded; `advance` is told how many lines are through."""
        rows = self._table.rows
        for start in range(0, len(rows), BATCH):
            batch = rows[start:start + BATCH]
            lines = [line for row in batch if (line := self._line(row)) is not None]
            # Consecutive commands of one kind are written as one set.
            lines.sort(key=lambda line: (isinstance(line.command, Update), line.number))
            self._write(lines)
            advance(len(batch))
        self.summary.problems.sort(key=lambda found: found.problem.place)
        return self.summary

    def _line(self, row: Record | Damage) -> _Line | None:
        """The command of a line; None when the line is refused already."""
        if isinstance(row, Damage):
            self.summary.refuse(self._table.damage(row))
            return None
        values, problems = self._cells.read(row.line, row.cells)
        problems += self._follow(row.line, values)
        country = self._cells.country(row.cells)
        key, id = self._match(row.line, values, country, problems)
        if problems:
            self.summary.refuse(*problems)
            return None
        if key is not None:
            self._seen[key] = row.line
        if id is not None:
            return _Line(row.line, Update(self._mapping.object, id, values, None, Encoding.TEXT, country), key)
        return _Line(row.line, Create(self._mapping.object, values, self._clinic, None, Encoding.TEXT, country), key)

    def _follow(self, line: int, values: dict[str, str]) -> list[LineProblem]:
        """Replace what a linked record is called by its id."""
        problems = []
        for field, index in self._links.items():
            text = values.get(field, "")
            key = index.key({index.fields[0]: text}) if text else None
            found = index.ids(key) if key is not None else ()
            if len(found) == 1:
                values[field] = found[0]
            elif text:
                words: dict[str, Any] = {"object": index.object.name, "value": text[:60], "field": index.fields[0], "count": len(found)}
                problems.append(self._cells.problem(line, field, Code.IMPORT_033, **words))
        return problems

    def _match(self, line: int, values: dict[str, str], country: str, problems: list[LineProblem]) -> tuple[Key | None, str | None]:
        """The line's key, and the id of the row that has it; adds what is wrong with it to `problems`."""
        if self._index is None:
            return None, None
        key = self._index.key(values, country)
        if key is None:
            return None, None
        first = self._index.fields[0]
        found = self._index.ids(key)
        if all(part is None for part in key):
            problems.append(self._cells.problem(line, first, Code.IMPORT_035))
        elif key in self._seen:
            problems.append(self._cells.problem(line, first, Code.IMPORT_032, other=self._seen[key]))
        elif len(found) > 1:
            problems.append(self._cells.problem(line, first, Code.IMPORT_034, count=len(found)))
        return key, found[0] if len(found) == 1 else None

    def _write(self, lines: Sequence[_Line]) -> None:
        if not lines:
            return
        commands = [line.command for line in lines]
        outcomes = self._records.execute(commands, self._actor, release=self._release, atomic=False, request=self._request)
        for line, outcome in zip(lines, outcomes, strict=True):
            self._count(line, outcome)

    def _count(self, line: _Line, outcome: Outcome) -> None:
        summary = self.summary
        if isinstance(outcome, Refused):
            errors = outcome.errors
            found = [self._cells.problem(line.number, error.field, Code.IMPORT_036, message=error.message) for error in errors]
            summary.refuse(*(found or [self._cells.problem(line.number, "", Code.IMPORT_036, message=outcome.message)]))
            if line.key is not None:
                self._seen.pop(line.key, None)
            return
        if isinstance(line.command, Create):
            summary.created += 1
        elif outcome.changed:
            summary.updated += 1
        else:
            summary.unchanged += 1
        summary.warnings += len(outcome.warnings)
        summary.problems += [
            self._cells.problem(line.number, doubt.field, Code.IMPORT_036, warning=True, message=doubt.message)
            for doubt in outcome.warnings
        ]


class _Undo(Exception):
    """Ends a rehearsal's transaction."""


class _Rehearsal:
    """A store whose writes are carried out and taken back, so that a trial meets every rule and leaves nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    @contextlib.contextmanager
    def write(self, *, wait: float | None = None) -> Iterator[sa.Connection]:
        try:
            with self._store.write(wait=wait) as connection:
                yield connection
                raise _Undo
        except _Undo:
            pass


def rehearsing(store: Store) -> Store:
    """The store for a trial run."""
    return cast(Store, _Rehearsal(store))
