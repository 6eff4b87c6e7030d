"""Trying an expression on one record, as one reader: its value, its type and what it is made of.

Nothing is shown that the reader may not see: a value that is hidden from her is null, and is named among `hidden`.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, bindparam, literal, select
from sqlalchemy.types import Text

from engine.expressions import ExpressionError, Node, check, rows_read, to_python
from engine.expressions.checker.inline import TableCall
from engine.expressions.checker.steps import steps
from engine.expressions.python.trace import Step, trace
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Path
from engine.expressions.types import Type
from engine.fields.base import Invalid, Locale
from engine.model import DecisionTable, Element, Field, Model, Object, Score
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.ids import is_id
from runtime.records.prepared import LruCache, Prepared
from runtime.records.query import Reading
from runtime.records.rows import UnknownObject
from runtime.records.scope import ReaderScope
from runtime.records.selecting import Selecting
from runtime.records.sources import ChildRows, GuardedSource, Hidden, RowSource
from runtime.records.writing.checks import row_values

__all__ = ["MOST_ROWS", "MOST_TRACED", "BadTrial", "Tried", "TriedTable", "Trial", "WholeScope", "try_out"]

MOST_ROWS = 1_000
"""Child rows that one trial reads."""

MOST_TRACED = 6_000
"""Steps of an expression (`engine.expressions.checker.steps`) up to which its parts are computed one by one: a fifth of a second."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is asked. `values` (field → JSON form) stand in place of the record's own, or of those of a record that is not there."""

    object: str
    expression: str
    id: str | None = None
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    now: datetime.datetime | None = None
    """An instant to compute with, by default the real one; rights are always those of the real one."""
    whole: bool = False
    """Whether every name of the model may be used, those that the reader may not see with null for a value."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came out. `hidden` are the paths that were read and that the reader may not see, in order."""

    object: Object
    expression: str
    tree: Node
    value: Any
    step: Step | None
    """None for an expression of more than MOST_TRACED steps."""
    tables: Mapping[int, TriedTable]
    """The decision tables and scores that were called, by the place of the call."""
    hidden: tuple[Path, ...]

    @property
    def type(self) -> Type:
        return self.tree.type


@dataclasses.dataclass(frozen=True, slots=True)
class TriedTable:
    """A call of a table: for each rule whether it matches, for each item its points."""

    table: DecisionTable | Score
    parts: tuple[tuple[Element, Any], ...]


