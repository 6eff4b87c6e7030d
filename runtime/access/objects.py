"""What one shape of actor may do with one object: actions, row predicates, flags and field rules, compiled once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.model import Object
from engine.targets.policy import Clause, Effect
from runtime.access.binding import NOWHERE, Binding, Places, Term, any_of, both
from runtime.access.fields import FieldRule, Sight, negation
from runtime.access.rules import FieldRules, Held
from runtime.access.source import AccessSource
from runtime.identity.actor import Actor

if TYPE_CHECKING:
    from runtime.access.access import Access

__all__ = ["ObjectAccess"]

NOTHING = FieldRule()
EVERYTHING = FieldRule(least=Sight.VALUE)


class ObjectAccess:
    """Rights on an object. What is not granted here is denied; an unknown action or field too."""

    def __init__(self, access: Access, object: Object, clauses: tuple[Clause, ...], binding: Binding, actions: frozenset[str]) -> None:
        self.object = object
        self._access = access
        self._binding = binding
        self._held = {action: self._hold(action, clauses) for action in actions}
        self._denials = tuple(
            Held(c, places) for c in clauses if c.effect is Effect.DENY and (c.mask or c.hide) and (places := binding.places(c))
        )
        self._refusals = {
            action: tuple(
                Held(c, places) for c in clauses if c.effect is Effect.DENY and action in c.can and (places := binding.places(c))
            )
            for action in actions
        }
        self._allowed: dict[str, bool] = {}
        self._rules: dict[str, FieldRules] = {}

    def _hold(self, action: str, clauses: tuple[Clause, ...]) -> tuple[Held, ...]:
        return tuple(
            Held(c, places) for c in clauses if c.effect is Effect.ALLOW and action in c.can and (places := self._binding.places(c))
        )

    def allows(self, action: str) -> bool:
        """Whether any row could ever be allowed; False means that the object or action does not exist for this actor."""
        found = self._allowed.get(action)
        if found is None and action in self._held:
            found = self._allowed[action] = self._anywhere(action)
        return found or False

    def _anywhere(self, action: str) -> bool:
        held = self._held[action]
        refused = NOWHERE.union(*(refusal.places for refusal in self._refusals[action] if refusal.clause.rule is None))
        return bool(held) and not refused >= NOWHERE.union(*(grant.places for grant in held))

    def rows(self, action: str, source: AccessSource) -> ColumnElement[bool]:
        """The rows the action is allowed on: some grant binds and no denial does. May be null for a row, which means no."""
        return self._limited(any_of(self._granted(action, source)), action, source)

    def branches(self, action: str, source: AccessSource) -> tuple[ColumnElement[bool], ...]:
        """Conditions that make `rows` when joined by OR: one for each grant that reaches rows of its own. Each may be null."""
        terms = [term for term in self._granted(action, source) if term is not False]
        if not terms or any(term is True for term in terms):
            return (self.rows(action, source),)
        return tuple(self._limited(term, action, source) for term in terms)

    def _limited(self, found: Term, action: str, source: AccessSource) -> ColumnElement[bool]:
        """Less the rows that a denial binds on."""
        reached = NOWHERE.union(*(grant.places for grant in self._held.get(action, ())))
        for refusal in self._refusals.get(action, ()):
            found = both(found, negation(self._binding.within(refusal.clause, refusal.places, reached, source)))
        return _column(found)

    def _granted(self, action: str, source: AccessSource) -> list[Term]:
        """One clinic clause for all grants without a rule; grants with one add only clinics that those leave out."""
        held = self._held.get(action, ())
        free = NOWHERE.union(*(grant.places for grant in held if grant.clause.rule is None))
        terms = [self._binding.where(free, source)]
        return terms + [self._binding.term(grant.clause, grant.places - free, source) for grant in held if grant.clause.rule is not None]

    @property
    def unplaced(self) -> bool:
        """Whether rows of the object belong to no clinic."""
        return self._binding.unplaced

    def reading(self, field_name: str, *, always: bool = False) -> Places:
        """Where some grant lets rows be read with the value of a field; `always`: every row there, by a grant without a rule."""
        held = (g for g in self._held.get("read", ()) if field_name in g.clause.value and not (always and g.clause.rule is not None))
        return NOWHERE.union(*(grant.places for grant in held))

    def refuses(self, field_names: Iterable[str]) -> bool:
        """Whether some denial may keep a row from being read, or one of the fields from being seen whole."""
        names = frozenset(field_names)
        return bool(self._refusals.get("read")) or any(names & (d.clause.mask | d.clause.hide) for d in self._denials)

    def flags(self, action: str, source: AccessSource) -> tuple[ColumnElement[bool], ...]:
        """Conditions to select beside a row of `rows(action)`; `field(action, name).sight` takes their values in this order."""
        rules = self._field_rules(action)
        return tuple(_column(term) for term in (rules.flag(place, source) for place in range(rules.count))) if rules else ()

    def field(self, action: str, field_name: str) -> FieldRule:
        """How a field is seen through the grants of an action; a field may be written by an action only where it is VALUE."""
        rules = self._field_rules(action)
        return rules.of(field_name) if rules else NOTHING

    def shown(self, action: str, field_name: str, source: AccessSource) -> Term:
        """In which rows of `rows(action)` the value may be used to filter, sort, search, group or look up."""
        rules = self._field_rules(action)
        return rules.of(field_name).shown(lambda place: rules.flag(place, source)) if rules else False

    def binds(self, actor: Actor, dialect: str) -> dict[str, Any]:
        """Values for every bind of the conditions above."""
        return self._access.binds(actor, dialect)

    def _field_rules(self, action: str) -> FieldRules | None:
        held = self._held.get(action)
        if not held:
            return None
        found = self._rules.get(action)
        if found is None:
            with self._access.lock:
                found = self._rules[action] = FieldRules(self._access, self.object, self._binding, action, held, self._denials)
        return found


class SystemObjectAccess(ObjectAccess):
    """Rights of the built-in account: every row, every value, every action the object has."""

    def __init__(self, access: Access, object: Object, binding: Binding, actions: frozenset[str]) -> None:
        super().__init__(access, object, (), binding, frozenset())
        self._actions = actions

    def allows(self, action: str) -> bool:
        return action in self._actions

    def rows(self, action: str, source: AccessSource) -> ColumnElement[bool]:
        return sa.true() if action in self._actions else sa.false()

    def branches(self, action: str, source: AccessSource) -> tuple[ColumnElement[bool], ...]:
        return (self.rows(action, source),)

    def flags(self, action: str, source: AccessSource) -> tuple[ColumnElement[bool], ...]:
        return ()

    def field(self, action: str, field_name: str) -> FieldRule:
        return EVERYTHING if action in self._actions and field_name in self.object.fields else NOTHING

    def shown(self, action: str, field_name: str, source: AccessSource) -> Term:
        return self.field(action, field_name) is EVERYTHING


def _column(term: Term) -> ColumnElement[bool]:
    if isinstance(term, bool):
        return sa.true() if term else sa.false()
    return term
