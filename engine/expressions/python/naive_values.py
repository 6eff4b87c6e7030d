"""What Python, or another common engine, would do with numbers, dates, texts and places where the dialect has a rule."""

from __future__ import annotations

import datetime
import decimal
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions.python.nodes import COMPARE, strict
from engine.expressions.tree import Call, Compare, Index, Macro, Node
from engine.expressions.types import DATE, FLOAT, INT, MONTHS, TEXT, DecimalOf, MapOf, places
from engine.expressions.values import Months

if TYPE_CHECKING:
    from engine.expressions.python.build import Builder

Eval = Callable[[Any], Any]


def _call(node: Node, b: Builder, function: Callable[..., Any] | None) -> Eval | None:
    """A strict call of another function."""
    if function is None or not isinstance(node, Call):
        return None
    return strict(function, [b.build(arg) for arg in node.args])


def _name(node: Node) -> str:
    return node.function.name if isinstance(node, Call) else node.kind if isinstance(node, Macro) else ""


# Numbers

STEPS: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def integers(node: Node, b: Builder) -> Eval | None:
    """Python's integers have no end."""
    return _call(node, b, STEPS.get(_name(node))) if node.type == INT else None


def as_floats(node: Node, b: Builder) -> Eval | None:
    """Decimals computed as floats."""
    step = {**STEPS, "/": operator.truediv}.get(_name(node)) if isinstance(node.type, DecimalOf) else None
    if step is None:
        return None
    chosen = step

    def evaluate(x: Any, y: Any) -> Any:
        return Decimal(repr(chosen(float(x), float(y)))) if y or chosen is not operator.truediv else None

    return _call(node, b, evaluate)


def half_up(node: Node, b: Builder) -> Eval | None:
    """Half away from zero, as in PostgreSQL and spreadsheets."""
    context = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP, traps=[])

    def cut(number: Decimal, count: int) -> Decimal:
        return number.quantize(Decimal(1).scaleb(-count), context=context)

    if _name(node) == "/" and isinstance(node.type, DecimalOf):
        return _call(node, b, lambda x, y: cut(context.divide(x, y), 10) if y else None)
    if _name(node) in ("*", "convert") and isinstance(node.type, DecimalOf):
        count = places(node.type)
        return _call(node, b, lambda x, y=1: cut(Decimal(x) * y, count))
    if _name(node) == "fixed":
        return _call(node, b, lambda x, count: format(cut(Decimal(x), count), "f"))
    return None


def divided(node: Node, b: Builder) -> Eval | None:
    """Division by zero raises, which ends the whole expression."""
    steps: dict[str, Callable[[Any, Any], Any]] = {"/": operator.truediv, "%": operator.mod, "div": operator.floordiv}
    step = steps.get(_name(node))
    if step is None or not isinstance(node, Call):
        return None
    ruled = node.function.python(node.args, node.type)
    return _call(node, b, lambda x, y: ruled(x, y) if y else step(Decimal(x), Decimal(y)))


def floored(node: Node, b: Builder) -> Eval | None:
    """Python's // and % round towards minus infinity."""
    steps: dict[str, Callable[[int, int], int]] = {"%": operator.mod, "div": operator.floordiv}
    step = steps.get(_name(node))
    return None if step is None else _call(node, b, lambda x, y: step(x, y) if y else None)


def floats(node: Node, b: Builder) -> Eval | None:
    """Floats of the machine: infinity beyond 1e308, and numbers down to 5e-324."""
    step = {**STEPS, "/": operator.truediv}.get(_name(node)) if node.type == FLOAT else None
    return _call(node, b, lambda x, y: step(x, y) if y or step is not operator.truediv else None) if step else None


# Dates

def _rolled(year: int, month: int, day: int) -> datetime.date:
    """A day that a month does not have falls into the next month, as JavaScript's Date has it."""
    return datetime.date(year, month, 1) + datetime.timedelta(days=day - 1)


def month_end(node: Node, b: Builder) -> Eval | None:
    if not isinstance(node, Call) or node.type != DATE or MONTHS not in [arg.type for arg in node.args]:
        return None
    sign = -1 if node.function.name == "-" else 1

    def evaluate(x: Any, y: Any) -> datetime.date:
        day, span = (y, x) if isinstance(x, Months) else (x, y)
        year, month = divmod(day.year * 12 + day.month - 1 + sign * span.count, 12)
        return _rolled(year, month + 1, day.day)

    return _call(node, b, evaluate)


def early_birthday(node: Node, b: Builder) -> Eval | None:
    """Born on 29 February: a year older on 28 February."""

    def evaluate(born: datetime.date, today: datetime.date) -> int | None:
        leap = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
        birthday = (2, 28) if (born.month, born.day) == (2, 29) and not leap else (born.month, born.day)
        return today.year - born.year - ((today.month, today.day) < birthday) if born <= today else None

    return _call(node, b, evaluate) if _name(node) == "age" else None


def unbounded_days(node: Node, b: Builder) -> Eval | None:
    """Python raises beyond the year 9999, which ends the whole expression."""
    if not isinstance(node, Call) or node.function.name not in ("+", "-") or node.type != DATE:
        return None
    ruled = node.function.python(node.args, node.type)

    def evaluate(*args: Any) -> Any:
        found = ruled(*args)
        if found is None:
            raise OverflowError
        return found

    return _call(node, b, evaluate)


def any_day(node: Node, b: Builder) -> Eval | None:
    def evaluate(text: str) -> datetime.date | None:
        found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])-([0-3][0-9])", text)
        return _rolled(*map(int, found.groups())) if found else None

    return _call(node, b, evaluate) if _name(node) == "date" and isinstance(node, Call) and node.args[0].type == TEXT else None


# Texts and places

def _units(text: str) -> bytes:
    return text.encode("utf-16-be")


def utf_16(node: Node, b: Builder) -> Eval | None:
    """JavaScript's texts: compared and counted by units of UTF-16."""
    if isinstance(node, Compare) and node.left.type == TEXT:
        test = COMPARE[node.op]
        return strict(lambda x, y: test(_units(x), _units(y)), [b.build(node.left), b.build(node.right)])
    if isinstance(node, Call) and node.function.name == "size" and node.args[0].type == TEXT:
        return _call(node, b, lambda text: len(_units(text)) // 2)
    return None


def any_case(node: Node, b: Builder) -> Eval | None:
    cases: dict[str, Callable[[str], str]] = {"lower": str.lower, "lowerAscii": str.lower, "upper": str.upper, "upperAscii": str.upper}
    return _call(node, b, cases.get(_name(node)))


def from_the_end(node: Node, b: Builder) -> Eval | None:
    """A negative place counts from the end, any other that is not there raises."""
    if not isinstance(node, Index):
        return None
    whole, key, is_map = b.build(node.x), b.build(node.key), isinstance(node.x.type, MapOf)

    def evaluate(found: Any, place: Any) -> Any:
        if place not in found if is_map else not -len(found) <= place < len(found):
            raise ValueError
        return found[place]

    return strict(evaluate, [whole, key])