class BadTrial(Exception):
    """What cannot be tried: problems of the expression, or `code` (a code of a field's value, `not_found`, `too_many_rows`,
    `unknown_field`) with the `field` it is about."""

    def __init__(self, errors: Sequence[ExpressionError] = (), *, code: str = "", field: str = "", words: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.errors = tuple(errors)
        self.code = code
        self.field = field
        self.words = dict(words or {})


class WholeScope(ReaderScope):
    """Every name of the model, whoever asks; for people who write definitions."""

    def usable(self, object_name: str) -> dict[str, Field]:
        return dict(self.model.objects[object_name].fields)


def try_out(trial: Trial, reading: Reading) -> Tried:
    """Raises UnknownObject, and BadTrial for everything else that people can do wrong."""
    object = reading.release.model.objects.get(trial.object)
    rights = reading.access.object(trial.object) if object else None
    if object is None or rights is None or not (trial.whole or rights.allows("read")):
        raise UnknownObject(trial.object)
    scope = (WholeScope if trial.whole else ReaderScope)(reading.release, reading.access, trial.object)
    checked = check(trial.expression, scope)
    if checked.tree is None:
        raise BadTrial(checked.errors)
    row = TriedRow(reading, object, trial.id, _given(trial, object, scope), trial.now or reading.now, checked.tree)
    value = to_python(checked.tree)(row)
    step = _step(checked.tree, trial.expression, row)
    tables = {call.at: _table(call, reading.release.model, row) for call in checked.calls}
    return Tried(
        object=object, expression=trial.expression, tree=checked.tree, value=value, step=step, tables=tables,
        hidden=tuple(sorted(row.hidden)))


def _step(tree: Node, text: str, row: TriedRow) -> Step | None:
    """The trace, which costs many times what the value does; None where that would keep others waiting."""
    return trace(tree, text, row) if steps(tree) <= MOST_TRACED else None


def _table(call: TableCall, model: Model, row: TriedRow) -> TriedTable:
    name = call.table.name
    decision = model.decisions.get(name)
    elements: Mapping[str, Element] = decision.rules if decision else model.scores[name].items
    parts = tuple((elements[part], to_python(tree)(row)) for part, tree in call.parts().items() if part in elements)
    return TriedTable(decision or model.scores[name], parts)


def _given(trial: Trial, object: Object, scope: ReaderScope) -> dict[str, Any]:
    """The values of the trial in memory's form. Raises BadTrial."""
    found: dict[str, Any] = {}
    for name, value in trial.values.items():
        field = scope.usable(object.name).get(name)
        if field is None:
            raise BadTrial(code="unknown_field", field=name, words={"name": name})
        try:
            found[name] = field.type.parse(value)
        except Invalid as error:
            raise BadTrial(code=error.code, field=name, words=error.words) from None
    return found


class TriedRow:
    """An Env over one record, or over none: each value is read when it is asked for, once."""

    def __init__(
        self, reading: Reading, object: Object, id: str | None, given: Mapping[str, Any], now: datetime.datetime, *trees: Node,
        rows: Mapping[Path, Iterable[Path]] = MappingProxyType({}),
    ) -> None:
        """`trees` are what will be computed over it; `rows` has for paths of child rows what is read of each beside that."""
        self.hidden: set[Path] = set()
        self._reading = reading
        self._object = object
        self._id = id
        self._given = given
        self._now = now
        self._kept: dict[Path, Any] = {}
        formulas = [field.formula.tree for field in object.fields.values() if field.virtual and field.formula]
        self._rows_read: dict[Path, set[Path]] = {path: set(behind) for path, behind in rows.items()}
        for tree in (*trees, *formulas):
            for path, behind in rows_read(tree).items():
                self._rows_read.setdefault(path, set()).update(behind)
        if id is not None and self._stored(("id",)) is None:
            raise BadTrial(code="not_found")

    def lookup(self, path: Path) -> Any:
        """See `engine.expressions.Env`."""
        if path not in self._kept:
            self._kept[path] = self._find(path)
        return self._kept[path]

    def _find(self, path: Path) -> Any:
        name = path[0]
        if name in BOUND_ROOTS:
            return self._root.lookup(path)
        if path in self._rows_read:
            return self._rows(path)
        if name in self._given:
            return self._given[name] if len(path) == 1 else self._beyond(path)
        field = self._object.fields.get(name)
        if len(path) == 1 and field is not None and field.formula is not None and (self._given or self._id is None):
            return self._computed(field)
        return None if self._id is None else self._stored(path)

    @property
    def _root(self) -> Any:
        """`user`, `today` and `now`; teams and roles of the user are those in the record's clinic."""
        reading = self._reading
        zone = Locale(reading.release.model.organisation.timezone).zone
        actor = dataclasses.replace(reading.actor, today=self._now.astimezone(zone).date())
        clinic = None if self._id is None else self._stored(("clinic_id",))
        return row_values(actor, self._now, reading.release, self._object, {("clinic_id",): clinic})

    def _computed(self, field: Field) -> Any:
        """A formula over values that are partly given; hidden where the reader may not see the field."""
        rights, path = self._reading.access.object(self._object.name), (field.name,)
        sight = rights.field("read", field.name).fixed if rights.allows("read") else Sight.ABSENT
        if sight not in (Sight.VALUE, None):
            self.hidden.add(path)
        elif sight is None and self._id is not None:
            self._stored(path)  # which notes it where it is hidden in this very record
        if path in self.hidden:
            return None
        assert field.formula is not None
        return to_python(field.formula.tree)(self)

    def _beyond(self, path: Path) -> Any:
        """What lies behind a link whose target was given."""
        id = self._given[path[0]]
        target = self._reading.release.model.objects.get(self._object.fields[path[0]].type.link_to)
        if not isinstance(id, str) or target is None:
            return None
        try:
            behind = TriedRow(self._reading, target, id, {}, self._now)
        except BadTrial:
            self.hidden.add(path)
            return None
        found = behind.lookup(path[1:])
        self.hidden.update((path[0], *each) for each in behind.hidden)
        return found

    def _source(self) -> RowSource:
        return RowSource(self._reading.release, self._object.name, dialect_name(self._reading.connection), reader=self._reading.access)

    def _stored(self, path: Path) -> Any:
        """A value of the record as the database gives it, formulas too; None and `hidden` where the reader may not see it."""
        source = self._source()
        try:
            shown = GuardedSource(source, self._reading.access).shown(path)
        except Hidden:
            self.hidden.add(path)
            return None
        selecting = Selecting(self._reading.access, source, self._reading.connection.dialect, self._reading.locale)
        value = selecting.plain(source.column(path))
        seen = selecting.plain(shown) if shown is not None else None
        rights = self._reading.access.object(self._object.name)
        if not rights.allows("read"):
            return None
        where = (source.id == bindparam("row_id", type_=Text()), rights.rows("read", source))
        raws = self._fetch(select(*selecting.columns).select_from(source.clause).where(*where))
        if not raws:
            return None
        if seen is not None and not seen(raws)[0]:
            self.hidden.add(path)
            return None
        return value(raws)[0]

    def fetch_together(self, paths: Sequence[Path]) -> None:
        """Read many paths of the record at once, as `lookup` would one by one; whoever asks for them often pays for one statement."""
        own = tuple(path for path in paths if path[0] not in BOUND_ROOTS and path not in self._rows_read and path not in self._kept)
        if self._id is None or not own or not self._reading.access.object(self._object.name).allows("read"):
            return
        reading = self._reading
        statements = reading.release.cache.setdefault("records.tried", LruCache[_Together](256))
        together = statements.get((self._object.name, own, reading.actor.shape), lambda: _Together(self._source(), reading, own))
        raws = together.prepared.fetch(reading.connection, {**reading.binds, "row_id": self._id})
        for path, value, seen in together.readers if raws else ():
            self._kept[path] = value(raws)[0] if seen is None or seen(raws)[0] else None
            if seen is not None and not seen(raws)[0]:
                self.hidden.add(path)
        for path in together.hidden:
            self._kept[path] = None
            self.hidden.add(path)

    def _rows(self, path: Path) -> tuple[_Child, ...] | None:
        """The child rows at a path that the reader may read, in the order of their ids."""
        *links, name = path
        owner = self.lookup((*links, "id")) if links else self._id  # the id of a record that she may read, not of any that is linked
        if not isinstance(owner, str) or not is_id(owner):
            return None if links else ()
        holder = self._object
        for link in links:
            holder = self._reading.release.model.objects[holder.fields[link].type.link_to]
        parent = RowSource(self._reading.release, holder.name, dialect_name(self._reading.connection), reader=self._reading.access)
        child = ChildRows(parent, (name,), self._reading.access, literal(owner, Text()))
        selecting = Selecting(self._reading.access, parent, self._reading.connection.dialect, self._reading.locale)
        wanted = sorted({("id",), *self._rows_read[path]})
        readers = [selecting.plain(child.source.column(each)) for each in wanted]
        query = select(*selecting.columns).select_from(child.clause).where(child.condition).order_by(child.order).limit(MOST_ROWS + 1)
        raws = self._fetch(query)
        if len(raws) > MOST_ROWS:
            raise BadTrial(code="too_many_rows", field=".".join(path), words={"limit": MOST_ROWS})
        self._note_hidden(path, holder.inverses[name].object, wanted)
        columns = [read(raws) for read in readers] if raws else []
        return tuple(_Child(dict(zip(wanted, values, strict=True))) for values in zip(*columns, strict=True))

    def _note_hidden(self, path: Path, child: str, wanted: Sequence[Path]) -> None:
        """Fields of child rows that the reader never sees."""
        guarded = GuardedSource(RowSource(self._reading.release, child), self._reading.access)
        for each in wanted:
            try:
                guarded.shown(each)
            except Hidden:
                self.hidden.add((*path, *each))

    def _fetch(self, query: Select[Any]) -> list[tuple[Any, ...]]:
        prepared = Prepared(query, self._reading.connection.dialect)
        return prepared.fetch(self._reading.connection, {**self._reading.binds, "row_id": self._id})


class _Together:
    """The prepared question for several paths of one record; for each its value, and whether this row shows it."""

    def __init__(self, source: RowSource, reading: Reading, paths: Sequence[Path]) -> None:
        selecting = Selecting(reading.access, source, reading.connection.dialect, reading.locale)
        guarded = GuardedSource(source, reading.access)
        self.hidden: list[Path] = []
        self.readers: list[tuple[Path, Any, Any]] = []
        for path in paths:
            try:
                shown = guarded.shown(path)
            except Hidden:
                self.hidden.append(path)
                continue
            value = selecting.plain(source.column(path))
            self.readers.append((path, value, selecting.plain(shown) if shown is not None else None))
        selecting.place(source.id)
        where = (source.id == bindparam("row_id", type_=Text()), reading.access.object(source.object.name).rows("read", source))
        self.prepared = Prepared(select(*selecting.columns).select_from(source.clause).where(*where), reading.connection.dialect)


class _Child:
    """An Env over one child row."""

    def __init__(self, values: Mapping[Path, Any]) -> None:
        self._values = values

    def lookup(self, path: Path) -> Any:
        return self._values.get(path)

