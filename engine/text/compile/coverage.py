"""What can be seen of a table without any record: rules that overlap, rules that never count, values that no rule covers.

Every input is tried with the values at which something changes (the numbers of its cells, those between them, every option), in all
combinations, as far as the cells compare inputs with constants and there are not too many combinations.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.expressions import to_python
from engine.expressions.tree import And, Compare, In, IsNull, ListLit, Literal, Node, Not, Or, Path, Ref, walk
from engine.expressions.types import BOOL, DATE, INT, DecimalOf, OptionOf, Type
from engine.fields.number import LARGEST_INTEGER
from engine.problems import Place
from engine.text.compile.table_parts import Inputs
from engine.text.compile.table_trees import TRUE

__all__ = ["MOST", "Case", "Coverage", "Findings", "Row", "words"]

MOST = 20_000
"""Tests of rules that one table may take."""

Case = Mapping[Path, Any]
_TRANSPARENT = (And, Or, Not, Compare, In, IsNull, ListLit, Literal, Ref)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A rule: its test, and what tells its values from those of another."""

    name: str
    place: Place
    test: Node
    values: tuple[object, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Findings:
    """What was found; `sure` says whether everything was tried."""

    sure: bool
    overlaps: tuple[tuple[Row, Row, Case], ...]
    """Pairs of rules that match one combination of values."""
    unreached: tuple[Row, ...]
    gap: Case | None
    """Values that no rule matches."""


class Coverage:
    """Tries the rules of a table."""

    def __init__(self, given: Inputs, rows: Sequence[Row]) -> None:
        self._given = given
        self._rows = rows
        self._read = sorted({part.path for row in rows for part in walk(row.test) if isinstance(part, Ref)})
        self._points = {path: self._tried(path) for path in self._read}
        self.possible = (
            all(isinstance(part, _TRANSPARENT) for row in rows for part in walk(row.test))
            and all(_simple(part) for row in rows for part in walk(row.test))
            and all(points is not None for points in self._points.values())
            and math.prod(len(points or ()) for points in self._points.values()) * max(len(rows), 1) <= MOST
        )

    def _tried(self, path: Path) -> tuple[Any, ...] | None:
        """Values of an input that stand for all others; None when they cannot be told."""
        parts = [part for row in self._rows for part in walk(row.test)]
        kind = next(part.type for part in parts if isinstance(part, Ref) and part.path == path)
        constants = {one for part in parts for one in _constants(part, path)}
        points = _points(kind, constants, self._bounds(path))
        if points is None or not any(isinstance(part, IsNull) and _reads(part.x, path) for part in parts):
            return points
        return (*points, None)

    def _bounds(self, path: Path) -> tuple[Decimal | None, Decimal | None]:
        element = self._given.elements.get(path[-1])
        kind = element.type if element else self._given.fields.get(path[0]) if len(path) == 1 else None
        low, high = getattr(kind, "min", None), getattr(kind, "max", None)
        low, high = (None if bound is None or abs(bound) >= LARGEST_INTEGER else Decimal(bound) for bound in (low, high))
        return low, high

    def matches(self) -> Iterable[tuple[Case, list[Row]]]:
        """Each combination of values with the rules that match it."""
        tests = [(row, to_python(row.test, lambda path: _item(path))) for row in self._rows]
        for values in itertools.product(*(self._points[path] or () for path in self._read)):
            case = dict(zip(self._read, values, strict=True))
            yield case, [row for row, test in tests if test(case) is True]

    def findings(self, hit: str) -> Findings:
        """What trying shows; without it only the rules behind one that takes everything are known."""
        if not self.possible:
            return Findings(False, (), self._after_all() if hit == "first" else (), None)
        overlaps: dict[tuple[str, str], tuple[Row, Row, Case]] = {}
        reached: set[str] = set()
        gap: Case | None = None
        for case, found in self.matches():
            gap = case if gap is None and not found else gap
            reached.update(row.name for row in (found[:1] if hit in ("first", "priority") else found))
            for one, other in itertools.combinations(found, 2):
                overlaps.setdefault((one.name, other.name), (one, other, case))
        unreached = tuple(row for row in self._rows if row.name not in reached)
        return Findings(True, tuple(overlaps.values()), unreached, gap)

    def _after_all(self) -> tuple[Row, ...]:
        first = next((place for place, row in enumerate(self._rows) if row.test == TRUE), len(self._rows))
        return tuple(self._rows[first + 1:])


def words(case: Case) -> str:
    """A combination of values for people."""
    return ", ".join(f"{path[-1]} = {_said(value)}" for path, value in case.items()) or "any input"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "null" if value is None else str(value)


def _item(path: Path) -> Callable[[Any], Any]:
    return lambda case: case[path]


def _reads(node: Node, path: Path) -> bool:
    return isinstance(node, Ref) and node.path == path


def _simple(node: Node) -> bool:
    """Whether a comparison is one of an input with constants."""
    if isinstance(node, Compare):
        return isinstance(node.left, Ref) and isinstance(node.right, Literal)
    if isinstance(node, In):
        return isinstance(node.item, Ref) and isinstance(node.items, ListLit) and all(isinstance(i, Literal) for i in node.items.items)
    return True


def _constants(node: Node, path: Path) -> list[Any]:
    if isinstance(node, Compare) and _reads(node.left, path) and isinstance(node.right, Literal):
        return [node.right.value]
    if isinstance(node, In) and _reads(node.item, path) and isinstance(node.items, ListLit):
        return [item.value for item in node.items.items if isinstance(item, Literal)]
    return []


def _points(kind: Type, constants: set[Any], bounds: tuple[Decimal | None, Decimal | None]) -> tuple[Any, ...] | None:
    known = sorted(one for one in constants if one is not None)
    if kind == BOOL:
        return (False, True)
    if isinstance(kind, OptionOf):
        return tuple(dict.fromkeys(kind.names.values()))
    if kind == INT or isinstance(kind, DecimalOf):
        return tuple(_numbers([Decimal(one) for one in known], bounds, kind == INT))
    if kind == DATE:
        return tuple(_dates(known))
    if all(isinstance(one, str) for one in known):
        other = "other"
        while other in constants:
            other += "_"
        return (*known, other)
    return None


def _numbers(known: list[Decimal], bounds: tuple[Decimal | None, Decimal | None], whole: bool) -> Iterable[Decimal | int]:
    low, high = bounds
    edges = sorted({*known, *(bound for bound in bounds if bound is not None)})
    found: list[Decimal] = [edges[0] - 1] if edges else [Decimal(0)]
    for one, following in itertools.zip_longest(edges, edges[1:]):
        found.append(one)
        if following is None:
            found.append(one + 1)
        elif not whole:
            found.append((one + following) / 2)
        elif following - one > 1:
            found.append(Decimal(math.floor(one) + 1))
    for number in found:
        if (low is None or number >= low) and (high is None or number <= high) and (not whole or number == int(number)):
            yield int(number) if whole else number


def _dates(known: list[datetime.date]) -> Iterable[datetime.date]:
    """Days around and between the known ones."""
    numbers = sorted({one.toordinal() for one in known} or {730_000})
    for number in _numbers([Decimal(n) for n in numbers], (Decimal(1), Decimal(3_652_059)), True):
        yield datetime.date.fromordinal(int(number))
