"""Named elements of a merged map: who owns each, which id it has, in which order they stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from engine.names import split_id
from engine.problems import Code, Place, Problem, Problems, circle, suggest
from engine.text.nodes import MapNode, Node, ScalarNode

__all__ = ["Ids", "Named", "first_name", "in_order", "top_id"]


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """One named element: its identity and its node. `pack` owns it, other packs only override it."""

    name: str
    id: str
    node: MapNode
    place: Place
    pack: str
    former: tuple[str, ...]
    retired: bool
    hidden: bool

    @property
    def gone(self) -> bool:
        """Whether nobody sees it any more."""
        return self.retired or self.hidden


def first_name(name: str, node: MapNode) -> str:
    """The name an element began with: the last of its former names."""
    former = node.texts("was")
    return former[-1] if former else name


def top_id(kind: str, pack: str, name: str, node: MapNode, problems: Problems) -> str:
    """The id of a definition of its own."""
    return _explicit(kind, pack, "", node, problems) or f"{pack}:{first_name(name, node)}"


def _explicit(kind: str, pack: str, parent: str, node: MapNode, problems: Problems) -> str:
    """The id that the text gives, '' without one or when it cannot be one."""
    if not node.text("id"):
        return ""
    prefix = f"{pack}:{parent}." if parent else f"{pack}:"
    found = split_id(node.text("id"))
    if found and node.text("id").startswith(prefix) and "." not in node.text("id")[len(prefix):]:
        return node.text("id")
    problems.add(Code.NAME_006.at(node.place_of("id"), id=node.text("id"), kind=kind, wanted=f'"{prefix}" and a name'))
    return ""


class Ids:
    """Gives elements their ids and reports two of one kind that have the same."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._taken: dict[tuple[str, str], Place] = {}
        self.gone: list[tuple[str, Named]] = []
        """Retired and hidden elements with their kinds."""

    def take(self, kind: str, element_id: str, place: Place) -> bool:
        other = self._taken.setdefault((kind, element_id), place)
        if other != place:
            self._problems.add(Code.NAME_005.at(place, id=element_id, kind=kind, other=other))
        return other == place

    def elements(self, kind: str, parent_id: str, node: MapNode | None) -> tuple[Named, ...]:
        """The elements of a map in their order, retired and hidden ones included."""
        if node is None:
            return ()
        parent = parent_id.partition(":")[2]
        named = {}
        for name, entry in node.entries.items():
            body = entry.node if isinstance(entry.node, MapNode) else _empty(entry.node)
            pack = entry.key.pack
            element_id = _explicit(kind, pack, parent, body, self._problems) or f"{pack}:{parent}.{first_name(name, body)}"
            owned_only(kind, name, pack, body, self._problems)
            if self.take(kind, element_id, entry.place):
                one = named[name] = Named(
                    name, element_id, body, entry.place, pack, body.texts("was"), body.flag("retired"), body.flag("hidden"))
                if one.gone:
                    self.gone.append((kind, one))
        return in_order(named, parent, self._problems)


def _empty(node: Node) -> MapNode:
    return MapNode(node.source, node.line, node.column, node.start, node.end, {})


def owned_only(kind: str, name: str, owner: str, node: MapNode, problems: Problems) -> None:
    """A pack may not rename, retire or re-identify another's element."""
    for key in ("was", "id", "retired"):
        entry = node.entries.get(key)
        if entry and entry.key.pack != owner:
            problems.add(Code.NAME_007.at(entry.place, key=key, pack=entry.key.pack, kind=kind, name=name, owner=owner))


def in_order(named: Mapping[str, Named], owner: str, problems: Problems) -> tuple[Named, ...]:
    """The elements with each `after:` followed; those that come after one element keep their own order."""
    roots, behind = [], dict[str, list[str]]()
    for name, element in named.items():
        target = element.node.get("after")
        if not isinstance(target, ScalarNode) or not isinstance(target.value, str):
            roots.append(name)
        elif target.value not in named:
            problems.add(_unknown_sibling(target, owner, named))
            roots.append(name)
        else:
            behind.setdefault(target.value, []).append(name)
    if not behind:
        return tuple(named.values())
    ordered, waiting = [], roots[::-1]
    while waiting:
        name = waiting.pop()
        ordered.append(named[name])
        waiting.extend(reversed(behind.pop(name, [])))
    for names in list(behind.values())[:1]:
        problems.add(_circle(named, names[0]))
    return tuple(ordered)


def _unknown_sibling(target: ScalarNode, owner: str, named: Mapping[str, Named]) -> Problem:
    name = str(target.value)
    for element in named.values():
        if name in element.former:
            return Code.NAME_008.at(target.place, name=name, kind="element", current=element.name)
    return Code.NAME_009.at(target.place, name=name, owner=owner, suggestion=suggest(name, named))


def _circle(named: Mapping[str, Named], start: str) -> Problem:
    path = [start]
    while path[-1] not in path[:-1]:
        path.append(named[path[-1]].node.text("after"))
    path = path[path.index(path[-1]):]
    return Code.NAME_010.at(named[path[0]].node.place_of("after"), name=path[0], path=circle(path))


def former_names(elements: Iterable[Named]) -> dict[str, str]:
    """Former name → current name."""
    return {old: element.name for element in elements for old in element.former}
