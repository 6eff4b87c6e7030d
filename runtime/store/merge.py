"""Bring a folder that is based on an older release together with the live one: file by file, then element by element.

What one side left alone, or both changed alike, merges by itself; the rest is refused with both places. The merged text
is made of the lines of both files and must parse to exactly the merged elements, else it is refused too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.problems import Code, Place, Problem, Problems
from engine.text.nodes import Document, MapNode, Node, plain
from engine.text.parse import parse
from engine.text.source import Source
from runtime.store.lines import merge_lines

__all__ = ["merge_files"]

_MISSING = object()


def merge_files(
    base: Mapping[str, bytes], live: Mapping[str, bytes], ours: Mapping[str, bytes], shown: Mapping[str, str]
) -> tuple[dict[str, bytes], list[Problem]]:
    """The merged files and what both sides changed differently. `shown` gives our paths as people know them."""
    merged: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted({*base, *live, *ours}):
        was, theirs, own = base.get(path), live.get(path), ours.get(path)
        if own in (was, theirs):
            kept = theirs
        elif theirs == was:
            kept = own
        elif was is None or theirs is None or own is None:
            problems.append(_conflict(Place(shown.get(path, path)), path, Place(path)))
            continue
        else:
            kept, found = _merge_file(path, was, theirs, own, shown.get(path, path))
            problems.extend(found)
        if kept is not None:
            merged[path] = kept
    return merged, problems


def _conflict(place: Place, element: str, other: Place) -> Problem:
    return Code.PLAN_011.at(place, element=element, other=f"{other} (live)")


def _merge_file(path: str, was: bytes, theirs: bytes, own: bytes, shown: str) -> tuple[bytes | None, list[Problem]]:
    problems = Problems()
    trees = [_tree(path, content, name, problems) for content, name in ((was, path), (theirs, path), (own, shown))]
    if len(problems):
        return None, list(problems)
    base, live, ours = (tree.root for tree in trees if tree is not None)
    conflicts: list[Problem] = []
    wanted = _merged(base, live, ours, (), conflicts)
    if conflicts:
        return None, conflicts
    for lines in merge_lines(*(content.decode().splitlines(keepends=True) for content in (was, theirs, own))):
        content = "".join(lines).encode()
        tree = _tree(path, content, path, Problems())
        if tree is not None and plain(tree.root) == wanted:
            return content, []
    return None, [_conflict(ours.place, path, live.place)]


def _tree(path: str, content: bytes, shown: str, problems: Problems) -> Document | None:
    documents, _ = parse(Source({path: content}, {path: shown}), problems)
    return documents[0] if documents else None


def _merged(base: Node | None, live: Node | None, ours: Node | None, at: tuple[str, ...], conflicts: list[Problem]) -> object:
    """The merged value as plain data; an element removed by one side and left alone by the other is `_MISSING`."""
    was, theirs, own = _plain(base), _plain(live), _plain(ours)
    if own in (was, theirs):
        return theirs
    if theirs == was:
        return own
    if isinstance(live, MapNode) and isinstance(ours, MapNode):
        inside = base if isinstance(base, MapNode) else None
        return _merged_map(inside, live, ours, at, conflicts)
    places = [node.place for node in (ours, live, base) if node is not None]
    conflicts.append(_conflict(places[0], ".".join(at), live.place if live is not None else places[-1]))
    return theirs


def _merged_map(base: MapNode | None, live: MapNode, ours: MapNode, at: tuple[str, ...], conflicts: list[Problem]) -> object:
    found: dict[str, object] = {}
    for name in _names(live, ours, base):
        inside = base.get(name) if base is not None else None
        value = _merged(inside, live.get(name), ours.get(name), (*at, name), conflicts)
        if value is not _MISSING:
            found[name] = value
    return found


def _names(*nodes: MapNode | None) -> Iterable[str]:
    return dict.fromkeys(name for node in nodes if node is not None for name in node.entries)


def _plain(node: Node | None) -> object:
    return _MISSING if node is None else plain(node)
