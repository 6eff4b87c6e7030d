"""What databases would do by themselves, rule by rule: `to_sql(…, off={"…"})` writes the nodes that a rule is about so.

Where a database follows a rule by itself (three-valued logic is SQL's), the entry does what other engines do: null counts as false,
as zero or as an empty text. A test switches the rules off one at a time and must see some value change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from engine.expressions import types as t
from engine.expressions.functions.function import SqlCall
from engine.expressions.limits import MAX_PLACES
from engine.expressions.sql.emit import SIGNS, Emit
from engine.expressions.sql.storage import SQLITE
from engine.expressions.sql.terms import FALSE, Term, apply, call, cast, let, listed, number, operand, write
from engine.expressions.tree import (
    And,
    Arith,
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    Index,
    Literal,
    Macro,
    Node,
    Not,
    Or,
)

__all__ = ["NAIVE"]

Naive = Callable[[Emit, Node], Term | None]


def _sqlite(emit: Emit) -> bool:
    return emit.storage is SQLITE


def _settled(term: Term) -> Term:
    return call("coalesce", term, FALSE)


def _args(emit: Emit, node: Node) -> list[Term]:
    return [emit.term(child) for child in node.children]


# Unknown

def _joined(kind: type[Node], sign: str) -> Naive:
    def naive(emit: Emit, node: Node) -> Term | None:
        if not isinstance(node, kind):
            return None
        return listed([_settled(term) for term in _args(emit, node)], sign)._replace(loose=True)

    return naive


def _not(emit: Emit, node: Node) -> Term | None:
    return write("NOT ", _settled(emit.term(node.x)), loose=True) if isinstance(node, Not) else None


def _compare(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Compare):
        return None
    if node.op not in ("==", "!="):
        return _settled(emit.ruled(node))
    left, right = emit.pair(node.left, node.right, False)
    return apply(left, "IS NOT DISTINCT FROM" if node.op == "==" else "IS DISTINCT FROM", right)


def _in(emit: Emit, node: Node) -> Term | None:
    return _settled(emit.ruled(node)) if isinstance(node, In) else None


def _conditional(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Conditional):
        return None
    test, then, otherwise = _args(emit, node)
    return write("CASE WHEN ", test, " THEN ", then, " ELSE ", otherwise, " END")


def _lenient(emit: Emit, node: Node) -> Term | None:
    """Null is an empty text to a function, or zero."""
    if not isinstance(node, Call):
        return None
    args = []
    for arg, term in zip(node.args, _args(emit, node), strict=True):
        if arg.type == t.TEXT:
            term = call("coalesce", term, Term("''"))
        elif t.is_number(arg.type):
            term = call("coalesce", term, number(0))
        args.append(term)
    return emit.function(node)(SqlCall(node.args, tuple(args), node.type))


def _macro_unknown(emit: Emit, node: Node) -> Term | None:
    emit.unknown_item = 0
    return None


# Aggregates

def _empty(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Macro):
        return None
    if node.kind in ("count", "sum"):
        return call("nullif", emit.ruled(node), number(0))
    if node.kind in ("min", "max", "avg") and t.is_number(node.type):
        return call("coalesce", emit.ruled(node), number(0))
    return None


def _nulls_count(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Macro) or node.kind not in ("min", "max", "avg") or node.body is None or not t.is_number(node.body.type):
        return None
    zero = Literal(node.body.type, node.at, Decimal(0) if isinstance(node.body.type, t.DecimalOf) else 0)
    if isinstance(node.body, Coalesce):
        return None
    return emit.ruled(dataclasses.replace(node, body=Coalesce(node.body.type, node.at, (node.body, zero))))


# Numbers

def _unbounded(kind: t.Type, sql_type: str) -> Naive:
    def naive(emit: Emit, node: Node) -> Term | None:
        if not isinstance(node, Arith) or node.type != kind or node.op not in ("+", "-", "*"):
            return None
        left, right = (cast(term, "real" if _sqlite(emit) and kind == t.FLOAT else sql_type) for term in _args(emit, node))
        return apply(left, node.op, right)

    return naive


def _binary(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Arith) or not isinstance(node.type, t.DecimalOf) or node.op not in ("+", "-", "*"):
        return None
    if not _sqlite(emit):
        left, right = (cast(term, "double precision") for term in _args(emit, node))
        return cast(cast(apply(left, node.op, right), "text"), "numeric")
    left, right = (write(operand(term), f" / 1e{t.places(arg.type)}", loose=True) for arg, term in zip(node.args, _args(emit, node), strict=True))
    return cast(write(operand(apply(left, node.op, right)), f" * 1e{t.places(node.type)}", loose=True), "integer")


def _half_up(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Arith) or node.op != "/" or node.type == t.FLOAT:
        return None
    left, right = _args(emit, node)
    if not _sqlite(emit):
        return call("round", apply(cast(left, "numeric"), "/", call("nullif", cast(right, "numeric"), number(0))), number(MAX_PLACES))
    shift = MAX_PLACES + t.places(node.args[1].type) - t.places(node.args[0].type)
    return cast(call("round", apply(write(operand(left), f" * 1e{shift}", loose=True), "/", right)), "integer")


def _zero_for_zero(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Call) or node.function.name not in ("/", "%", "div"):
        return None
    return call("coalesce", emit.ruled(node), number(0))


def _floored(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Call) or node.function.name not in ("%", "div"):
        return None
    left, right = _args(emit, node)
    left, right = operand(left), call("nullif", right, number(0))
    rest = apply(left, "%", right)
    if node.function.name == "%":
        return apply(apply(rest, "+", right), "%", right)
    signs = apply(apply(left, "<", number(0)), "<>", apply(right, "<", number(0)))
    lower = write("CASE WHEN ", rest, " <> 0 AND ", signs, " THEN 1 ELSE 0 END")
    return apply(apply(left, "/", right), "-", lower)


# Dates

def _overflowing(emit: Emit, node: Node) -> Term | None:
    """31 January and a month is 3 March."""
    if not isinstance(node, Arith) or node.type != t.DATE or t.MONTHS not in (arg.type for arg in node.args):
        return None
    pairs = sorted(zip(node.args, _args(emit, node), strict=True), key=lambda pair: pair[0].type != t.DATE)
    day, months = pairs[0][1], pairs[1][1]
    months = months if node.op == "+" else apply(number(0), "-", months)
    if _sqlite(emit):
        return call("date", day, apply(months, "||", Term("' months'")))
    first = apply(call("date_trunc", Term("'month'"), day), "+", call("make_interval", number(0), cast(months, "integer")))
    rest = write("CAST(EXTRACT(day FROM ", day, ") AS integer) - 1", loose=True)
    return apply(cast(first, "date"), "+", rest)


def _on_the_28th(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Call) or node.function.name != "age":
        return None
    days = []
    for term in _args(emit, node):
        text = write("replace(", term, ", '-', '')") if _sqlite(emit) else write("to_char(", term, ", 'YYYYMMDD')")
        days.append(cast(text, "bigint"))
    born, today = days
    earlier = write(born, " - CASE WHEN ", born, " % 10000 = 229 THEN 1 ELSE 0 END", loose=True)
    return apply(apply(today, "-", earlier), "/", number(10_000))


def _saturated(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Arith) or node.type != t.DATE:
        return None
    return call("coalesce", emit.ruled(node), cast(Term("'9999-12-31'"), "text" if _sqlite(emit) else "date"))


def _rolled(emit: Emit, node: Node) -> Term | None:
    """30 February is 2 March."""
    if not isinstance(node, Call) or node.function.name != "date" or node.args[0].type != t.TEXT:
        return None
    text = emit.term(node.args[0])
    if _sqlite(emit):
        return call("date", text, Term("'+0 days'"))

    def body(given: Term) -> Term:
        year, month, day = (f"CAST(split_part({given.text}, '-', {place}) AS integer)" for place in (1, 2, 3))
        rolled = f"CAST(make_date({year}, 1, 1) + make_interval(0, {month} - 1) AS date) + {day} - 1"
        return Term(f"CASE WHEN {given.text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' AND {year} > 0 THEN {rolled} END")

    return let((text,), body)


# Texts and lists

def _without_case(emit: Emit, node: Node) -> Term | None:
    """Texts in the order of a dictionary, and sizes in bytes."""
    if isinstance(node, Call) and node.function.name == "size" and node.args[0].type == t.TEXT:
        [text] = _args(emit, node)
        return call("length", cast(text, "blob")) if _sqlite(emit) else call("octet_length", text)
    if not isinstance(node, Compare) or node.left.type != t.TEXT or node.op in ("==", "!="):
        return None
    left, right = (call("lower", term) for term in emit.pair(node.left, node.right, False))
    return apply(left, SIGNS.get(node.op, node.op), right)


ACCENTED = (("Ä", "ä"), ("Ö", "ö"), ("Ü", "ü"), ("É", "é"), ("È", "è"), ("Ñ", "ñ"))


def _accents_too(emit: Emit, node: Node) -> Term | None:
    if not isinstance(node, Call) or node.function.name not in ("lower", "upper", "lowerAscii", "upperAscii"):
        return None
    found = emit.ruled(node)
    for large, small in ACCENTED:
        one, two = (large, small) if node.function.name.startswith("lower") else (small, large)
        found = write("replace(", found, f", '{one}', '{two}')")
    return found


def _nearest(emit: Emit, node: Node) -> Term | None:
    """A place before the first is the first, one after the last is the last."""
    if not isinstance(node, Index):
        return None
    whole, place = emit.term(node.x), emit.term(node.key)
    if _sqlite(emit):
        found = apply(Term("e.key"), "<=", call("max", place, number(0)))
        return write("(SELECT e.value FROM json_each(", whole, ") AS e WHERE ", found, " ORDER BY e.key DESC LIMIT 1)")
    return let((whole, place), lambda x, i: Term(f"({x.text})[least(greatest({i.text}, 0), cardinality({x.text}) - 1)::integer + 1]"))


NAIVE: Mapping[str, Naive] = MappingProxyType({
    "and_unknown": _joined(And, " AND "),
    "or_unknown": _joined(Or, " OR "),
    "not_unknown": _not,
    "compare_unknown": _compare,
    "in_unknown": _in,
    "conditional_unknown": _conditional,
    "strict_functions": _lenient,
    "macro_unknown": _macro_unknown,
    "empty_aggregate": _empty,
    "aggregate_skips_null": _nulls_count,
    "integer_bounds": _unbounded(t.INT, "numeric"),
    "exact_decimals": _binary,
    "half_even": _half_up,
    "division_by_zero": _zero_for_zero,
    "truncating_division": _floored,
    "float_bounds": _unbounded(t.FLOAT, "double precision"),
    "month_end": _overflowing,
    "leap_birthday": _on_the_28th,
    "date_bounds": _saturated,
    "real_dates": _rolled,
    "code_points": _without_case,
    "ascii_case": _accents_too,
    "index_bounds": _nearest,
})
