"""A copy without what only the original can have: the name by which links are called from there, a formula over rows that lead to it."""

from __future__ import annotations

from designer.edits.edit import Bench
from designer.edits.primitive import RemoveEntry
from designer.edits.refused import EditRefused
from designer.edits.text import At, Text, read
from designer.layers import SECTIONS
from designer.schema_form import element_schema
from engine.problems import Problem
from engine.text import check, read_bytes
from engine.text.nodes import MapNode

__all__ = ["fit"]

_ROUNDS = 8
_LOOSE = frozenset({"inverse", "index", "search", "default"})
_KEPT = frozenset({"name", "object", "label", "subject", "belongs_to"})


def fit(bench: Bench, path: str, folder: str) -> None:
    """Take away what the compiler does not accept in this file, a little at a time; what it cannot do without stays, and is told of."""
    for _ in range(_ROUNDS):
        found = check(read_bytes({name: text.encode() for name, text in bench.files.items()})).problems
        text = read(path, bench.files[path])
        places = [place for problem in found if not problem.warning and (place := _culprit(text, folder, problem))]
        if not places:
            return
        for place in dict.fromkeys(places):
            if read(path, bench.files[path]).find(place) is not None:
                try:
                    bench.do(RemoveEntry(path=path, at=place))
                except EditRefused:
                    return


def _culprit(text: Text, folder: str, problem: Problem) -> At:
    """The part of the file that the problem is about: a setting of an element, an element, a key; () where it is none of these."""
    place = problem.place
    return _part(text, folder, _offset(text, place.line, place.column)) if place.file == text.path else ()


def _offset(text: Text, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.next_line(start)
    return start + column - 1


def _part(text: Text, folder: str, place: int) -> At:
    at: At = ()
    node = text.root
    for depth in range(3):
        inner = next((name for name, entry in node.entries.items() if entry.key.start <= place <= text.entry_end(entry)), None)
        if inner is None or depth == 0 and inner in _KEPT:
            break
        at = (*at, inner)
        held = node.entries[inner].node
        if not isinstance(held, MapNode) or depth == 0 and inner not in SECTIONS.get(folder, ()):
            break
        node = held
    if len(at) < 3:
        return at
    loose = at[2] in _LOOSE if at[0] == "fields" else at[2] not in element_schema(folder, at[:1], {})[1]
    return at if loose else at[:2]
