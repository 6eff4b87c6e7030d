"""What a SELECT returns and how its raw rows are read: closures made once per statement, each reading a whole column."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, True_, and_

from engine.expressions import to_sql
from engine.expressions.sql.storage import POSTGRESQL, SQLITE
from engine.expressions.tree import Node, Ref, refs
from engine.fields.attachment import Attachment
from engine.fields.base import Locale
from engine.fields.text import Text
from engine.model import Field
from runtime.access import Access, FieldRule, Sight
from runtime.records.rows import FileRef, LinkRef
from runtime.records.sources import GuardedSource, Hidden, Owner, RowSource

__all__ = ["RawReader", "Raws", "Selecting", "Sights"]

Raws = Sequence[Sequence[Any]]
RawReader = Callable[[Raws], list[Any]]
"""Takes the driver's rows and gives one in-memory value for each; a column at a time costs a third of a cell at a time."""

_ROOTS = frozenset({"user", "today", "now"})


class Selecting:
    """Gathers the columns of one SELECT over a row source; every method returns a reader of the raw row."""

    def __init__(
        self, access: Access, source: RowSource, dialect: Dialect, locale: Locale, holds: Sequence[ColumnElement[bool]] = (),
    ) -> None:
        """`holds` are conditions of the statement's WHERE, which need not be asked for its rows again."""
        self._access = access
        self._source = source
        self._dialect = dialect
        self._locale = locale
        self.columns: list[ColumnElement[Any]] = []
        self._places: dict[object, int] = {}
        self._holds = holds
        self._implied: frozenset[object] | None = None

    def place(self, column: ColumnElement[Any]) -> int:
        """The place of a column in the raw row; what is asked for twice is computed once."""
        key = self._text(column)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.columns)
            self.columns.append(column.label(f"c{place}"))
        return place

    def _text(self, column: ColumnElement[Any]) -> object:
        """Equal for columns that are the same in SQL."""
        if isinstance(column, Column):
            return (id(column.table), column.name)
        compiled = column.compile(dialect=self._dialect)
        return (str(compiled), repr(sorted(compiled.params.items())))

    def plain(self, column: ColumnElement[Any]) -> RawReader:
        """The column's in-memory value."""
        place = self.place(column)
        convert = column.type.dialect_impl(self._dialect).result_processor(self._dialect, None)
        if convert is None:
            return lambda raws: [raw[place] for raw in raws]
        # The driver's null stays null without a call.
        return lambda raws: [None if (found := raw[place]) is None else convert(found) for raw in raws]

    def own(self, field: Field) -> RawReader:
        """The value of an own field, links and attachments with what is shown of them."""
        return self._field(field, self._source, None)

    def linked(self, path: tuple[str, ...], field: Field, actions: tuple[str, ...] = ("read",)) -> RawReader:
        """The value at a path through links, None in rows where it is hidden. Raises Hidden where it always is.

        `actions` are the rights that the own link needs in the row; what lies behind it needs to be readable.
        """
        shown = GuardedSource(self._source, self._access, actions).shown(path)
        return self._field(field, self._source.at(path[:-1]), shown)

    def _field(self, field: Field, source: RowSource, shown: ColumnElement[bool] | None) -> RawReader:
        value = self._hidden(self.plain(source.column((field.name,))), shown)
        if field.type.link_to:
            return self._link(field, value, source)
        if isinstance(field.type, Attachment):
            return self._file(value, source, field.name)
        return value

    def _link(self, field: Field, value: RawReader, source: RowSource) -> RawReader:
        target = field.type.link_to
        title = self.title(source.behind(field.name), linked=True)

        def read(raws: Raws) -> list[LinkRef | None]:
            titles = title(raws) if title else [None] * len(raws)
            return [None if id is None else LinkRef(target, id, text) for id, text in zip(value(raws), titles, strict=True)]

        return read

    def _file(self, value: RawReader, source: RowSource, name: str) -> RawReader:
        file = source.attached(name)
        label, size, media = (self.plain(file.c[column]) for column in ("name", "size", "media_type"))

        def read(raws: Raws) -> list[FileRef | None]:
            parts = zip(value(raws), label(raws), size(raws), media(raws), strict=True)
            return [None if id is None else FileRef(id, name or "", bytes or 0, kind or "") for id, name, bytes, kind in parts]

        return read

    def title(self, source: RowSource, *, linked: bool) -> RawReader | None:
        """The title of a row, read as None where a part of it is hidden; no reader where it always is."""
        try:
            shown = self._title_shown(source, linked)
        except Hidden:
            return None
        parts = [self._part(part, source) for part in source.object.title.parts]
        if len(parts) == 1:
            return self._hidden(parts[0], shown)

        def read(raws: Raws) -> list[str | None]:
            return ["".join([text or "" for text in several]) for several in zip(*[part(raws) for part in parts], strict=True)]

        return self._hidden(read, shown)

    def _hidden(self, value: RawReader, shown: ColumnElement[bool] | None) -> RawReader:
        """The value, read as None in rows where the condition does not hold. Many values have the same condition, which the
        database shall decide once for each row."""
        if shown is None or isinstance(shown, True_) or self._text(shown) in self._implications():
            return value
        place = self.place(shown)
        return lambda raws: [found if raw[place] else None for found, raw in zip(value(raws), raws, strict=True)]

    def _title_shown(self, source: RowSource, linked: bool) -> ColumnElement[bool] | None:
        clauses: list[ColumnElement[bool]] = []
        rights = self._access.object(source.object.name)
        if linked:
            if not rights.allows("read"):
                raise Hidden(source.object.name)
            clauses.append(rights.rows("read", source))
        guarded = GuardedSource(source, self._access)
        for part in source.object.title.parts:
            for path in sorted(refs(part)) if isinstance(part, Node) else ():
                if path[0] not in _ROOTS and (shown := guarded.shown(path)) is not None:
                    clauses.append(shown)
        return and_(*clauses) if clauses else None

    def _implications(self) -> frozenset[object]:
        """That a row's owner may be read, where the WHERE says just that of the row: one `via` a link has its owner's clinic."""
        if self._implied is None:
            via = self._source.object.belongs_to.via
            found: set[object] = set()
            if via and self._holds:
                rights = self._access.object(self._source.object.fields[via].type.link_to)
                known = {self._text(condition) for condition in self._holds}
                if self._text(rights.rows("read", Owner(self._source, via))) in known:
                    found.add(self._text(rights.rows("read", self._source.behind(via))))
            self._implied = frozenset(found)
        return self._implied

    def _part(self, part: str | Node, source: RowSource) -> RawReader:
        if isinstance(part, str):
            return lambda raws: [part] * len(raws)
        field = _field_at(part, source)
        if field is None:
            return self._computed(part, source)
        value = self.plain(source.column(part.path))  # type: ignore[attr-defined]
        if isinstance(field.type, Text):
            return value
        text, locale = field.type.text, self._locale
        return lambda raws: [None if found is None else text(found, locale) for found in value(raws)]

    def _computed(self, part: Node, source: RowSource) -> RawReader:
        place = self.place(to_sql(part, source, source.dialect))
        loaded, kind = (SQLITE if source.dialect == "sqlite" else POSTGRESQL).loaded, part.type
        return lambda raws: [None if (found := raw[place]) is None else str(loaded(found, kind)) for raw in raws]


def _field_at(part: Node, source: RowSource) -> Field | None:
    """The field that a title's part names, so that options print by label and dates as people write them."""
    if not isinstance(part, Ref) or part.path[0] in _ROOTS:
        return None
    return source.at(part.path[:-1]).object.fields.get(part.path[-1])


@dataclasses.dataclass(frozen=True, slots=True)
class Sights:
    """How the own fields of a row may be seen, decided from its flags; the worst of several actions holds."""

    rules: tuple[tuple[FieldRule, slice], ...]
    """The rule per action with the slice of the row's flags that belong to the action."""

    @property
    def fixed(self) -> Sight | None:
        """The sight in every row, None when it depends on the row."""
        found = [rule.fixed for rule, _ in self.rules]
        known = [sight for sight in found if sight is not None]
        if Sight.ABSENT in known:
            return Sight.ABSENT
        return min(known) if len(known) == len(found) else None

    def of(self, flags: tuple[bool, ...]) -> Sight:
        """The sight in a row with these flags."""
        return min(rule.sight(flags[part]) for rule, part in self.rules)
