"""Elements taken away: removed where they store nothing, retired where they do, hidden where another pack owns them; and brought back."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from designer.edits.edit import Bench
from designer.edits.elements import OfElement
from designer.edits.layering import change, layer_path
from designer.edits.primitive import RemoveEntry, SetValue
from designer.edits.refused import EditRefused
from designer.edits.text import read
from designer.layers import Layers
from engine.text.nodes import ListNode, plain

__all__ = ["RemoveElement", "RestoreElement", "RetireElement"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoveElement(OfElement):
    """Without an element that stores nothing; another pack's is hidden."""

    kind: ClassVar[str] = "remove_element"
    words: ClassVar[tuple[str, str]] = ("Removed the {part} “{name}” from the {kind} “{definition}”", "从{kind}“{definition}”中移除{part}“{name}”")

    def make(self, bench: Bench) -> None:
        if self.known(bench) != self.pack:
            change(bench, layer_path(bench, self.folder, self.definition, self.pack), self.at, {"hidden": True})
            return
        _take_away(bench, self.folder, self.definition, self.section, self.name)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RetireElement(OfElement):
    """An element kept with its data but shown nowhere; another pack's is hidden. A retired field leaves forms and lists too."""

    kind: ClassVar[str] = "retire_element"
    words: ClassVar[tuple[str, str]] = ("Retired the {part} “{name}” of the {kind} “{definition}”", "停用{kind}“{definition}”的{part}“{name}”")

    def make(self, bench: Bench) -> None:
        owned = self.known(bench) == self.pack
        key = "retired" if owned else "hidden"
        change(bench, layer_path(bench, self.folder, self.definition, self.pack), self.at, {key: True})
        if self.folder == "objects" and self.section == ("fields",):
            (_leave_screens if owned else self._leave_layer)(bench, self.definition, self.name)

    def _leave_layer(self, bench: Bench, object_name: str, field: str) -> None:
        """The same for a field that this pack hides: what stands in other packs' files is overridden in its own."""
        for folder, section, key in (("forms", "items", "field"), ("views", "columns", "path")):
            for name, whole in _about(bench, folder, object_name):
                for element, value in Layers(bench.files).elements(folder, name, (section,)).items():
                    if str(value.get(key) or element) == field and not value.get("heading") and not value.get("hidden"):
                        RemoveElement(folder=folder, definition=name, pack=self.pack, section=(section,), name=element).make(bench)
                for listed in ("filters", "sort") if folder == "views" else ():
                    kept = [item for item in whole.get(listed) or () if str(item).lstrip("-") != field]
                    if len(kept) != len(whole.get(listed) or ()):
                        change(bench, layer_path(bench, folder, name, self.pack), (), {listed: kept})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RestoreElement(OfElement):
    """A retired or hidden element back in its place; what another pack hides below is shown again in the own file.

    Forms, lists and grants that it was taken out of when it was retired do not have it again.
    """

    kind: ClassVar[str] = "restore_element"
    words: ClassVar[tuple[str, str]] = ("Brought back the {part} “{name}” of the {kind} “{definition}”", "恢复{kind}“{definition}”的{part}“{name}”")

    def make(self, bench: Bench) -> None:
        owner = self.known(bench)
        for layer in Layers(bench.files).of(self.folder, self.definition):
            for key in ("retired", "hidden"):
                if layer.pack == self.pack and layer.text.find((*self.at, key)) is not None:
                    bench.do(RemoveEntry(path=layer.path, at=(*self.at, key)))
        layers = Layers(bench.files)
        left = layers.elements(self.folder, self.definition, self.section)[self.name]
        if left.get("retired"):
            raise EditRefused("not_yours", name=self.name, owner=owner)
        if left.get("hidden"):
            at, order = (*self.at, "hidden"), layers.packs.index
            hider = [layer.pack for layer in layers.of(self.folder, self.definition) if layer.text.find(at) is not None][-1]
            if order(hider) > order(self.pack):
                raise EditRefused("hidden_above", name=self.name, pack=hider)
            change(bench, layer_path(bench, self.folder, self.definition, self.pack), self.at, {"hidden": False})


def _take_away(bench: Bench, folder: str, definition: str, section: tuple[str, ...], gone: str) -> None:
    """Without an element in any layer; those that stood behind it come behind the one before it."""
    order = [n for n, v in Layers(bench.files).elements(folder, definition, section).items() if not v.get("retired") and not v.get("hidden")]
    above = order[order.index(gone) - 1] if gone in order[1:] else None
    for layer in Layers(bench.files).of(folder, definition):
        node = layer.text.find(section)
        for name, entry in getattr(node, "entries", {}).items():
            if getattr(entry.node, "text", lambda key: "")("after") == gone:
                change(bench, layer.path, (*section, name), {"after": above})
        if gone in getattr(node, "entries", {}):
            bench.do(RemoveEntry(path=layer.path, at=(*section, gone)))


def _about(bench: Bench, folder: str, object_name: str) -> list[tuple[str, dict[str, Any]]]:
    """The definitions of a kind that are about an object, with what they say."""
    layers = Layers(bench.files)
    found = [(name, layers.merged(folder, name)) for name in layers.names(folder)]
    return [(name, whole) for name, whole in found if whole.get("object") == object_name]


def _leave_screens(bench: Bench, object_name: str, field: str) -> None:
    """A field that is shown nowhere any more leaves the forms, lists and filters of its object, and the lists of fields of grants."""
    for folder, section, key in (("forms", "items", "field"), ("views", "columns", "path")):
        layers = Layers(bench.files)
        for name in layers.names(folder):
            if layers.merged(folder, name).get("object") != object_name:
                continue
            for element, value in layers.elements(folder, name, (section,)).items():
                if str(value.get(key) or element) == field and not value.get("heading") and not value.get("hidden"):
                    _take_away(bench, folder, name, (section,), element)
    for text in [t for folder in ("views", "roles") for t in Layers(bench.files).texts(folder)]:
        name = text.root.text("extend").partition(":")[2] or text.root.text("name")
        if text.root.source.folder == "views" and Layers(bench.files).merged("views", name).get("object") == object_name:
            for key in ("filters", "sort"):
                _drop(bench, text.path, (key,), field)
        if text.root.source.folder == "roles":
            for section in ("grants", "denials"):
                for grant, value in Layers(bench.files).elements("roles", name, (section,)).items():
                    for key in ("show", "mask", "hide") if value.get("object") == object_name else ():
                        _drop(bench, text.path, (section, grant, key), field)


def _drop(bench: Bench, path: str, at: tuple[str, ...], name: str) -> None:
    """A list of names without one of them."""
    node = read(path, bench.files[path]).find(at)
    held = [str(plain(item)) for item in node.items] if isinstance(node, ListNode) else []
    kept = [item for item in held if item.lstrip("-") != name]
    if len(kept) != len(held):
        bench.do(SetValue(path=path, at=at, value=kept) if kept else RemoveEntry(path=path, at=at))
