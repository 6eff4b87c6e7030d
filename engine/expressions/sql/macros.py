"""Macros in SQL: a correlated subquery over the items of a list or over child rows.

Every part of the expression stands once in the text, so that nested macros grow in step with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.expressions import types as t
from engine.expressions.sql.frames import Frame, bare, never_null
from engine.expressions.sql.problem import names_item, sought
from engine.expressions.sql.terms import FALSE, TRUE, Term, apply, call, cast, named, number, operand, write
from engine.expressions.tree import Macro, Node, walk

if TYPE_CHECKING:
    from engine.expressions.sql.emit import Emit

__all__ = ["folded", "holds", "macro", "over_list"]

Make = Callable[[Frame], Term]
UNKNOWN_ONE = 2**32


def macro(emit: Emit, node: Macro) -> Term:
    """The value of the macro; null over a list that is null."""
    if isinstance(node.over.type, t.RowsOf):
        return MAKE[node.kind](emit, node, rows(emit, node.over))
    beside = sought(node)
    if beside is not None:
        return emit.sought(node, beside)
    return over_list(emit, node.over, lambda frame: MAKE[node.kind](emit, node, frame))


def over_list(emit: Emit, over: Node, make: Make) -> Term:
    """What `make` says of a list, or null where the list is null. The list is computed once: a fenced subquery names it."""
    found = emit.term(over)
    if never_null(over):
        return make(emit.items(found, over))
    if bare(over) and named(found):
        return write("CASE WHEN ", operand(found), " IS NOT NULL THEN ", make(emit.items(found, over)), " END")
    name = emit.alias()
    inside = make(emit.items(Term(f"{name}.l"), over))
    return write(f"(SELECT CASE WHEN {name}.l IS NOT NULL THEN ", inside, " END FROM (SELECT ", found, f" AS l LIMIT 1) AS {name})")


def rows(emit: Emit, over: Node) -> Frame:
    """The frame of child rows, of which filters keep a part."""
    if isinstance(over, Macro):
        frame = rows(emit, over.over)
        if over.test is not None:
            frame.conditions.append(emit.within(frame, lambda: holds(emit, over.test, True)))  # type: ignore[arg-type]
        return frame
    return emit.child_rows(over)


def folded(emit: Emit, node: Node | None, value: Term, frame: Frame, tests: list[Term], make: Callable[[Term], Term]) -> Term:
    """`(SELECT make(value) FROM …)`, where `make` aggregates. Both databases take an aggregate of nothing but columns from around for one
    of the statement around, so that a value that does not name the item gets a name in a subquery first."""
    if node is not None and names_item(node):
        return write("(SELECT ", make(value), frame.where(*tests), ")")
    name = emit.alias()
    return write("(SELECT ", make(Term(f"{name}.x")), " FROM (SELECT ", value, " AS x", frame.where(*tests), f") AS {name})")


# Conditions

def _body(emit: Emit, node: Macro, frame: Frame) -> Term:
    assert node.body is not None
    body = node.body
    return emit.within(frame, lambda: emit.term(body))


def _test(emit: Emit, node: Macro, frame: Frame) -> list[Term]:
    if node.test is None:
        return []
    test = node.test
    return [emit.within(frame, lambda: holds(emit, test, True))]


def _three(emit: Emit, body: Term) -> Term:
    """2 for true, 1 for unknown, 0 for false."""
    return call("coalesce", apply(cast(body, "integer"), "*", number(2)), number(emit.unknown_item))


def _verdict(three: Term) -> Term:
    return write("CASE ", three, " WHEN 0 THEN FALSE WHEN 2 THEN TRUE END")


def _exists(emit: Emit, node: Macro, frame: Frame) -> Term:
    body = _body(emit, node, frame)
    if node.body is not None and never_null(node.body):
        return write("EXISTS (SELECT 1", frame.where(body), ")")
    return folded(emit, node.body, _three(emit, body), frame, [], lambda x: _verdict(call("coalesce", call("max", x), number(0))))


def _all(emit: Emit, node: Macro, frame: Frame) -> Term:
    body = _body(emit, node, frame)
    if node.body is not None and never_null(node.body):
        return write("NOT EXISTS (SELECT 1", frame.where(write("NOT ", operand(body), loose=True)), ")", loose=True)
    return folded(emit, node.body, _three(emit, body), frame, [], lambda x: _verdict(call("coalesce", call("min", x), number(2))))


def _exists_one(emit: Emit, node: Macro, frame: Frame) -> Term:
    """The true ones are counted in the lower half of a number, the unknown ones in the upper."""
    body = call("coalesce", cast(_body(emit, node, frame), "integer"), number(UNKNOWN_ONE if emit.unknown_item else 0))
    count = folded(emit, node.body, body, frame, [], lambda x: call("coalesce", call("sum", x), number(0)))
    name = emit.alias()
    verdict = (
        f"CASE WHEN {name}.n >= {UNKNOWN_ONE} THEN CASE WHEN {name}.n % {UNKNOWN_ONE} > 1 THEN FALSE END ELSE {name}.n = 1 END"
    )
    return write(f"(SELECT {verdict} FROM (SELECT ", count, f" AS n) AS {name})")


# Lists

def _filter(emit: Emit, node: Macro, frame: Frame) -> Term:
    assert isinstance(node.type, t.ListOf)
    return emit.collected(frame.raw, node.type.item, frame, _test(emit, node, frame), True)


def _map(emit: Emit, node: Macro, frame: Frame) -> Term:
    assert node.body is not None
    tests = _test(emit, node, frame)
    return emit.collected(emit.packed(_body(emit, node, frame), node.body.type), node.body.type, frame, tests, names_item(node.body))


# Numbers

def _count(emit: Emit, node: Macro, frame: Frame) -> Term:
    tests = _test(emit, node, frame)
    return write("(SELECT count(*)", frame.where(*tests), ")")


def _sum(emit: Emit, node: Macro, frame: Frame) -> Term:
    return emit.total(node, _body(emit, node, frame), frame)


def _avg(emit: Emit, node: Macro, frame: Frame) -> Term:
    return emit.average(node, _body(emit, node, frame), frame)


def _extreme(emit: Emit, node: Macro, frame: Frame) -> Term:
    assert node.body is not None
    body = emit.ordered(node.body, _body(emit, node, frame))
    return folded(emit, node.body, body, frame, [], lambda x: call(node.kind, x))


MAKE: dict[str, Callable[[Emit, Macro, Frame], Term]] = {
    "all": _all, "exists": _exists, "exists_one": _exists_one, "filter": _filter, "map": _map, "count": _count,
    "sum": _sum, "avg": _avg, "min": _extreme, "max": _extreme,
}


# Where only true counts

def holds(emit: Emit, node: Node, want: bool) -> Term:
    """A clause that is true exactly where the node is `want`; elsewhere it is false or null.

    Where no more is asked, `exists` over child rows is an EXISTS, which ends at the first row found.
    """
    kind = type(node).__name__
    if not any(isinstance(part, Macro) for part in walk(node)):
        return emit.term(node) if want else write("NOT ", operand(emit.term(node)), loose=True)
    if kind == "Not":
        return holds(emit, node.children[0], not want)
    if kind in ("And", "Or"):
        sign = " AND " if (kind == "And") == want else " OR "
        return write(*_between(sign, [operand(holds(emit, item, want)) for item in node.children]), loose=True)
    if isinstance(node, Macro) and node.kind in ("exists", "all") and isinstance(node.over.type, t.RowsOf):
        return _first(emit, node, want)
    found = emit.term(node)
    return found if want else write("NOT ", operand(found), loose=True)


def _between(sign: str, parts: list[Term]) -> list[Term | str]:
    return [each for part in parts for each in (sign, part)][1:]


def _first(emit: Emit, node: Macro, want: bool) -> Term:
    assert node.body is not None
    body = node.body
    frame = rows(emit, node.over)
    exists = node.kind == "exists"
    if exists == want:
        return write("EXISTS (SELECT 1", frame.where(emit.within(frame, lambda: holds(emit, body, want))), ")")
    found = emit.within(frame, lambda: emit.term(body))
    unless = write(operand(found), " IS NOT ", TRUE if want else FALSE, loose=True)
    return write("NOT EXISTS (SELECT 1", frame.where(unless), ")", loose=True)
