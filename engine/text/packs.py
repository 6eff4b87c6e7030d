"""Packs of a source: their headers, their requirements and the order of their layers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from engine.problems import Code, Place, Problem, Problems, circle, suggest
from engine.text.nodes import Document, MapNode, ScalarNode

__all__ = ["PackHeader", "headers", "layers", "satisfies"]

_SPEC = re.compile(r"\s*(>=|<=|==|!=|>|<|~=)?\s*([0-9]+(?:\.[0-9]+){0,3})\s*\Z")


@dataclasses.dataclass(frozen=True, slots=True)
class PackHeader:
    """What `pack.yaml` says; `folder` is the pack's folder in the source."""

    folder: str
    name: str
    version: str
    node: MapNode
    requires: Mapping[str, ScalarNode]

    @property
    def place(self) -> Place:
        return self.node.place_of("name")


def headers(documents: Sequence[Document], problems: Problems) -> dict[str, PackHeader]:
    """The packs by name. A folder whose name is not its pack's is reported."""
    found: dict[str, PackHeader] = {}
    for document in documents:
        root = document.root
        if document.source.path.count("/") != 1 or not isinstance(root, MapNode) or not root.text("name"):
            continue
        header = _header(document.source.pack, root)
        if header.name != header.folder:
            problems.add(Code.PACK_006.at(header.place, folder=header.folder, name=header.name))
        if root.get("language") is not None and root.value("language") != 1:
            problems.add(Code.PACK_005.at(root.place_of("language"), found=root.value("language")))
        other = found.setdefault(header.folder, header)
        if other is not header:
            problems.add(Code.NAME_004.at(header.place, kind="the pack", name=header.name, other=other.place))
    return found


def _header(folder: str, root: MapNode) -> PackHeader:
    required = root.map("requires")
    entries = required.entries if required else {}
    requires = {name: entry.node for name, entry in entries.items() if isinstance(entry.node, ScalarNode)}
    return PackHeader(folder, root.text("name"), str(root.value("version") or "0"), root, requires)


def satisfies(version: str, specification: str) -> bool | None:
    """Whether a version fits `>=1.0, <2`; None when the specification cannot be read."""
    have = _numbers(version)
    fits = True
    for part in specification.split(","):
        found = _SPEC.match(part)
        if not found:
            return None
        fits = fits and _fits(have, found[1] or "==", found[2])
    return fits


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.findall(r"[0-9]+", version)[:4]]
    return tuple(parts + [0] * (4 - len(parts)))


def _fits(have: tuple[int, ...], operator: str, wanted: str) -> bool:
    want = _numbers(wanted)
    if operator == "~=":
        # As in PEP 440: ~=1.4 is >=1.4 and ==1.*
        kept = max(1, wanted.count("."))
        return have >= want and have[:kept] == want[:kept]
    return {
        ">=": have >= want, "<=": have <= want, ">": have > want, "<": have < want, "==": have == want, "!=": have != want,
    }[operator]


def layers(packs: Mapping[str, PackHeader], organisation: MapNode | None, problems: Problems) -> tuple[PackHeader, ...]:
    """The packs in layer order, lowest first: the organisation's list, else by requirements and name."""
    _check_requirements(packs, problems)
    by_need = _sorted_by_need(packs, problems)
    if organisation is None:
        return tuple(packs[name] for name in by_need)
    listed: list[str] = []
    for node in organisation.scalars("packs"):
        name = str(node.value)
        if name in packs and name not in listed:
            listed.append(name)
        elif name not in packs:
            problems.add(Code.PACK_001.at(node.place, name=name, suggestion=suggest(name, packs)))
    _check_order(listed, packs, problems)
    return tuple(packs[name] for name in listed)


def _check_requirements(packs: Mapping[str, PackHeader], problems: Problems) -> None:
    for header in packs.values():
        for name, node in header.requires.items():
            fits = satisfies(packs[name].version if name in packs else "0", str(node.value))
            if fits is None:
                problems.add(Code.PACK_004.at(node.place, text=node.value))
            elif name not in packs:
                known = [other for other in packs if other != header.name]
                problems.add(Code.PACK_001.at(node.place, name=name, suggestion=suggest(name, known)))
            elif not fits:
                problems.add(Code.PACK_002.at(node.place, name=name, found=packs[name].version, wanted=node.value))


def _sorted_by_need(packs: Mapping[str, PackHeader], problems: Problems) -> list[str]:
    """Every pack behind those it requires; packs of a circle are reported and put last."""
    done: list[str] = []
    waiting = sorted(packs)
    while waiting:
        ready = [name for name in waiting if all(need in done or need not in packs for need in packs[name].requires)]
        if not ready:
            problems.add(_circle(packs, waiting))
            return done + waiting
        done.append(ready[0])
        waiting.remove(ready[0])
    return done


def _circle(packs: Mapping[str, PackHeader], waiting: Sequence[str]) -> Problem:
    path = [waiting[0]]
    while path[-1] not in path[:-1]:
        path.append(next(need for need in packs[path[-1]].requires if need in waiting))
    path = path[path.index(path[-1]):]
    return Code.PACK_003.at(packs[path[0]].requires[path[1]].place, path=circle(path))


def _check_order(listed: Sequence[str], packs: Mapping[str, PackHeader], problems: Problems) -> None:
    for at, name in enumerate(listed):
        for need, node in packs[name].requires.items():
            if need in packs and need not in listed:
                problems.add(Code.PACK_010.at(node.place, pack=name, name=need))
            elif need in listed[at + 1:]:
                problems.add(Code.PACK_008.at(node.place, pack=name, name=need))


def all_required(packs: Mapping[str, PackHeader], name: str) -> frozenset[str]:
    """The pack and everything it requires, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(packs[at].requires if at in packs else ())
    return frozenset(found)
