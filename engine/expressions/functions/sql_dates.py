"""The SQL of dates, instants and durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.limits import MAX_MICROSECONDS
from engine.expressions.sql.terms import Term, apply, bind, bounded, call, cast, let, number, write
from engine.expressions.sql.types import TEXT
from engine.expressions.types import DATE, DAYS, Type

__all__ = [
    "negated", "postgresql_age", "postgresql_date", "postgresql_days", "postgresql_instant", "postgresql_months", "postgresql_shift",
    "postgresql_span_between", "postgresql_spans", "span", "sqlite_age", "sqlite_date", "sqlite_days", "sqlite_instant", "sqlite_parse",
    "sqlite_span_between", "sqlite_spans", "turned",
]


def span(most: int, factor: int) -> tuple[Sql, Sql]:
    """A count of units as whole number of the type's unit, null beyond `most` of them."""

    def build(limit: Callable[[Term, int], Term]) -> Sql:
        def one(c: SqlCall) -> Term:
            count = limit(cast(c.args[0], "bigint"), most)
            return count if factor == 1 else apply(count, "*", number(factor))

        return one

    return build(sqlite.limited), build(postgresql.limited)


def _signed(c: SqlCall, sign: int) -> Term:
    return c.args[1] if sign > 0 else apply(number(0), "-", c.args[1])


def _microseconds(c: SqlCall, sign: int) -> Term:
    found = _signed(c, sign)
    return apply(found, "*", number(86_400_000_000)) if c.nodes[1].type == DAYS else found


def sqlite_date(name: str, sign: int) -> Sql:
    return lambda c: call(name, c.args[0], _signed(c, sign))


def sqlite_instant(sign: int) -> Sql:
    return lambda c: call("cw_add_microseconds", c.args[0], _microseconds(c, sign))


def _years_1_to_9999(term: Term) -> Term:
    return bounded(term, Term("DATE '0001-12-31 BC'"), Term("DATE '10000-01-01'"), least="least", greatest="greatest")


def postgresql_shift(sign: int) -> Sql:
    return lambda c: _years_1_to_9999(apply(c.args[0], "+", cast(_signed(c, sign), "integer")))


def postgresql_months(sign: int) -> Sql:
    def build(c: SqlCall) -> Term:
        months = call("make_interval", number(0), cast(_signed(c, sign), "integer"))
        return _years_1_to_9999(cast(apply(c.args[0], "+", months), "date"))

    return build


def postgresql_instant(sign: int) -> Sql:
    def build(c: SqlCall) -> Term:
        length = apply(Term("interval '1 microsecond'"), "*", cast(_microseconds(c, sign), "double precision"))
        low, high = Term("TIMESTAMPTZ '0001-12-31 23:59:59.999999+00 BC'"), Term("TIMESTAMPTZ '10000-01-01 00:00:00+00'")
        return bounded(apply(c.args[0], "+", length), low, high, least="least", greatest="greatest")

    return build


def sqlite_days(later: Term, earlier: Term) -> Term:
    """Julian days of dates all end in .5, so their difference is a whole number."""
    return cast(apply(call("julianday", later), "-", call("julianday", earlier)), "bigint")


def postgresql_days(later: Term, earlier: Term) -> Term:
    return cast(apply(later, "-", earlier), "bigint")


def sqlite_span_between(c: SqlCall) -> Term:
    return call("cw_microseconds_between", *c.args)


def postgresql_span_between(c: SqlCall) -> Term:
    """Microseconds: EXTRACT(EPOCH) of an interval is an exact numeric with six places."""
    seconds = write("EXTRACT(epoch FROM ", apply(c.args[0], "-", c.args[1]), ")")
    return postgresql.limited(cast(apply(seconds, "*", number(1_000_000)), "bigint"), MAX_MICROSECONDS)


def turned(c: SqlCall) -> SqlCall:
    """The call with its arguments the other way round."""
    return SqlCall(c.nodes[::-1], c.args[::-1], c.type)


def sqlite_spans(sign: str, most: Mapping[Type, int]) -> Sql:
    return lambda c: sqlite.limited(apply(c.args[0], sign, c.args[1]), most[c.type])


def postgresql_spans(sign: str, most: Mapping[Type, int]) -> Sql:
    return lambda c: postgresql.limited(apply(c.args[0], sign, c.args[1]), most[c.type])


def negated(c: SqlCall) -> Term:
    return apply(number(0), "-", c.args[0])


def _age(born: Term, today: Term, least: str) -> Term:
    """Full years from dates as numbers 20261122: their difference without its last four digits, null below zero."""
    gap = apply(today, "-", born)
    return apply(call("nullif", call(least, gap, number(-1)), number(-1)), "/", number(10_000))


def sqlite_age(c: SqlCall) -> Term:
    born, today = (cast(write("replace(", arg, ", '-', '')"), "bigint") for arg in c.args)
    return _age(born, today, "max")


def postgresql_age(c: SqlCall) -> Term:
    born, today = (cast(write("to_char(", arg, ", 'YYYYMMDD')"), "bigint") for arg in c.args)
    return _age(born, today, "greatest")


LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
REAL_DATE = (
    "^(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{LEAP}-02-29)$"
)


def sqlite_parse(c: SqlCall) -> Term:
    return c.args[0] if c.nodes[0].type == DATE else call("cw_parse_date", *c.args)


def postgresql_date(c: SqlCall) -> Term:
    """A cast raises for a text that is no date, so a pattern of all real dates stands before it."""
    if c.nodes[0].type == DATE:
        return c.args[0]
    return let((c.args[0],), lambda text: write("CASE WHEN ", text, " ~ ", bind(REAL_DATE, TEXT), " THEN CAST(", text, " AS date) END"))
