"""The SQL of conversions. SQLite calls the Python of the language; PostgreSQL tests the form of a text before it casts it."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.limits import MAX_INTEGER
from engine.expressions.sql.terms import Term, apply, call, cast, let, number, operand, write
from engine.expressions.types import DAYS, INT, DecimalOf, places

__all__ = [
    "postgresql_bool", "postgresql_decimal", "postgresql_double", "postgresql_from_seconds", "postgresql_instant_text", "postgresql_int",
    "postgresql_seconds", "postgresql_span_text", "postgresql_time", "postgresql_time_text", "postgresql_whole", "sqlite_call",
    "sqlite_span_text", "sqlite_whole",
]

A_DAY = number(86_400_000_000)


def sqlite_call(name: str) -> Sql:
    """One of our functions on SQLite."""
    return lambda c: call(name, *c.args)


# To integers

def sqlite_whole(c: SqlCall) -> Term:
    """Cut towards zero, as SQLite divides whole numbers and casts floats."""
    kind = c.nodes[0].type
    if not isinstance(kind, DecimalOf):
        return sqlite.limited(cast(c.args[0], "integer"), MAX_INTEGER)
    return sqlite.limited(apply(c.args[0], "/", number(10**places(kind))), MAX_INTEGER)


def postgresql_whole(c: SqlCall) -> Term:
    """A cast of a float to numeric would keep fifteen digits alone."""
    if isinstance(c.nodes[0].type, DecimalOf):
        return postgresql.bounded_number(call("trunc", cast(c.args[0], "numeric")), INT)

    def body(x: Term) -> Term:
        return postgresql.bounded_number(Term(f"CASE WHEN abs({x.text}) < 1e16 THEN CAST(trunc({x.text}) AS bigint) END"), INT)

    return let((c.args[0],), body)


def _formed(pattern: str, make: Callable[[Term], Term]) -> Sql:
    """What `make` casts a text to, null for a text of another form."""
    return lambda c: let((c.args[0],), lambda text: write("CASE WHEN ", text, f" ~ '^{pattern}$' THEN ", make(text), " END"))


postgresql_int = _formed("[+-]?[0-9]{1,18}", lambda text: postgresql.bounded_number(cast(text, "bigint"), INT))
postgresql_decimal = _formed(
    "[+-]?[0-9]{1,18}([.][0-9]{1,10})?", lambda text: postgresql.bounded_number(cast(text, "numeric"), DecimalOf(10)),
)
postgresql_time = _formed("([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", lambda text: cast(text, "time"))


def postgresql_double(c: SqlCall) -> Term:
    """A cast to float fails for what is too great or too small for one."""

    def floated(text: Term) -> Term:
        exact = cast(text, "numeric").text
        found = f"CASE WHEN abs({exact}) > 1e151 THEN NULL WHEN abs({exact}) < 1e-151 THEN 0 ELSE {exact} END"
        return Term(f"CAST({found} AS double precision)")

    form = "[+-]?([0-9]{1,40}([.][0-9]{0,40})?|[.][0-9]{1,40})([eE][+-]?[0-9]{1,3})?"
    return postgresql.bounded_float(_formed(form, floated)(c))


def postgresql_bool(c: SqlCall) -> Term:
    true, false = "'1', 't', 'true', 'TRUE', 'True'", "'0', 'f', 'false', 'FALSE', 'False'"
    return let((c.args[0],), lambda x: write("CASE WHEN ", x, f" IN ({true}) THEN TRUE WHEN ", x, f" IN ({false}) THEN FALSE END"))


# Instants

def postgresql_seconds(c: SqlCall) -> Term:
    return cast(write("floor(EXTRACT(epoch FROM ", c.args[0], "))"), "bigint")


def postgresql_from_seconds(c: SqlCall) -> Term:
    return let((c.args[0],), lambda x: write("CASE WHEN ", x, " BETWEEN -62135596800 AND 253402300799 THEN to_timestamp(", x, ") END"))


# To texts

def postgresql_instant_text(c: SqlCall) -> Term:
    utc = write(operand(c.args[0]), " AT TIME ZONE 'UTC'", loose=True)
    return write("rtrim(rtrim(to_char(", utc, """, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'""", loose=True)


def postgresql_time_text(c: SqlCall) -> Term:
    return write("regexp_replace(to_char(", c.args[0], ", 'HH24:MI:SS'), '^(.....):00$', '\\1')")


def _microseconds(c: SqlCall) -> Term:
    return apply(c.args[0], "*", A_DAY) if c.nodes[0].type == DAYS else c.args[0]


def sqlite_span_text(c: SqlCall) -> Term:
    return call("cw_span_text", _microseconds(c))


def postgresql_span_text(c: SqlCall) -> Term:
    def body(x: Term) -> Term:
        sign = f"CASE WHEN {x.text} < 0 THEN '-' ELSE '' END"
        return Term(f"{sign} || CAST(trim_scale(CAST(abs({x.text}) AS numeric) * 0.000001) AS text) || 's'", (), True)

    return let((_microseconds(c),), body)
