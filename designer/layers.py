"""Definitions over the texts of a draft: which files define and extend one, what they say together, and where a pack writes.

Works on texts that do not check, so that a draft with problems can be looked at and mended.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from designer.edits.patch import Files
from designer.edits.refused import EditRefused
from designer.edits.text import Text, read
from engine.text.kinds import KINDS
from engine.text.nodes import plain
from engine.text.source import ORGANISATION_FILES, PACK_FILES

__all__ = ["Layer", "Layers", "label_of", "section_of"]

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "objects": ("fields", "unique", "indexes", "checks"), "choices": ("options",), "forms": ("items",), "views": ("columns",),
    "workflows": ("states", "transitions", "timers"), "decisions": ("inputs", "outputs", "rules"),
    "scores": ("inputs", "items", "bands"), "pages": ("panels",), "plans": ("steps",), "roles": ("grants", "denials"),
    "data": ("records",),
}
"""The maps of elements of each kind, the most important first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """One file of a definition. `owner` says that it defines it; the others extend it."""

    pack: str
    path: str
    owner: bool
    text: Text

    @property
    def value(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(plain(self.text.root))  # type: ignore[call-overload]
        return found


def _read(path: str, text: str) -> Text | None:
    try:
        return read(path, text)
    except EditRefused:
        return None


class Layers:
    """All definitions of some files; made anew for each version of them, parsed files are kept by their text."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._texts: dict[str, tuple[Text, ...]] = {}
        self._merged: dict[tuple[str, str], dict[str, Any]] = {}
        self.packs = self._packs()

    def _packs(self) -> tuple[str, ...]:
        """The packs, lower layers first."""
        there = sorted({path.partition("/")[0] for path in self.files if "/" in path})
        organisation = self.organisation
        if organisation is not None:
            listed = [pack for pack in organisation.root.texts("packs") if pack in there]
            return (*listed, *(pack for pack in there if pack not in listed))
        return tuple(self._by_requirement(there))

    @property
    def organisation(self) -> Text | None:
        """The organisation's own file."""
        found = (_read(name, self.files[name]) for name in ORGANISATION_FILES if name in self.files)
        return next((text for text in found if text is not None), None)

    def _by_requirement(self, packs: list[str]) -> Iterator[str]:
        waiting, done = list(packs), set[str]()
        while waiting:
            ready = next((p for p in waiting if not (set(self.requires(p)) & set(waiting)) - {p}), waiting[0])
            waiting.remove(ready)
            done.add(ready)
            yield ready

    def header(self, pack: str) -> Text | None:
        """The pack's own file."""
        path = next((f"{pack}/{name}" for name in PACK_FILES if f"{pack}/{name}" in self.files), "")
        return _read(path, self.files[path]) if path else None

    def requires(self, pack: str) -> tuple[str, ...]:
        header = self.header(pack)
        required = header.root.map("requires") if header else None
        return tuple(required.entries) if required else ()

    def all_required(self, pack: str) -> frozenset[str]:
        """A pack and what it requires, directly or not."""
        found, waiting = {pack}, [pack]
        while waiting:
            new = set(self.requires(waiting.pop())) - found
            found |= new
            waiting += new
        return frozenset(found)

    def texts(self, folder: str) -> tuple[Text, ...]:
        """The readable files of a kind, lower layers first."""
        if folder not in self._texts:
            paths = [path for path in sorted(self.files) if path.split("/")[1:2] == [folder]]
            read = (_read(path, self.files[path]) for pack in self.packs for path in paths if path.startswith(f"{pack}/"))
            self._texts[folder] = tuple(text for text in read if text is not None)
        return self._texts[folder]

    def names(self, folder: str) -> dict[str, str]:
        """Name → pack of all definitions of a kind, in the order of layers; none of a kind that there is not."""
        if folder not in KINDS:
            return {}
        key = KINDS[folder].name_key
        return {
            text.root.text(key): text.root.pack for text in self.texts(folder) if not text.root.text("extend") and text.root.text(key)
        }

    def of(self, folder: str, name: str) -> tuple[Layer, ...]:
        """The files that make up one definition; empty when there is none."""
        if folder not in KINDS:
            return ()
        key, found = KINDS[folder].name_key, []
        for text in self.texts(folder):
            extended = text.root.text("extend")
            if (extended.partition(":")[2] if extended else text.root.text(key)) == name:
                found.append(Layer(text.root.pack, text.path, not extended, text))
        return tuple(sorted(found, key=lambda layer: not layer.owner))

    def known(self, folder: str, name: str) -> tuple[Layer, ...]:
        """The same. Raises EditRefused when there is none."""
        found = self.of(folder, name)
        if not found or not found[0].owner:
            raise EditRefused("no_place", at=name, path=folder)
        return found

    def merged(self, folder: str, name: str) -> dict[str, Any]:
        """What the layers say together; not to be changed."""
        if (folder, name) not in self._merged:
            whole: dict[str, Any] = {}
            for layer in self.of(folder, name):
                whole = _over(whole, layer.value)
            whole.pop("extend", None)
            self._merged[folder, name] = whole
        return self._merged[folder, name]

    def elements(self, folder: str, name: str, section: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        """The elements of a map in the order in which they stand for people; short forms as maps."""
        found: Any = self.merged(folder, name)
        for key in section:
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            return {}
        return _in_order({n: v if isinstance(v, dict) else {} if v is None else {"": v} for n, v in found.items()})

    def owner(self, folder: str, name: str, at: tuple[str, ...]) -> str:
        """The pack that first names an element, '' when nobody does."""
        for layer in self.of(folder, name):
            if layer.text.find(at) is not None:
                return layer.pack
        return ""

    def label(self, folder: str, name: str, language: str) -> str:
        return label_of(self.merged(folder, name), language) or name


def _over(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(base)
    for name, value in over.items():
        there = found.get(name)
        found[name] = _over(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return found


def _in_order(named: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """With each `after:` followed, as the compiler does; a circle keeps the order of the text."""
    behind: dict[str, list[str]] = {}
    roots = []
    for name, value in named.items():
        target = value.get("after")
        if isinstance(target, str) and target in named and target != name:
            behind.setdefault(target, []).append(name)
        else:
            roots.append(name)
    ordered: list[str] = []
    waiting = roots[::-1]
    while waiting:
        name = waiting.pop()
        ordered.append(name)
        waiting.extend(reversed(behind.pop(name, [])))
    return {name: named[name] for name in [*ordered, *(n for n in named if n not in ordered)]}


def label_of(value: Mapping[str, Any], language: str) -> str:
    """The label of a definition or element in a language, else in English, else in any."""
    label = value.get("label")
    if isinstance(label, str):
        return label
    if not isinstance(label, Mapping):
        return ""
    return str(label.get(language) or label.get("en") or next(iter(label.values()), ""))


def section_of(folder: str) -> str:
    """The most important map of elements of a kind, '' for none."""
    return SECTIONS.get(folder, ("",))[0]
