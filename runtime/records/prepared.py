"""Statements compiled once: driver text, bind order and converters, executed without SQLAlchemy's compiler on the way."""

from __future__ import annotations

import threading
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Hashable, Mapping, MutableMapping, Sequence
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Dialect, Executable, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter

__all__ = ["LruCache", "Prepared", "PreparedChange", "PreparedRows", "lru_of"]

_Converter = Callable[[Any], Any]
_Value = TypeVar("_Value")


class Prepared:
    """A statement as the driver takes it. Binds with a value are constants of the statement; the others are given at `run`.

    Execution goes through `exec_driver_sql`, so that cursor events still fire for whoever watches the SQL.
    """

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self._dialect = dialect
        self._constants: dict[str, object] = {}
        self._given: list[str] = []
        self._lists: tuple[str, ...] = ()
        for bind, name in compiled.bind_names.items():
            if bind.value is None and bind.callable is None and bind.required:
                self._given.append(name)
                self._lists += (name,) if bind.expanding else ()
            else:
                self._constants[name] = bind.effective_value
        # The text depends on the lengths of lists given at run time; without such lists there is one shape, and the
        # compiler's objects, many times its size, are not kept.
        self._compiled: SQLCompiler | None = compiled
        self._shapes: dict[tuple[int, ...], _Shape] = {}
        if not self._lists:
            self._shape({})
            self._compiled = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the binds that every run must give."""
        return tuple(self._given)

    def run(self, connection: Connection, binds: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute with values for `names`; other keys are ignored. Raises KeyError for a missing one."""
        shape = self._shape(binds)
        return connection.exec_driver_sql(shape.text, shape.parameters(binds))

    def fetch(self, connection: Connection, binds: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of a SELECT as the driver gives them, without a result object around them: a third of the cost of `run`."""
        shape = self._shape(binds)
        text, parameters = shape.text, shape.parameters(binds)
        if _watched(connection):
            return [tuple(row) for row in connection.exec_driver_sql(text, parameters)]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, parameters)
            return cast("list[tuple[Any, ...]]", cursor.fetchall())
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(error, connection, cursor, text, parameters) from error
        finally:
            cursor.close()

    def change(self, connection: Connection, binds: Mapping[str, Any]) -> int:
        """Execute an INSERT, UPDATE or DELETE; how many rows it touched."""
        shape = self._shape(binds)
        text, parameters = shape.text, shape.parameters(binds)
        if _watched(connection):
            return connection.exec_driver_sql(text, parameters).rowcount
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, parameters)
            return int(cursor.rowcount)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(error, connection, cursor, text, parameters) from error
        finally:
            cursor.close()

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per row of binds, as one executemany."""
        if len(rows) == 1:
            self.change(connection, rows[0])
        if len(rows) < 2:
            return
        shape = self._shape(rows[0])
        text: str = shape.text
        parameters: list[Any] = [shape.parameters(binds) for binds in rows]
        if _watched(connection):
            connection.exec_driver_sql(text, parameters)
            return
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(text, parameters)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(error, connection, cursor, text, parameters) from error
        finally:
            cursor.close()

    def text(self, binds: Mapping[str, Any] | None = None) -> str:
        """The driver's text, for the SQL canary and the benchmark."""
        return self._shape(binds or dict.fromkeys(self._given, ())).text

    def _shape(self, binds: Mapping[str, Any]) -> _Shape:
        lengths = tuple(len(binds[name]) for name in self._lists)
        shape = self._shapes.get(lengths)
        if shape is None:
            assert self._compiled is not None
            shape = self._shapes[lengths] = _Shape(self._compiled, self._dialect, self._constants, self._given, binds)
        return shape


class _Shape:
    """The driver text for one combination of list lengths."""

    def __init__(
        self, compiled: SQLCompiler, dialect: Dialect, constants: Mapping[str, object], given: Sequence[str],
        binds: Mapping[str, Any],
    ) -> None:
        sample = {name: binds.get(name) for name in given}
        state = compiled.construct_expanded_state({**constants, **sample}, escape_names=False)
        self.text = state.statement
        expanded = {child: parent for parent, children in state.parameter_expansion.items() for child in children}
        converters = {name: _converter(bind, dialect) for bind, name in compiled.bind_names.items()}
        self._named = state.positiontup is None
        # What stands where: constants at once, the rest by its places (or names) in what the driver takes. A rule that names today
        # a dozen times has it converted once.
        fixed: dict[int | str, Any] = {}
        plain: dict[str, list[int | str]] = {}
        self._items: list[tuple[int | str, str, int, _Converter | None]] = []
        for place, name in enumerate(state.positiontup or state.parameters):
            key = name if self._named else place
            parent = expanded.get(name, name)
            convert = converters.get(parent)
            if parent not in given:
                value = state.parameters[name]
                fixed[key] = convert(value) if convert and value is not None else value
            elif parent != name:
                self._items.append((key, parent, list(state.parameter_expansion[parent]).index(name), convert))
            else:
                plain.setdefault(name, []).append(key)
        self._given = [(name, converters.get(name), tuple(keys)) for name, keys in plain.items()]
        self._constants: Any = fixed if self._named else [fixed.get(place) for place in range(len(state.positiontup or ()))]

    def parameters(self, binds: Mapping[str, Any]) -> tuple[Any, ...] | dict[Any, Any]:
        values: Any = self._constants.copy()
        for source, convert, keys in self._given:
            value = binds[source]
            if convert is not None and value is not None:
                value = convert(value)
            for key in keys:
                values[key] = value
        for key, source, position, change in self._items:
            value = binds[source][position]
            values[key] = value if change is None else change(value)
        return values if self._named else tuple(values)


def _converter(bind: BindParameter[Any], dialect: Dialect) -> _Converter | None:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


def _wrapped(error: Exception, connection: Connection, cursor: Any, text: str, parameters: Any) -> BaseException:
    """What went wrong in the driver, as SQLAlchemy raises it."""
    dialect: Any = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(text, parameters, error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect)


def _watched(connection: Connection) -> bool:
    """Whether somebody listens for statements, as tests of the SQL do; then they go by way of SQLAlchemy."""
    events = connection.engine.dispatch
    return bool(events.before_cursor_execute or events.after_cursor_execute)


class PreparedRows:
    """A SELECT that gives named rows of in-memory values; compiled when first used, for each dialect."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._row: Any = namedtuple("Found", [column.name for column in statement.selected_columns])  # type: ignore[misc]
        self._made: dict[str, tuple[Prepared, tuple[tuple[int, _Converter], ...]]] = {}

    def all(self, connection: Connection, binds: Mapping[str, Any]) -> list[Any]:
        """Every row."""
        made = self._made.get(connection.dialect.name)
        if made is None:
            made = self._made[connection.dialect.name] = self._make(connection.dialect)
        prepared, converters = made
        found = []
        for raw in prepared.fetch(connection, binds):
            values = list(raw)
            for place, convert in converters:
                values[place] = convert(values[place])
            found.append(self._row._make(values))
        return found

    def one_or_none(self, connection: Connection, binds: Mapping[str, Any]) -> Any:
        """The row of a key; None without one."""
        found = self.all(connection, binds)
        return found[0] if found else None

    def _make(self, dialect: Dialect) -> tuple[Prepared, tuple[tuple[int, _Converter], ...]]:
        types = [column.type.dialect_impl(dialect) for column in self._statement.selected_columns]
        converters = ((place, kind.result_processor(dialect, None)) for place, kind in enumerate(types))
        return Prepared(self._statement, dialect), tuple((place, convert) for place, convert in converters if convert is not None)


class PreparedChange:
    """An INSERT, UPDATE or DELETE; compiled when first used, for each dialect."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._made: dict[str, Prepared] = {}

    def change(self, connection: Connection, binds: Mapping[str, Any]) -> int:
        """Execute it; how many rows it touched."""
        return self._of(connection).change(connection, binds)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per row of binds."""
        self._of(connection).run_many(connection, rows)

    def _of(self, connection: Connection) -> Prepared:
        made = self._made.get(connection.dialect.name)
        if made is None:
            made = self._made[connection.dialect.name] = Prepared(self._statement, connection.dialect)
        return made


def lru_of(cache: MutableMapping[Any, Any], name: str, size: int) -> LruCache[Any]:
    """The map of a name in a release's cache. Asked for many times in each request, so it is made once, not to be thrown away."""
    found: LruCache[Any] | None = cache.get(name)
    return found if found is not None else cast("LruCache[Any]", cache.setdefault(name, LruCache(size)))


class LruCache(Generic[_Value]):
    """A bounded map of compiled things that threads share; the least recently used goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The value of a key, made by `make` the first time. Two threads may both make it; one of the two is kept."""
        with self._lock:
            found = self._items.get(key)
            if found is not None:
                self._items.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._items[key] = made
            while len(self._items) > self._size:
                self._items.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._items)
