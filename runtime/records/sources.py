"""Where a statement reads a row's values from: the object's table and, joined once each, what lies behind its links."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, type_coerce

from engine.expressions import SqlSource, to_sql
from engine.expressions.sql import Dialect
from engine.model import Field, Object
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.tables import ObjectTable
from engine.targets.types import column_type
from runtime.access import Access
from runtime.records.binds import bind
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["GuardedSource", "Hidden", "Owner", "RowSource"]


class _Joins:
    """The FROM clause of one statement as it grows."""

    def __init__(self, first: FromClause) -> None:
        self.clause: FromClause = first
        self.count = 0

    def next_name(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def add(self, alias: FromClause, condition: ColumnElement[bool]) -> None:
        self.clause = self.clause.outerjoin(alias, condition)


class RowSource:
    """One row of an object in a statement. `column` takes a path of field names and joins what it passes."""

    def __init__(
        self, release: Release, object_name: str, dialect: Dialect = "sqlite", *, parent: RowSource | None = None,
    ) -> None:
        self.release = release
        self.object: Object = release.model.objects[object_name]
        self.table: ObjectTable = release.tables.object(object_name)
        name = parent._joins.next_name() if parent else "t0"
        self.alias = self.table.table.alias(name)
        self._joins: _Joins = parent._joins if parent else _Joins(self.alias)
        self.dialect: Dialect = parent.dialect if parent else dialect
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
        name, *rest = path
        if rest:
            return self.behind(name).column(tuple(rest))
        field = self.object.fields.get(name)
        if field is not None and field.formula is not None:
            return self.formula(field, self)
        return self.own(name)

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


class Owner:
    """The row that another one belongs to `via` a link, read from that other row as far as it has copies: its clinic and its id."""

    def __init__(self, source: RowSource, via: str) -> None:
        self._source = source
        self._via = via
        self.dialect: Dialect = source.dialect

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.column`."""
        if path == ("clinic_id",):
            return self._source.own("clinic_id")
        return self._source.own(self._via) if path == ("id",) else self._source.column((self._via, *path))

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.bind`."""
        return self._source.bind(path)


class Hidden(LookupError):
    """The reader may never see what the path names."""


class GuardedSource:
    """A source that gives a value only where the reader may see it; for whatever a caller filters, sorts or looks up by."""

    def __init__(self, source: RowSource, access: Access, actions: tuple[str, ...] = ("read",)) -> None:
        self._source = source
        self._access = access
        self._actions = actions

    def bind(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """See `RowSource.bind`."""
        return self._source.bind(path)

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """The value at a path, null in rows where it is hidden. Raises Hidden for one that is never shown."""
        shown = self.shown(path)
        value = self._source.column(path)
        return value if shown is None else case((shown, value))

    def shown(self, path: tuple[str, ...]) -> ColumnElement[bool] | None:
        """Where the reader may use the value: every row on the way readable, every field whole. None: in every row."""
        clauses: list[ColumnElement[bool]] = []
        source = self._source
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
        actions = self._actions if source is self._source else ("read",)
        for action in actions:
            shown = self._access.object(source.object.name).shown(action, name, source)
            if shown is False:
                raise Hidden(name)
            if shown is not True:
                found.append(shown)
        return found
