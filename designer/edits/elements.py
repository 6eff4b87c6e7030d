"""Edits of definitions and their elements, whatever their kind: added, changed, moved, renamed, retired, in the layer of a pack.

A pack writes into its own files: what another pack owns it extends. `section` is the map that elements stand in, e.g. `fields`
of an object, `states` of a workflow, or `fields, mood, options` for the options of one field.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from designer.edits.edit import Bench, Composite, reads
from designer.edits.entries import FIRST
from designer.edits.primitive import AddEntry, CreateFile, MoveEntry, RemoveEntry, SetValue
from designer.edits.refused import EditRefused
from designer.edits.said import kind_said, section_said
from designer.edits.text import read
from designer.layers import Layers
from engine.names import is_name, reserved
from engine.text.kinds import KINDS
from engine.text.nodes import ListNode, plain

__all__ = [
    "AddElement", "ChangeDefinition", "ChangeElement", "MoveElement", "RemoveElement", "RestoreElement", "RetireElement", "SetLabel",
    "clean", "layer_path",
]

# Zero-width and direction-changing characters: a label that holds them is not what it looks like.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


def clean(value: Any) -> Any:
    """Texts in NFC. Raises EditRefused for hidden characters in any text of it (threat A-55)."""
    if isinstance(value, str):
        if _HIDDEN.search(value):
            raise EditRefused("hidden_characters")
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {name: clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def layer_path(bench: Bench, folder: str, name: str, pack: str) -> str:
    """The file in which a pack changes a definition; made, with what the pack must require, when there is none."""
    if folder not in KINDS:
        raise EditRefused("bad_path", path=folder[:60])
    layers = Layers(bench.files)
    found = layers.known(folder, name)
    for layer in found:
        if layer.pack == pack:
            return layer.path
    owner = found[0].pack
    header = layers.header(pack)
    if header is None:
        raise EditRefused("no_file", path=f"{pack}/pack.yaml")
    if owner not in layers.all_required(pack):
        bench.do(SetValue(path=header.path, at=("requires", owner), value=">=0"))
    path = free_path(bench.files, pack, folder, name)
    bench.do(CreateFile(path=path, value={"extend": f"{owner}:{name}"}))
    return path


def free_path(files: Mapping[str, str], pack: str, folder: str, name: str) -> str:
    """Where a new file of a definition goes."""
    path, number = f"{pack}/{folder}/{name}.yaml", 2
    while path in files:
        path, number = f"{pack}/{folder}/{name}_{number}.yaml", number + 1
    return path


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _OfDefinition(Composite):
    """`folder` is the folder of the kind, `definition` the name, `pack` the pack that writes."""

    folder: str
    definition: str
    pack: str

    def said(self, language: str) -> dict[str, object]:
        section: tuple[str, ...] = getattr(self, "section", ())
        return {
            "definition": self.definition, "kind": kind_said(self.folder, language), "part": section_said(section, language),
            "name": getattr(self, "name", ""),
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDefinition(_OfDefinition):
    """Some of a definition's own keys; None takes a key away."""

    kind: ClassVar[str] = "change_definition"
    words: ClassVar[tuple[str, str]] = ("Changed the {kind} “{definition}”", "修改{kind}“{definition}”")

    changes: dict[str, Any] = reads("map")

    def make(self, bench: Bench) -> None:
        path = layer_path(bench, self.folder, self.definition, self.pack)
        _change(bench, path, (), self.changes)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _OfElement(_OfDefinition):
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
class AddElement(_OfElement):
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
        there = _names(bench, path, self.section)
        value, after = clean(self.value), self.after
        if after and after not in there:
            value, after = {**value, "after": after}, None
        put(bench, path, self.section, self.name, value, after)
        if self.after == FIRST and not there:
            MoveElement(folder=self.folder, definition=self.definition, pack=self.pack, section=self.section, name=self.name,
                        after=FIRST).make(bench)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChangeElement(_OfElement):
    """Some keys of an element; None takes a key away."""

    kind: ClassVar[str] = "change_element"
    words: ClassVar[tuple[str, str]] = ("Changed the {part} “{name}” of the {kind} “{definition}”", "修改{kind}“{definition}”的{part}“{name}”")

    changes: dict[str, Any] = reads("map")

    def make(self, bench: Bench) -> None:
        self.known(bench)
        path = layer_path(bench, self.folder, self.definition, self.pack)
        _change(bench, path, self.at, clean(self.changes))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MoveElement(_OfElement):
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
        there = _names(bench, path, self.section)
        if self.name in there and self.after in (FIRST, *there):
            trial = Bench(bench.files)
            trial.do(MoveEntry(path=path, at=self.at, after=self.after))
            if self._stands(trial):
                bench.files, bench.patch = trial.files, bench.patch.then(trial.patch)
                return
        if self.after == FIRST:
            if order[0] != self.name:
                _change(bench, path, self.at, {"after": None})
                _change(bench, path, (*self.section, order[0]), {"after": self.name})
            return
        self._release(bench, path, order)
        _change(bench, path, self.at, {"after": self.after})
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
            _change(bench, path, (*self.section, others[0]), {"after": self.name})

    def _release(self, bench: Bench, path: str, order: list[str]) -> None:
        """The one that stood behind this, by its word, now stands behind the one before; else the two would follow each other."""
        elements = Layers(bench.files).elements(self.folder, self.definition, self.section)
        target: str | None = self.after
        while target is not None and target != self.name:
            above = elements[target].get("after")
            if above == self.name:
                place = order.index(self.name)
                _change(bench, path, (*self.section, target), {"after": order[place - 1] if place else None})
            target = above if isinstance(above, str) and above in elements else None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoveElement(_OfElement):
    """Without an element that stores nothing; another pack's is hidden."""

    kind: ClassVar[str] = "remove_element"
    words: ClassVar[tuple[str, str]] = ("Removed the {part} “{name}” from the {kind} “{definition}”", "从{kind}“{definition}”中移除{part}“{name}”")

    def make(self, bench: Bench) -> None:
        if self.known(bench) != self.pack:
            _change(bench, layer_path(bench, self.folder, self.definition, self.pack), self.at, {"hidden": True})
            return
        _take_away(bench, self.folder, self.definition, self.section, self.name)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RetireElement(_OfElement):
    """An element kept with its data but shown nowhere; another pack's is hidden. A retired field leaves forms and lists too."""

    kind: ClassVar[str] = "retire_element"
    words: ClassVar[tuple[str, str]] = ("Retired the {part} “{name}” of the {kind} “{definition}”", "停用{kind}“{definition}”的{part}“{name}”")

    def make(self, bench: Bench) -> None:
        owned = self.known(bench) == self.pack
        key = "retired" if owned else "hidden"
        _change(bench, layer_path(bench, self.folder, self.definition, self.pack), self.at, {key: True})
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
                        _change(bench, layer_path(bench, folder, name, self.pack), (), {listed: kept})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RestoreElement(_OfElement):
    """A retired or hidden element back in its place."""

    kind: ClassVar[str] = "restore_element"
    words: ClassVar[tuple[str, str]] = ("Brought back the {part} “{name}” of the {kind} “{definition}”", "恢复{kind}“{definition}”的{part}“{name}”")

    def make(self, bench: Bench) -> None:
        self.known(bench)
        for layer in Layers(bench.files).of(self.folder, self.definition):
            for key in ("retired", "hidden"):
                if layer.text.find((*self.at, key)) is not None:
                    bench.do(RemoveEntry(path=layer.path, at=(*self.at, key)))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetLabel(_OfDefinition):
    """A text for people in one language: the label, or with `key` the help, a message's subject or body … of the definition or,
    with `at`, of an element of it. An empty text takes it away."""

    kind: ClassVar[str] = "label"
    words: ClassVar[tuple[str, str]] = ("Wrote the text of {where} in “{language}”", "填写{where}的“{language}”文本")

    language: str
    text: str = reads("long")
    at: tuple[str, ...] = reads("names", default=())
    key: str = "label"

    def said(self, language: str) -> dict[str, object]:
        return {"where": ".".join((self.definition, *self.at)), "language": self.language}

    def make(self, bench: Bench) -> None:
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", self.language):
            raise EditRefused("bad_edit", why="'language'")
        whole: Any = Layers(bench.files).merged(self.folder, self.definition)
        for name in self.at:
            whole = whole.get(name) if isinstance(whole, dict) else None
        if not isinstance(whole, dict):
            raise EditRefused("no_place", at=".".join(self.at), path=f"{self.folder}/{self.definition}")
        old, text = whole.get(self.key), clean(self.text).strip()
        texts = dict(old) if isinstance(old, dict) else {"en": old} if isinstance(old, str) else {}
        texts.pop(self.language, None) if not text else texts.__setitem__(self.language, text)
        path = layer_path(bench, self.folder, self.definition, self.pack)
        _change(bench, path, self.at, {self.key: texts or None})


