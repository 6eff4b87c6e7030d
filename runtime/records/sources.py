"""Where a statement reads a row's values from: the object's table and, joined once each, what lies behind its links."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, false, type_coerce

from engine.expressions import SqlSource, to_sql
from engine.expressions.sql.translate import Dialect
from engine.model import Field, Object
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.tables import ObjectTable
from engine.targets.types import column_type
from runtime.access import Access
from runtime.records.binds import bind
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["ChildRows", "GuardedSource", "Hidden", "Owner", "RowSource"]


class _Joins:
    """The FROM clause of one SELECT as it grows; `names` are those of the whole statement, its subqueries included."""

    def __init__(self, first: FromClause, names: Iterator[str]) -> None:
        self.clause: FromClause = first
        self.names = names

    def next_name(self) -> str:
        return next(self.names)

    def add(self, alias: FromClause, condition: ColumnElement[bool]) -> None:
        self.clause = self.clause.outerjoin(alias, condition)


class RowSource:
    """One row of an object in a statement. `column` takes a path of field names and joins what it passes."""

    def __init__(
        self, release: Release, object_name: str, dialect: Dialect = "sqlite", *, reader: Access | None = None,
        parent: RowSource | None = None, apart: bool = False,
    ) -> None:
        """`reader` is whose child rows virtual formulas count; without one they count all. With a `parent` the row is joined
        to it, or stands in a subquery `apart`."""
        self.release = release
        self.object: Object = release.model.objects[object_name]
        self.table: ObjectTable = release.tables.object(object_name)
        names = parent._joins.names if parent else map("t{}".format, itertools.count())
        self.alias = self.table.table.alias(next(names))
        self._joins: _Joins = parent._joins if parent and not apart else _Joins(self.alias, names)
        self.dialect: Dialect = parent.dialect if parent else dialect
        self.reader: Access | None = parent.reader if parent else reader
        self._behind: dict[str, RowSource] = {}

    @property
    def clause(self) -> FromClause:
        """The FROM clause with every join that was needed so far; read it last."""
        return self._joins.clause

    @property
    def id(self) -> ColumnElement[Any]:
        return self.alias.c.id

    def behind(self, link: str) -> RowSource:
        """The row that a link field points to."""
        found = self._behind.get(link)
        if found is None:
            field = self.object.fields[link]
            found = self._behind[link] = RowSource(self.release, field.type.link_to, parent=self)
            self._joins.add(found.alias, found.id == self.own(link))
        return found

    def attached(self, name: str) -> FromClause:
        """What is known of the file in an attachment field."""
        file = system.attachment.alias(self._joins.next_name())
        self._joins.add(file, file.c.id == self.own(name))
        return file

    def own(self, name: str, part: str = "") -> ColumnElement[Any]:
        """The column of an own stored field, of a companion of it, or of the runtime."""
        if name in RUNTIME_COLUMNS:
            return self.alias.c[name]
        return self.alias.c[self.table.column(name, part).name]

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """The value at a path; a formula field gives what computes it."""
        return self._value(path, self)

    def _value(self, path: tuple[str, ...], formulas: RowSource | Whole) -> ColumnElement[Any]:
        """The value at a path, virtual formulas reading from `formulas`."""
        name, *rest = path
        if rest:
            behind = self.behind(name)
            return behind._value(tuple(rest), behind if formulas is self else behind.whole)
        field = self.object.fields.get(name)
        if field is not None and field.virtual is not None:
            return self.formula(field, formulas)
        return self.own(name)

    @property
    def whole(self) -> Whole:
        """The same row for what is the same for everybody: its formulas count all child rows."""
        return Whole(self)

    def rows(self, path: tuple[str, ...]) -> ChildRows:
        """See `engine.expressions.sql.source.RowsSource`."""
        return ChildRows(self, path, self.reader)

    def formula(self, field: Field, source: SqlSource) -> ColumnElement[Any]:
        """What computes a formula field, reading from `source`, typed like a column of the field."""
        assert field.formula is not None
        return type_coerce(to_sql(field.formula.tree, source, self.dialect), column_type(field.type.columns[0].storage))

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `runtime.records.binds`."""
        return bind(path)

    def at(self, path: tuple[str, ...]) -> RowSource:
        """The row at the end of a path of links; the row itself for ()."""
        source = self
        for link in path:
            source = source.behind(link)
        return source


