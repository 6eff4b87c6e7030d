"""Layers of packs become one Namespace: every definition once, merged, with its identity."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from engine.problems import Code, Place, Problem, Problems, suggest
from engine.text.elements import Ids, owned_only, top_id
from engine.text.kinds import KINDS, Kind
from engine.text.merge import merge
from engine.text.nodes import Document, MapNode, ScalarNode
from engine.text.packs import PackHeader, all_required

__all__ = ["Definition", "KindNames", "Namespace", "link"]


@dataclasses.dataclass(frozen=True, slots=True)
class Definition:
    """One definition with everything that later layers changed."""

    kind: Kind
    name: str
    id: str
    node: MapNode
    place: Place
    former: tuple[str, ...]
    retired: bool
    hidden: bool
    changed: bool
    """Whether a later layer changed it."""

    @property
    def gone(self) -> bool:
        return self.retired or self.hidden


@dataclasses.dataclass(frozen=True, slots=True)
class KindNames:
    """The definitions of one kind. `incomplete` says that some file of the kind could not be read."""

    kind: Kind
    current: Mapping[str, Definition]
    gone: Mapping[str, Definition]
    former: Mapping[str, str]
    incomplete: bool

    @property
    def everyone(self) -> tuple[Definition, ...]:
        return (*self.current.values(), *self.gone.values())

    def find(self, name: str) -> Definition | None:
        """The definition of a current name, retired or not."""
        return self.current.get(name) or self.gone.get(name)

    def unknown(self, name: str, place: Place) -> Problem | None:
        """The problem of a name that is not a current one; None when a broken file may hold it."""
        if name in self.gone:
            there = self.gone[name]
            why = "retired" if there.retired else "hidden"
            return Code.NAME_011.at(place, kind=self.kind.name, name=name, why=why, other=there.place)
        if name in self.former:
            return Code.NAME_008.at(place, name=name, kind=self.kind.name, current=self.former[name])
        if self.incomplete or self.kind.unknown is None:
            return None
        return self.kind.unknown.at(place, name=name, suggestion=suggest(name, self.current))


@dataclasses.dataclass(frozen=True, slots=True)
class Namespace:
    """All definitions of a release, by kind."""

    packs: tuple[PackHeader, ...]
    organisation: MapNode | None
    kinds: Mapping[str, KindNames]

    def __getitem__(self, kind: str) -> KindNames:
        return self.kinds[kind]


def link(documents: Sequence[Document], broken: Iterable[str], packs: tuple[PackHeader, ...],
         organisation: MapNode | None, ids: Ids, problems: Problems) -> Namespace:
    """Merge the layers of every kind. `broken` are paths of files that could not be read."""
    by_pack: dict[str, list[tuple[Kind, MapNode]]] = {}
    for document in documents:
        kind = KINDS.get(document.source.folder)
        if kind and isinstance(document.root, MapNode):
            by_pack.setdefault(document.source.pack, []).append((kind, document.root))
    headers = {pack.folder: pack for pack in packs}
    linked = {kind.name: _Layers(kind, headers, problems) for kind in KINDS.values()}
    for pack in packs:
        files = by_pack.get(pack.folder, [])
        for kind, root in files:
            if not root.text("extend"):
                linked[kind.name].define(root)
        for kind, root in files:
            if root.text("extend"):
                linked[kind.name].extend(root)
    hurt = {KINDS[folder].name for folder in (path.split("/")[1] for path in broken if path.count("/") > 1) if folder in KINDS}
    found: dict[str, KindNames] = {}
    for name, layer in linked.items():
        found[name] = layer.finish(name in hurt, ids, found.get("object"))
    return Namespace(packs, organisation, found)


class _Layers:
    """Definitions of one kind while the layers are laid on one another."""

    def __init__(self, kind: Kind, headers: Mapping[str, PackHeader], problems: Problems) -> None:
        self._kind = kind
        self._headers = headers
        self._problems = problems
        self._roots: dict[str, MapNode] = {}
        self._names: dict[str, ScalarNode] = {}
        self._changed: set[str] = set()
        self._required: dict[str, frozenset[str]] = {}

    def define(self, root: MapNode) -> None:
        node = root.get(self._kind.name_key)
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return
        name, first = node.value, self._names.get(node.value)
        if first is None:
            self._roots[name], self._names[name] = root, node
        elif self._kind.name_key == "object":
            self._problems.add(Code.FLOW_003.at(node.place, object=name, other=first.place))
        elif first.pack == node.pack:
            self._problems.add(Code.NAME_004.at(node.place, kind=self._kind.name, name=name, other=first.place))
        else:
            self._problems.add(Code.NAME_003.at(
                node.place, pack=node.pack, kind=self._kind.name, name=name, owner=first.pack, other=first.place))

    def extend(self, root: MapNode) -> None:
        target = root.get("extend")
        assert isinstance(target, ScalarNode)
        owner, _, name = str(target.value).partition(":")
        if owner not in self._requires(target.pack):
            self._problems.add(Code.PACK_007.at(target.place, pack=target.pack, owner=owner))
        elif name in self._roots and self._names[name].pack == owner:
            required = self._requires(target.pack)
            self._changed.add(name)
            self._roots[name] = merge(self._kind, self._roots[name], root, required, self._problems)
        else:
            self._problems.add(self._nothing(target, owner, name))

    def _nothing(self, target: ScalarNode, owner: str, name: str) -> Problem:
        for current, root in self._roots.items():
            if name in root.texts("was") and self._names[current].pack == owner:
                return Code.NAME_008.at(target.place, name=str(target.value), kind=self._kind.name, current=f"{owner}:{current}")
        known = [f"{node.pack}:{current}" for current, node in self._names.items()]
        return Code.PACK_009.at(target.place, kind=self._kind.name, name=target.value, suggestion=suggest(str(target.value), known))

    def _requires(self, pack: str) -> frozenset[str]:
        if pack not in self._required:
            self._required[pack] = all_required(self._headers, pack)
        return self._required[pack]

    def finish(self, incomplete: bool, ids: Ids, objects: KindNames | None) -> KindNames:
        """`objects` are finished first: a workflow is known by its object, so its id follows the object's."""
        current: dict[str, Definition] = {}
        gone: dict[str, Definition] = {}
        for name, root in self._roots.items():
            node = self._names[name]
            owned_only(self._kind.name, name, node.pack, root, self._problems)
            element_id = top_id(self._kind.name, node.pack, name, root, self._problems)
            owner = objects.find(name) if objects and self._kind.name_key == "object" else None
            if owner is not None and not root.text("id"):
                element_id = f"{node.pack}:{owner.id.partition(':')[2]}"
            if not ids.take(self._kind.name, element_id, node.place):
                continue
            made = Definition(
                self._kind, name, element_id, root, node.place, root.texts("was"), root.flag("retired"), root.flag("hidden"),
                name in self._changed)
            (gone if made.gone else current)[name] = made
        everyone = [*current.values(), *gone.values()]
        return KindNames(self._kind, current, gone, {old: d.name for d in everyone for old in d.former}, incomplete)
