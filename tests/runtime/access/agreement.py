"""Compares the compiled access (SQL) with the Casbin enforcer on random grants, users and records."""

from __future__ import annotations

import random
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.access import Access, Sight
from runtime.access.oracle import Oracle
from runtime.access.stored_row import RowReader
from runtime.identity.actor import Actor
from runtime.records.sources import RowSource
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.runtime.access.world import ACTIONS, FIELDS, TODAY, fill, model_with, random_actor, random_roles, released

__all__ = ["Agreement"]

Seen = dict[str, tuple[Sight, ...]]
RECORDS = 14
OBJECTS_EACH = 2
INHERITED = ("pains", "busy", "worst", "told", "others", "siblings", "burden")
"""Formulas over child rows, stored and virtual."""
"""How much is compared per actor; the SQL list is over all records anyway."""


class Agreement:
    """Goes through random releases over one set of records and gathers every difference."""

    def __init__(self, store: Store, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self.store = store
        # The objects are the same in every release, so rows read under the first serve all.
        self.first = released(model_with(random_roles(self.chance)))
        self.ids = fill(store, self.first, self.chance)
        self.triples = 0
        self.allowed = 0
        self.sights = dict.fromkeys(Sight, 0)
        self.inherited = {(field, whole): 0 for field in INHERITED for whole in (True, False)}
        self.differences: list[str] = []

    def run(self, triples: int, actors: int = 6, *, stop_early: bool = False) -> list[str]:
        """Compare until so many (grants, user, record) triples have been; each with reading and other actions."""
        with self.store.read() as connection:
            reader = RowReader(self.first, connection, TODAY)
            while self.triples < triples and not (self.differences and stop_early):
                release = released(model_with(random_roles(self.chance)))
                oracle = Oracle(release)
                for _ in range(actors):
                    self._compare(release, oracle, reader, random_actor(self.chance), connection)
        return self.differences

    def _compare(self, release: Release, oracle: Oracle, reader: RowReader, actor: Actor, connection: Connection) -> None:
        for name in self.chance.sample(sorted(FIELDS), OBJECTS_EACH):
            ids = self.chance.sample(self.ids[name], min(RECORDS, len(self.ids[name])))
            self.triples += len(ids)
            for action in sorted({"read", *self.chance.sample(ACTIONS[name], 2)}):
                found = listed(release, actor, name, action, connection)
                for id in ids:
                    self._compare_one(oracle, reader, actor, action, name, id, found)

    def _compare_one(
        self, oracle: Oracle, reader: RowReader, actor: Actor, action: str, name: str, id: str, found: Seen,
    ) -> None:
        row = reader.row(name, id)
        assert row is not None
        allowed = oracle.decide(actor, action, row)
        self.allowed += allowed
        if allowed != (id in found):
            self._differ(actor, action, name, id, f"oracle says {allowed}, the list says {id in found}")
        elif allowed:
            seen = dict(zip(FIELDS[name], found[id], strict=True))
            for field, sight in _some(self.chance, seen):
                expected = oracle.sight(actor, action, row, field)
                self.sights[expected] += 1
                if field in INHERITED:
                    self.inherited[field, expected is Sight.VALUE] += 1
                if expected != sight:
                    self._differ(actor, action, name, id, f"{field}: oracle says {expected.name}, the list says {sight.name}")

    def _differ(self, actor: Actor, action: str, name: str, id: str, what: str) -> None:
        self.differences.append(f"seed {self.seed}: {action} {name} {id[-3:]} by {actor.memberships} {actor.scope}: {what}")


def _some(chance: random.Random, seen: dict[str, Sight]) -> list[tuple[str, Sight]]:
    """Three fields, and two of those over child rows."""
    inherited = [name for name in sorted(seen) if name in INHERITED]
    names = {*chance.sample(sorted(seen), min(len(seen), 3)), *chance.sample(inherited, min(len(inherited), 2))}
    return [(name, seen[name]) for name in sorted(names)]


def listed(release: Release, actor: Actor, name: str, action: str, connection: Connection) -> Seen:
    """The rows of the SQL list with the sight of every field, checked to be what a filter on the field may use."""
    access = Access.of(release, actor)
    rights = access.object(name)
    dialect: Any = connection.dialect.name
    source = RowSource(release, name, dialect)
    where, flags = rights.rows(action, source), rights.flags(action, source)
    shown = [rights.shown(action, field, source) for field in FIELDS[name]]
    usable = [sa.literal(term) if isinstance(term, bool) else term for term in shown]
    statement = sa.select(source.id, *flags, *usable).select_from(source.clause).where(where)
    found = connection.execute(statement, rights.binds(actor, dialect)).all()
    if found:
        assert rights.allows(action), "a list with rows of an action that is never allowed"
    seen: Seen = {}
    for id, *rest in found:
        values, may_filter = rest[: len(flags)], rest[len(flags):]
        rules = [rights.field(action, field) for field in FIELDS[name]]
        seen[id] = tuple(rule.sight(values) for rule in rules)
        for rule, sight, usable_here in zip(rules, seen[id], may_filter, strict=True):
            assert rule.fixed in (None, sight), "a fixed rule that changes with the row"
            assert bool(usable_here) is (sight is Sight.VALUE), "a filter may use what is not seen, or not what is"
    return seen
