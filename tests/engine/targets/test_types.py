"""The same in-memory values on both databases, through SQLAlchemy and on the driver alone (architecture, Rows)."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from engine.fields.base import Storage, StorageKind
from engine.targets.types import column_type, reader, writer

UTC = dt.UTC
STORAGES = {kind.value: Storage(kind, 2 if kind is StorageKind.DECIMAL else 0) for kind in StorageKind}
SAMPLES: dict[str, list[Any]] = {
    "text": ["", "a", "Z", "é", "李明", "x\n\ty", "😀"],
    "id": ["0190f5c0a1b27c3d8e4f5061728394a5"],
    "integer": [0, -(2**53) + 1, 2**53 - 1],
    "decimal": [Decimal("0.00"), Decimal("-12.50"), Decimal("9999999999999999.99"), Decimal("-9999999999999999.99")],
    "boolean": [True, False],
    "date": [dt.date(1, 1, 1), dt.date(33, 4, 3), dt.date(2026, 11, 22), dt.date(9999, 12, 31)],
    "instant": [
        dt.datetime(1, 1, 1, tzinfo=UTC), dt.datetime(33, 4, 3, 1, tzinfo=UTC), dt.datetime(2026, 11, 22, 4, 0, 0, 1, tzinfo=UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
    "time": [dt.time(0), dt.time(23, 59, 59)],
    "texts": [("a",), ("b", "a", "李"), ('q"uote', "back\\slash", "{}", "NULL", "a,b")],
}


@pytest.fixture(scope="module")
def connection(module_database_url: str) -> Iterator[sa.Connection]:
    """A connection whose session is in UTC, as the store's are."""
    options = {"connect_args": {"options": "-c TimeZone=UTC"}} if module_database_url.startswith("postgresql") else {}
    engine = sa.create_engine(module_database_url, **options)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def table(connection: sa.Connection, request: pytest.FixtureRequest) -> Iterator[sa.Table]:
    """One table with a column of the kind."""
    kept = column_type(STORAGES[request.param])
    made = sa.Table(f"sample_{request.param}", sa.MetaData(), sa.Column("n", sa.Integer, primary_key=True), sa.Column("v", kept))
    made.create(connection)
    yield made
    made.drop(connection)


@pytest.mark.parametrize(("table", "kind"), [(kind, kind) for kind in STORAGES], indirect=["table"])
def test_values_come_back_as_they_went(connection: sa.Connection, table: sa.Table, kind: str) -> None:
    """Value and type are the same again, null is null, and comparing binds the value as it is kept."""
    values = [*SAMPLES[kind], None]
    connection.execute(table.insert(), [{"n": n, "v": value} for n, value in enumerate(values)])
    found = connection.execute(sa.select(table.c.v).order_by(table.c.n)).scalars().all()
    assert found == values and list(map(type, found)) == list(map(type, values))
    for n, value in enumerate(SAMPLES[kind]):
        assert connection.execute(sa.select(table.c.n).where(table.c.v == value)).scalar() == n


@pytest.mark.parametrize(("table", "kind"), [(kind, kind) for kind in STORAGES], indirect=["table"])
def test_driver_values_convert_alike(connection: sa.Connection, table: sa.Table, kind: str) -> None:
    """`writer` and `reader` do for SQL on the driver what the types do for SQLAlchemy."""
    dialect = connection.dialect.name
    write, read = writer(STORAGES[kind], dialect), reader(STORAGES[kind], dialect)
    cursor = connection.connection.cursor()
    mark = "?" if dialect == "sqlite" else "%s"
    for n, value in enumerate([*SAMPLES[kind], None]):
        cursor.execute(f"INSERT INTO {table.name} (n, v) VALUES ({n}, {mark})", (write(value) if write else value,))
    by_core = connection.execute(sa.select(table.c.v).order_by(table.c.n)).scalars().all()
    cursor.execute(f"SELECT v FROM {table.name} ORDER BY n")
    raw = [row[0] for row in cursor.fetchall()]
    assert [read(value) if read else value for value in raw] == by_core == [*SAMPLES[kind], None]


@pytest.mark.parametrize(("table", "kind"), [(k, k) for k in STORAGES if k not in ("texts", "boolean")], indirect=["table"])
def test_order_is_that_of_the_values(connection: sa.Connection, table: sa.Table, kind: str) -> None:
    """Both databases sort as Python does: text by code point, instants and dates by time, decimals by size."""
    connection.execute(table.insert(), [{"n": n, "v": value} for n, value in enumerate(reversed(SAMPLES[kind]))])
    assert connection.execute(sa.select(table.c.v).order_by(table.c.v)).scalars().all() == sorted(SAMPLES[kind])


def test_what_cannot_be_kept_exactly_is_refused() -> None:
    """No rounding and no guessed time zone on the way into a column."""
    scale = writer(Storage(StorageKind.DECIMAL, 2), "sqlite")
    assert scale and scale(Decimal("1.5")) == 150
    with pytest.raises(ValueError, match="places"):
        scale(Decimal("1.005"))
    for dialect in ("sqlite", "postgresql"):
        write = writer(Storage(StorageKind.INSTANT), dialect)
        assert write
        with pytest.raises(ValueError, match="time zone"):
            write(dt.datetime(2026, 11, 22))


def test_instants_of_other_zones_are_kept_in_utc() -> None:
    """An aware datetime of any zone is the same instant."""
    write = writer(Storage(StorageKind.INSTANT), "sqlite")
    local = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert write and write(local) == "2026-11-22T04:00:00.000000Z"
