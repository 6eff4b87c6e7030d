"""Where the text is cut, and what comes in its place, to add, change, remove, rename and move the entries of a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.edits import writing
from designer.edits.lists import change_list
from designer.edits.refused import EditRefused
from designer.edits.text import At, Text
from designer.edits.writing import STEP, Value
from engine.text.nodes import Entry, MapNode, Node, ScalarNode

__all__ = ["FIRST", "Cut", "add", "change", "move", "remove", "rename"]

Cut = tuple[int, int, str]
"""From, to, and the text that comes there."""
FIRST = ""
"""In place of a sibling's name: before all others."""


def add(text: Text, at: At, name: str, value: Value, after: str | None = None) -> list[Cut]:
    """A new entry of the map at `at`, behind the sibling `after`, by default the last."""
    node = text.find(at)
    if isinstance(node, MapNode) and name in node.entries:
        raise EditRefused("name_taken", name=name)
    if isinstance(node, ScalarNode) and node.value is None and at:
        return _first_of_nothing(text, at, name, value)
    parent = text.map(at)
    if text.is_json:
        return _add_flow(text, at, parent, f"{writing.key(name, is_json=True)}: {writing.inline(value, is_json=True)}", after)
    if text.is_flow(parent):
        cuts = _add_flow(text, at, parent, f"{writing.key(name)}: {writing.inline(value)}", after)
        return _unfolded(text, at, parent, name, value, after, cuts)
    lines = _entry_lines(text, parent, name, value, after)
    return _insert_lines(text, parent, lines, after)


def _entry_lines(text: Text, parent: MapNode, name: str, value: Value, after: str | None) -> list[str]:
    """The new entry in the manner of its sibling: in brackets, or in lines."""
    indent = text.indent(next(iter(parent.entries.values())).key.start)
    sibling = parent.entries.get(after or "") or list(parent.entries.values())[-1]
    lines = isinstance(sibling.node, MapNode) and bool(sibling.node.entries) and not text.is_flow(sibling.node)
    elements = isinstance(value, Mapping) and any(isinstance(item, Mapping) and item for item in value.values())
    return writing.entry(name, value, indent, lines=lines and (elements or indent > 0), literal=_ends_in_break(text))


def _ends_in_break(text: Text) -> bool:
    """A literal at the end of a text that does not would mean another text."""
    return text.text.endswith(("\n", "\r"))


def _insert_lines(text: Text, parent: MapNode, lines: Sequence[str], after: str | None) -> list[Cut]:
    body = text.newline.join(lines)
    if after == FIRST:
        first = next(iter(parent.entries.values()))
        start = first.key.start
        if not text.begins_line(start):
            return [(start, start, body.lstrip(" ") + text.newline + " " * text.indent(start))]
        start = _rows_start(text, first)
        return [(start, start, body + text.newline)]
    sibling = _sibling(parent, after)
    end = text.entry_end(sibling)
    start = text.next_line(end)
    if start == text.line_end(end):  # the text ends without a break
        return [(start, start, text.newline + body)]
    return [(start, start, body + text.newline)]


def _sibling(parent: MapNode, after: str | None) -> Entry:
    if after is None:
        return list(parent.entries.values())[-1]
    if after not in parent.entries:
        raise EditRefused("no_place", at=after, path=parent.source.path)
    return parent.entries[after]


def _first_of_nothing(text: Text, at: At, name: str, value: Value) -> list[Cut]:
    """An entry of a map for which nothing, or `null`, is written yet."""
    return change(text, at, {name: value})


def _add_flow(text: Text, at: At, parent: MapNode, new: str, after: str | None) -> list[Cut]:
    entries = list(parent.entries.values())
    if not entries:
        return [(parent.start + 1, parent.start + 1, new)]
    if after == FIRST:
        start = entries[0].key.start
        gap = text.newline + " " * text.indent(start) if text.begins_line(start) else " "
        return [(start, start, f"{new},{gap}")]
    sibling = _sibling(parent, after)
    end = text.entry_end(sibling)
    if not text.begins_line(sibling.key.start) or text.one_line(parent.start, parent.end):
        return [(end, end, f", {new}")]
    line = text.newline + " " * text.indent(sibling.key.start) + new
    comma = text.skip(end)
    if text.text[comma] == ",":
        place = text.line_end(comma)
        if text.skip(comma + 1) < place:  # something follows on the same line
            return [(comma + 1, comma + 1, f" {new},")]
        return [(place, place, line + ",")]
    place = text.line_end(end)
    if text.skip(end) < place:
        return [(end, end, f", {new}")]
    return [(end, end, ","), (place, place, line)] if place > end else [(end, end, "," + line)]


