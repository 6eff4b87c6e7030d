"""Texts: joining, searching, letters, size, patterns, and texts of other values. Characters are Unicode code points."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Sequence
from decimal import Decimal

from engine.expressions import values
from engine.expressions.errors import ExpressionError
from engine.expressions.functions import sql_text as sql
from engine.expressions.functions.function import (
    A_BOOL,
    A_DATE,
    A_LIST,
    A_TEXT,
    EXACT_NUMBER,
    Evaluate,
    Function,
    Sql,
    always,
    plain,
)
from engine.expressions.pattern_sets import effort
from engine.expressions.patterns import PatternError, portable
from engine.expressions.sql.sqlite_functions import pattern
from engine.expressions.tree import Literal, Node
from engine.expressions.types import BOOL, INT, Type
from engine.expressions.types import TEXT as A_TEXT_TYPE
from engine.problems import Code

__all__ = ["FUNCTIONS"]


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


def _searched(nodes: Sequence[Node], weights: Sequence[int]) -> int:
    """A pattern takes so much for every so many characters."""
    expression = nodes[1]
    return weights[0] * effort(str(expression.value)) if isinstance(expression, Literal) else 0


def _number_text(x: int | Decimal) -> str:
    return values.decimal_text(x) if isinstance(x, Decimal) else str(x)


def _pair(name: str, evaluate: Evaluate, sqlite: Sql, postgresql: Sql, words: str, example: tuple[str, str]) -> Function:
    return Function(name, (A_TEXT, A_TEXT), always(BOOL), plain(evaluate), sqlite, postgresql, words, example, method=True)


def _letters(name: str, called: str, evaluate: Evaluate, words: str, example: tuple[str, str]) -> Function:
    return Function(name, (A_TEXT,), always(A_TEXT_TYPE), plain(evaluate), sql.one(called), sql.in_c(called), words, example, method=True,
                    works=lambda nodes, weights: 3 * weights[0])  # a text beyond ASCII is written anew, character by character


def _iso(day: datetime.date) -> str:
    return day.isoformat()


STRING = "the value as text; a decimal without zeros at its end"

FUNCTIONS: list[Function] = [
    Function("+", (A_TEXT, A_TEXT), always(A_TEXT_TYPE), plain(operator.add), sql.concat, sql.concat),
    Function("size", (A_TEXT,), always(INT), plain(len), sql.one("length"), sql.one("char_length"), "characters of a text",
             ('size("随访")', "2"), method=True),
    Function("size", (A_LIST,), always(INT), plain(len), sql.one("json_array_length"), sql.one("cardinality"),
             "items of a list", ("size([1, 2, 3])", "3"), method=True),
    _pair("startsWith", str.startswith, sql.sqlite_starts, sql.postgresql_starts, "whether the text begins so",
          ('"implant".startsWith("imp")', "true")),
    _pair("endsWith", str.endswith, sql.sqlite_ends, sql.postgresql_ends, "whether the text ends so", ('"implant".endsWith("ant")', "true")),
    _pair("contains", operator.contains, sql.sqlite_contains, sql.postgresql_contains, "whether the text has this part",
          ('"implant".contains("pla")', "true")),
    _letters("lower", "lower", values.lower, "A-Z in small letters; all others stay", ('lower("Äb C")', '"Äb c"')),
    _letters("upper", "upper", values.upper, "a-z in capital letters; all others stay", ('upper("Äb c")', '"ÄB C"')),
    _letters("lowerAscii", "lower", values.lower, "CEL's name of `lower`", ('lowerAscii("Ab")', '"ab"')),
    _letters("upperAscii", "upper", values.upper, "CEL's name of `upper`", ('upperAscii("Ab")', '"AB"')),
    Function("matches", (A_TEXT, A_TEXT), always(BOOL), _matches, sql.sqlite_matches, sql.postgresql_matches,
             "whether the pattern is found in the text",
             ('"P-2026".matches("^P-[0-9]{4}$")', "true"), method=True, prepare=_literal_pattern, works=_searched),
    Function("string", (A_TEXT,), always(A_TEXT_TYPE), plain(str), sql.same, sql.same, STRING,
             ('string("a")', '"a"')),
    Function("string", (A_BOOL,), always(A_TEXT_TYPE), plain(lambda x: "true" if x else "false"), sql.boolean_text, sql.boolean_text, STRING,
             ("string(1 < 2)", '"true"')),
    Function("string", (A_DATE,), always(A_TEXT_TYPE), plain(_iso), sql.same, sql.postgresql_date_text, STRING,
             ('string(date("2026-11-22"))', '"2026-11-22"')),
    Function("string", (EXACT_NUMBER,), always(A_TEXT_TYPE), plain(_number_text), sql.sqlite_number_text,
             sql.postgresql_number_text, STRING,
             ("string(2.50)", '"2.5"')),
]
