"""Which stored formulas a change touches: from a field of some rows, or from rows that come and go, back to the rows that read them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TypeVar

from engine.model import Object
from engine.model.reads import Hops, reads

__all__ = ["Dependencies", "Effect", "Formula", "dependencies"]


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Formula:
    """A stored formula by the current names of its object and field."""

    object: str
    field: str


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """A formula to compute anew, in the rows that lead to the changed ones along `hops`; () for the changed rows themselves."""

    formula: Formula
    hops: Hops


@dataclasses.dataclass(frozen=True, slots=True)
class Dependencies:
    """What keeps the stored formulas of a release true."""

    order: tuple[Formula, ...]
    """Every stored formula, each after those that it reads."""
    own: Mapping[str, tuple[str, ...]]
    """By object, in that order: fields whose formulas read their own row alone; whoever writes the row computes them beside it."""
    changed: Mapping[tuple[str, str], tuple[Effect, ...]]
    """(object, field) whose value changed in some rows → what reads it."""
    moved: Mapping[tuple[str, str], tuple[Effect, ...]]
    """(object, link field) → what reads rows as children by it; the hops lead to the parents. For rows that come, go or change
    their parent, the old and the new parent alike."""

    formulas: Mapping[str, tuple[Formula, ...]] = dataclasses.field(init=False)
    """The stored formulas of each object that has some, in order."""
    links: Mapping[str, tuple[str, ...]] = dataclasses.field(init=False)
    """By object, the link fields by which its rows are somebody's children."""
    watched: Mapping[str, frozenset[str]] = dataclasses.field(init=False)
    """By object, the fields whose change touches some formula."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "formulas", _grouped((formula.object, formula) for formula in self.order))
        object.__setattr__(self, "links", _grouped(self.moved))
        watched = _grouped((*self.changed, *self.moved))
        object.__setattr__(self, "watched", {name: frozenset(fields) for name, fields in watched.items()})


_Item = TypeVar("_Item")


def _grouped(pairs: Iterable[tuple[str, _Item]]) -> dict[str, tuple[_Item, ...]]:
    """The second parts by the first, in their order."""
    found: dict[str, tuple[_Item, ...]] = {}
    for name, item in pairs:
        found[name] = (*found.get(name, ()), item)
    return found


def dependencies(objects: Mapping[str, Object]) -> Dependencies:
    """The dependencies of a release's objects. The compiler has refused circles."""
    needs: dict[Formula, set[Formula]] = {}
    changed: dict[tuple[str, str], dict[Effect, None]] = {}
    moved: dict[tuple[str, str], dict[Effect, None]] = {}
    alone: dict[Formula, bool] = {}
    for formula in _formulas(objects):
        rule = objects[formula.object].fields[formula.field].formula
        assert rule is not None
        needs[formula], alone[formula] = set(), True
        for read in reads(objects, formula.object, rule.tree):
            if not read.object:
                continue
            alone[formula] &= not read.hops
            field = objects[read.object].fields.get(read.name)
            if field is not None and field.kept:
                needs[formula].add(Formula(read.object, read.name))
            if field is not None and field.stored:
                changed.setdefault((read.object, read.name), {})[Effect(formula, read.hops)] = None
            for place, hop in enumerate(read.hops):
                if hop.rows:
                    moved.setdefault((hop.object, hop.link), {})[Effect(formula, read.hops[:place])] = None
    order = _ordered(needs)
    own: dict[str, list[str]] = {}
    for formula in order:
        if alone[formula] and all(need.field in own.get(formula.object, ()) for need in needs[formula]):
            own.setdefault(formula.object, []).append(formula.field)
    return Dependencies(
        order, {name: tuple(fields) for name, fields in own.items()}, {key: tuple(found) for key, found in changed.items()},
        {key: tuple(found) for key, found in moved.items()},
    )


def _formulas(objects: Mapping[str, Object]) -> Iterable[Formula]:
    return (Formula(found.name, field.name) for found in objects.values() for field in found.fields.values() if field.kept)


def _ordered(needs: Mapping[Formula, set[Formula]]) -> tuple[Formula, ...]:
    """Each after what it needs; alike ones in the order of their names, so that all processes lock rows in one order."""
    found: dict[Formula, None] = {}
    waiting = dict(needs)
    while waiting:
        ready = sorted(formula for formula, needed in waiting.items() if needed <= found.keys())
        for formula in ready or sorted(waiting):  # nothing is ready in a circle, which the compiler refuses
            found[formula] = None
            waiting.pop(formula)
    return tuple(found)