def _unfolded(text: Text, at: At, parent: MapNode, name: str, value: Value, after: str | None, cuts: list[Cut]) -> list[Cut]:
    """A map in brackets whose line becomes too long is written in lines, where it stands in lines itself."""
    if not at or not text.one_line(parent.start, parent.end):
        return cuts
    holder = text.map(at[:-1])
    start = text.line_start(parent.start)
    width = text.line_end(parent.end) - start + sum(len(new) for _, _, new in cuts)
    if width <= writing.WIDTH or text.is_flow(holder):
        return cuts
    entry = text.entry(at)
    colon = text.colon(entry)
    if colon is None or not text.begins_line(entry.key.start):
        return cuts
    indent = text.indent(entry.key.start) + STEP
    rows = {n: [" " * indent + _raw(text, e)] for n, e in parent.entries.items()}
    new = writing.entry(name, value, indent)
    order: list[list[str]] = [new] if after == FIRST or not rows else []
    for n, row in rows.items():
        order.append(row)
        if n == after or (after is None and n == list(rows)[-1]):
            order.append(new)
    lines = [line for row in order for line in row]
    return [(colon, parent.end, text.newline + text.newline.join(lines))]


def _raw(text: Text, entry: Entry) -> str:
    raw = text.text[entry.key.start : text.entry_end(entry)]
    return raw if text.colon(entry) is not None else raw + ":"


def change(text: Text, at: At, value: Value) -> list[Cut]:
    """Another value for the entry at `at`, written as the one before where that will do."""
    entry = text.entry(at)
    node = entry.node
    if isinstance(value, Sequence) and not isinstance(value, str):
        cuts = change_list(text, node, value)
        if cuts is not None:
            return cuts
    in_flow = text.is_json or text.is_flow(text.map(at[:-1]))
    colon = text.colon(entry)
    if colon is None:
        return [(entry.key.end, entry.key.end, ": " + writing.inline(value))]
    new = _written(text, entry, value, in_flow)
    if new[0] in "\r\n" or text.is_empty(node) or not (isinstance(node, ScalarNode) or text.is_flow(node)):
        end = text.entry_end(entry)
        return [(colon, end, new if new[0] in "\r\n" else " " + new)]
    return [(node.start, text.end(node), new)]


def _written(text: Text, entry: Entry, value: Value, in_flow: bool) -> str:
    """The value behind its colon; beginning with a line break when it is written in lines."""
    node: Node = entry.node
    if in_flow:
        style = node.style if isinstance(node, ScalarNode) else ""
        return writing.inline(value, is_json=text.is_json, style=style if isinstance(value, str) else "")
    indent = text.indent(entry.key.start)
    collection = isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))
    if isinstance(value, str) and "\n" not in value and isinstance(node, ScalarNode) and node.style in ("'", '"'):
        return writing.scalar(value, flow=False, style=node.style)
    if not text.begins_line(entry.key.start):
        return writing.inline(value, flow=False)
    end = text.entry_end(entry)
    literal = _ends_in_break(text) and not text.text[end : text.line_end(end)].strip()  # a comment would become part of it
    lines = collection and not isinstance(node, ScalarNode) and not text.is_flow(node)
    written = writing.entry("x", value, indent, lines=lines, literal=literal)
    first = written[0][indent + 2 :].lstrip(" ")
    rest = "".join(text.newline + line for line in written[1:])
    return first + rest


def remove(text: Text, at: At) -> list[Cut]:
    """Without the entry at `at`, its comments with it."""
    entry = text.entry(at)
    parent = text.map(at[:-1])
    entries = list(parent.entries.values())
    place = entries.index(entry)
    following = entries[place + 1] if place + 1 < len(entries) else None
    if text.is_json or text.is_flow(parent):
        return _remove_flow(text, entries, place, following)
    if len(entries) == 1:
        return _emptied(text, at[:-1], entry)
    if not text.begins_line(entry.key.start):
        if following is None:
            raise EditRefused("odd_style", at=".".join(at), path=text.path)
        return [(entry.key.start, following.key.start, "")]
    start, end = _rows(text, entry)
    return [_lines_cut(text, start, end)]


