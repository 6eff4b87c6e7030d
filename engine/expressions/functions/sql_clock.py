"""The SQL of parts of dates, instants and durations, of the clinic's day, of formats and of working days."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ARRAY

from engine.expressions import moments
from engine.expressions.calendar import Calendar
from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.limits import MAX_DAYS
from engine.expressions.sql.terms import Term, apply, bind, call, cast, let, number, operand, write
from engine.expressions.sql.types import BIGINT, TEXT, SqlType
from engine.expressions.tree import Literal, Node
from engine.expressions.types import DATE, DAYS, INSTANT

__all__ = [
    "postgresql_between", "postgresql_date", "postgresql_format", "postgresql_part", "postgresql_shift", "span_part", "sqlite_add",
    "sqlite_between", "sqlite_date", "sqlite_format", "sqlite_part", "sqlite_subtract", "workdays",
]

BIGINTS: SqlType = ARRAY(BIGINT)
LAST = 3_652_059

# What EXTRACT reads, and what it takes to make CEL's part of it.
PARTS = {
    "getFullYear": ("year", ""), "getMonth": ("month", " - 1"), "getDate": ("day", ""), "getDayOfMonth": ("day", " - 1"),
    "getDayOfWeek": ("dow", ""), "getDayOfYear": ("doy", " - 1"), "getHours": ("hour", ""), "getMinutes": ("minute", ""),
    "getSeconds": ("second", ""), "getMilliseconds": ("milliseconds", " % 1000"),
}
# Microseconds of the unit, and after how many of them the count begins anew.
SPANS = {"getHours": (3_600_000_000, 0), "getMinutes": (60_000_000, 0), "getSeconds": (1_000_000, 0), "getMilliseconds": (1_000, 1_000)}
FORMS = {"yyyy": "YYYY", "MM": "MM", "M": "FMMM", "dd": "DD", "d": "FMDD", "HH": "HH24", "mm": "MI", "ss": "SS"}


def _literal(node: Node) -> str:
    assert isinstance(node, Literal)
    return str(node.value)


def _there(c: SqlCall, zone: str, read: Callable[[Term], Term]) -> Term:
    """What is read of an instant on the clocks of a zone, null where they show a year before 1 or after 9999."""
    if zone == "UTC":
        return read(write(operand(c.args[0]), " AT TIME ZONE 'UTC'", loose=True))
    offset = zone[-3:-2] == ":"
    place = cast(bind(zone if zone[0] in "+-" else f"+{zone}", TEXT), "interval") if offset else bind(zone, TEXT)
    local = write(operand(c.args[0]), " AT TIME ZONE ", place, loose=True)
    known = " >= TIMESTAMP '0001-01-01' AND "
    return let((local,), lambda x: write("CASE WHEN ", x, known, x, " < TIMESTAMP '10000-01-01' THEN ", read(x), " END"))


# Parts

def sqlite_part(name: str) -> Sql:
    def build(c: SqlCall) -> Term:
        if c.nodes[0].type == DATE:
            return write("cw_date_part(", c.args[0], f", '{name}')")
        return write("cw_part(", c.args[0], f", '{name}', ", c.args[1] if len(c.args) > 1 else Term("'UTC'"), ")")

    return build


def postgresql_part(name: str) -> Sql:
    field, rest = PARTS[name]

    def read(moment: Term) -> Term:
        whole = cast(write("floor(EXTRACT(", field, " FROM ", moment, "))"), "bigint")
        return write(whole, rest, loose=bool(rest))

    def build(c: SqlCall) -> Term:
        return read(c.args[0]) if c.nodes[0].type == DATE else _there(c, _literal(c.nodes[1]) if len(c.nodes) > 1 else "UTC", read)

    return build


def span_part(name: str) -> Sql:
    """Both databases divide whole numbers cutting towards zero."""
    unit, modulus = SPANS[name]

    def build(c: SqlCall) -> Term:
        span = apply(c.args[0], "*", number(86_400_000_000)) if c.nodes[0].type == DAYS else c.args[0]
        whole = apply(span, "/", number(unit))
        return apply(whole, "%", number(modulus)) if modulus else whole

    return build


def sqlite_date(c: SqlCall) -> Term:
    return call("cw_local_date", *c.args)


def postgresql_date(c: SqlCall) -> Term:
    return _there(c, _literal(c.nodes[1]), lambda moment: cast(moment, "date"))


# Formats

def sqlite_format(c: SqlCall) -> Term:
    kind = c.nodes[0].type
    return call(f"cw_format_{'instant' if kind == INSTANT else 'date' if kind == DATE else 'time'}", *c.args)


def postgresql_format(c: SqlCall) -> Term:
    words = [match[0] for match in moments.WORD.finditer(_literal(c.nodes[1]))]
    quoted = ["".join(('"', word.replace("\\", "\\\\").replace('"', '\\"'), '"')) if word not in FORMS else FORMS[word] for word in words]
    form = bind("".join(quoted), TEXT)
    if c.nodes[0].type != INSTANT:
        return call("to_char", c.args[0], form)
    return _there(c, _literal(c.nodes[2]), lambda moment: call("to_char", moment, form))


# Working days

def workdays() -> tuple[Sql, Sql]:
    return lambda c: sqlite.limited(c.args[0], MAX_DAYS), lambda c: postgresql.limited(cast(c.args[0], "bigint"), MAX_DAYS)


def sqlite_add(c: SqlCall) -> Term:
    day, count = (c.args[0], c.args[1]) if c.nodes[0].type == DATE else (c.args[1], c.args[0])
    return call("cw_add_workdays", day, count, c.args[2])


def sqlite_subtract(c: SqlCall) -> Term:
    return call("cw_add_workdays", c.args[0], apply(number(0), "-", c.args[1]), c.args[2])


def sqlite_between(c: SqlCall) -> Term:
    return call("cw_workdays_between", *c.args)


def _counted(calendar: Calendar, ordinal: str) -> Term:
    """Working days from 1 January of the year 1 to the day with this number, both included: see `Calendar._count`."""
    worked = [sum(day not in calendar.weekend for day in range(1, rest + 1)) for rest in range(7)]
    text = f"({ordinal}) / 7 * {7 - len(calendar.weekend)} + (ARRAY{worked})[({ordinal}) % 7 + 1]"
    found = Term(text)
    for sign, days in (("-", calendar.holidays_worked_else), ("+", calendar.weekend_worked)):
        if days:
            found = write(found, f" {sign} (SELECT count(*) FROM unnest(", bind(list(days), BIGINTS), f") AS o(d) WHERE o.d <= {ordinal})")
    return write("(", found, ")")


def _calendar(node: Node) -> Calendar:
    assert isinstance(node, Literal) and isinstance(node.value, Calendar)
    return node.value


def _ordinal(day: Term) -> str:
    return f"({day.text} - DATE '0001-01-01' + 1)"


def postgresql_between(c: SqlCall) -> Term:
    calendar = _calendar(c.nodes[2])
    return let(c.args[:2], lambda one, two: apply(_counted(calendar, _ordinal(two)), "-", _counted(calendar, _ordinal(one))))


def postgresql_shift(sign: int) -> Sql:
    """The day is searched for by halves among all days, as in `Calendar.shift`."""

    def build(c: SqlCall) -> Term:
        calendar = _calendar(c.nodes[-1])
        day, count = (c.args[0], c.args[1]) if c.nodes[0].type == DATE else (c.args[1], c.args[0])

        def body(start: Term, steps: Term) -> Term:
            ordinal = _ordinal(start)
            after = write(_counted(calendar, ordinal), f" + {steps.text}")
            before = write(_counted(calendar, f"{ordinal} - 1"), f" + {steps.text} + 1")
            wanted = write(f"CASE WHEN {steps.text} > 0 THEN ", after, " ELSE ", before, " END")
            half = write("SELECT s.lo, s.hi, s.n, (s.lo + s.hi) / 2 AS m FROM s WHERE s.lo < s.hi")
            step = write("SELECT h.*, ", _counted(calendar, "h.m"), " AS c FROM (", half, " OFFSET 0) AS h OFFSET 0")
            halves = write(
                "WITH RECURSIVE s(lo, hi, n) AS (SELECT 0, ", number(LAST), ", ", wanted, " UNION ALL SELECT CASE WHEN q.c < q.n THEN q.m + 1 "
                "ELSE q.lo END, CASE WHEN q.c < q.n THEN q.hi ELSE q.m END, q.n FROM (", step, ") AS q) "
                f"SELECT DATE '0001-01-01' + s.lo - 1 FROM s WHERE s.lo = s.hi AND s.n BETWEEN 1 AND {calendar.total}",
            )
            return write(f"CASE WHEN {steps.text} = 0 THEN {start.text} ELSE (", halves, ") END")

        return let((day, count if sign > 0 else apply(number(0), "-", count)), body)

    return build
