"""The edits of one file: entries set, added, removed, renamed and moved.

Each cuts the text at the marks of its nodes, reads what it made, and takes nothing that does not mean exactly what was
wanted: so an odd way of writing can make an edit impossible, but never wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from designer.edits import entries
from designer.edits.edit import Bench, Composite, Edit, reads
from designer.edits.entries import FIRST, Cut
from designer.edits.files import comparable, within
from designer.edits.patch import Files, Patch, Splice
from designer.edits.refused import EditRefused
from designer.edits.text import At, Text, read
from engine.names import is_name
from engine.text.nodes import MapNode, plain

__all__ = ["AddEntry", "MoveEntry", "RemoveEntry", "RenameKey", "SetValue"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _InFile(Edit):
    """An edit of the map that a file holds."""

    path: str
    at: At = reads("names")

    def cuts(self, text: Text) -> list[Cut]:
        raise NotImplementedError

    def wanted(self, root: dict[str, Any]) -> None:
        """The same change, made on the plain value of the file."""
        raise NotImplementedError

    def patch(self, files: Files) -> Patch:
        text = read(self.path, files.get(self.path))
        cuts = self.cuts(text)
        root: Any = plain(text.root)
        self.wanted(root)
        patch = _cut(text, cuts)
        new = patch.on({self.path: text.text})[self.path]
        within(new)
        try:
            found = plain(read(self.path, new).root)
        except EditRefused:
            raise EditRefused("odd_style", at=".".join(self.at), path=self.path) from None
        if comparable(found) != comparable(root):
            raise EditRefused("odd_style", at=".".join(self.at), path=self.path)
        return patch

    def said(self, language: str) -> dict[str, object]:
        return {"path": self.path, "at": ".".join(self.at), "last": self.at[-1] if self.at else ""}


def _cut(text: Text, cuts: list[Cut]) -> Patch:
    """The cuts as splices from the end of the text to its beginning, so that offsets stay true."""
    order = sorted(range(len(cuts)), key=lambda n: (cuts[n][0], cuts[n][1], n), reverse=True)
    return Patch(tuple(
        Splice(text.path, start, text.text[start:end], new) for start, end, new in (cuts[n] for n in order) if text.text[start:end] != new
    ))


def _holder(root: dict[str, Any], at: At) -> dict[str, Any]:
    for name in at:
        root = root[name]
    return root


def _in_order(held: dict[str, Any], order: list[str]) -> None:
    kept = dict(held)
    held.clear()
    held.update((name, kept[name]) for name in order)


def _placed(names: list[str], name: str, after: str | None) -> list[str]:
    rest = [other for other in names if other != name]
    place = len(rest) if after is None else 0 if after == FIRST else rest.index(after) + 1
    return [*rest[:place], name, *rest[place:]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Change(_InFile):
    """Another value for an entry that is there."""

    value: Any = reads("value")

    def cuts(self, text: Text) -> list[Cut]:
        return entries.change(text, self.at, self.value)

    def wanted(self, root: dict[str, Any]) -> None:
        _holder(root, self.at[:-1])[self.at[-1]] = self.value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AddEntry(_InFile):
    """A new entry `name` of the map at `at`, behind the sibling `after`; by default the last, with '' the first."""

    kind: ClassVar[str] = "add_entry"
    words: ClassVar[tuple[str, str]] = ("Added {name} in {path}", "在 {path} 中新增 {name}")

    name: str
    value: Any = reads("value")
    after: str | None = reads("optional", default=None)

    def cuts(self, text: Text) -> list[Cut]:
        if not self.name:
            raise EditRefused("bad_name", name="")
        return entries.add(text, self.at, self.name, self.value, self.after)

    def wanted(self, root: dict[str, Any]) -> None:
        if self.at and _holder(root, self.at[:-1])[self.at[-1]] is None:
            _holder(root, self.at[:-1])[self.at[-1]] = {}
        held = _holder(root, self.at)
        order = _placed(list(held), self.name, self.after)
        held[self.name] = self.value
        _in_order(held, order)

    def said(self, language: str) -> dict[str, object]:
        return {"path": self.path, "name": ".".join((*self.at, self.name))}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoveEntry(_InFile):
    """Without the entry at `at`."""

    kind: ClassVar[str] = "remove_entry"
    words: ClassVar[tuple[str, str]] = ("Removed {at} from {path}", "从 {path} 中删除 {at}")

    def cuts(self, text: Text) -> list[Cut]:
        return entries.remove(text, self.at)

    def wanted(self, root: dict[str, Any]) -> None:
        del _holder(root, self.at[:-1])[self.at[-1]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MoveEntry(_InFile):
    """The entry at `at` behind its sibling `after`, with '' before all."""

    kind: ClassVar[str] = "move_entry"
    words: ClassVar[tuple[str, str]] = ("Moved {at} in {path}", "在 {path} 中移动 {at}")

    after: str

    def cuts(self, text: Text) -> list[Cut]:
        return entries.move(text, self.at, self.after)

    def wanted(self, root: dict[str, Any]) -> None:
        held = _holder(root, self.at[:-1])
        if self.after != self.at[-1]:
            _in_order(held, _placed(list(held), self.at[-1], self.after))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Rename(_InFile):
    name: str

    def cuts(self, text: Text) -> list[Cut]:
        return entries.rename(text, self.at, self.name)

    def wanted(self, root: dict[str, Any]) -> None:
        held = _holder(root, self.at[:-1])
        order = [self.name if name == self.at[-1] else name for name in held]
        held[self.name] = held.pop(self.at[-1])
        _in_order(held, order)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetValue(Composite):
    """The value at `at`; a map is changed entry by entry, and an entry that is not there is added."""

    kind: ClassVar[str] = "set"
    words: ClassVar[tuple[str, str]] = ("Changed {at} in {path}", "修改 {path} 中的 {at}")

    path: str
    at: At = reads("names")
    value: Any = reads("value")

    def said(self, language: str) -> dict[str, object]:
        return {"path": self.path, "at": ".".join(self.at)}

    def make(self, bench: Bench) -> None:
        text = read(self.path, bench.files.get(self.path))
        node = text.find(self.at)
        if not self.at:
            raise EditRefused("bad_edit", why="'at'")
        if node is None:
            bench.do(AddEntry(path=self.path, at=self.at[:-1], name=self.at[-1], value=self.value))
        elif isinstance(node, MapNode) and isinstance(self.value, Mapping) and node.entries and self.value:
            self._entries(bench, dict(plain(node)))  # type: ignore[call-overload]
        elif comparable(plain(node)) != comparable(self.value):
            bench.do(_Change(path=self.path, at=self.at, value=self.value))

    def _entries(self, bench: Bench, old: dict[str, Any]) -> None:
        for name, value in self.value.items():
            if name not in old or comparable(old[name]) != comparable(value):
                bench.do(SetValue(path=self.path, at=(*self.at, name), value=value))
        for name in old:
            if name not in self.value:
                bench.do(RemoveEntry(path=self.path, at=(*self.at, name)))
        names, before = [*(n for n in old if n in self.value), *(n for n in self.value if n not in old)], FIRST
        for name in self.value:
            order = _placed(names, name, before)
            if order != names:
                bench.do(MoveEntry(path=self.path, at=(*self.at, name), after=before))
                names = order
            before = name


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RenameKey(Composite):
    """Another key for the entry at `at`; with `was` its former names are kept, as identity asks for."""

    kind: ClassVar[str] = "rename_key"
    words: ClassVar[tuple[str, str]] = ("Renamed {at} to {name} in {path}", "在 {path} 中把 {at} 重命名为 {name}")

    path: str
    at: At = reads("names")
    name: str
    was: bool = reads("flag", default=True)

    def said(self, language: str) -> dict[str, object]:
        return {"path": self.path, "at": ".".join(self.at), "name": self.name}

    def make(self, bench: Bench) -> None:
        if not is_name(self.name):
            raise EditRefused("bad_name", name=self.name[:60])
        text = read(self.path, bench.files.get(self.path))
        node = text.entry(self.at).node
        former = list(node.texts("was")) if isinstance(node, MapNode) else []
        if self.was and self.name in former:
            raise EditRefused("former_name", name=self.name)
        bench.do(_Rename(path=self.path, at=self.at, name=self.name))
        if not self.was:
            return
        at = (*self.at[:-1], self.name)
        if not isinstance(node, MapNode):
            value: Any = plain(node)
            if isinstance(value, list):  # unique: {one: [a, b]} is short for {fields: [a, b]}
                bench.do(SetValue(path=self.path, at=at, value={"fields": value, "was": [self.at[-1]]}))
                return
            if value is not None:
                raise EditRefused("not_a_map", at=".".join(self.at), path=self.path)
        bench.do(SetValue(path=self.path, at=(*at, "was"), value=[self.at[-1], *former]))
