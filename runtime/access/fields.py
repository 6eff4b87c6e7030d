"""What a reader sees of a field: the best of what the grants that bind on a row show, less what denials keep back."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from runtime.access.binding import Term, any_of, both

__all__ = ["FieldRule", "Sight"]


class Sight(enum.IntEnum):
    """How much of a value is seen; more is greater."""

    ABSENT = 0
    MASK = 1
    VALUE = 2


@dataclasses.dataclass(frozen=True, slots=True)
class FieldRule:
    """Sight by the row's flags. Numbers are places in the flags of the same action.

    `least` is what every row that the action reaches shows before denials. `values` and `masks` are flags of grants that
    show more; `limits` and `hides` flags of denials; `most` is what denials that bind everywhere leave. `inputs` are
    the fields that a formula reads and `linked` flags of what it reads behind links: where one is not seen whole, the
    formula is absent.
    """

    least: Sight = Sight.ABSENT
    most: Sight = Sight.VALUE
    values: tuple[int, ...] = ()
    masks: tuple[int, ...] = ()
    limits: tuple[int, ...] = ()
    hides: tuple[int, ...] = ()
    inputs: tuple[FieldRule, ...] = ()
    linked: tuple[int, ...] = ()

    @property
    def fixed(self) -> Sight | None:
        """The sight when it is the same in every row, else None."""
        if self.most is Sight.ABSENT or any(rule.fixed in (Sight.ABSENT, Sight.MASK) for rule in self.inputs):
            return Sight.ABSENT
        if self.values or self.masks or self.limits or self.hides or self.linked:
            return None
        if any(rule.fixed is None for rule in self.inputs):
            return None if self.least else Sight.ABSENT
        return min(self.least, self.most)

    def sight(self, flags: Sequence[object]) -> Sight:
        """The sight in a row with these flags (true, false, or null for unknown, which counts as false)."""
        for rule in self.inputs:
            if rule.sight(flags) is not Sight.VALUE:
                return Sight.ABSENT
        if not all(flags[place] for place in self.linked):
            return Sight.ABSENT
        found = self.least
        if any(flags[place] for place in self.values):
            found = Sight.VALUE
        elif any(flags[place] for place in self.masks):
            found = max(found, Sight.MASK)
        if any(flags[place] for place in self.hides):
            return Sight.ABSENT
        if any(flags[place] for place in self.limits):
            found = min(found, Sight.MASK)
        return min(found, self.most)

    def shown(self, flag: Callable[[int], Term]) -> Term:
        """Where the value is seen whole, as a condition; `flag` gives the condition of a flag."""
        if self.most is not Sight.VALUE:
            return False
        found: Term = True if self.least is Sight.VALUE else any_of(flag(place) for place in self.values)
        for place in (*self.limits, *self.hides):
            found = both(found, negation(flag(place)))
        for place in self.linked:
            found = both(found, flag(place))
        for rule in self.inputs:
            found = both(found, rule.shown(flag))
        return found


def negation(term: Term) -> Term:
    return not term if isinstance(term, bool) else sa.not_(term)
