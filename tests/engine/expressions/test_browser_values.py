"""Values and their JSON form for the browser, both ways, and through the interpreter itself."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.types import (
    BOOL,
    DATE,
    DAYS,
    FLOAT,
    HOURS,
    INSTANT,
    INT,
    MONTHS,
    TEXT,
    TIME,
    WORKDAYS,
    DecimalOf,
    ListOf,
    MapOf,
    RecordOf,
    Type,
)
from engine.expressions.values import Months, Workdays
from engine.targets.browser_values import code, from_json, to_json
from tests.engine.expressions.browser.jobs import Batch

UTC = datetime.UTC
VALUES: list[tuple[Type, Any, Any]] = [
    (BOOL, True, True),
    (INT, -(2**53) + 1, -9007199254740991),
    (FLOAT, 1e-150, 1e-150),
    (TEXT, "王😀\u0301", "王😀\u0301"),
    (DecimalOf(2), Decimal("-0.50"), "-0.5"),
    (DecimalOf(10), Decimal("99999999.9999999999"), "99999999.9999999999"),
    (DATE, datetime.date(1, 1, 1), "0001-01-01"),
    (DATE, datetime.date(9999, 12, 31), "9999-12-31"),
    (INSTANT, datetime.datetime(2026, 11, 22, 2, 30, tzinfo=UTC), "2026-11-22T02:30:00Z"),
    (INSTANT, datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "9999-12-31T23:59:59.999999Z"),
    (INSTANT, datetime.datetime(1, 1, 1, microsecond=1, tzinfo=UTC), "0001-01-01T00:00:00.000001Z"),
    (TIME, datetime.time(9, 5), "09:05:00"),
    (HOURS, datetime.timedelta(hours=-3, microseconds=1), "-PT10799.999999S"),
    (HOURS, datetime.timedelta(hours=2_000_000), "PT7200000000S"),
    (DAYS, datetime.timedelta(days=-1_461_000), "-PT126230400000S"),
    (MONTHS, Months(-48_000), "-P48000M"),
    (WORKDAYS, Workdays(-5), "-5 workdays"),
    (RecordOf("staff"), "a" * 32, "a" * 32),
    (ListOf(DecimalOf(1)), (Decimal("1.5"), None), ["1.5", None]),
    (ListOf(DATE), (), []),
    (MapOf(TEXT, INT), {"constructor": 1, "b": None}, [["constructor", 1], ["b", None]]),
    (INT, None, None),
]


@pytest.mark.parametrize(("kind", "value", "json"), VALUES, ids=lambda value: str(value)[:30])
def test_both_ways(kind: Type, value: Any, json: Any) -> None:
    """A value has one JSON form, and is read back from it."""
    assert to_json(value) == json and type(to_json(value)) is type(json)
    assert from_json(json, kind) == value


def test_through_the_interpreter() -> None:
    """The interpreter reads each JSON form, as a constant and from the page, and gives the same form back."""
    batch = Batch()
    for kind, value, json in VALUES:
        env = batch.env({"x": value})
        batch.job(batch.json(["ref", code(kind), "x"]), env)
        batch.job(batch.json(["lit", code(kind), json]), env)
    found = [result.json for result in batch.run().results]
    assert found == [json for _, _, json in VALUES for _ in (1, 2)]


WRONG: list[tuple[Type, Any]] = [
    (INT, True),
    (INT, 1.5),
    (INT, "1"),
    (BOOL, 1),
    (TEXT, 1),
    (DecimalOf(2), 1.5),
    (DecimalOf(2), "NaN"),
    (DATE, "10000-01-01"),
    (DATE, 1),
    (HOURS, "P1M"),
    (MONTHS, "PT1S"),
    (FLOAT, {"odd": "Infinity"}),
]


@pytest.mark.parametrize(("kind", "json"), WRONG, ids=str)
def test_what_is_none_of_the_type_is_refused(kind: Type, json: Any) -> None:
    """The comparison of back ends must not take a wrong form for the value."""
    with pytest.raises(ValueError):
        from_json(json, kind)


def test_only_values_of_the_language_are_written() -> None:
    """Anything else is a fault of the caller."""
    with pytest.raises(TypeError):
        to_json(object())


def test_a_link_may_come_with_its_title() -> None:
    """Links go out of the API as {id, title}: the interpreter takes the id."""
    batch = Batch()
    batch.envs.append({"x": {"id": "a" * 32, "title": "王芳"}})
    batch.job(batch.json(["ref", "id", "x"]), 0)
    assert batch.run().results[0].json == "a" * 32
