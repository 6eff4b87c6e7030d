"""The actor of a request: who asks, with the roles and teams that person has in each clinic today."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Hashable, Mapping
from typing import Any

from runtime.identity.standing import Standing, padded, stand

__all__ = ["Actor", "Membership", "TokenScope", "system_actor"]


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """A role (its id, e.g. `core:nurse`) in a clinic; `clinic_id` None is every clinic."""

    role: str
    clinic_id: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class TokenScope:
    """What a token narrows its owner to; None leaves that side as wide as the owner, an empty set leaves nothing.

    `objects` are object ids, `actions` are `create, read, …`, names of transitions and system rights, `clinics` are record ids.
    """

    objects: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    clinics: frozenset[str] | None = None

    def allows(self, object_id: str, action: str) -> bool:
        """Whether the token may be used for an action on an object at all."""
        within = self.objects is None or object_id in self.objects
        return within and (self.actions is None or action in self.actions)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody who asks, as of one day; only `load_actor` and `system_actor` make one outside tests.

    `teams` maps a clinic's id to the teams the person is in there; the key "" holds teams that belong to no clinic.
    """

    id: str
    name: str = ""
    language: str = ""
    today: datetime.date
    """The clinics' day that memberships were checked for."""
    memberships: tuple[Membership, ...] = ()
    """Those valid on `today`."""
    record: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """The person's own record: field name → in-memory value, stored fields only;
    what rules read behind its links under dotted names (`department.head`)."""
    teams: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    clinics: tuple[str, ...] = ()
    """`user.clinics`: clinics with a membership, every clinic for a member of the whole organisation."""
    scope: TokenScope | None = None
    system: bool = False
    """The built-in account: everything is allowed; the command line and publishing act as it."""
    kept: dict[Hashable, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    """What others compute once for this actor, by keys of their own."""

    @functools.cached_property
    def standing(self) -> Standing:
        """The clinics grouped by equal roles and teams."""
        limit = None if self.scope is None else self.scope.clinics
        return stand([(m.role, m.clinic_id) for m in self.memberships], self.teams, limit)

    @functools.cached_property
    def shape(self) -> Hashable:
        """What compiled statements are kept by: the pattern of roles, not the ids of clinics, teams or people."""
        if self.system:
            return "system"
        scope = None if self.scope is None else (self.scope.objects, self.scope.actions)
        return (self.standing.shape, len(padded(self.clinics)), scope)


def system_actor(today: datetime.date, *, id: str = "system", name: str = "system") -> Actor:
    """The built-in account; `id` names the operating system's user in the audit."""
    return Actor(id=id, name=name, today=today, system=True)
