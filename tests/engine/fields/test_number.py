"""Whole numbers and decimals: exact, bounded, never silently changed (threats A-60)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.number import DecimalNumber, Integer
from tests.engine.fields.refusals import ENGLISH, read, typed

MONEY = DecimalNumber(2)


@pytest.mark.parametrize(("value", "found"), [
    (7, 7), (-(2**53) + 1, -(2**53) + 1), (2**53, "too_large"), (-(2**53), "too_small"), (10**400, "too_large"),
    (1.9, "not_integer"), (1.0, "not_integer"), (True, "not_integer"), ("7", "not_integer"), (Decimal(7), "not_integer"),
    (float("nan"), "not_integer"), (float("inf"), "not_integer"), ([], "not_integer"), ({}, "not_integer"),
])
def test_integer_from_json(value: object, found: object) -> None:
    """Only a JSON integer is one: no 1.9, no true, no text; ±(2^53 - 1) at most."""
    assert read(Integer(), value) == found


@pytest.mark.parametrize(("text", "found"), [
    ("7", 7), (" +7 ", 7), ("-007", -7), ("１２", "invalid_integer"), ("٣", "invalid_integer"), ("1.0", "invalid_integer"),
    ("1e3", "invalid_integer"), ("1_000", "invalid_integer"), ("1,000", "invalid_integer"), ("0x1", "invalid_integer"),
    ("9" * 400, "invalid_integer"), ("99999999999999999", "too_large"), ("--1", "invalid_integer"), ("七", "invalid_integer"),
])
def test_integer_from_text(text: str, found: object) -> None:
    """Typed text holds ASCII digits with at most a sign."""
    assert typed(Integer(), text) == found


def test_integer_range() -> None:
    """`min` and `max` are inclusive."""
    kind = Integer(0, 10)
    assert [read(kind, n) for n in (-1, 0, 10, 11)] == ["too_small", 0, 10, "too_large"]


@pytest.mark.parametrize(("value", "found"), [
    ("12.50", Decimal("12.50")), ("12.5", Decimal("12.50")), ("-0.00", Decimal("0.00")), (12, Decimal("12.00")),
    (Decimal("1.5"), Decimal("1.50")), ("", None), ("12.505", "too_many_places"), ("12.500", "too_many_places"),
    (12.5, "decimal_as_number"), (float("nan"), "decimal_as_number"), (True, "not_decimal"), ([], "not_decimal"),
    ("NaN", "invalid_decimal"), ("Infinity", "invalid_decimal"), ("1e5", "invalid_decimal"), ("1e1000000", "invalid_decimal"),
    ("１２", "invalid_decimal"), ("1,5", "invalid_decimal"), (".5", "invalid_decimal"), ("5.", "invalid_decimal"),
    (Decimal("1e1000000"), "not_decimal"), (Decimal("1e-1000000"), "not_decimal"), (Decimal("NaN"), "not_decimal"),
    ("9" * 16, Decimal("9" * 16 + ".00")), ("9" * 17, "too_many_digits"), (10**17, "too_many_digits"), (10**400, "too_many_digits"),
    ("0" * 20 + "1", Decimal("1.00")), ("1\x00", "invalid_decimal"), ("1\n", "invalid_decimal"),
])
def test_decimal(value: object, found: object) -> None:
    """Decimals come as text, keep exactly their places, and are refused rather than rounded."""
    assert read(MONEY, value) == found


def test_decimal_keeps_its_places_in_every_text() -> None:
    """Twelve and a half is 12.50 in JSON, lists and inputs, and no zero is negative."""
    value = MONEY.parse("-12.5")
    assert (MONEY.dump(value), MONEY.text(value, ENGLISH), MONEY.input_text(value, ENGLISH)) == ("-12.50",) * 3
    assert MONEY.dump(MONEY.parse("-0")) == "0.00"
    assert DecimalNumber(0).dump(DecimalNumber(0).parse("007")) == "7"


def test_decimal_range() -> None:
    """Bounds are inclusive and compare exactly."""
    kind = DecimalNumber(2, Decimal("0.10"), Decimal("0.30"))
    assert [read(kind, text) for text in ("0.09", "0.10", "0.3", "0.31")] == ["too_small", Decimal("0.10"), Decimal("0.30"), "too_large"]


@given(st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=3, allow_nan=False))
def test_decimals_are_exact(value: Decimal) -> None:
    """What is dumped is the very number that was read."""
    kind = DecimalNumber(3)
    assert kind.parse(format(value, "f")) == value
    assert Decimal(kind.dump(kind.parse(format(value, "f")))) == value
