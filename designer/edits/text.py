"""One file as edits see it: its text, its nodes with their marks, and where their lines begin and end."""

from __future__ import annotations

import dataclasses
import functools
import re

from designer.edits.refused import EditRefused
from engine.problems import Problems
from engine.text.json_text import parse_json
from engine.text.nodes import Entry, ListNode, MapNode, Node, ScalarNode, SourceText
from engine.text.yaml_text import parse_yaml

__all__ = ["Text", "read"]

At = tuple[str, ...]
"""Where an entry stands: the keys from the root of the file."""

_BREAK = re.compile(r"\r\n|\r|\n")
_EXPLICIT = re.compile(r"(?:^|[\s{,\[])\?\s+\Z")


def read(path: str, text: str | None) -> Text:
    """A file that can be edited. Raises EditRefused for one that is not there or not readable."""
    if text is None:
        raise EditRefused("no_file", path=path)
    return _parsed(path, text)


@functools.lru_cache(maxsize=1_000)
def _parsed(path: str, text: str) -> Text:
    source, problems = SourceText(path, path, text), Problems()
    root = (parse_json if source.is_json else parse_yaml)(source, problems)
    if not isinstance(root, MapNode) or len(problems):
        why = str(next(iter(problems), "it holds no map"))
        raise EditRefused("unreadable", path=path, why=why)
    found = _BREAK.search(text)
    return Text(path, text, root, found.group() if found else "\n", source.is_json)


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """A parsed file. `newline` is the line break that it uses."""

    path: str
    text: str
    root: MapNode
    newline: str
    is_json: bool

    # Nodes

    def find(self, at: At) -> Node | None:
        node: Node | None = self.root
        for key in at:
            node = node.get(key) if isinstance(node, MapNode) else None
        return node

    def map(self, at: At) -> MapNode:
        """The map at a place. Raises EditRefused when nothing, or something else, stands there."""
        node = self.find(at)
        if node is None:
            raise EditRefused("no_place", at=".".join(at), path=self.path)
        if not isinstance(node, MapNode):
            raise EditRefused("not_a_map", at=".".join(at), path=self.path)
        return node

    def entry(self, at: At) -> Entry:
        """The entry at a place, with its key. Raises EditRefused."""
        found = self.map(at[:-1]).entries.get(at[-1]) if at else None
        if found is None:
            raise EditRefused("no_place", at=".".join(at), path=self.path)
        if _EXPLICIT.search(self.text, max(0, found.key.start - 200), found.key.start):
            raise EditRefused("odd_style", at=".".join(at), path=self.path)
        return found

    def is_flow(self, node: Node) -> bool:
        """Whether a map or list stands in brackets."""
        return not isinstance(node, ScalarNode) and self.text[node.start : node.start + 1] in ("{", "[")

    def is_empty(self, node: Node) -> bool:
        """Whether nothing at all is written for it."""
        return isinstance(node, ScalarNode) and node.start == node.end

    def end(self, node: Node) -> int:
        """Behind the last character that is the value's own; the mark of a block ends only where the next token starts."""
        if isinstance(node, ScalarNode):
            if node.style in ("|", ">"):
                return self._literal_end(node)
            return node.end
        if self.is_flow(node):
            return node.end
        if isinstance(node, ListNode):
            return max(self.end(item) for item in node.items) if node.items else node.start
        return max((self.entry_end(entry) for entry in node.entries.values()), default=node.start)

    def _literal_end(self, node: ScalarNode) -> int:
        """Blank lines below a literal are its own only when its header keeps them."""
        header = self.text[node.start : self.line_end(node.start)].partition("#")[0]
        if "+" in header:
            return self.before_break(node.end)
        return node.start + len(self.text[node.start : node.end].rstrip())

    def entry_end(self, entry: Entry) -> int:
        """Behind an entry; a key may stand in brackets without a value, whose mark is then that of the comma."""
        if self.is_empty(entry.node):
            colon = self.colon(entry)
            return max(colon, entry.node.end) if colon is not None else entry.key.end
        return self.end(entry.node)

    def colon(self, entry: Entry) -> int | None:
        """Behind the colon of an entry; None for a key without one."""
        place = self.skip(entry.key.end)
        return place + 1 if self.text[place : place + 1] == ":" else None

    def skip(self, place: int) -> int:
        """The next character that is neither blank nor in a comment."""
        text = self.text
        while place < len(text):
            if text[place] in " \t\r\n":
                place += 1
            elif text[place] == "#" and not self.is_json:
                place = self.line_end(place)
            else:
                break
        return place

    # Lines

    def line_start(self, place: int) -> int:
        return max(self.text.rfind("\n", 0, place), self.text.rfind("\r", 0, place)) + 1

    def line_end(self, place: int) -> int:
        """Where the line's break stands, or the text ends."""
        found = _BREAK.search(self.text, place)
        return found.start() if found else len(self.text)

    def next_line(self, place: int) -> int:
        """Where the next line begins, or the text ends."""
        found = _BREAK.search(self.text, place)
        return found.end() if found else len(self.text)

    def before_break(self, place: int) -> int:
        """`place`, less the line break that stands before it."""
        if self.text[:place].endswith("\r\n"):
            return place - 2
        return place - 1 if place and self.text[place - 1] in "\r\n" else place

    def begins_line(self, place: int) -> bool:
        return not self.text[self.line_start(place) : place].strip(" ")

    def indent(self, place: int) -> int:
        """The column of a place, counted from 0."""
        return place - self.line_start(place)

    def one_line(self, start: int, end: int) -> bool:
        return _BREAK.search(self.text, start, end) is None
