"""Texts: joining, searching, letters, size, patterns, and texts of other values. Characters are Unicode code points."""

from __future__ import annotations

import datetime
import operator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.expressions import values
from engine.expressions.errors import ExpressionError
from engine.expressions.functions.function import (
    A_BOOL,
    A_DATE,
    A_LIST,
    A_TEXT,
    EXACT_NUMBER,
    Evaluate,
    Function,
    Sql,
    SqlCall,
    always,
    plain,
)
from engine.expressions.patterns import PatternError, portable
from engine.expressions.sql_terms import BIGINT, BOOLEAN, TEXT, apply, call, choose, compare, let, number
from engine.expressions.sqlite_functions import pattern
from engine.expressions.tree import Literal, Node
from engine.expressions.types import BOOL, INT, Type, places
from engine.expressions.types import TEXT as A_TEXT_TYPE
from engine.problems import Code

__all__ = ["FUNCTIONS"]

Term = ColumnElement[Any]


# Patterns

def _literal_pattern(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Rewrites the pattern to the form that all engines share; raises for one that is not a literal of the subset."""
    text, given = nodes
    if not isinstance(given, Literal) or not isinstance(given.value, str):
        raise ExpressionError(given.at, Code.EXPR_010, {"why": "it must be a text in quotation marks"})
    try:
        shared = portable(given.value)
        pattern(shared)
    except PatternError as error:
        raise ExpressionError(given.at, Code.EXPR_010, {"why": str(error)}) from None
    except Exception as error:  # google-re2 has one exception type for all it refuses
        raise ExpressionError(given.at, Code.EXPR_010, {"why": f"it is refused by the pattern engine ({error})"}) from None
    return text, Literal(given.type, given.at, shared)


def _matches(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
    expression = nodes[1]
    assert isinstance(expression, Literal) and isinstance(expression.value, str)
    search = pattern(expression.value).search
    return lambda text, _expression: search(text) is not None


# Searching

def _literal_text(node: Node) -> str | None:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _after(prefix: str) -> str | None:
    """The least text greater than every text with this prefix; None when there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[place]) + 1
        if code <= 0x10FFFF:
            return prefix[:place] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
    return None


def _starts(otherwise: Sql) -> Sql:
    """A range where a column meets a literal, so that an index on the column serves; else the database's own test."""

    def build(c: SqlCall) -> Term:
        prefix = _literal_text(c.nodes[1])
        end = _after(prefix) if prefix else None
        if end is None or not isinstance(c.args[0], sa.TypeCoerce):
            return otherwise(c)
        return sa.and_(compare(c.args[0], ">=", sa.literal(prefix, TEXT)), compare(c.args[0], "<", sa.literal(end, TEXT)))

    return build


def _sqlite_starts(c: SqlCall) -> Term:
    return compare(call("instr", *c.args, kind=BIGINT), "=", number(1))


def _postgresql_starts(c: SqlCall) -> Term:
    return call("starts_with", *c.args, kind=BOOLEAN)


def _sqlite_ends(c: SqlCall) -> Term:
    return call("cw_ends_with", *c.args, kind=BOOLEAN)


def _postgresql_ends(c: SqlCall) -> Term:
    def body(text: Term, end: Term) -> Term:
        return compare(call("right", text, call("char_length", end, kind=sa.Integer()), kind=TEXT), "=", end)

    return let(c.args, (TEXT, TEXT), body, BOOLEAN)


def _sqlite_contains(c: SqlCall) -> Term:
    return compare(call("instr", *c.args, kind=BIGINT), ">", number(0))


def _postgresql_contains(c: SqlCall) -> Term:
    return compare(call("strpos", *c.args, kind=BIGINT), ">", number(0))


# Texts of values

def _cast(c: SqlCall) -> Term:
    return sa.cast(c.args[0], TEXT)


def _sqlite_decimal_text(c: SqlCall) -> Term:
    return call("cw_decimal_text", c.args[0], number(places(c.nodes[0].type)), kind=TEXT)


def _postgresql_decimal_text(c: SqlCall) -> Term:
    return sa.cast(call("trim_scale", c.args[0], kind=sa.Numeric()), TEXT)


def _boolean_text(c: SqlCall) -> Term:
    true, false = sa.literal("true", TEXT), sa.literal("false", TEXT)
    return choose(c.args[0], true, false, TEXT)


