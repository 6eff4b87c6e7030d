"""Parts of texts: trim, substring, indexOf, replace, join; and numbers with a fixed count of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.expressions import spelling
from engine.expressions.functions import sql_phrases as sql
from engine.expressions.functions.function import A_TEXT, AN_INT, EXACT_NUMBER, Evaluate, Function, Param, always, plain
from engine.expressions.functions.literals import constant, refuse
from engine.expressions.limits import MAX_PLACES
from engine.expressions.tree import Literal, Node
from engine.expressions.types import INT, NULL, TEXT, ListOf, Type

__all__ = ["FUNCTIONS"]

TEXTS = Param("list of text", lambda kind: isinstance(kind, ListOf) and kind.item in (TEXT, NULL))


def _substring(text: str, start: int, end: int | None = None) -> str | None:
    """From the place `start` up to, and without, `end`; null when the two are no places of the text in this order."""
    last = len(text) if end is None else end
    return text[start:last] if 0 <= start <= last <= len(text) else None


def _constants(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Constants alone, so that the growth of the text is known before it is computed."""
    for node in nodes[1:]:
        constant(node, str, "a text that can be replaced or put in its place")
    if not constant(nodes[1], str, ""):
        raise refuse(nodes[1], "", "a text to look for", "write at least one character")
    return nodes


def _replaced(nodes: Sequence[Node], weights: Sequence[int]) -> int:
    old, new = nodes[1], nodes[2]
    assert isinstance(old, Literal) and isinstance(new, Literal)
    return weights[0] * (1 + len(str(new.value)) // len(str(old.value))) + 1


def _join(items: Sequence[str | None], separator: str = "") -> str:
    return separator.join([item for item in items if item is not None])


def _joined(nodes: Sequence[Node], weights: Sequence[int]) -> int:
    return weights[0] * (weights[1] + 1 if len(weights) > 1 else 1) + 1


def _places(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    count = constant(nodes[1], int, "a count of places")
    if not isinstance(count, int) or not 0 <= count <= MAX_PLACES:
        raise refuse(nodes[1], count, "a count of places", f"write a number from 0 to {MAX_PLACES}")
    return nodes


def _fixed(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
    places = nodes[1]
    assert isinstance(places, Literal) and isinstance(places.value, int)
    count = places.value
    return lambda number, _places: spelling.fixed(number, count)


def _strip(text: str) -> str:
    return text.strip(spelling.SPACES)


def _replace(text: str, old: str, new: str) -> Any:
    return text.replace(old, new)


FUNCTIONS: list[Function] = [
    Function("trim", (A_TEXT,), always(TEXT), plain(_strip), sql.trim("trim"), sql.trim("btrim"), "without the spaces at both ends",
             ('"  a b ".trim()', '"a b"'),
             method=True),
    Function("substring", (A_TEXT, AN_INT), always(TEXT), plain(_substring), sql.sqlite_substring, sql.postgresql_substring,
             "from a place, the first is 0; null when there is no such place", ('"implant".substring(2)', '"plant"'), method=True),
    Function("substring", (A_TEXT, AN_INT, AN_INT), always(TEXT), plain(_substring), sql.sqlite_substring, sql.postgresql_substring,
             "from a place up to another, without that; null when there are no such places", ('"implant".substring(2, 5)', '"pla"'),
             method=True),
    Function("indexOf", (A_TEXT, A_TEXT), always(INT), plain(str.find), sql.index_of("instr"), sql.index_of("strpos"),
             "the first place of a part, -1 when it is not there",
             ('"implant".indexOf("pla")', "2"), method=True),
    Function("replace", (A_TEXT, A_TEXT, A_TEXT), always(TEXT), plain(_replace), sql.replace, sql.replace,
             "with every first text replaced by the second, both in quotation marks", ('"a-b-c".replace("-", "+")', '"a+b+c"'),
             method=True, prepare=_constants, grows=_replaced),
    Function("join", (TEXTS,), always(TEXT), plain(_join), sql.join("cw_join"), sql.join("array_to_string"),
             "the texts one behind the other, without nulls",
             ('["a", "b"].join()', '"ab"'), method=True, grows=_joined),
    Function("join", (TEXTS, A_TEXT), always(TEXT), plain(_join), sql.join("cw_join"), sql.join("array_to_string"),
             "the texts with another between them, without nulls",
             ('["a", null, "b"].join(", ")', '"a, b"'), method=True, grows=_joined),
    Function("fixed", (EXACT_NUMBER, AN_INT), always(TEXT), _fixed, sql.sqlite_fixed, sql.postgresql_fixed, "with so many places, rounded half-even",
             ("fixed(2.5, 2)", '"2.50"'), method=True, prepare=_places),
]
