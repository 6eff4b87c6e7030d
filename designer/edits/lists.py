"""Where the text of a list is cut to make it another list: only the items that differ."""

from __future__ import annotations

from collections.abc import Sequence

from designer.edits import writing
from designer.edits.text import Text
from designer.edits.writing import Value
from engine.text.nodes import ListNode, Node, plain

__all__ = ["change_list"]


def change_list(text: Text, node: Node, value: Sequence[Value]) -> list[tuple[int, int, str]] | None:
    """The cuts; None where the list must be written anew."""
    if not isinstance(node, ListNode) or not node.items or not value:
        return None
    old = [plain(item) for item in node.items]
    first = 0
    while first < min(len(old), len(value)) and _same(old[first], value[first]):
        first += 1
    last = 0
    while last < min(len(old), len(value)) - first and _same(old[-1 - last], value[len(value) - 1 - last]):
        last += 1
    gone, new = node.items[first : len(old) - last], value[first : len(value) - last]
    if text.is_flow(node):
        return _in_brackets(text, node, first, gone, [writing.inline(item, is_json=text.is_json) for item in new])
    return _in_lines(text, node, first, gone, new)


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _in_brackets(text: Text, node: ListNode, first: int, gone: Sequence[Node], new: Sequence[str]) -> list[tuple[int, int, str]] | None:
    joined = ", ".join(new)
    if gone and new:
        return [(gone[0].start, text.end(gone[-1]), joined)]
    if new:
        if first:
            place = text.end(node.items[first - 1])
            return [(place, place, f", {joined}")]
        return [(node.items[0].start, node.items[0].start, f"{joined}, ")]
    if not gone:
        return []
    if first + len(gone) < len(node.items):
        return [(gone[0].start, node.items[first + len(gone)].start, "")]
    before = text.end(node.items[first - 1])
    return [(before, text.end(gone[-1]), "")]


def _in_lines(text: Text, node: ListNode, first: int, gone: Sequence[Node], new: Sequence[Value]) -> list[tuple[int, int, str]] | None:
    indent = " " * (node.column - 1)
    if not text.begins_line(node.start) or any(not isinstance(item, str | int | bool | None) for item in new):
        return None
    lines = text.newline.join(f"{indent}- {writing.inline(item, flow=False)}" for item in new)
    if gone:
        start, end = text.line_start(gone[0].start), text.next_line(text.end(gone[-1]))
        if new:
            return [(start, text.line_end(text.end(gone[-1])), lines)]
        if end == len(text.text) and not text.text.endswith(("\n", "\r")):
            start = text.before_break(start)
        return [(start, end, "")]
    if not new:
        return []
    if not first:
        start = text.line_start(node.start)
        return [(start, start, lines + text.newline)]
    place = text.line_end(text.end(node.items[first - 1]))
    return [(place, place, text.newline + lines)]