def _number_text(x: int | Decimal) -> str:
    return values.decimal_text(x) if isinstance(x, Decimal) else str(x)


def _one(name: str, kind: sa.types.TypeEngine[Any]) -> Sql:
    return lambda c: call(name, c.args[0], kind=kind)


def _in_c(name: str) -> Sql:
    """lower() and upper() of the collation "C" change ASCII letters only."""
    return lambda c: call(name, c.args[0].collate("C"), kind=TEXT)


def _concat(c: SqlCall) -> Term:
    return apply(c.args[0], "||", c.args[1], TEXT)


def _pair(name: str, evaluate: Evaluate, sqlite: Sql, postgresql: Sql, words: str, example: tuple[str, str]) -> Function:
    return Function(name, (A_TEXT, A_TEXT), always(BOOL), plain(evaluate), sqlite, postgresql, words, example, method=True)


def _letters(name: str, sql: str, evaluate: Evaluate, words: str, example: tuple[str, str]) -> Function:
    return Function(name, (A_TEXT,), always(A_TEXT_TYPE), plain(evaluate), _one(sql, TEXT), _in_c(sql), words, example, method=True)


def _iso(day: datetime.date) -> str:
    return day.isoformat()


def _postgresql_date_text(c: SqlCall) -> Term:
    return call("to_char", c.args[0], sa.literal_column("'YYYY-MM-DD'", TEXT), kind=TEXT)


STRING = "the value as text; a decimal without zeros at its end"

FUNCTIONS: list[Function] = [
    Function("+", (A_TEXT, A_TEXT), always(A_TEXT_TYPE), plain(operator.add), _concat, _concat),
    Function("size", (A_TEXT,), always(INT), plain(len), _one("length", BIGINT), _one("char_length", BIGINT), "characters of a text",
             ('size("随访")', "2"), method=True),
    Function("size", (A_LIST,), always(INT), plain(len), _one("json_array_length", BIGINT), _one("cardinality", BIGINT),
             "items of a list", ("size([1, 2, 3])", "3"), method=True),
    _pair("startsWith", str.startswith, _starts(_sqlite_starts), _starts(_postgresql_starts), "whether the text begins so",
          ('"implant".startsWith("imp")', "true")),
    _pair("endsWith", str.endswith, _sqlite_ends, _postgresql_ends, "whether the text ends so", ('"implant".endsWith("ant")', "true")),
    _pair("contains", operator.contains, _sqlite_contains, _postgresql_contains, "whether the text has this part",
          ('"implant".contains("pla")', "true")),
    _letters("lower", "lower", values.lower, "A-Z in small letters; all others stay", ('lower("Äb C")', '"Äb c"')),
    _letters("upper", "upper", values.upper, "a-z in capital letters; all others stay", ('upper("Äb c")', '"ÄB C"')),
    _letters("lowerAscii", "lower", values.lower, "CEL's name of `lower`", ('lowerAscii("Ab")', '"ab"')),
    _letters("upperAscii", "upper", values.upper, "CEL's name of `upper`", ('upperAscii("Ab")', '"AB"')),
    Function("matches", (A_TEXT, A_TEXT), always(BOOL), _matches, lambda c: call("cw_matches", *c.args, kind=BOOLEAN),
             lambda c: compare(c.args[0], "~", c.args[1]), "whether the pattern is found in the text",
             ('"P-2026".matches("^P-[0-9]{4}$")', "true"), method=True, prepare=_literal_pattern),
    Function("string", (A_TEXT,), always(A_TEXT_TYPE), plain(str), lambda c: c.args[0], lambda c: c.args[0], STRING,
             ('string("a")', '"a"')),
    Function("string", (A_BOOL,), always(A_TEXT_TYPE), plain(lambda x: "true" if x else "false"), _boolean_text, _boolean_text, STRING,
             ("string(1 < 2)", '"true"')),
    Function("string", (A_DATE,), always(A_TEXT_TYPE), plain(_iso), lambda c: c.args[0], _postgresql_date_text, STRING,
             ('string(date("2026-11-22"))', '"2026-11-22"')),
    Function("string", (EXACT_NUMBER,), always(A_TEXT_TYPE), plain(_number_text), lambda c: _cast(c) if c.nodes[0].type == INT
             else _sqlite_decimal_text(c), lambda c: _cast(c) if c.nodes[0].type == INT else _postgresql_decimal_text(c), STRING,
             ("string(2.50)", '"2.5"')),
]
