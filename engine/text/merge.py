"""One layer over another: scalars and lists replace, maps merge by name, and nobody claims what another pack owns."""

from __future__ import annotations

from engine.problems import Code, Problems
from engine.text.kinds import Kind
from engine.text.nodes import Entry, MapNode

__all__ = ["merge"]

_HEAD = frozenset({"extend"})


def merge(kind: Kind, base: MapNode, over: MapNode, required: frozenset[str], problems: Problems) -> MapNode:
    """`base` with the changes of `over`, whose pack requires the packs `required` (itself among them)."""
    return _Merge(kind, required, problems).maps(base, over, 0)


class _Merge:
    def __init__(self, kind: Kind, required: frozenset[str], problems: Problems) -> None:
        self._kind = kind
        self._required = required
        self._problems = problems

    def maps(self, base: MapNode, over: MapNode, depth: int) -> MapNode:
        entries = dict(base.entries)
        former: dict[str, str] | None = None
        for name, entry in over.entries.items():
            if depth == 0 and name in _HEAD:
                continue
            there = entries.get(name)
            if there is None:
                if former is None:
                    former = _former(base)
                if name in former:
                    self._problems.add(Code.NAME_008.at(entry.place, name=name, kind="element", current=former[name]))
                    continue
                entries[name] = entry
            elif self._may_change(name, there, entry):
                entries[name] = self._over(there, entry, depth)
        return MapNode(base.source, base.line, base.column, base.start, base.end, entries)

    def _over(self, there: Entry, entry: Entry, depth: int) -> Entry:
        if isinstance(there.node, MapNode) and isinstance(entry.node, MapNode):
            return Entry(there.key, self.maps(there.node, entry.node, depth + 1))
        return entry

    def _may_change(self, name: str, there: Entry, entry: Entry) -> bool:
        """Whether a pack overrides an element it knows of, rather than claiming the same name by chance."""
        if not isinstance(there.node, MapNode) or not isinstance(entry.node, MapNode) or there.key.pack == entry.key.pack:
            return True
        claims = there.key.pack not in self._required or "type" in entry.node.entries
        if claims:
            self._problems.add(Code.NAME_003.at(
                entry.place, pack=entry.key.pack, kind="the element", name=name, owner=there.key.pack, other=there.place))
        return not claims


def _former(base: MapNode) -> dict[str, str]:
    """Former name → current name of the elements of a map."""
    return {old: name for name, _, node in base.maps() if "was" in node.entries for old in node.texts("was")}