class Whole:
    """A row as rules of access and stored formulas read it: whoever asks, all child rows count."""

    def __init__(self, row: RowSource) -> None:
        self._row = row
        self.dialect: Dialect = row.dialect

    @property
    def whole(self) -> Whole:
        return self

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.column`."""
        return self._row._value(path, self)

    def own(self, name: str) -> ColumnElement[Any]:
        """See `RowSource.own`."""
        return self._row.own(name)

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.bind`."""
        return self._row.bind(path)

    def rows(self, path: tuple[str, ...]) -> ChildRows:
        """See `RowSource.rows`."""
        return ChildRows(self._row, path, None)


class ChildRows:
    """The rows that an inverse names, in a subquery (see `engine.expressions.sql.source.RowsSql`).

    For a `reader` those count that she may read and whose link she may see; fields that she may not see are null.
    """

    def __init__(self, row: RowSource, path: tuple[str, ...], reader: Access | None, owner: ColumnElement[Any] | None = None) -> None:
        """`owner` is the id of the record whose rows they are, by default what the links of the path lead to."""
        *links, name = path
        holder = row.object
        for link in links:
            holder = row.release.model.objects[holder.fields[link].type.link_to]
        inverse = holder.inverses[name]
        self.owner = owner if owner is not None or not links else row.column(tuple(links))
        child = RowSource(row.release, inverse.object, parent=row, apart=True)
        child.reader = reader
        self._child = child
        belongs: ColumnElement[bool] = child.own(inverse.link) == (row.id if self.owner is None else self.owner)
        self.source: RowSource | Whole | _Nulled = child.whole
        if reader is not None:
            guarded = GuardedSource(child, reader)
            self.source = _Nulled(guarded)
            try:
                shown = guarded.shown((inverse.link,))
            except Hidden:
                shown = false()
            readable = reader.object(inverse.object).rows("read", child)
            belongs = and_(belongs, readable) if shown is None else and_(belongs, readable, shown)
        self.condition = belongs

    @property
    def clause(self) -> FromClause:
        return self._child.clause

    @property
    def order(self) -> ColumnElement[Any]:
        return self._child.id


class _Nulled:
    """A guarded row in which what the reader may never see is null."""

    def __init__(self, guarded: GuardedSource) -> None:
        self._guarded = guarded

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        try:
            return self._guarded.column(path)
        except Hidden:
            return case((false(), self._guarded.source.column(path)))

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        return self._guarded.bind(path)


class Owner:
    """The row that another one belongs to `via` a link, read from that other row as far as it has copies: its clinic and its id."""

    def __init__(self, source: RowSource | Whole, via: str) -> None:
        self._source = source
        self._via = via
        self.dialect: Dialect = source.dialect

    @property
    def whole(self) -> Owner:
        """See `RowSource.whole`."""
        return Owner(self._source.whole, self._via)

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.column`."""
        if path == ("clinic_id",):
            return self._source.own("clinic_id")
        return self._source.own(self._via) if path == ("id",) else self._source.column((self._via, *path))

    def rows(self, path: tuple[str, ...]) -> ChildRows:
        """See `RowSource.rows`."""
        return self._source.rows((self._via, *path))

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.bind`."""
        return self._source.bind(path)


class Hidden(LookupError):
    """The reader may never see what the path names."""


class GuardedSource:
    """A source that gives a value only where the reader may see it; for whatever a caller filters, sorts or looks up by."""

    def __init__(self, source: RowSource, access: Access, actions: tuple[str, ...] = ("read",)) -> None:
        self.source = source
        self._access = access
        self._actions = actions

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.bind`."""
        return self.source.bind(path)

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """The value at a path, null in rows where it is hidden. Raises Hidden for one that is never shown."""
        shown = self.shown(path)
        value = self.source.column(path)
        return value if shown is None else case((shown, value))

    def rows(self, path: tuple[str, ...]) -> ChildRows:
        """The child rows that the reader may read, null where the record that they hang on is hidden. Raises Hidden like `column`."""
        links = path[:-1]
        if not links:
            return ChildRows(self.source, path, self._access)
        shown = self.shown((*links, "id"))
        owner = self.source.column(links)
        return ChildRows(self.source, path, self._access, owner if shown is None else case((shown, owner)))

    def shown(self, path: tuple[str, ...]) -> ColumnElement[bool] | None:
        """Where the reader may use the value: every row on the way readable, every field whole. None: in every row."""
        clauses: list[ColumnElement[bool]] = []
        source = self.source
        for place, name in enumerate(path):
            last = place == len(path) - 1
            if name not in RUNTIME_COLUMNS:
                clauses += self._field(source, name)
            if not last:
                source = source.behind(name)
                clauses.append(self._access.object(source.object.name).rows("read", source))
        return and_(*clauses) if clauses else None

    def _field(self, source: RowSource, name: str) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        actions = self._actions if source is self.source else ("read",)
        for action in actions:
            shown = self._access.object(source.object.name).shown(action, name, source)
            if shown is False:
                raise Hidden(name)
            if shown is not True:
                found.append(shown)
        return found
