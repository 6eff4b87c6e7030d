"""The pages of the language reference: their YAML blocks as packs, and the keys that each page owes its readers.

A block is marked with its file and what it stands for:

- ```` ```yaml objects/visit.yaml ````: a file of the page's pack; all such blocks of a page form one pack on top of core;
- ```` ```yaml dental/objects/visit.yaml ````: a file of another pack of the page;
- ```` ```yaml objects/visit.yaml then ````: a later version of the file, which publishes over the one before;
- ```` ```yaml objects/visit.yaml FIELD-002 ````: a wrong version, which gives that code and is not kept.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from engine.model import Model
from engine.problems import Problem
from engine.targets.diff import diff
from engine.targets.layout import Layout
from engine.text import check, read_bytes
from engine.text.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = ROOT / "docs" / "language"
CORE = ROOT / "definitions" / "packs"
OWN = "house"
"""The pack of blocks whose path begins with the folder of a kind."""

_FENCE = re.compile(r"^```yaml(?: +(?P<path>\S+))?(?: +(?P<mark>\S+))? *\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LOOSE = re.compile(r"^\s*```\s*ya?ml", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Block:
    """One fenced block. `mark` is '', `then` or a problem code."""

    path: str
    mark: str
    text: str
    line: int


def blocks_of(text: str) -> list[Block]:
    """The YAML blocks of a page; each must be fenced plainly and name its file."""
    found = [
        Block(match["path"] or "", match["mark"] or "", match["text"], text.count("\n", 0, match.start()) + 1)
        for match in _FENCE.finditer(text)
    ]
    assert len(found) == len(_LOOSE.findall(text)), "a YAML block is not fenced as ```yaml PATH [then | CODE]"
    nameless = [block.line for block in found if "." not in block.path]
    assert not nameless, f"YAML blocks without a file in lines {nameless}"
    return found


@cache
def core_files() -> Mapping[str, bytes]:
    """The core pack as a release holds it."""
    folder = CORE / "core"
    return {f"core/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


def inside(path: str) -> str:
    """The path of a block's file in a release."""
    if path == "organisation.yaml":
        return path
    return f"{OWN}/{path}" if path == "pack.yaml" or path.split("/")[0] in KINDS else path


def files_of(blocks: Mapping[str, str]) -> dict[str, bytes]:
    """Core and the blocks' files; a pack without a `pack.yaml` gets one that requires core."""
    found = {**core_files(), **{inside(path): text.encode() for path, text in blocks.items()}}
    for pack in {path.split("/")[0] for path in found if "/" in path}:
        header = f"name: {pack}\nversion: 1.0.0\nlanguage: 1\nrequires: {{core: '>=0.1'}}\n"
        found.setdefault(f"{pack}/pack.yaml", header.encode())
    return found


def checked(blocks: Mapping[str, str]) -> tuple[Model | None, list[Problem]]:
    """The model of a page's files on top of core, and all problems."""
    found = check(read_bytes(files_of(blocks)))
    return found.model, list(found.problems)


def planned(old: Model, layout: Layout, new: Model) -> tuple[list[Problem], Layout]:
    """What keeps `new` from being published over `old`, as far as no rows are asked; and the layout afterwards."""
    plan = diff(old, layout, new)
    return list(plan.problems), plan.layout


class Page:
    """Goes through a page from top to bottom and tells every block that is not what its mark says."""

    def __init__(self, text: str) -> None:
        self.blocks = blocks_of(text)
        self._model: Model | None = None
        self._layout = Layout()

    def faults(self) -> list[str]:
        """`line: what is wrong`, empty for a true page."""
        now = {block.path: block.text for block in self.blocks if not block.mark}
        found = [f"{problem}" for problem in self._publish(now)]
        for block in self.blocks:
            if block.mark == "then":
                now = {**now, block.path: block.text}
                found += [f"line {block.line}: {problem}" for problem in self._publish(now)]
            elif block.mark:
                codes = self._codes({**now, block.path: block.text})
                if codes != {block.mark}:
                    found.append(f"line {block.line}: marked {block.mark}, but it gives {sorted(codes) or 'no problem'}")
        return found

    def _publish(self, files: Mapping[str, str]) -> list[Problem]:
        """Problems of the files, warnings among them; without any they are the page's live release from now on."""
        model, problems = checked(files)
        if model is None or problems:
            return problems
        if self._model is None:
            self._model, self._layout = model, Layout().extend(model)
            return []
        problems, layout = planned(self._model, self._layout, model)
        if not problems:
            self._model, self._layout = model, layout
        return problems

    def _codes(self, files: Mapping[str, str]) -> set[str]:
        model, problems = checked(files)
        if model is not None and self._model is not None:
            problems += planned(self._model, self._layout, model)[0]
        return {problem.code.code for problem in problems}


def keys_of(schema: Mapping[str, Any], start: str | None = None) -> set[str]:
    """Every key and every word to choose from that a kind's schema knows, at any depth; field types have a page of their own."""
    defs = schema.get("$defs", {})
    waiting: list[Any] = [schema if start is None else defs[start]]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            found |= set(part.get("properties", {})) | {word for word in part.get("enum", ()) if isinstance(word, str)}
            waiting.extend(_below(part))
            target = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if target and target not in seen and not target.startswith("field"):
                seen.add(target)
                waiting.append(defs[target])
    return found


def _below(part: Mapping[str, Any]) -> Iterator[Any]:
    yield from part.get("properties", {}).values()
    for key in ("additionalProperties", "items", "anyOf", "allOf", "then", "else"):
        if key in part:
            yield part[key]


def unmentioned(text: str, words: set[str]) -> set[str]:
    """Words that the text never writes as code: `word`, `word:` or `word: …`."""
    return {word for word in words if not re.search(rf"`{re.escape(word)}(`|:)", text)}
