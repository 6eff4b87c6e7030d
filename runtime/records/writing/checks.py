"""The rules of a row in Python: validations and guards, as closures made once per release."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine.expressions import refs, to_python
from engine.expressions.scope import BOUND_ROOTS
from engine.model import Object, Rule
from runtime.identity.actor import Actor
from runtime.records.outcomes import FieldError
from runtime.records.writing.children import children_of, gather
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.work import Item, Work
from runtime.store.compiled import Release

__all__ = ["RowValues", "check_errors", "checked", "gather_children", "row_lookup", "row_values"]


@dataclasses.dataclass(frozen=True, slots=True)
class RowValues:
    """An Env over one row: its values and what lies behind its links, by path, the formulas, and the roots."""

    values: Mapping[tuple[str, ...], Any]
    roots: Mapping[str, Any]
    formulas: Mapping[str, Callable[[Any], Any]]

    def lookup(self, path: tuple[str, ...]) -> Any:
        """See `engine.expressions.Env`."""
        if path[0] in BOUND_ROOTS:
            return _rooted(self.roots, path)
        formula = self.formulas.get(path[0]) if len(path) == 1 else None
        return self.values.get(path) if formula is None else formula(self)


def row_values(
    actor: Actor, now: datetime.datetime, release: Release, object: Object, values: Mapping[tuple[str, ...], Any],
) -> RowValues:
    """The Env of a row as rules about it read it; the user's teams and roles are those of the row's clinic."""
    clinic = values.get(("clinic_id",))
    teams = {*actor.teams.get("", ()), *(actor.teams.get(clinic, ()) if clinic else ())}
    held = {m.role for m in actor.memberships if clinic is None or m.clinic_id in (None, clinic)}
    roles = sorted(role.name for role in release.model.roles.values() if role.id in held)
    user = {**actor.record, "id": actor.id, "clinics": actor.clinics, "teams": tuple(sorted(teams)), "roles": tuple(roles)}
    formulas = prepared_once(release, ("formulas", object.name), lambda: _formulas(object))
    return RowValues(values, {"today": actor.today, "now": now, "user": user}, formulas)


def _formulas(object: Object) -> dict[str, Callable[[Any], Any]]:
    return {f.name: to_python(f.formula.tree) for f in object.fields.values() if f.formula}


def _rooted(roots: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    if path[0] != "user":
        return roots[path[0]]
    return roots["user"].get(path[1] if len(path) > 1 else "id")


@dataclasses.dataclass(frozen=True, slots=True)
class _Rules:
    """The closures of one object."""

    checks: tuple[tuple[Any, frozenset[str], Callable[[Any], Any]], ...]


def _rules(work: Work, object: Object) -> _Rules:
    def make() -> _Rules:
        checks = tuple((c, _fields(c.rule, object), to_python(c.rule.tree)) for c in object.checks.values())
        return _Rules(checks)

    found: _Rules = prepared_once(work.release, ("rules", object.name), make)
    return found


def _fields(rule: Rule, object: Object) -> frozenset[str]:
    """Names of own stored fields that a rule depends on, through formulas too."""
    found: set[str] = set()
    waiting = [path[0] for path in refs(rule.tree)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            field = object.fields.get(name)
            waiting += [path[0] for path in refs(field.formula.tree)] if field and field.formula else []
    return frozenset(found)


def _row(work: Work, object: Object, item: Item) -> RowValues:
    values: dict[tuple[str, ...], Any] = {(name,): value for name, value in item.row.items()}
    return row_values(work.actor, work.now, work.release, object, {**values, **item.behind})


def gather_children(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Give items the child rows that rules about them read, as the rows will be; call it after `follow_links`."""
    if items and children_of(work.release, object):
        rows = [(item.id, {**{(name,): value for name, value in item.row.items()}, **item.behind}) for item in items]
        found = gather(work.connection, work.release, work.access, work.binds, object, rows)
        for item, children in zip(items, found, strict=True):
            item.behind.update(children)


def checked(work: Work, object: Object, changed: Iterable[str]) -> bool:
    """Whether some validation reads a field among those changed, and so runs."""
    names = frozenset(changed)
    return any(names & reads for _, reads, _ in _rules(work, object).checks)


def check_errors(work: Work, object: Object, item: Item, changed: Iterable[str] | None) -> list[FieldError]:
    """Validations that fail; with `changed` (names) only those that read one of them, so that old rows can be edited."""
    names = None if changed is None else set(changed)
    if not object.checks:
        return []
    row = _row(work, object, item)
    errors: list[FieldError] = []
    for check, reads, closure in _rules(work, object).checks:
        if names is not None and not names & reads:
            continue
        if not check.rule.position.settle(closure(row)):
            errors.append(FieldError(check.field, "check", check.message(work.language), {"check": check.name}))
    return errors


def row_lookup(work: Work, object: Object, item: Item) -> Callable[[tuple[str, ...]], Any]:
    """Reads the row as it will be, by path, for the guards of a machine."""
    return _row(work, object, item).lookup
