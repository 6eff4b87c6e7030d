"""Where the text of a list is cut to make it another list: only the items that differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from designer.edits import writing
from designer.edits.text import Text
from designer.edits.writing import Value
from engine.text.nodes import ListNode, Node, plain

__all__ = ["change_list"]

_Cut = tuple[int, int, str]
_Change = tuple[int, int, int, int]
"""Items from, to, and the new values from, to that come in their place."""


def change_list(text: Text, node: Node, value: Sequence[Value]) -> list[_Cut] | None:
    """The cuts; None where the list must be written anew. Items that stay keep their text, and the comments that are theirs."""
    if not isinstance(node, ListNode) or not node.items or not value:
        return None
    old, new = [_told(plain(item)) for item in node.items], [_told(item) for item in value]
    changes = [codes[1:] for codes in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if codes[0] != "equal"]
    if text.is_flow(node):
        return [cut for change in changes for cut in _in_brackets(text, node, change, value)]
    if not text.begins_line(node.start):
        return None
    gone = {old[place]: _row(text, node.items[place]) for start, end, _, _ in changes for place in range(start, end)}
    rows: dict[int, str] = {}
    for _, _, first, last in changes:
        for place in range(first, last):
            item = value[place]
            if not isinstance(item, str | int | bool | None):
                return None
            moved = gone.get(new[place])
            rows[place] = moved if moved is not None else f"{' ' * (node.column - 1)}- {writing.inline(item, flow=False)}"
    return [_in_lines(text, node, change, [rows[place] for place in range(*change[2:])]) for change in changes]


def _told(item: object) -> str:
    """Equal for items that are the same; 1 and true are not."""
    return f"{type(item).__name__} {item!r}"


def _row(text: Text, item: Node) -> str:
    """The line of an item, with the comment at its end."""
    return text.text[text.line_start(item.start) : text.line_end(text.end(item))]


def _in_brackets(text: Text, node: ListNode, change: _Change, value: Sequence[Value]) -> Iterable[_Cut]:
    first, last, start, end = change
    gone, joined = node.items[first:last], ", ".join(writing.inline(item, is_json=text.is_json) for item in value[start:end])
    if gone and joined:
        return [(gone[0].start, text.end(gone[-1]), joined)]
    if joined and first:
        place = text.end(node.items[first - 1])
        return [(place, place, f", {joined}")]
    if joined:
        return [(node.items[0].start, node.items[0].start, f"{joined}, ")]
    if last < len(node.items):
        return [(gone[0].start, node.items[last].start, "")]
    before = text.end(node.items[first - 1])
    if text.is_json or "#" not in text.text[before : gone[0].start]:
        return [(before, text.end(gone[-1]), "")]
    comma = text.skip(text.end(gone[-1]))  # a comment between the two is the one's that stays
    behind = comma + 1 if text.text[comma : comma + 1] == "," else text.end(gone[-1])
    if text.begins_line(gone[0].start) and not text.text[behind : text.line_end(behind)].partition("#")[0].strip():
        return [(text.line_start(gone[0].start), text.next_line(behind), "")]
    return [(gone[0].start, behind, "")]


def _in_lines(text: Text, node: ListNode, change: _Change, rows: Sequence[str]) -> _Cut:
    first, last, _, _ = change
    gone, lines = node.items[first:last], text.newline.join(rows)
    if gone and rows:
        return (text.line_start(gone[0].start), text.line_end(text.end(gone[-1])), lines)
    if gone:
        start, end = _above(text, gone[0], node.column - 1), text.next_line(text.end(gone[-1]))
        if end == len(text.text) and not text.text.endswith(("\n", "\r")):
            start = text.before_break(start)
        return (start, end, "")
    if not first:
        start = text.line_start(node.start)
        return (start, start, lines + text.newline)
    place = text.line_end(text.end(node.items[first - 1]))
    return (place, place, text.newline + lines)


def _above(text: Text, item: Node, indent: int) -> int:
    """Where the lines of an item begin, the comments directly above it with them."""
    start = text.line_start(item.start)
    while start > 0:
        above = text.line_start(text.before_break(start))
        if not text.text[above:start].startswith(" " * indent + "#"):
            break
        start = above
    return start
