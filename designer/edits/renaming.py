"""Renames that keep identity: the new name, the former one in `was`, and every mention in any file follows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import ClassVar

from designer.edits.definitions import OfDefinition
from designer.edits.edit import Bench, reads
from designer.edits.elements import OfElement
from designer.edits.patch import Files, Patch, Splice
from designer.edits.primitive import RemoveEntry, RenameKey, SetValue
from designer.edits.refused import EditRefused
from designer.layers import Layers
from engine.names import is_name, reserved
from engine.problems import Code, Problem
from engine.text import check, read_bytes
from engine.text.kinds import KINDS

__all__ = ["RenameDefinition", "RenameElement"]

_ROUNDS = 5
_FORMER = re.compile(r"'([^']+)' is a former name of .*'([^']+)'\.")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RenameElement(OfElement):
    """Another name for an element, by the pack that owns it. `was` is false for one that no release has had yet."""

    kind: ClassVar[str] = "rename_element"
    words: ClassVar[tuple[str, str]] = (
        "Renamed the {part} “{name}” of the {kind} “{definition}” to “{to}”", "将{kind}“{definition}”的{part}“{name}”重命名为“{to}”")

    to: str
    was: bool = reads("flag", default=True)

    def said(self, language: str) -> dict[str, object]:
        return {**OfElement.said(self, language), "to": self.to}

    def make(self, bench: Bench) -> None:
        owner = self.known(bench)
        if owner != self.pack:
            raise EditRefused("not_yours", name=self.name, owner=owner)
        _check_name(self.to, field=self.section == ("fields",))
        layers = Layers(bench.files)
        if layers.owner(self.folder, self.definition, (*self.section, self.to)):
            raise EditRefused("name_taken", name=self.to)
        first = True
        for layer in layers.of(self.folder, self.definition):
            if layer.text.find(self.at) is not None:
                bench.do(RenameKey(path=layer.path, at=self.at, name=self.to, was=first))
                first = False
        _follow(bench, self.name, self.to)
        if not self.was:
            _forget(bench, self, (*self.section, self.to))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RenameDefinition(OfDefinition):
    """Another name for a definition, by the pack that owns it."""

    kind: ClassVar[str] = "rename_definition"
    words: ClassVar[tuple[str, str]] = ("Renamed the {kind} “{definition}” to “{to}”", "将{kind}“{definition}”重命名为“{to}”")

    to: str
    was: bool = reads("flag", default=True)

    def said(self, language: str) -> dict[str, object]:
        return {**OfDefinition.said(self, language), "to": self.to}

    def make(self, bench: Bench) -> None:
        layers = Layers(bench.files)
        owner = layers.known(self.folder, self.definition)[0]
        if owner.pack != self.pack:
            raise EditRefused("not_yours", name=self.definition, owner=owner.pack)
        if KINDS[self.folder].name_key != "name":
            raise EditRefused("bad_edit", why="a workflow follows its object")
        _check_name(self.to)
        if self.to in layers.names(self.folder):
            raise EditRefused("name_taken", name=self.to)
        former = list(owner.text.root.texts("was"))
        if self.to in former:
            raise EditRefused("former_name", name=self.to)
        bench.do(SetValue(path=owner.path, at=("name",), value=self.to))
        bench.do(SetValue(path=owner.path, at=("was",), value=[self.definition, *former]))
        _follow(bench, self.definition, self.to)
        if not self.was:
            _forget(bench, self, ())


def _check_name(name: str, *, field: bool = False) -> None:
    if not is_name(name):
        raise EditRefused("bad_name", name=name[:60])
    if field and (why := reserved(name)):
        raise EditRefused("reserved_name", name=name, why=why)


def _forget(bench: Bench, edit: RenameElement | RenameDefinition, at: tuple[str, ...]) -> None:
    """No release has seen the former name, so it is no part of the element's identity; it was needed to find the mentions."""
    name = edit.definition if isinstance(edit, RenameElement) else edit.to
    layer = Layers(bench.files).known(edit.folder, name)[0] if isinstance(edit, RenameDefinition) else next(
        layer for layer in Layers(bench.files).of(edit.folder, name) if layer.text.find((*at, "was")) is not None)
    held = layer.text.map(at).texts("was")
    if len(held) > 1:
        bench.do(SetValue(path=layer.path, at=(*at, "was"), value=list(held[1:])))
    else:
        bench.do(RemoveEntry(path=layer.path, at=(*at, "was")))


def _follow(bench: Bench, old: str, new: str) -> None:
    """Write the new name wherever the compiler tells of the former one."""
    for _ in range(_ROUNDS):
        problems = check(read_bytes({path: text.encode() for path, text in bench.files.items()})).problems
        splices = list(_mentions(bench.files, problems, old, new))
        if not splices:
            return
        patch = Patch(tuple(sorted(splices, key=lambda s: (s.path, s.start), reverse=True)))
        bench.files = patch.on(bench.files)
        bench.patch = bench.patch.then(patch)


def _mentions(files: Files, problems: Iterable[Problem], old: str, new: str) -> Iterable[Splice]:
    seen = set[tuple[str, int]]()
    for problem in problems:
        told = _FORMER.match(problem.message) if problem.code is Code.NAME_008 else None
        if told is None or old not in told[1].split(":")[-1] or new not in told[2].split(":")[-1]:
            continue
        start = _place(files, problem, old)
        if start is not None and (problem.place.file, start) not in seen:
            seen.add((problem.place.file, start))
            yield Splice(problem.place.file, start, old, new)


def _place(files: Files, problem: Problem, old: str) -> int | None:
    """Where the name itself begins: behind a quotation mark, a minus or a pack."""
    text = files.get(problem.place.file)
    if text is None:
        return None
    lines = re.split(r"(?<=\n)", text)
    at = sum(map(len, lines[: problem.place.line - 1])) + problem.place.column - 1
    found = re.compile(rf"['\"]?-?(?:[a-z][a-z0-9_]*[:.])*{old}(?![a-z0-9_])").match(text, at)
    return found.end() - len(old) if found else None

