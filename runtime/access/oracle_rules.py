"""Rules of clauses by the Python back end, as a user stands in one domain (a clinic of the row) of a Casbin request."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import Position, to_python
from engine.expressions.tree import Path
from engine.targets.policy import Clause, Effect
from runtime.access.stored_row import StoredRow
from runtime.identity.actor import Actor

__all__ = ["Rules", "held_roles", "held_teams", "within"]


def held_roles(actor: Actor, domain: str) -> frozenset[str]:
    """Ids of the roles held in a domain; for rows of the organisation those held in any clinic."""
    limit = None if actor.scope is None else actor.scope.clinics
    if domain == "organisation":
        return frozenset(m.role for m in actor.memberships if within(m.clinic_id, limit))
    if domain == "organisation denials":
        return frozenset(m.role for m in actor.memberships)
    clinic = domain.removeprefix("clinic:")
    return frozenset(m.role for m in actor.memberships if m.clinic_id in (None, clinic))


def within(clinic: str | None, limit: frozenset[str] | None) -> bool:
    """Whether a membership of a clinic counts within a token's clinics."""
    return limit is None or (bool(limit) if clinic is None else clinic in limit)


def held_teams(actor: Actor, domain: str) -> frozenset[str]:
    """The user's teams in a domain, those of no clinic among them."""
    free = actor.teams.get("", ())
    if domain.startswith("organisation"):
        whole = any(m.clinic_id is None for m in actor.memberships)
        clinics = {m.clinic_id for m in actor.memberships}
        return frozenset(free).union(*(teams for clinic, teams in actor.teams.items() if whole or clinic in clinics))
    return frozenset(free).union(actor.teams.get(domain.removeprefix("clinic:"), ()))


class _RuleEnv:
    """What a rule reads: the row's values, and the user in a domain."""

    def __init__(
        self, actor: Actor, row: StoredRow, domain: str, role_names: Mapping[str, str], now: datetime.datetime | None,
    ) -> None:
        self._actor = actor
        self._row = row
        self._domain = domain
        self._role_names = role_names
        self._now = now

    def lookup(self, path: Path) -> Any:
        root = path[0]
        if root == "today":
            return self._actor.today
        if root == "now":
            return self._now
        return self._user(path[1:]) if root == "user" else self._row.lookup(path)

    def _user(self, path: Path) -> Any:
        actor = self._actor
        if path in ((), ("id",)):
            return actor.id
        if path == ("clinics",):
            return actor.clinics
        if path == ("teams",):
            return tuple(sorted(held_teams(actor, self._domain)))
        if path == ("roles",):
            return tuple(sorted(self._role_names.get(role, "") for role in held_roles(actor, _everywhere(self._domain))))
        return actor.record.get(".".join(path))


def _everywhere(domain: str) -> str:
    """`user.roles` is not narrowed by a token."""
    return "organisation denials" if domain.startswith("organisation") else domain


class Rules:
    """Evaluates clauses; `role_names` gives the current name of a role's id, `now` is None where no rule reads it."""

    def __init__(self, role_names: Mapping[str, str], now: datetime.datetime | None) -> None:
        self._role_names = role_names
        self._now = now
        self._compiled: dict[str, Callable[[Any], Any]] = {}

    def unsettled(self, clause: Clause, actor: Actor, row: StoredRow, domain: str) -> bool | None:
        """What the rule gives on a row, None for unknown."""
        if clause.rule is None:
            return True
        run = self._compiled.get(clause.id)
        if run is None:
            run = self._compiled[clause.id] = to_python(clause.rule.tree)
        found: bool | None = run(_RuleEnv(actor, row, domain, self._role_names, self._now))
        return found

    def holds(self, clause: Clause, actor: Actor, row: StoredRow, domain: str) -> bool:
        """Whether a clause binds on a row; unknown does not for a grant and does for a denial."""
        position = Position.GRANT if clause.effect is Effect.ALLOW else Position.DENIAL
        return bool(position.settle(self.unsettled(clause, actor, row, domain)))
