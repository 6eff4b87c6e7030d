"""JSON with positions: strict RFC 8259 by the standard reader, then a walk over the tokens that keeps their places."""

from __future__ import annotations

import bisect
import dataclasses
import json
import re
from typing import NoReturn

from engine.problems import Code, Place, Problems
from engine.text.limits import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from engine.text.nodes import Entry, ListNode, MapNode, Node, Scalar, ScalarNode, SourceText
from engine.text.scalars import MAX_DIGITS, NotANumber, number

__all__ = ["parse_json"]

_TOKEN = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"|-?[0-9][-+.0-9eE]*|true|false|null')
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(source: SourceText, problems: Problems) -> Node | None:
    """The document's value; None when it cannot be read."""
    lines = _Lines(source)
    try:
        json.loads(source.text, parse_constant=_constant, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        if not source.text.strip():
            problems.add(Code.TEXT_017.at(Place(source.shown)))
        else:
            problems.add(Code.TEXT_002.at(lines.place(error.pos), why=error.msg[:1].lower() + error.msg[1:]))
        return None
    except _Constant as error:
        at = re.search(rf"(?<![\w\"]){re.escape(str(error))}", source.text)
        problems.add(Code.TEXT_015.at(lines.place(at.start() if at else 0), text=str(error), digits=MAX_DIGITS))
        return None
    except RecursionError:
        problems.add(Code.TEXT_013.at(lines.place(_too_deep(source.text)), limit=MAX_DEPTH))
        return None
    return _Reader(source, lines, problems).read()


class _Constant(ValueError):
    """NaN or Infinity, which Python's reader takes and RFC 8259 does not."""


def _constant(text: str) -> NoReturn:
    raise _Constant(text)


def _too_deep(text: str) -> int:
    """The offset of the bracket that goes one level too deep."""
    depth, quoted, escaped = 0, False, False
    for at, character in enumerate(text):
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return at
        elif character in "]}":
            depth -= 1
    return 0


class _Lines:
    """Turns offsets into lines and columns."""

    def __init__(self, source: SourceText) -> None:
        self._shown = source.shown
        self._starts = [0] + [found.end() for found in re.finditer(r"\r\n|\r|\n", source.text)]

    def mark(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def place(self, offset: int) -> Place:
        return Place(self._shown, *self.mark(offset))


@dataclasses.dataclass(slots=True)
class _Open:
    start: int
    items: list[Node] | None
    entries: dict[str, Entry]
    key: ScalarNode | None = None
    waits_for_value: bool = False


class _Reader:
    """Walks over the tokens of a text that is known to be valid JSON."""

    def __init__(self, source: SourceText, lines: _Lines, problems: Problems) -> None:
        self._source = source
        self._lines = lines
        self._problems = problems
        self._open: list[_Open] = []

    def read(self) -> Node | None:
        enough = len(self._problems) + MAX_PROBLEMS
        for count, found in enumerate(_TOKEN.finditer(self._source.text)):
            token, start = found.group(), found.start()
            if count > MAX_NODES:
                self._problems.add(Code.TEXT_014.at(self._lines.place(start), limit=MAX_NODES))
                return None
            if len(self._problems) > enough:
                return None
            node = self._token(token, start)
            if token in "{[" and len(self._open) > MAX_DEPTH:
                self._problems.add(Code.TEXT_013.at(self._lines.place(start), limit=MAX_DEPTH))
                return None
            if node is not None and self._placed(node):
                return node
        return None

    def _token(self, token: str, start: int) -> Node | None:
        if token in "{[":
            self._open.append(_Open(start, [] if token == "[" else None, {}))
            return None
        if token in "}]":
            done = self._open.pop()
            marks = (self._source, *self._lines.mark(done.start), done.start, start + 1)
            return MapNode(*marks, done.entries) if done.items is None else ListNode(*marks, tuple(done.items))
        style = '"' if token[0] == '"' else ""
        mark = self._lines.mark(start)
        return ScalarNode(self._source, *mark, start, start + len(token), self._value(token, start), style)

    def _value(self, token: str, start: int) -> Scalar:
        if token in _WORDS:
            return _WORDS[token]
        if token[0] == '"':
            text: str = json.loads(token)
            if _SURROGATE.search(text):
                self._problems.add(Code.TEXT_005.at(self._lines.place(start), character="of half a surrogate pair"))
                return ""
            return text
        try:
            return number(token)
        except NotANumber:
            self._problems.add(Code.TEXT_015.at(self._lines.place(start), text=token[:40], digits=MAX_DIGITS))
            return 0

    def _placed(self, node: Node) -> bool:
        """Put a value into what is open; True when it is the whole document."""
        if not self._open:
            return True
        top = self._open[-1]
        if top.items is not None:
            top.items.append(node)
        elif not top.waits_for_value:
            self._key(top, node)
        else:
            top.waits_for_value = False
            if top.key is not None:
                top.entries[str(top.key.value)] = Entry(top.key, node)
        return False

    def _key(self, top: _Open, node: Node) -> None:
        assert isinstance(node, ScalarNode)
        top.waits_for_value, top.key = True, None
        name = str(node.value)
        if not name:
            self._problems.add(Code.TEXT_016.at(node.place))
        elif name in top.entries:
            self._problems.add(Code.TEXT_011.at(node.place, key=name[:60], other=top.entries[name].place))
        else:
            top.key = node