# Parts


def _names(bench: Bench, path: str, section: tuple[str, ...]) -> tuple[str, ...]:
    node = read(path, bench.files.get(path)).find(section)
    return tuple(getattr(node, "entries", ()))


def put(bench: Bench, path: str, section: tuple[str, ...], name: str, value: Any, after: str | None = None) -> None:
    """An entry of a map that may not be there yet, nor what it stands in."""
    text = read(path, bench.files.get(path))
    if section and text.find(section) is None:
        put(bench, path, section[:-1], section[-1], {name: value})
    else:
        bench.do(AddEntry(path=path, at=section, name=name, value=value, after=after))


def _change(bench: Bench, path: str, at: tuple[str, ...], changes: Mapping[str, Any]) -> None:
    """Some keys of the map at a place, which is made when it is not there; None takes a key away."""
    text = read(path, bench.files.get(path))
    kept = {key: value for key, value in changes.items() if value is not None}
    if at and text.find(at) is None:
        if kept:
            put(bench, path, at[:-1], at[-1], kept)
        return
    for key, value in changes.items():
        if value is not None:
            bench.do(SetValue(path=path, at=(*at, key), value=value))
        elif read(path, bench.files[path]).find((*at, key)) is not None:
            bench.do(RemoveEntry(path=path, at=(*at, key)))


def _take_away(bench: Bench, folder: str, definition: str, section: tuple[str, ...], gone: str) -> None:
    """Without an element in any layer; those that stood behind it come behind the one before it."""
    order = [n for n, v in Layers(bench.files).elements(folder, definition, section).items() if not v.get("retired") and not v.get("hidden")]
    above = order[order.index(gone) - 1] if gone in order[1:] else None
    for layer in Layers(bench.files).of(folder, definition):
        node = layer.text.find(section)
        for name, entry in getattr(node, "entries", {}).items():
            if getattr(entry.node, "text", lambda key: "")("after") == gone:
                _change(bench, layer.path, (*section, name), {"after": above})
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
