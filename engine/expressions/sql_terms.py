"""Pieces of SQL that the functions of both databases are made of; each evaluates its arguments once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["apply", "bounded", "call", "let", "number"]

Term = ColumnElement[Any]
SqlType = sa.types.TypeEngine[Any]

BIGINT = sa.BigInteger()
NUMERIC = sa.Numeric()
BOOLEAN = sa.Boolean()
TEXT = sa.Text()


def number(value: int) -> Term:
    """A whole number that stands in the text of the statement: a constant of the language, never one of an author."""
    return sa.literal_column(str(value), BIGINT)


def grouped(term: Term) -> Term:
    """In brackets, if it is made with an operator: which operators bind tighter differs between the databases."""
    inner = term
    while isinstance(inner, sa.TypeCoerce):
        inner = inner.clause
    made = isinstance(inner, sa.BinaryExpression | sa.UnaryExpression | sa.BooleanClauseList | sa.sql.elements.ExpressionClauseList)
    return sa.sql.elements.Grouping(term) if made else term


def apply(left: Term, sign: str, right: Term, kind: SqlType) -> Term:
    """`left sign right` without SQLAlchemy's own idea of precedence and of the result."""
    return grouped(left).op(sign, return_type=kind)(grouped(right))


def compare(left: Term, sign: str, right: Term) -> Term:
    return grouped(left).op(sign, is_comparison=True, return_type=BOOLEAN)(grouped(right))


def call(name: str, *args: Term, kind: SqlType) -> Term:
    return getattr(sa.func, name)(*args, type_=kind)  # type: ignore[no-any-return]


def bounded(term: Term, low: Term, high: Term, kind: SqlType, *, least: str, greatest: str) -> Term:
    """The term, or null when it is `low` or less or `high` or more.

    NULLIF of a clamp instead of CASE, because a CASE would compute the term twice and nested ones exponentially often.
    """
    clamped = call(least, call(greatest, term, low, kind=kind), high, kind=kind)
    return call("nullif", call("nullif", clamped, low, kind=kind), high, kind=kind)


def choose(test: Term, then: Term, otherwise: Term, kind: SqlType) -> Term:
    """`then` when the test is true, `otherwise` when false, null when unknown; the test is computed once."""
    found = sa.case({sa.true(): then, sa.false(): otherwise}, value=test)
    return sa.type_coerce(found, kind)


class Let(FunctionElement[Any]):
    """`(SELECT body FROM (SELECT e0 AS x0, … OFFSET 0) AS v)`: PostgreSQL computes each part once, then the body."""

    inherit_cache = True
    name = "let"


@compiles(Let)
def _compile_let(element: Let, compiler: Any, **settings: Any) -> str:
    *parts, body = [compiler.process(part, **settings) for part in element.clauses]
    named = ", ".join(f"{part} AS x{place}" for place, part in enumerate(parts))
    return f"(SELECT {body} FROM (SELECT {named} OFFSET 0) AS v)"


def let(args: tuple[Term, ...], kinds: tuple[SqlType, ...], body: Callable[..., Term], kind: SqlType) -> Term:
    """`body` of the arguments; it may name each of them several times. `body` must not contain other arguments."""
    names = [sa.literal_column(f"v.x{place}", each) for place, each in enumerate(kinds)]
    found = Let(*args, body(*names).self_group())
    found.type = kind
    return found
