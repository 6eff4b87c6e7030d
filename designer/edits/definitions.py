"""Edits of a definition's own keys and of its texts for people."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, ClassVar

from designer.edits.characters import clean
from designer.edits.edit import Bench, Composite, reads
from designer.edits.layering import change, layer_path
from designer.edits.refused import EditRefused
from designer.edits.said import kind_said, section_said
from designer.layers import Layers

__all__ = ["ChangeDefinition", "OfDefinition", "SetLabel"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OfDefinition(Composite):
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
class ChangeDefinition(OfDefinition):
    """Some of a definition's own keys; None takes a key away."""

    kind: ClassVar[str] = "change_definition"
    words: ClassVar[tuple[str, str]] = ("Changed the {kind} “{definition}”", "修改{kind}“{definition}”")

    changes: dict[str, Any] = reads("map")

    def make(self, bench: Bench) -> None:
        path = layer_path(bench, self.folder, self.definition, self.pack)
        change(bench, path, (), clean(self.changes))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetLabel(OfDefinition):
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
        change(bench, path, self.at, {self.key: texts or None})
