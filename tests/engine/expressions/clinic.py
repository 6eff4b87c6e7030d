"""A small clinic for expressions: one object with a field of every type, its scope, and the same rows in Python and SQL."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from engine.expressions.calendar import Calendar
from engine.expressions.sql.sqlite_functions import FUNCTIONS
from engine.expressions.sql.storage import POSTGRESQL, SQLITE
from engine.expressions.sql.translate import to_sql
from engine.expressions.tree import Node
from engine.expressions.types import (
    BOOL,
    DATE,
    INSTANT,
    INT,
    TEXT,
    TIME,
    DecimalOf,
    ListOf,
    MapOf,
    OptionOf,
    RecordOf,
    RowsOf,
    Type,
    UserOf,
)

STATUS = OptionOf(
    "core:status",
    {"planned": "planned", "due": "due", "finished": "done", "cancelled": "cancelled"},
    {"done": "finished"},
)
TAGS = ListOf(OptionOf("core:tag", {"vip": "vip", "new": "fresh", "quiet": "quiet"}, {"fresh": "new"}))
FIELDS: dict[str, Type] = {
    "n": INT,
    "m": INT,
    "d": DecimalOf(2),
    "e": DecimalOf(4),
    "flag": BOOL,
    "other": BOOL,
    "name": TEXT,
    "note": TEXT,
    "born": DATE,
    "due": DATE,
    "seen": INSTANT,
    "sent": INSTANT,
    "opens": TIME,
    "status": STATUS,
    "tags": TAGS,
    "assignee": RecordOf("staff"),
    "clinic_id": RecordOf("clinic"),
    "patient": RecordOf("patient"),
}
TASK: dict[str, Type] = {
    "id": RecordOf("task"),
    "title": TEXT,
    "minutes": INT,
    "cost": DecimalOf(2),
    "done": BOOL,
    "due": DATE,
    "seen": INSTANT,
    "status": STATUS,
    "tags": TAGS,
    "assignee": RecordOf("staff"),
}
# Child rows: tasks of the row, and tasks of its patient.
ROWS: dict[tuple[str, ...], RowsOf] = {("tasks",): RowsOf("task", "row"), ("patient", "tasks"): RowsOf("task", "patient")}
TASK_LINKED: dict[tuple[str, ...], Type] = {("assignee", "name"): TEXT}
TASK_PATHS: dict[tuple[str, ...], Type] = {(name,): kind for name, kind in TASK.items()} | TASK_LINKED
LINKED: dict[tuple[str, ...], Type] = {("patient", "name"): TEXT, ("patient", "doctor", "name"): TEXT}
MEMBERS: dict[str, dict[str, Type]] = {
    "staff": {"id": RecordOf("staff"), "name": TEXT, "chief": RecordOf("staff")},
    "patient": {"id": RecordOf("patient"), "name": TEXT, "doctor": RecordOf("staff"), "tasks": RowsOf("task", "patient")},
    "task": {**TASK, "steps": RowsOf("task", "parent")},
    "clinic": {"id": RecordOf("clinic"), "name": TEXT},
}
USER: dict[str, Type] = {
    "clinics": ListOf(RecordOf("clinic")),
    "teams": ListOf(RecordOf("team")),
    "roles": ListOf(TEXT),
    "level": INT,
}
ROOTS: dict[str, Type] = {"user": UserOf("staff"), "today": DATE, "now": INSTANT, "anchor": DATE}
NOW = datetime.datetime(2026, 11, 22, 2, 30, tzinfo=datetime.UTC)
DEFAULT_USER = {"id": "a" * 32, "clinics": ["c" * 32], "teams": [], "roles": ["nurse"], "level": 2}


class Clinic:
    """The scope of the object above, in Shanghai, with the holidays of an October and one day to make up for them."""

    zone = "Asia/Shanghai"
    calendar = Calendar(
        holidays=frozenset(datetime.date(2026, 10, day) for day in range(1, 8)),
        make_up_days=frozenset({datetime.date(2026, 10, 10)}),
    )

    def root(self, name: str) -> Type | None:
        return FIELDS.get(name) or ROOTS.get(name) or ROWS.get((name,))

    def member(self, owner: Type, name: str) -> Type | None:
        assert isinstance(owner, RecordOf)
        extra = USER if isinstance(owner, UserOf) else {}
        return extra.get(name) or MEMBERS[owner.object].get(name)

    def names(self, owner: Type | None) -> Iterable[str]:
        if owner is None:
            return [*FIELDS, *ROOTS, "tasks"]
        assert isinstance(owner, RecordOf)
        return [*(USER if isinstance(owner, UserOf) else {}), *MEMBERS[owner.object]]


def kind_of(path: tuple[str, ...]) -> Type:
    """The type behind a path of a case's row or user."""
    if path[0] == "user":
        return {**USER, "id": RecordOf("staff")}[path[1]]
    return LINKED.get(path) or (FIELDS | ROOTS)[path[0]]


def kind_in_task(path: tuple[str, ...]) -> Type:
    """The type behind a path of a child row."""
    return TASK_PATHS[path]


def read(value: Any, kind: Type) -> Any:
    """The value of a YAML case: dates, decimals and the like are written as text."""
    if value is None:
        return None
    if isinstance(kind, DecimalOf):
        return Decimal(str(value))
    if isinstance(kind, ListOf):
        return tuple(read(item, kind.item) for item in value)
    if isinstance(kind, MapOf):
        return {key: read(item, kind.value) for key, item in value.items()}
    readers = {
        DATE: datetime.date.fromisoformat,
        INSTANT: datetime.datetime.fromisoformat,
        TIME: datetime.time.fromisoformat,
    }
    return readers[kind](value) if kind in readers else value


