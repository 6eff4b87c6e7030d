"""Edits of the elements of definitions, whatever their kind: added, changed and moved, in the layer of a pack.

A pack writes into its own files: what another pack owns it extends. `section` is the map that elements stand in, e.g. `fields`
of an object, `states` of a workflow, or `fields, mood, options` for the options of one field.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from designer.edits.characters import clean
from designer.edits.definitions import OfDefinition
from designer.edits.edit import Bench, reads
from designer.edits.entries import FIRST
from designer.edits.layering import change, layer_path, names, put
from designer.edits.primitive import MoveEntry
from designer.edits.refused import EditRefused
from designer.layers import Layers
from engine.names import is_name, reserved

__all__ = ["AddElement", "ChangeElement", "MoveElement", "OfElement"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OfElement(OfDefinition):
    section: tuple[str, ...] = reads("names")
    name: str

    @property
    def at(self) -> tuple[str, ...]:
        return (*self.section, self.name)

    def known(self, bench: Bench) -> str:
        """The pack that owns the element. Raises EditRefused."""
        if not self.section:
            raise EditRefused("bad_edit", why="'section'")
        owner = Layers(bench.files).owner(self.folder, self.definition, self.at)
        if not owner:
            raise EditRefused("no_place", at=".".join(self.at), path=f"{self.folder}/{self.definition}")
        return owner


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AddElement(OfElement):
    """A new element, behind `after` (a name, '' for first, none for last)."""

    kind: ClassVar[str] = "add_element"
    words: ClassVar[tuple[str, str]] = ("Added the {part} “{name}” to the {kind} “{definition}”", "在{kind}“{definition}”中新增{part}“{name}”")

    value: dict[str, Any] = reads("map")
    after: str | None = reads("optional", default=None)

    def make(self, bench: Bench) -> None:
        if not self.section:
            raise EditRefused("bad_edit", why="'section'")
        if not is_name(self.name):
            raise EditRefused("bad_name", name=self.name[:60])
        if self.section == ("fields",) and (why := reserved(self.name)):
            raise EditRefused("reserved_name", name=self.name, why=why)
        if Layers(bench.files).owner(self.folder, self.definition, self.at):
            raise EditRefused("name_taken", name=self.name)
        path = layer_path(bench, self.folder, self.definition, self.pack)
        there = names(bench, path, self.section)
        value, after = clean(self.value), self.after
        if after and after not in there:
            value, after = {**value, "after": after}, None
        put(bench, path, self.section, self.name, value, after)
        if self.after == FIRST and not there:
            MoveElement(folder=self.folder, definition=self.definition, pack=self.pack, section=self.section, name=self.name,
                        after=FIRST).make(bench)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChangeElement(OfElement):
    """Some keys of an element; None takes a key away."""

    kind: ClassVar[str] = "change_element"
    words: ClassVar[tuple[str, str]] = ("Changed the {part} “{name}” of the {kind} “{definition}”", "修改{kind}“{definition}”的{part}“{name}”")

    changes: dict[str, Any] = reads("map")

    def make(self, bench: Bench) -> None:
        self.known(bench)
        path = layer_path(bench, self.folder, self.definition, self.pack)
        change(bench, path, self.at, clean(self.changes))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MoveElement(OfElement):
    """An element to another place among its siblings: behind `after`, with '' before all."""

    kind: ClassVar[str] = "move_element"
    words: ClassVar[tuple[str, str]] = ("Moved the {part} “{name}” of the {kind} “{definition}”", "调整{kind}“{definition}”中{part}“{name}”的位置")

    after: str

    def make(self, bench: Bench) -> None:
        self.known(bench)
        layers = Layers(bench.files)
        order = list(layers.elements(self.folder, self.definition, self.section))
        if self.after not in (FIRST, *order) or self.after == self.name:
            raise EditRefused("no_place", at=self.after, path=f"{self.folder}/{self.definition}")
        path = layer_path(bench, self.folder, self.definition, self.pack)
        there = names(bench, path, self.section)
        if self.name in there and self.after in (FIRST, *there):
            trial = Bench(bench.files)
            trial.do(MoveEntry(path=path, at=self.at, after=self.after))
            if self._stands(trial):
                bench.files, bench.patch = trial.files, bench.patch.then(trial.patch)
                return
        if self.after == FIRST:
            if order[0] != self.name:
                change(bench, path, self.at, {"after": None})
                change(bench, path, (*self.section, order[0]), {"after": self.name})
            return
        self._release(bench, path, order)
        change(bench, path, self.at, {"after": self.after})
        self._first_behind(bench, path)

    def _order(self, bench: Bench) -> list[str]:
        return list(Layers(bench.files).elements(self.folder, self.definition, self.section))

    def _stands(self, bench: Bench) -> bool:
        """Whether the element stands where it was wanted."""
        order = self._order(bench)
        place = order.index(self.name)
        return place == 0 if self.after == FIRST else place > 0 and order[place - 1] == self.after

    def _first_behind(self, bench: Bench, path: str) -> None:
        """Others that follow the same element come behind this one."""
        elements = Layers(bench.files).elements(self.folder, self.definition, self.section)
        others = [name for name, value in elements.items() if value.get("after") == self.after and name != self.name]
        if others and not self._stands(bench):
            change(bench, path, (*self.section, others[0]), {"after": self.name})

    def _release(self, bench: Bench, path: str, order: list[str]) -> None:
        """The one that stood behind this, by its word, now stands behind the one before; else the two would follow each other."""
        elements = Layers(bench.files).elements(self.folder, self.definition, self.section)
        target: str | None = self.after
        while target is not None and target != self.name:
            above = elements[target].get("after")
            if above == self.name:
                place = order.index(self.name)
                change(bench, path, (*self.section, target), {"after": order[place - 1] if place else None})
            target = above if isinstance(above, str) and above in elements else None
