"""The parsed text: values that know the file, line and column they were written at."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from engine.problems import Place

__all__ = ["Document", "Entry", "ListNode", "MapNode", "Node", "Scalar", "ScalarNode", "SourceText", "plain"]

Scalar: TypeAlias = None | bool | int | Decimal | str


@dataclasses.dataclass(frozen=True, slots=True)
class SourceText:
    """The decoded text of one file. `path` is its path in the release, `shown` the one that problems name."""

    path: str
    shown: str
    text: str = dataclasses.field(repr=False)

    @property
    def pack(self) -> str:
        """The folder of its pack, '' for `organisation.yaml`."""
        return self.path.rpartition("/")[0].partition("/")[0]

    @property
    def folder(self) -> str:
        """The folder of its kind, '' for `pack.yaml` and `organisation.yaml`."""
        parts = self.path.split("/")
        return parts[1] if len(parts) > 2 else ""

    @property
    def is_json(self) -> bool:
        return self.path.endswith(".json")


@dataclasses.dataclass(frozen=True, slots=True)
class _Marked:
    """Where a value begins; `line` and `column` count from 1, `start` and `end` are offsets in characters of the text."""

    source: SourceText
    line: int
    column: int
    start: int
    end: int

    @property
    def place(self) -> Place:
        return Place(self.source.shown, self.line, self.column)

    @property
    def pack(self) -> str:
        """The pack whose file it stands in."""
        return self.source.pack


@dataclasses.dataclass(frozen=True, slots=True)
class ScalarNode(_Marked):
    """A scalar; `style` is the character that opens it (`'`, `"`, `|`, `>`), '' when plain."""

    value: Scalar
    style: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ListNode(_Marked):
    items: tuple[Node, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map with its value."""

    key: ScalarNode
    node: Node

    @property
    def place(self) -> Place:
        return self.key.place


@dataclasses.dataclass(frozen=True, slots=True)
class MapNode(_Marked):
    entries: Mapping[str, Entry]

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.node if entry else None

    def value(self, key: str) -> Scalar:
        """The scalar under a key; None when there is none."""
        node = self.get(key)
        return node.value if isinstance(node, ScalarNode) else None

    def text(self, key: str, default: str = "") -> str:
        value = self.value(key)
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.value(key)
        return value if isinstance(value, bool) else default

    def map(self, key: str) -> MapNode | None:
        node = self.get(key)
        return node if isinstance(node, MapNode) else None

    def scalars(self, key: str) -> tuple[ScalarNode, ...]:
        """The scalars of a list under a key, or the one scalar that stands there."""
        node = self.get(key)
        if isinstance(node, ListNode):
            return tuple(item for item in node.items if isinstance(item, ScalarNode))
        return (node,) if isinstance(node, ScalarNode) and node.value is not None else ()

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(node.value for node in self.scalars(key) if isinstance(node.value, str))

    def place_of(self, key: str) -> Place:
        """Where the value under a key stands, else where the map begins."""
        node = self.get(key)
        return node.place if node else self.place

    def maps(self) -> Iterator[tuple[str, Entry, MapNode]]:
        """The entries whose values are maps."""
        for name, entry in self.entries.items():
            if isinstance(entry.node, MapNode):
                yield name, entry, entry.node


Node: TypeAlias = ScalarNode | ListNode | MapNode


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """One parsed file."""

    source: SourceText
    root: Node


def plain(node: Node) -> object:
    """The value without its places: scalars, lists and dicts."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key: plain(entry.node) for key, entry in node.entries.items()}
