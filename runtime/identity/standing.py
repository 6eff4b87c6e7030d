"""How an actor stands in the clinics: groups of clinics with equal roles and teams, so that one SQL clause serves each group.

`user.teams` and `user.roles` hold for the row's clinic (semantics, "People, clinics, patients"), so a rule that reads them
is evaluated once per group; every other rule once for all clinics where the role is held.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable, Iterable, Mapping

__all__ = ["Group", "Standing", "padded", "stand"]


def padded(values: Collection[str]) -> tuple[str, ...]:
    """The values, the last repeated until there are 1, 2, 4, 8 …, so that few statements serve any number of clinics."""
    found = tuple(values)
    if not found:
        return ()
    size = 1 << (len(found) - 1).bit_length()
    return found + (found[-1],) * (size - len(found))


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Clinics (ids, sorted) where the same roles (ids) and teams hold; `grants` is False outside a token's clinics."""

    roles: frozenset[str]
    teams: tuple[str, ...]
    clinics: tuple[str, ...]
    grants: bool = True

    @property
    def shape(self) -> tuple[Hashable, ...]:
        return (tuple(sorted(self.roles)), len(padded(self.teams)), len(padded(self.clinics)), self.grants)


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Groups with named clinics, `elsewhere` for all other clinics, `anywhere` for rows that belong to no clinic.

    `elsewhere` has the roles held in the whole organisation and is None when there are none. `anywhere` joins all groups;
    its `grants` is whether any of them may grant, and `granted` are the roles that do.
    """

    groups: tuple[Group, ...]
    elsewhere: Group | None
    anywhere: Group
    granted: frozenset[str]
    """Roles whose grants bind on rows of the organisation."""

    @property
    def shape(self) -> Hashable:
        rest = None if self.elsewhere is None else self.elsewhere.shape
        return (tuple(group.shape for group in self.groups), rest, len(padded(self.anywhere.teams)), tuple(sorted(self.granted)))


def stand(
    memberships: Iterable[tuple[str, str | None]], teams: Mapping[str, tuple[str, ...]], limit: frozenset[str] | None,
) -> Standing:
    """Group the clinics of memberships (role id, clinic id or None for all); `limit` are the clinics a token may act in."""
    everywhere: set[str] = set()
    by_clinic: dict[str, set[str]] = {}
    for role, clinic in memberships:
        if clinic is None:
            everywhere.add(role)
        else:
            by_clinic.setdefault(clinic, set()).add(role)
    if everywhere:
        for clinic in {*teams, *(limit or ())} - {""}:
            by_clinic.setdefault(clinic, set())
    groups = _groups(by_clinic, everywhere, teams, limit)
    elsewhere = None
    if everywhere:
        elsewhere = Group(frozenset(everywhere), _sorted(teams.get("", ())), (), grants=limit is None)
    parts = groups if elsewhere is None else (*groups, elsewhere)
    granting = [part for part in parts if part.grants]
    everything = Group(
        frozenset().union(*(part.roles for part in parts)), _sorted(team for part in parts for team in part.teams), (), bool(granting),
    )
    return Standing(groups, elsewhere, everything, frozenset().union(*(part.roles for part in granting)))


def _groups(
    by_clinic: Mapping[str, set[str]], everywhere: set[str], teams: Mapping[str, tuple[str, ...]], limit: frozenset[str] | None,
) -> tuple[Group, ...]:
    alike: dict[tuple[frozenset[str], tuple[str, ...], bool], list[str]] = {}
    for clinic, roles in by_clinic.items():
        own = _sorted((*teams.get(clinic, ()), *teams.get("", ())))
        alike.setdefault((frozenset(roles | everywhere), own, limit is None or clinic in limit), []).append(clinic)
    groups = [Group(roles, own, tuple(sorted(clinics)), grants) for (roles, own, grants), clinics in alike.items()]
    return tuple(sorted(groups, key=lambda group: (group.shape, group.clinics)))


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
