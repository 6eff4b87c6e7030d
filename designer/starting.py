"""New definitions and packs: from nothing, with names made from the label, or as a copy of another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from designer.edits.characters import clean
from designer.edits.edit import Bench, Composite, reads
from designer.edits.files import CreateFile
from designer.edits.layering import free_path
from designer.edits.primitive import SetValue
from designer.edits.refused import EditRefused
from designer.layers import Layers
from designer.naming import name_of
from designer.starts.fitting import fit
from designer.starts.kinds import ABOUT, STARTS, needs
from designer.starts.wish import Begun, Wish
from engine.expressions.functions import NAMES
from engine.names import is_name
from engine.text.kinds import KINDS

__all__ = ["CreateDefinition", "CreatePack"]

@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateDefinition(Composite):
    """A new definition in a pack: from nothing, or with `like` a copy of another one of its kind. Its name is made from the
    label unless one is given; the names of workflows are those of their objects."""

    kind: ClassVar[str] = "create"
    words: ClassVar[tuple[str, str]] = ("Made the {kind} “{label}”", "新建{kind}“{label}”")

    folder: str
    pack: str
    label: dict[str, Any] = reads("map")
    name: str = ""
    about: str = ""
    like: str = ""
    settings: dict[str, Any] = reads("map", default_factory=dict)

    def said(self, language: str) -> dict[str, object]:
        from designer.edits.said import kind_said

        label = self.label.get(language) or next(iter(self.label.values()), self.name)
        return {"kind": kind_said(self.folder, language), "label": label}

    def named(self, files: Mapping[str, str]) -> str:
        """The name that it gets. Raises EditRefused for one that is taken or none."""
        if KINDS[self.folder].name_key == "object":
            return self.about
        taken = self._taken(Layers(files))
        if self.name and (not is_name(self.name)):
            raise EditRefused("bad_name", name=self.name[:60])
        if self.name in taken:
            raise EditRefused("name_taken", name=self.name)
        return self.name or name_of(self.label, taken, fallback=KINDS[self.folder].name)

    def _taken(self, layers: Layers) -> set[str]:
        """Names of the kind; tables are called like functions, so they share theirs."""
        if self.folder in _TABLES:
            return {*NAMES, *(name for folder in _TABLES for name in layers.names(folder))}
        return set(layers.names(self.folder))

    def make(self, bench: Bench) -> None:
        layers = Layers(bench.files)
        if self.folder not in KINDS or self.folder not in STARTS and not self.like:
            raise EditRefused("bad_path", path=self.folder[:60])
        label = {code: clean(text).strip() for code, text in self.label.items() if isinstance(text, str) and text.strip()}
        if not label:
            raise EditRefused("empty_label")
        if layers.header(self.pack) is None:
            raise EditRefused("no_file", path=f"{self.pack}/pack.yaml")
        if needs(self.folder) and not self.like and not self.about:
            raise EditRefused("about_what")
        if self.folder in ABOUT and self.about:
            layers.known(ABOUT[self.folder], self.about)
        name = self.named(bench.files)
        if name in self._taken(layers):
            raise EditRefused("name_taken", name=name)
        if self.folder == "pages" and self.about and any(layers.merged("pages", n).get("object") == self.about for n in layers.names("pages")):
            raise EditRefused("has_page")
        begun = self._begun(layers, name, label)
        self._require(bench, layers, begun.value)
        for edit in begun.before:
            bench.do(edit)
        path = free_path(bench.files, self.pack, self.folder, name)
        bench.do(CreateFile(path=path, value=begun.value))
        for edit in begun.after:
            bench.do(edit)
        if self.like:
            fit(bench, path, self.folder)

    def _begun(self, layers: Layers, name: str, label: dict[str, Any]) -> Begun:
        if self.like:
            return Begun(self._copy(layers, name, label))
        return STARTS[self.folder](Wish(layers, self.pack, name, label, self.about, clean(self.settings)))

    def _copy(self, layers: Layers, name: str, label: dict[str, Any]) -> dict[str, Any]:
        layers.known(self.folder, self.like)
        value = _without_history(layers.merged(self.folder, self.like))
        key = KINDS[self.folder].name_key
        if key == "object":
            return {**value, "object": self.about}
        if self.about and self.folder in ABOUT and "object" in value:
            value["object"] = self.about
        if value.get("subject") == "self":
            del value["subject"]
        return {key: name, **{k: v for k, v in value.items() if k not in (key, *_ONLY.get(self.folder, ()))}, "label": label}

    def _require(self, bench: Bench, layers: Layers, value: Mapping[str, Any]) -> None:
        """The pack requires those whose definitions the new one names."""
        owners = {(folder, name): pack for folder in KINDS for name, pack in layers.names(folder).items()}
        wanted = {owners[mention] for mention in _mentions(value) if mention in owners}
        header = layers.header(self.pack)
        for owner in sorted(wanted - layers.all_required(self.pack)):
            assert header is not None
            if self.pack in layers.all_required(owner):
                raise EditRefused("stands_below", pack=self.pack, owner=owner)
            bench.do(SetValue(path=header.path, at=("requires", owner), value=">=0"))


_TABLES = ("scores", "decisions")
_ONLY: Mapping[str, tuple[str, ...]] = {
    "objects": ("account", "clinic", "plural"), "pages": ("roles",), "forms": ("default",), "views": ("default",),
}
"""What only the original says."""
_NAMING: Mapping[str, str] = {
    "object": "objects", "to": "objects", "subject": "objects", "create": "objects", "on": "objects", "of": "choices", "plan": "plans",
    "enrol": "plans", "form": "forms", "ask": "forms", "message": "messages", "view": "views", "anchor": "objects",
}


def _mentions(value: object) -> Iterator[tuple[str, str]]:
    """(folder, name) of the definitions that a value may name."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            if key in _NAMING and isinstance(held, str):
                yield _NAMING[key], held.partition(".")[0]
            else:
                yield from _mentions(held)
    elif isinstance(value, list):
        for item in value:
            yield from _mentions(item)


def _without_history(value: Any) -> Any:
    """A copy is no heir: former names, ids and places stay with the original."""
    if isinstance(value, dict):
        return {k: _without_history(v) for k, v in value.items() if k not in ("was", "id", "retired", "hidden")}
    return value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreatePack(Composite):
    """A new pack, listed by the organisation: the topmost layer but for the organisation's own, which carries its name. It requires what is below
    it, so that it can be taken along to another organisation."""

    kind: ClassVar[str] = "create_pack"
    words: ClassVar[tuple[str, str]] = ("Made the pack “{name}”", "新建包“{name}”")

    name: str
    label: dict[str, Any] = reads("map")

    def make(self, bench: Bench) -> None:
        layers = Layers(bench.files)
        if not is_name(self.name):
            raise EditRefused("bad_name", name=self.name[:60])
        if self.name in layers.packs:
            raise EditRefused("name_taken", name=self.name)
        organisation = layers.organisation
        below: list[str] = list(layers.packs)
        above = [below.pop()] if organisation is not None and below[-1:] == [organisation.root.text("name")] else []
        header = {"name": self.name, "version": "0.1.0", "language": 1, "label": clean(self.label), "requires": dict.fromkeys(below, ">=0")}
        bench.do(CreateFile(path=f"{self.name}/pack.yaml", value=header))
        if organisation is not None:
            bench.do(SetValue(path=organisation.path, at=("packs",), value=[*below, self.name, *above]))
