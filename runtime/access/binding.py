"""Where a clause binds: its role's clinics against the row's, and its rule, as one SQL condition that an index can serve."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.expressions import Position, refs, to_sql
from engine.expressions.tree import Path
from engine.model import Object
from engine.targets.policy import Clause, Effect
from runtime.access.source import PER_CLINIC, AccessSource, RuleSource, list_binds, today_bind
from runtime.identity.standing import Group, Standing, padded
from runtime.store import system

__all__ = ["ELSEWHERE", "Binding", "Term"]

Term = ColumnElement[bool] | bool
"""A condition; True and False when it holds the same for every row."""

ELSEWHERE = -1
"""Stands for all clinics without a group of their own."""
Places = frozenset[int]
"""Indexes of groups, and ELSEWHERE."""
NOWHERE: Places = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Binding:
    """Binds clauses of one object for one standing. `clinics` is how many padded binds `user.clinics` has."""

    object: Object
    standing: Standing
    clinics: int

    @property
    def unplaced(self) -> bool:
        """Whether rows of the object belong to no clinic."""
        belongs = self.object.belongs_to
        return "organisation" in (belongs.scope, belongs.root_scope)

    def places(self, clause: Clause) -> Places:
        """Where the clause's role is held; a grant only where a token's clinics let it bind."""
        allow = clause.effect is Effect.ALLOW
        standing = self.standing
        if self.unplaced:
            roles = standing.granted if allow else standing.anywhere.roles
            return frozenset({ELSEWHERE}) if clause.role in roles else NOWHERE
        held = {n for n, group in enumerate(standing.groups) if clause.role in group.roles and (group.grants or not allow)}
        rest = standing.elsewhere
        if rest is not None and clause.role in rest.roles and (rest.grants or not allow):
            held.add(ELSEWHERE)
        return frozenset(held)

    def everywhere(self, places: Places) -> bool:
        """Whether places are all there are."""
        return ELSEWHERE in places and places >= frozenset(range(len(self.standing.groups)))

    def term(self, clause: Clause, places: Places, source: AccessSource) -> Term:
        """Where the clause binds within some of its places. A grant's may be null for a row, which means no; a denial's never is."""
        if not places:
            return False
        denies = clause.effect is Effect.DENY
        if clause.rule is None:
            return self.where(places, source, denies)
        if self.unplaced or not refs(clause.rule.tree) & PER_CLINIC:
            return both(self._rule(clause, min(places), source), self.where(places, source, denies))
        parts = (
            # The rule first: it is mostly a comparison, while a clinic may take a look into another table.
            both(self._rule(clause, place, source), self.where(frozenset({place}), source, denies)) for place in sorted(places)
        )
        return any_of(parts)

    def within(self, clause: Clause, places: Places, reached: Places, source: AccessSource) -> Term:
        """Like `term`, for rows known to be in one of the `reached` places: what that implies is not asked again."""
        implied = places >= reached and bool(places)
        # A rule that differs by clinic must still be asked in the row's other clinics, where a denial may hold.
        alone = len(reached) == 1 and places == reached
        if implied and (clause.rule is None or alone or not refs(clause.rule.tree) & PER_CLINIC):
            return True if clause.rule is None else self._rule(clause, min(places), source)
        return self.term(clause, places, source)

    def where(self, places: Places, source: AccessSource, strict: bool = False) -> Term:
        """The rows in the clinics of some places; `strict` is never null."""
        if not places or self.unplaced:
            return bool(places)
        if ELSEWHERE in places:
            return self._where_else(places - {ELSEWHERE}, source, strict)
        return self._in_clinic(self._binds(places), source, inside=True, strict=strict)

    def _where_else(self, places: Places, source: AccessSource, strict: bool) -> Term:
        """All clinics, or all but those of the groups that are not in `places`."""
        every = frozenset(range(len(self.standing.groups)))
        if places == every:
            return True
        outside = self._in_clinic(self._binds(every), source, inside=False)
        return any_of((outside, self.where(places, source, strict)))

    def _group(self, place: int) -> tuple[str, Group]:
        if self.unplaced:
            return "a_any", self.standing.anywhere
        if place == ELSEWHERE and self.standing.elsewhere is not None:
            return "a_else", self.standing.elsewhere
        return f"a_g{place}", self.standing.groups[place]

    def _rule(self, clause: Clause, place: int, source: AccessSource) -> ColumnElement[bool]:
        assert clause.rule is not None
        prefix, group = self._group(place)
        denies = clause.effect is Effect.DENY
        found = to_sql(clause.rule.tree, RuleSource(source, group, prefix, self.clinics), source.dialect, where=not denies)
        return Position.DENIAL.settle_sql(found) if denies else found

    def _binds(self, places: Places) -> list[ColumnElement[Any]]:
        return [
            bind for place in sorted(places)
            for bind in list_binds(f"a_g{place}_clinic", len(padded(self.standing.groups[place].clinics)))
        ]

    def _in_clinic(
        self, binds: list[ColumnElement[Any]], source: AccessSource, *, inside: bool, strict: bool = False,
    ) -> ColumnElement[bool]:
        own = source.column(("clinic_id",))
        if inside:
            here = among(own, binds)
            if strict:
                here = sa.and_(own.is_not(sa.null()), here)
        else:
            here = sa.or_(own.is_(sa.null()), own.not_in(binds))
        belongs = self.object.belongs_to
        if "clinics" not in (belongs.scope, belongs.root_scope):
            return here
        root: Path = belongs.root_path or ("id",)
        return sa.or_(here, _shared(source.column(root), binds, today_bind(source), inside))


def _shared(
    record_id: ColumnElement[Any], binds: list[ColumnElement[Any]], today: ColumnElement[Any], inside: bool,
) -> ColumnElement[bool]:
    """Whether a record is in one of the clinics (or in another than these) today; the last day counts."""
    stay = system.record_clinic.alias()
    return (
        sa.exists(sa.literal_column("1")).select_from(stay)
        .where(stay.c.record_id == record_id)
        .where(among(stay.c.clinic_id, binds) if inside else stay.c.clinic_id.not_in(binds))
        .where(sa.or_(stay.c.from_date.is_(None), stay.c.from_date <= today))
        .where(sa.or_(stay.c.until_date.is_(None), stay.c.until_date >= today))
        .correlate_except(stay)
    )


def among(column: ColumnElement[Any], binds: list[ColumnElement[Any]]) -> ColumnElement[bool]:
    """One clinic is an equality, which an index serves in order of the next column."""
    return column == binds[0] if len(binds) == 1 else column.in_(binds)


def both(one: Term, two: Term) -> Term:
    if one is True or two is False:
        return two
    if two is True or one is False:
        return one
    return cast(Term, sa.and_(one, two))


def any_of(terms: Iterable[Term]) -> Term:
    """OR; True as soon as one is, False for none."""
    found = [term for term in terms if term is not False]
    if any(term is True for term in found):
        return True
    return sa.or_(*cast(list[ColumnElement[bool]], found)) if found else False
