"""The Casbin enforcer over the release's lines: the second, slow and plain way to every decision. For tests and `explain`.

Known traps that are closed here: a matcher is run by `eval`-like code, so rows reach it as opaque tokens and never as
objects; an empty policy with empty words allows, so both are refused; the enforcer is not safe in threads, so one lock.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import casbin

from engine.model import Field, Object
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.policy import (
    ANY_ACTION,
    CASBIN_MODEL,
    ROW,
    Clause,
    Effect,
    Line,
    RowsInput,
    formula_inputs,
    reach,
    rows_inputs,
)
from runtime.access.access import actions_of, release_policy
from runtime.access.fields import Sight
from runtime.access.oracle_rules import Rules, held_roles, within
from runtime.access.stored_row import StoredRow
from runtime.identity.actor import Actor
from runtime.store.compiled import Release

__all__ = ["Oracle", "RefusedPolicy"]

ORGANISATION = "organisation"
DENIALS = "organisation denials"
NOWHERE = "nowhere"
"""Domains of rows that belong to no clinic: of the organisation (for grants, for denials), and left without one."""


class RefusedPolicy(ValueError):
    """Lines that the enforcer must not be given: none at all, or one with an empty word."""


class LinesAdapter:
    """Hands lines to Casbin from memory. Raises RefusedPolicy."""

    def __init__(self, lines: Sequence[Line], links: Sequence[tuple[str, str, str]]) -> None:
        if not lines:
            raise RefusedPolicy("a policy without lines")
        self._rules = [("p", line.values) for line in lines] + [("g", link) for link in links]
        if any(not isinstance(word, str) or not word for _, words in self._rules for word in words):
            raise RefusedPolicy("a line with an empty word")

    def load_policy(self, model: Any) -> None:
        """Called by Casbin."""
        for kind, words in self._rules:
            model.add_policy(kind, kind, list(words))


class Oracle:
    """Decisions on stored rows under one release."""

    def __init__(self, release: Release, now: datetime.datetime | None = None) -> None:
        self._model = release.model
        shared = release_policy(release)
        self.policy = shared.policy
        self.rules = Rules(shared.role_names, now)
        self._clauses: dict[str, Clause] = {c.id: c for several in self.policy.clauses.values() for c in several}
        self._lines: dict[str, list[Line]] = {}
        for line in self.policy.lines:
            self._lines.setdefault(line.object, []).append(line)
        self._lock = threading.Lock()
        self._enforcer: Any = None
        self._loaded: object = None
        self._last: tuple[tuple[Actor | None, str, StoredRow | None], bool] = (None, "", None), False
        self._rows: dict[str, tuple[Actor, StoredRow]] = {}

    def decide(self, actor: Actor, action: str, row: StoredRow) -> bool:
        """Whether the actor may do the action on the row."""
        asked, answer = self._last
        if not (asked[0] is actor and asked[1] == action and asked[2] is row):
            answer = self.ask(actor, action, row, ROW)[0]
            self._last = (actor, action, row), answer
        return answer

    def sight(self, actor: Actor, action: str, row: StoredRow, field_name: str, above: tuple[str, ...] = ()) -> Sight:
        """How the actor sees a field of the row through the action."""
        field = row.object.fields.get(field_name)
        if field is None or not self.decide(actor, action, row):
            return Sight.ABSENT
        if actor.system:
            return Sight.VALUE
        if not self._inputs_shown(actor, action, row, field_name, above):
            return Sight.ABSENT
        if self.ask(actor, action, row, reach("value", field))[0]:
            return Sight.VALUE
        return Sight.MASK if self.ask(actor, action, row, reach("mask", field))[0] else Sight.ABSENT

    def _inputs_shown(self, actor: Actor, action: str, row: StoredRow, field_name: str, above: tuple[str, ...]) -> bool:
        """Whether everything a formula reads is seen whole; true for a typed field."""
        field = row.object.fields[field_name]
        if self.hidden_rows(actor, row, field):
            return False
        for path in formula_inputs(field):
            if path[0] in row.object.fields and (
                path[0] in above or self.sight(actor, action, row, path[0], (*above, field_name)) is not Sight.VALUE
            ):
                return False
            if len(path) > 1 and not self._seen_behind(actor, row, path):
                return False
        return True

    def _seen_behind(self, actor: Actor, row: StoredRow, path: tuple[str, ...]) -> bool:
        link, *rest = path
        further = row.behind(link)
        if further is None:
            return True
        if rest[0] in RUNTIME_COLUMNS:
            return self.decide(actor, "read", further)
        if self.sight(actor, "read", further, rest[0]) is not Sight.VALUE:
            return False
        return len(rest) == 1 or self._seen_behind(actor, further, tuple(rest))

    def hidden_rows(self, actor: Actor, row: StoredRow, field: Field) -> str:
        """The first object of which a formula reads child rows that keep it from the actor; "" when there is none."""
        for rows in rows_inputs(self._model.objects, row.object.name, field):
            if not (self._all_rows(actor, row, rows) if field.kept else self._some_rows(actor, rows)):
                return rows.object
        return ""

    def _some_rows(self, actor: Actor, rows: RowsInput) -> bool:
        """Whether the actor holds, somewhere, a grant for each field that is read of child rows."""
        limit = None if actor.scope is None else actor.scope.clinics
        held = {m.role for m in actor.memberships if within(m.clinic_id, limit)}
        return all(any(clause.role in held for clause in self._reading(actor, rows.object, name)) for name in self._fields(rows))

    def _all_rows(self, actor: Actor, row: StoredRow, rows: RowsInput) -> bool:
        """Whether it is sure that the actor may read every child row that stands behind a stored value."""
        object, names = self._model.objects[rows.object], self._fields(rows)
        roles = {membership.role for membership in actor.memberships}
        for clause in self.policy.of(rows.object):
            if clause.effect is Effect.DENY and clause.role in roles and ("read" in clause.can or names & (clause.mask | clause.hide)):
                return False
        unplaced = "organisation" in (object.belongs_to.scope, object.belongs_to.root_scope)
        elsewhere = {f"clinic:{m.clinic_id}" for m in actor.memberships if m.clinic_id} | {NOWHERE}
        return all(
            unplaced and self._held_in(actor, rows.object, name, ORGANISATION)
            or all(self._held_in(actor, rows.object, name, domain) for domain in elsewhere)
            or rows.aligned and any(self._held_in(actor, rows.object, name, domain) for domain in domains_of(row.object, row))
            for name in names
        )

    def _held_in(self, actor: Actor, object_name: str, field_name: str, domain: str) -> bool:
        """Whether a grant without a rule that shows a field is held in a domain."""
        limit = None if actor.scope is None else actor.scope.clinics
        if limit is not None and domain != ORGANISATION and domain.removeprefix("clinic:") not in limit:
            return False
        held = held_roles(actor, domain)
        return any(clause.role in held and clause.rule is None for clause in self._reading(actor, object_name, field_name))

    def _reading(self, actor: Actor, object_name: str, field_name: str) -> Iterator[Clause]:
        """The grants to read an object that show a field, as far as a token lets them."""
        if actor.scope is not None and not actor.scope.allows(self._model.objects[object_name].id, "read"):
            return
        for clause in self.policy.of(object_name):
            if clause.effect is Effect.ALLOW and "read" in clause.can and field_name in clause.value:
                yield clause

    def _fields(self, rows: RowsInput) -> frozenset[str]:
        return rows.fields & self._model.objects[rows.object].fields.keys()

    def ask(self, actor: Actor, action: str, row: StoredRow, reached: str) -> tuple[bool, Line | None]:
        """One request to the enforcer: the answer, and the line that decided, None when no line matched."""
        object = row.object
        if actor.system:
            return action in actions_of(self._model, object), None
        if actor.scope is not None and not actor.scope.allows(object.id, action):
            return False, None
        words = (f"user:{actor.id}", object.id, action)
        if not all(words) or not reached or not actor.id or not self._lines.get(object.id):
            return False, None
        with self._lock:
            self._load(actor, action, object, row)
            token = f"row:{len(self._rows)}"
            self._rows[token] = (actor, row)
            try:
                allowed, decided = self._enforcer.enforce_ex(*words, token, reached)
            finally:
                del self._rows[token]
        return bool(allowed), self._line(object, decided)

    def _line(self, object: Object, values: Sequence[str]) -> Line | None:
        for line in self._lines[object.id] if values else ():
            if line.within(values[1]).values == tuple(values):
                return line
        return None

    def _load(self, actor: Actor, action: str, object: Object, row: StoredRow) -> None:
        """The lines of the object and action once for each domain of the row, and the roles that the actor holds there.

        A filtered policy: the matcher would pass over the other lines anyway, at 20 microseconds each.
        """
        domains = domains_of(object, row)
        key = (object.id, action, domains, actor.id, actor.memberships, actor.scope)
        if key == self._loaded:
            return
        spoken = [line for line in self._lines[object.id] if line.action in (action, ANY_ACTION)]
        lines = [line.within(domain) for line in spoken for domain in _domains_for(line, domains, actor)]
        links = [
            (f"user:{actor.id}", f"role:{role}", domain) for domain in (*domains, DENIALS)
            for role in sorted(held_roles(actor, domain))
        ]
        self._loaded = None
        if self._enforcer is None:
            self._enforcer = self._new_enforcer()
        self._enforcer.model.clear_policy()
        LinesAdapter(lines or self._lines[object.id], links).load_policy(self._enforcer.model)
        self._enforcer.build_role_links()
        self._loaded = key

    def _new_enforcer(self) -> Any:
        model = casbin.Model()
        model.load_model_from_text(CASBIN_MODEL)
        enforcer = casbin.Enforcer(model)
        enforcer.add_function("reaches", lambda listed, wanted: wanted in listed.split(" "))
        enforcer.add_function("holds", self._holds)
        return enforcer

    def _holds(self, rule: str, token: str, domain: str) -> bool:
        """What the matcher calls: the rule of a clause on the row behind a token, as the user stands in a domain."""
        actor, row = self._rows[token]
        return self.rules.holds(self._clauses[rule], actor, row, domain)


def domains_of(object: Object, row: StoredRow) -> tuple[str, ...]:
    """The clinics of a row as Casbin's domains. A row without a clinic of its own is also nowhere, whatever stays it has."""
    if "organisation" in (object.belongs_to.scope, object.belongs_to.root_scope):
        return (ORGANISATION,)
    nowhere = (NOWHERE,) if row.values["clinic_id"] is None else ()
    return (*(f"clinic:{clinic}" for clinic in sorted(row.clinics)), *nowhere)


def _domains_for(line: Line, domains: Iterable[str], actor: Actor) -> Iterable[str]:
    """Denials bind everywhere; grants only in the clinics of a token."""
    if line.effect is Effect.DENY:
        return [DENIALS if domain == ORGANISATION else domain for domain in domains]
    limit = None if actor.scope is None else actor.scope.clinics
    return [d for d in domains if limit is None or d == ORGANISATION or d.removeprefix("clinic:") in limit]
