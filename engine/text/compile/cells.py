"""Cells of tables: `> 7`, `18..65`, `in [...]`, `-`, a value, several of these; each becomes a condition on its input.

A cell is turned into the expression that it stands for, so that it means and refuses just what expressions do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from engine.expressions.tree import And, Node, Not, Or
from engine.expressions.types import BOOL, TEXT, ListOf, OptionOf, Type
from engine.problems import Code
from engine.text.compile.context import Context
from engine.text.compile.table_scope import TableScope, expression
from engine.text.nodes import ListNode, ScalarNode
from engine.text.nodes import Node as TextNode
from engine.text.places import place_within

__all__ = ["ANY", "cell", "test"]

ANY = "-"
"""The cell that any value fits, a missing one too."""

_SIGN = re.compile(r"(==|!=|<=|>=|<|>)\s*")
_NOT_IN = re.compile(r"not\s+in\b\s*")
_IN = re.compile(r"in\b\s*(?=\[)")
_WORD = re.compile(r"[^\W\d]\w*(?:[ -]\w+)*\Z")
_PIECE = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[\[({]|[\])}]|,|\.\.|.", re.DOTALL)


def cell(context: Context, scope: TableScope, name: str, node: TextNode) -> Node | None:
    """The condition of a cell on an input that exists; None for any value, or with a problem."""
    nodes = node.items if isinstance(node, ListNode) else (node,)
    found = [part for one in nodes if isinstance(one, ScalarNode) for part in test(context, scope, name, one, _written(one))]
    if not found:
        return None
    return found[0] if len(found) == 1 else Or(BOOL, found[0].at, tuple(found))


def _written(node: ScalarNode) -> str:
    """The text of a cell that may be a plain number or true or false."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value) if value is not None else "null"


def test(context: Context, scope: TableScope, name: str, node: ScalarNode, text: str) -> Iterator[Node]:
    """The conditions of the alternatives of a cell's text, one of which must hold; `node` says where it stands."""
    if text.strip() == ANY:
        return
    kind = scope.root(name)
    assert kind is not None
    for at, part in _split(text):
        if not part:
            context.problems.add(Code.TABLE_012.at(place_within(node, at), text=text[:60], why="a value is missing"))
            continue
        found = _one(context, scope, name, kind, node, at, part)
        if found is not None:
            yield found


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The alternatives between commas with their offsets; commas in texts and brackets do not count."""
    depth, start = 0, 0
    for found in _PIECE.finditer(text):
        piece = found[0]
        depth += (piece in "[({") - (piece in "])}")
        if piece == "," and depth <= 0:
            yield _trimmed(text, start, found.start())
            start = found.end()
    yield _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> tuple[int, str]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), part.strip()


def _one(context: Context, scope: TableScope, name: str, kind: Type, node: ScalarNode, at: int, part: str) -> Node | None:
    def ask(before: str, shift: int, rest: str, after: str = ")") -> Node | None:
        return expression(context, scope, node, rest, at + shift, BOOL, before, after)

    sign, among, outside = _SIGN.match(part), _IN.match(part), _NOT_IN.match(part)
    if isinstance(kind, ListOf) and not (part == "null" or sign):
        return ask("(", 0, _quoted(part) if _is_word(part, kind.item) else part, f") in {name}")
    if outside:
        found = ask(f"{name} in (", outside.end(), part[outside.end():])
        return found and Not(BOOL, found.at, found)
    if among:
        return ask(f"{name} in (", among.end(), part[among.end():])
    if sign:
        rest = part[sign.end():]
        return ask(f"{name} {sign[1]} (", sign.end(), _quoted(rest) if _is_word(rest, kind) else rest)
    dots = _dots(part)
    if dots is not None:
        return _range(context, scope, name, node, at, part, dots)
    return ask(f"{name} == (", 0, _quoted(part) if _is_word(part, kind) else part)


def _is_word(text: str, kind: Type) -> bool:
    """Whether a text is meant as itself: a bare word where the input is a text or an option."""
    return (kind == TEXT or isinstance(kind, OptionOf)) and text not in ("true", "false", "null") and _WORD.match(text) is not None


def _quoted(word: str) -> str:
    return f'"{word}"'


def _dots(part: str) -> int | None:
    """Where the `..` of a range stands, texts left out."""
    return next((found.start() for found in _PIECE.finditer(part) if found[0] == ".."), None)


def _range(context: Context, scope: TableScope, name: str, node: ScalarNode, at: int, part: str, dots: int) -> Node | None:
    """`a..b` with both ends, `(a..b]` without the first; an end that is left out is open."""
    opened, closed = part[0] in "[(]", part[-1] in "])["
    low_at = 1 if opened else 0
    low, high = part[low_at:dots].strip(), part[dots + 2:len(part) - closed].strip()
    if opened != closed or not (low or high):
        why = "a range is written 18..65, or (18..65] without its first value"
        context.problems.add(Code.TABLE_012.at(place_within(node, at), text=part[:60], why=why))
        return None
    above, below = (">" if part[0] in "(]" else ">="), ("<" if part[-1] in ")[" else "<=")
    ends = []
    if low:
        ends.append(expression(context, scope, node, low, at + part.index(low, low_at), BOOL, f"{name} {above} ("))
    if high:
        ends.append(expression(context, scope, node, high, at + part.index(high, dots + 2), BOOL, f"{name} {below} ("))
    found = [end for end in ends if end is not None]
    if len(found) < len(ends):
        return None
    return found[0] if len(found) == 1 else And(BOOL, found[0].at, tuple(found))