class Values(dict[tuple[str, ...], Any]):
    """What an expression reads, by path; an Env and, bound, a SqlSource."""

    def lookup(self, path: tuple[str, ...]) -> Any:
        return self.get(path)


def values(row: Mapping[str, Any], user: Mapping[str, Any] | None = None, now: str | None = None) -> Values:
    """All values of a case; paths of links are written `patient.name`."""
    at = datetime.datetime.fromisoformat(now) if now else NOW
    found = Values({("now",): at, ("today",): at.date()})
    for key, value in row.items():
        path = tuple(key.split("."))
        found[path] = tuple(task(each, place) for place, each in enumerate(value)) if path in ROWS else read(value, kind_of(path))
    for key, value in {**DEFAULT_USER, **(user or {})}.items():
        found["user", key] = read(value, kind_of(("user", key)))
    return found


def task(row: Mapping[str, Any], place: int) -> Values:
    """One child row; without an id of its own it gets one that follows the order of the case."""
    paths = {tuple(key.split(".")): value for key, value in row.items()}
    given = {path: read(value, kind_in_task(path)) for path, value in paths.items()}
    return Values({("id",): f"{place:032x}", **given})


class Database:
    """A table of rows in one database, and the values of expressions over them."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.dialect: Any = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
        self.storage = SQLITE if self.dialect == "sqlite" else POSTGRESQL
        collation = None if self.dialect == "sqlite" else "C"
        paths: dict[tuple[str, ...], Type] = {(name,): kind for name, kind in FIELDS.items()} | LINKED
        self.columns = {
            path: self._column("__".join(path), kind, collation) for path, kind in paths.items()
        }
        self.table = sa.Table(
            "rows", sa.MetaData(), sa.Column("place", sa.Integer, primary_key=True), *self.columns.values()
        )
        self.table.create(connection)
        self.tasks = sa.Table(
            "tasks",
            sa.MetaData(),
            sa.Column("owner", sa.Integer),
            sa.Column("via", sa.Text),
            *(self._column("__".join(path), kind, collation) for path, kind in TASK_PATHS.items()),
        )
        self.tasks.create(connection)

    def _column(self, name: str, kind: Type, collation: str | None) -> sa.Column[Any]:
        return sa.Column(name, sa.Text(collation=collation) if self._text(kind) else self.storage.type(kind))

    def _text(self, kind: Type) -> bool:
        return isinstance(self.storage.type(kind), sa.Text)

    def insert(self, rows: Sequence[Values]) -> None:
        self.connection.execute(
            sa.insert(self.table),
            [
                {"place": place}
                | {
                    column.name: self.storage.stored(row.get(path), kind_of(path))
                    for path, column in self.columns.items()
                }
                for place, row in enumerate(rows)
            ],
        )
        tasks = [
            {"owner": place, "via": via[0]}
            | {"__".join(path): self.storage.stored(task.get(path), kind) for path, kind in TASK_PATHS.items()}
            for place, row in enumerate(rows)
            for via in ROWS
            for task in row.get(via) or ()
        ]
        if tasks:
            self.connection.execute(sa.insert(self.tasks), tasks)

    def clause(self, tree: Node, row: Values) -> sa.ColumnElement[Any]:
        return to_sql(tree, Source(self, row), self.dialect)

    def select(self, trees: Sequence[Node], row: Values, place: int | None = None) -> list[tuple[Any, ...]]:
        """The values of the trees for one place, or for all rows in order; `row` gives user, today and now."""
        terms = [
            sa.type_coerce(self.clause(tree, row), self.storage.type(tree.type)).label(f"t{at}")
            for at, tree in enumerate(trees)
        ]
        query = sa.select(*terms).select_from(self.table).order_by(self.table.c.place)
        if place is not None:
            query = query.where(self.table.c.place == place)
        return [
            tuple(self.storage.loaded(value, tree.type) for value, tree in zip(found, trees, strict=True))
            for found in self.connection.execute(query)
        ]


class Source:
    """Columns of the table, and user and time as binds."""

    def __init__(self, database: Database, row: Values) -> None:
        self.database = database
        self.row = row

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return self.database.columns[path]

    def bind(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        kind = kind_of(path)
        if isinstance(kind, ListOf):
            return sa.bindparam(None, list(self.row.lookup(path) or ()), expanding=True, type_=sa.Text())
        return sa.literal(self.database.storage.stored(self.row.lookup(path), kind), self.database.storage.type(kind))


    def rows(self, path: tuple[str, ...]) -> "Tasks":
        return Tasks(self, path)


class Tasks(Source):
    """Child rows of one mention: an alias of their table, and what of it belongs to the row."""

    def __init__(self, owner: Source, path: tuple[str, ...]) -> None:
        super().__init__(owner.database, owner.row)
        self.clause = owner.database.tasks.alias()
        self.condition = sa.and_(self.clause.c.owner == owner.database.table.c.place, self.clause.c.via == path[0])
        self.order = self.clause.c.id

    @property
    def source(self) -> Source:
        return self

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        found: sa.ColumnElement[Any] = self.clause.c["__".join(path)]
        return found


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A table in the database at the address, with SQLite's functions registered; all is rolled back."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            for name, (function, arguments, deterministic) in FUNCTIONS.items():
                driver.create_function(name, arguments, function, deterministic=deterministic)
        yield Database(connection)
        connection.rollback()
    engine.dispose()
