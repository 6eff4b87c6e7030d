"""Pieces of SQL that clauses and functions are made of: text with holes for columns and bind parameters.

They are plain tuples, because SQLAlchemy's own constructs cost ten times as much to make; `sql_element` turns the whole into one of
its elements. Each function mentions its arguments once, unless it says otherwise, so that text grows in step with the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ClauseElement, ColumnClause, TypeCoerce
from sqlalchemy.types import TypeEngine

__all__ = [
    "FALSE", "HOLE", "NULL", "TRUE", "Term", "apply", "bind", "bounded", "call", "cast", "choose", "hole", "let", "listed", "named", "number",
    "operand", "write",
]

# Stands in a text where an element of SQLAlchemy goes. No text of ours has it, and texts of authors are bind parameters.
HOLE = "\0"


class Term(NamedTuple):
    """A piece of SQL: its text, what goes into the text's holes, and whether it needs brackets beside an operator."""

    text: str
    holes: tuple[ClauseElement, ...] = ()
    loose: bool = False


TRUE, FALSE, NULL = Term("TRUE"), Term("FALSE"), Term("NULL")


def write(*parts: str | Term, loose: bool = False) -> Term:
    """The parts one after the other."""
    texts: list[str] = []
    holes: tuple[ClauseElement, ...] = ()
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            texts.append(part.text)
            holes += part.holes
    return Term("".join(texts), holes, loose)


def listed(parts: list[Term] | tuple[Term, ...], between: str = ", ") -> Term:
    """The parts with a text between them; never loose."""
    holes: tuple[ClauseElement, ...] = ()
    for part in parts:
        holes += part.holes
    return Term(between.join([part.text for part in parts]), holes)


def hole(element: ClauseElement) -> Term:
    """A column, or any other element of SQLAlchemy; a clause of ours, as a formula's column is one, brings along whether it is loose."""
    inner = element
    while isinstance(inner, TypeCoerce):
        inner = inner.clause
    return Term(HOLE, (element,), getattr(inner, "loose", False))


def named(term: Term) -> bool:
    """Whether the term is the name of a column, which may be said twice: a formula's column is a whole clause."""
    return not term.holes or term.text == HOLE and isinstance(term.holes[0], ColumnClause)


def bind(value: Any, kind: TypeEngine[Any]) -> Term:
    """A bind parameter: the only way by which a value of an author comes into a statement."""
    return Term(HOLE, (BindParameter(None, value, kind, unique=True),))


def number(value: int) -> Term:
    """A whole number that stands in the text of the statement: a constant of the language, never one of an author."""
    return Term(str(value))


def operand(term: Term) -> Term:
    """In brackets, if it is made with an operator: which operators bind tighter differs between the databases."""
    return Term(f"({term.text})", term.holes) if term.loose else term


def apply(left: Term, sign: str, right: Term) -> Term:
    """`left sign right`."""
    one = f"({left.text})" if left.loose else left.text
    two = f"({right.text})" if right.loose else right.text
    return Term(f"{one} {sign} {two}", left.holes + right.holes, True)


def call(name: str, *args: Term) -> Term:
    inside = listed(args)
    return Term(f"{name}({inside.text})", inside.holes)


def cast(term: Term, kind: str) -> Term:
    """`kind` is a type that both databases know by this name, or the one that the clause is for."""
    return Term(f"CAST({term.text} AS {kind})", term.holes)


def bounded(term: Term, low: Term, high: Term, *, least: str, greatest: str) -> Term:
    """The term, or null when it is `low` or less or `high` or more.

    NULLIF of a clamp instead of CASE, because a CASE would compute the term twice and nested ones exponentially often.
    """
    return call("nullif", call("nullif", call(least, call(greatest, term, low), high), low), high)


def choose(test: Term, then: Term, otherwise: Term) -> Term:
    """`then` when the test is true, `otherwise` when false, null when unknown; the test is computed once."""
    return write("CASE ", operand(test), " WHEN TRUE THEN ", then, " WHEN FALSE THEN ", otherwise, " END")


def let(args: tuple[Term, ...], body: Callable[..., Term]) -> Term:
    """`(SELECT body FROM (SELECT e0 AS x0, … OFFSET 0) AS v)`: PostgreSQL computes each part once, then the body.

    `body` of the arguments may name each of them several times; it must not contain other arguments.
    """
    named = listed([Term(f"{arg.text} AS x{place}", arg.holes) for place, arg in enumerate(args)])
    return write("(SELECT ", body(*(Term(f"v.x{place}") for place in range(len(args)))), " FROM (SELECT ", named, " OFFSET 0) AS v)")
