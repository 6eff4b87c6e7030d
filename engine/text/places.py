"""Where a character of a scalar's value stands in its file."""

from __future__ import annotations

import re

from engine.problems import Place
from engine.text.nodes import ScalarNode

__all__ = ["place_within"]

_BREAK = re.compile(r"\r\n|\r|\n")
# One character of a double-quoted scalar as it is written; in JSON a pair of surrogates is one character.
_ESCAPED = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.|.", re.DOTALL
)
_DOUBLED = re.compile("''|.", re.DOTALL)


def place_within(node: ScalarNode, offset: int) -> Place:
    """The place of the character `offset` of the value: exact on one line and in literal blocks, else its line."""
    if node.style in ("|", ">"):
        return _in_block(node, offset)
    written = node.source.text[node.start:node.end]
    if _BREAK.search(written):
        return node.place
    if node.style == "'":
        at = 1 + _width(_DOUBLED, written[1:], offset)
    elif node.style == '"':
        at = 1 + _width(_ESCAPED, written[1:], offset)
    else:
        at = offset
    return Place(node.source.shown, node.line, node.column + at)


def _width(one: re.Pattern[str], written: str, offset: int) -> int:
    """How many written characters the first `offset` of a value take."""
    at = 0
    for _ in range(offset):
        found = one.match(written, at)
        if found is None:
            break
        at = found.end()
    return at


def _in_block(node: ScalarNode, offset: int) -> Place:
    value = str(node.value)
    before = value[:offset]
    row = before.count("\n")
    lines = _BREAK.split(node.source.text[node.start:node.end])[1:]
    if node.style == ">" or row >= len(lines):
        column = _indent(lines[0]) + 1 if lines else node.column
        return Place(node.source.shown, node.line + 1 + min(row, max(len(lines) - 1, 0)), column)
    line = value.split("\n")[row]
    column = len(lines[row]) - len(line) + len(before) - (before.rfind("\n") + 1) + 1
    return Place(node.source.shown, node.line + 1 + row, max(column, 1))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
