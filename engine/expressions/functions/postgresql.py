"""What the functions' SQL for PostgreSQL is made of: bounds and half-even rounding, which PostgreSQL lacks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.expressions.limits import DECIMAL_DIGITS, MAX_FLOAT, MAX_INTEGER, MIN_FLOAT
from engine.expressions.sql_terms import BIGINT, NUMERIC, bounded, let, number
from engine.expressions.types import INT, Type, places

__all__ = ["bounded_float", "bounded_number", "half_even", "limited"]

Term = ColumnElement[Any]
FLOAT: sa.types.TypeEngine[Any] = sa.Double()


def limited(term: Term, most: int) -> Term:
    """The whole number, or null beyond ±most; LEAST and GREATEST skip a null, so null meets the bound and is null again."""
    return bounded(term, number(-most - 1), number(most + 1), BIGINT, least="least", greatest="greatest")


def bounded_number(term: Term, kind: Type) -> Term:
    """The number, or null beyond the bounds of its type; integers come back as bigint."""
    if kind == INT:
        return sa.cast(limited(term, MAX_INTEGER), BIGINT)
    edge = 10 ** (DECIMAL_DIGITS - places(kind))
    return bounded(term, number(-edge), number(edge), NUMERIC, least="least", greatest="greatest")


def bounded_float(term: Term) -> Term:
    """The float, null beyond the greatest, zero below the least."""

    def body(x: Term) -> Term:
        size = sa.func.abs(x)
        most, least = (sa.literal_column(f"'{bound!r}'::float8", FLOAT) for bound in (MAX_FLOAT, MIN_FLOAT))
        return sa.case((size > most, sa.null()), (size < least, sa.literal_column("0::float8", FLOAT)), else_=x)

    return let((term,), (FLOAT,), body, FLOAT)


def half_even(numerator: Term, denominator: Term, digits: int) -> Term:
    """numerator / denominator rounded half-even to `digits` places; the denominator is not zero, or null."""

    def body(n: Term, d: Term) -> Term:
        quotient, rest = sa.func.div(n, d, type_=NUMERIC), sa.func.abs(sa.func.mod(n, d), type_=NUMERIC)
        twice, whole = rest.op("*", return_type=NUMERIC)(number(2)), sa.func.abs(d, type_=NUMERIC)
        odd = sa.func.mod(quotient, number(2)) != number(0)
        away = sa.func.sign(n, type_=NUMERIC).op("*", return_type=NUMERIC)(sa.func.sign(d, type_=NUMERIC))
        step = sa.case((sa.or_(twice > whole, sa.and_(twice == whole, odd)), away), else_=number(0))
        unit = sa.literal_column(f"1e-{digits}::numeric", NUMERIC)
        return quotient.op("+", return_type=NUMERIC)(step).self_group().op("*", return_type=NUMERIC)(unit)

    shifted = sa.cast(numerator, NUMERIC).op("*", return_type=NUMERIC)(number(10**digits))
    return let((shifted, sa.cast(denominator, NUMERIC)), (NUMERIC, NUMERIC), body, NUMERIC)
