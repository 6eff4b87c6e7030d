"""Where something is used: found by the compiler, which is asked what would still name it if it were called otherwise."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from designer.edits.edit import Bench
from designer.edits.patch import Files
from designer.edits.primitive import RenameKey, SetValue
from designer.edits.refused import EditRefused
from designer.layers import Layers
from engine.problems import Code
from engine.text import check, read_bytes
from engine.text.kinds import KINDS

__all__ = ["Use", "uses"]

_PROBE = "carework_probe"
_MENTION = re.compile(r"'(?:[a-z0-9_]+:)?([a-z0-9_.]+)' is a former name of")


@dataclasses.dataclass(frozen=True, slots=True)
class Use:
    """A line that names it."""

    path: str
    line: int
    text: str


def uses(files: Files, folder: str, definition: str, section: tuple[str, ...] = (), element: str = "") -> list[Use]:
    """The places that name a definition, or an element of one; files that extend it are not uses. Empty where the kind has no
    names, or the files cannot be compiled so far."""
    layers = Layers(files)
    if not layers.of(folder, definition):
        return []
    name = element or definition
    try:
        bench = _renamed(layers, files, folder, definition, section, element)
    except EditRefused:
        return []
    found = check(read_bytes({path: text.encode() for path, text in bench.files.items()})).problems
    lines = {path: text.splitlines() for path, text in bench.files.items()}
    seen: dict[tuple[str, int], Use] = {}
    for problem in found:
        told = _MENTION.match(problem.message) if problem.code is Code.NAME_008 else None
        place = problem.place
        if told and told[1].split(".")[-1] == name and place.file in lines:
            text = lines[place.file][place.line - 1].strip().replace(_PROBE, name)
            if not text.startswith("extend:"):
                seen.setdefault((place.file, place.line), Use(place.file, place.line, text[:200]))
    return sorted(seen.values(), key=lambda use: (use.path, use.line))


def _renamed(layers: Layers, files: Files, folder: str, definition: str, section: tuple[str, ...], element: str) -> Bench:
    bench = Bench(files)
    if element:
        at = (*section, element)
        holders: Iterable[str] = [layer.path for layer in layers.of(folder, definition) if layer.text.find(at) is not None]
        for number, path in enumerate(holders):
            bench.do(RenameKey(path=path, at=at, name=_PROBE, was=number == 0))
        return bench
    owner = layers.known(folder, definition)[0]
    if KINDS[folder].name_key != "name":
        raise EditRefused("bad_edit", why="name")
    bench.do(SetValue(path=owner.path, at=("name",), value=_PROBE))
    bench.do(SetValue(path=owner.path, at=("was",), value=[definition, *owner.text.root.texts("was")]))
    return bench