def _lines_cut(text: Text, start: int, end: int) -> Cut:
    if end == len(text.text) and start and not text.text.endswith(("\n", "\r")):
        return (text.before_break(start), end, "")
    return (start, end, "")


def _rows(text: Text, entry: Entry) -> tuple[int, int]:
    """The lines of an entry, with the comments directly above it. Those above a blank line, and those a file begins with, are about the whole."""
    return _rows_start(text, entry), text.next_line(text.entry_end(entry))


def _rows_start(text: Text, entry: Entry) -> int:
    start = first = text.line_start(entry.key.start)
    indent = text.indent(entry.key.start)
    while start > 0:
        above = text.line_start(text.before_break(start))
        if not text.text[above:start].startswith(" " * indent + "#"):
            break
        start = above
    return first if not text.text[:start].strip(" -\r\n\ufeff") and not indent else start


def _emptied(text: Text, at: At, last: Entry) -> list[Cut]:
    """Without the last entry of a map; what is said of the map on its own line stays."""
    if not at:
        raise EditRefused("odd_style", at="", path=text.path)
    colon = text.colon(text.entry(at))
    if colon is None:
        raise EditRefused("odd_style", at=".".join(at), path=text.path)
    start, end, _ = _lines_cut(text, *_rows(text, last))
    if start < colon:
        return [(colon, end, " {}")]
    return [(colon, end, " {}" + text.text[colon:start])]


def _remove_flow(text: Text, entries: Sequence[Entry], place: int, following: Entry | None) -> list[Cut]:
    entry = entries[place]
    if following is not None:
        return [(entry.key.start, following.key.start, "")]
    end = text.entry_end(entry)
    comma = text.skip(end)
    has_comma = text.text[comma : comma + 1] == ","
    if place == 0:
        return [(entry.key.start, comma + 1 if has_comma else end, "")]
    before = text.entry_end(entries[place - 1])
    if "#" in text.text[before : entry.key.start]:  # a comment between the two stays
        return [(entry.key.start, comma + 1 if has_comma else end, "")]
    return [(before, end, "")]


def rename(text: Text, at: At, name: str) -> list[Cut]:
    """Another key for the entry at `at`, in the same quotation marks."""
    entry = text.entry(at)
    if name in text.map(at[:-1]).entries:
        raise EditRefused("name_taken", name=name)
    return [(entry.key.start, entry.key.end, writing.key(name, style=entry.key.style, is_json=text.is_json))]


def move(text: Text, at: At, after: str) -> list[Cut]:
    """The entry at `at` behind its sibling `after`, or first; its text stays as it is written."""
    entry = text.entry(at)
    parent = text.map(at[:-1])
    names = list(parent.entries)
    place = names.index(at[-1])
    if after == at[-1] or (after == FIRST and place == 0) or (place > 0 and names[place - 1] == after):
        return []
    if text.is_json or text.is_flow(parent):
        return _move_flow(text, parent, place, after)
    if after != FIRST:
        _sibling(parent, after)
    first = next(iter(parent.entries.values()))
    if not text.begins_line(first.key.start):
        raise EditRefused("odd_style", at=".".join(at), path=text.path)
    start, end = _rows(text, entry)
    rows = text.text[start:end]
    if not rows.endswith(("\n", "\r")):
        rows += text.newline
    cut = _lines_cut(text, start, end)
    if after == FIRST:
        target = _rows_start(text, first)
        return [cut, (target, target, rows)]
    target = text.next_line(text.entry_end(parent.entries[after]))
    if target == len(text.text) and not text.text.endswith(("\n", "\r")):
        return [cut, (target, target, text.newline + rows[: len(rows) - len(text.newline)])]
    return [cut, (target, target, rows)]


def _move_flow(text: Text, parent: MapNode, place: int, after: str) -> list[Cut]:
    """The raw texts of the entries between the two places each take the next one's place; what stands between them stays."""
    entries = list(parent.entries.values())
    target = -1 if after == FIRST else entries.index(_sibling(parent, after))
    order = list(range(len(entries)))
    order.remove(place)
    order.insert(order.index(target) + 1 if target >= 0 else 0, place)
    cuts = []
    for slot, source in enumerate(order):
        if slot != source:
            old, new = entries[slot], entries[source]
            cuts.append((old.key.start, text.entry_end(old), text.text[new.key.start : text.entry_end(new)]))
    return cuts
