"""What the functions' SQL for SQLite is made of: bounds, and decimals as whole numbers of their type's places."""

from __future__ import annotations

from engine.expressions.limits import DECIMAL_DIGITS, MAX_INTEGER
from engine.expressions.sql.terms import Term, apply, bind, call, number
from engine.expressions.sql.types import BIGINT, DOUBLE
from engine.expressions.tree import Literal, Node
from engine.expressions.types import INT, Type, places

__all__ = ["aligned", "bounded_number", "inexact", "limited", "spelled"]


def limited(term: Term, most: int) -> Term:
    """The whole number, or null beyond ±most. Sums beyond 64 bits are REAL in SQLite, and beyond `most` as well.

    One function of ours instead of four of SQLite's: its parser has a stack of 100 places, and a sum of ten fields
    would overflow it.
    """
    return call("cw_bounded", term, number(most))


def bounded_number(term: Term, kind: Type) -> Term:
    """The number, or null beyond the bounds of its type."""
    return limited(term, MAX_INTEGER if kind == INT else 10**DECIMAL_DIGITS - 1)


def aligned(node: Node, term: Term, wanted: int) -> Term:
    """The number shifted to `wanted` places, which are at least its own. A literal is shifted here, so that a column
    beside it stays bare for its index. What leaves 64 bits becomes a REAL greater than any decimal."""
    shift = wanted - places(node.type)
    if shift == 0:
        return term
    if isinstance(node, Literal) and node.value is not None:
        value = int(node.value * 10**wanted)
        return bind(value, BIGINT) if abs(value) < 2**63 else bind(float(value), DOUBLE)
    return apply(term, "*", number(10**shift))


def inexact(node: Node, wanted: int) -> bool:
    """Whether `aligned` may give a REAL, which stands for many numbers: fine beside a whole number, not beside another REAL."""
    if isinstance(node, Literal) and node.value is not None:
        return abs(int(node.value * 10**wanted)) >= 2**63
    return places(node.type) < wanted


def spelled(node: Node, term: Term) -> Term:
    """The exact number as its one text, by which numbers of any places are equal or not."""
    return call("cw_decimal_text", term, number(places(node.type)))
