"""Who sees which enrolments: those who may see what the plan decides by, so that no plan tells what its reader may not know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select
from sqlalchemy.types import Text

from engine.expressions import refs
from engine.expressions.tree import Path, rows_read
from engine.model import Plan, Rule
from engine.targets.plan_reads import real_path
from runtime.access import Access, Sight
from runtime.identity.actor import Actor
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.ids import chunks
from runtime.records.prepared import LruCache, Prepared, lru_of
from runtime.records.sources import GuardedSource, Hidden, RowSource
from runtime.store.compiled import Release

__all__ = ["Eyes"]

_ROOTS = frozenset({"today", "now", "user"})


class Eyes:
    """What one actor may see and do of plans, of records that begin them and of records that steps made."""

    def __init__(self, connection: Connection, release: Release, actor: Actor, now: Any) -> None:
        self._connection = connection
        self._release = release
        self._actor = actor
        self._access = Access.of(release, actor)
        dialect = dialect_name(connection)
        self._binds = {**expression_binds(actor, now, release.model, dialect), **self._access.binds(actor, dialect)}

    def begun(self, plan: Plan, ids: Iterable[str]) -> set[str]:
        """Of records that begin a plan, those of which the actor may see whether they are on it."""
        if not self._knows(plan):
            return set()
        return self._those(("plan", plan.name), plan.object, ids, lambda source: _seen(self._access, self._release, source, plan))

    def able(self, object_name: str, action: str, ids: Iterable[str]) -> set[str]:
        """Of records of an object, those with which the actor may do an action."""
        rights = self._access.object(object_name)
        if not rights.allows(action):
            return set()
        return self._those(("can", object_name, action), object_name, ids, lambda source: rights.rows(action, source))

    def may(self, object_name: str, action: str) -> bool:
        """Whether there could be such a record at all."""
        return self._access.object(object_name).allows(action)

    def _knows(self, plan: Plan) -> bool:
        """Whether the actor may read what the steps make, and every field of it that decides about later ones."""
        made = {step.create for step in plan.steps.values() if step.create}
        if not all(self._access.object(name).allows("read") for name in made | {plan.subject, plan.object}):
            return False
        return all(self._fields(plan, path) for rule in _rules(plan) for path in refs(rule.tree) if path[0] == "answers") and all(
            self._children(plan, path, parts) for rule in _rules(plan) for path, parts in rows_read(rule.tree).items())

    def _fields(self, plan: Plan, path: Path) -> bool:
        step = plan.steps.get(path[1])
        return step is None or not path[2:] or self._whole(step.create, path[2:])

    def _children(self, plan: Plan, path: Path, parts: Iterable[Path]) -> bool:
        """Child rows count whoever asks, so all that is read of any must be whole in all of them."""
        at = plan.object
        *links, name = real_path(self._release.model, plan, path) if path[0] != "answers" else path
        for link in links:
            at = self._release.model.objects[at].fields[link].type.link_to
        child = self._release.model.objects[at].inverses[name].object
        return self._access.object(child).allows("read") and all(self._whole(child, part) for part in parts)

    def _whole(self, object_name: str, path: Path) -> bool:
        """Whether every field on a path is shown in every record that may be read."""
        for name in path:
            rights, field = self._access.object(object_name), self._release.model.objects[object_name].fields.get(name)
            if field is not None and (not rights.allows("read") or rights.field("read", name).fixed is not Sight.VALUE):
                return False
            object_name = field.type.link_to if field is not None else ""
        return True

    def _those(self, key: tuple[str, ...], object_name: str, ids: Iterable[str], where: Any) -> set[str]:
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return set()
        kept: LruCache[Prepared | None] = lru_of(self._release.cache, "plans.sight", 256)
        prepared = kept.get((*key, self._actor.shape), lambda: self._prepared(object_name, where))
        if prepared is None:
            return set()
        return {row[0] for chunk in chunks(wanted) for row in prepared.fetch(self._connection, {**self._binds, "ids": chunk})}

    def _prepared(self, object_name: str, where: Any) -> Prepared | None:
        source = RowSource(self._release, object_name, dialect_name(self._connection))
        try:
            condition = where(source)
        except Hidden:
            return None
        statement = select(source.id).select_from(source.clause)
        return Prepared(statement.where(source.id.in_(bindparam("ids", expanding=True, type_=Text())), condition), self._connection.dialect)


def _rules(plan: Plan) -> list[Rule]:
    """What decides whether and when something of the plan happens."""
    found = [plan.enrol_when, plan.stop_when]
    for step in plan.steps.values():
        found += [step.at, step.when, step.skip_when]
    return [rule for rule in found if rule is not None]


def _seen(access: Access, release: Release, source: RowSource, plan: Plan) -> ColumnElement[bool]:
    """Where the record, the patient and all that the plan's rules read of them are shown. Raises Hidden where they never are."""
    paths: set[Path] = {plan.anchor, real_path(release.model, plan, ("subject", "id"))}
    for rule in _rules(plan):
        rows = rows_read(rule.tree)
        paths.update(real_path(release.model, plan, path) for path in refs(rule.tree)
                     if path not in rows and path[0] not in _ROOTS and path[0] != "answers")
    guarded = GuardedSource(source, access)
    clauses = [access.object(plan.object).rows("read", source)]
    clauses += [shown for path in sorted(paths) if (shown := guarded.shown(path)) is not None]
    return and_(*clauses)
