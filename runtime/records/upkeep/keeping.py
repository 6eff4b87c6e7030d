"""What a transaction has to compute anew: its changes are gathered as they are made and followed before anybody reads on."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from engine.model import Object
from engine.targets.dependencies import Effect, Formula
from runtime.records.upkeep.jobs import record
from runtime.records.upkeep.statements import compute, dependencies_of, hold, hold_what_is_read, step_back
from runtime.store.compiled import Release

__all__ = ["FAN_OUT", "Upkeep"]

FAN_OUT = 500
"""A change that reaches more rows than this, and more than it has changed itself, is worked off in slices afterwards."""
_Ids = dict[str, None]


@dataclasses.dataclass
class Upkeep:
    """The stored formulas that the changes of one transaction touch."""

    connection: Connection
    release: Release
    now: datetime.datetime
    new_id: Callable[[], str]
    rewritten: set[str] = dataclasses.field(default_factory=set)
    """Names of objects of which some row got another value."""
    jobs: int = 0
    """How many jobs were recorded."""

    def __post_init__(self) -> None:
        self._graph = dependencies_of(self.release)
        self._changed: dict[tuple[str, str, bool], _Ids] = {}
        self._moved: dict[tuple[str, str], _Ids] = {}
        self._fresh: dict[tuple[str, bool], _Ids] = {}

    # What writes tell

    def created(self, object: Object, rows: Iterable[Mapping[str, Any]], *, computed: bool) -> None:
        """New rows by field name. `computed`: formulas over their own row alone have their values already."""
        graph = self._graph
        if object.name in graph.formulas or object.name in graph.links:
            for row in rows:
                if object.name in graph.formulas:
                    self._fresh.setdefault((object.name, computed), {})[row["id"]] = None
                self._parents(object.name, row)

    def updated(self, object: Object, id: str, old: Mapping[str, Any], new: Mapping[str, Any], *, computed: bool) -> None:
        """A row with the fields that have other values now."""
        watched = self._graph.watched.get(object.name)
        if watched is None:
            return
        for name in watched.intersection(new):
            if (object.name, name) in self._graph.changed:
                self._changed.setdefault((object.name, name, computed), {})[id] = None
            if (object.name, name) in self._graph.moved:
                self._parents(object.name, {name: old.get(name)})
                self._parents(object.name, {name: new[name]})

    def deleted(self, object: Object, row: Mapping[str, Any]) -> None:
        """A row that is going, with the links it had by field name."""
        self._parents(object.name, row)

    def forget(self) -> None:
        """What was told has been rolled back."""
        self._changed.clear()
        self._moved.clear()
        self._fresh.clear()

    def _parents(self, object_name: str, row: Mapping[str, Any]) -> None:
        for link in self._graph.links.get(object_name, ()):
            if row.get(link) is not None:
                self._moved.setdefault((object_name, link), {})[row[link]] = None

    # What follows from it

    def follow(self) -> None:
        """Compute what was touched, and what reads that, until nothing is left; what reaches too many rows becomes jobs."""
        if not (self._changed or self._moved or self._fresh):
            return
        graph = self._graph
        touched: dict[Formula, _Ids] = {}
        for (name, computed), ids in self._fresh.items():
            for formula in graph.formulas.get(name, ()):
                if not (computed and self._by_hand(formula)):
                    touched.setdefault(formula, {}).update(ids)
        for (name, field, computed), ids in self._changed.items():
            effects = graph.changed[name, field]
            self._reach(touched, (e for e in effects if not (computed and not e.hops and self._by_hand(e.formula))), ids)
        for key, ids in self._moved.items():
            self._reach(touched, graph.moved[key], ids)
        self.forget()
        self.compute(touched)

    def compute(self, touched: dict[Formula, _Ids]) -> None:
        """Compute formulas anew in some rows, and whatever reads those that get another value."""
        for formula in self._graph.order:
            ids = touched.get(formula)
            if not ids:
                continue
            hold(self.connection, self.release, formula.object, ids)
            hold_what_is_read(self.connection, self.release, formula, ids)
            changed = compute(self.connection, self.release, formula, ids)
            if changed:
                self.rewritten.add(formula.object)
                self._reach(touched, self._graph.changed.get((formula.object, formula.field), ()), dict.fromkeys(changed))

    def _by_hand(self, formula: Formula) -> bool:
        return formula.field in self._graph.own.get(formula.object, ())

    def _reach(self, touched: dict[Formula, _Ids], effects: Iterable[Effect], ids: _Ids) -> None:
        for effect in effects:
            found = self._rows(effect, ids)
            if found is None:
                self.jobs += record(self.connection, self.release, effect, tuple(ids), self.now, self.new_id)
            elif found:
                touched.setdefault(effect.formula, {}).update(found)

    def _rows(self, effect: Effect, ids: _Ids) -> _Ids | None:
        """The rows in which the formula reads the changed ones; None for too many."""
        limit = max(FAN_OUT, len(ids))
        found = list(ids)
        for place in range(len(effect.hops) - 1, -1, -1):
            before = effect.hops[place - 1].object if place else effect.formula.object
            found = step_back(self.connection, self.release, before, effect.hops[place], found, limit)
            if len(found) > limit:
                return None
            if place and effect.hops[place].rows:
                # A row that begins to read these children through their parent waits for whoever changes them.
                hold(self.connection, self.release, before, found)
        return dict.fromkeys(found)
