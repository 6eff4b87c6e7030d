"""Field rules of one object and action: which grants and denials each field depends on, and the flags that tell."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.tree import Path
from engine.model import Field, Object
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.policy import Clause, RowsInput, formula_inputs, rows_inputs
from runtime.access.binding import NOWHERE, Binding, Places, Term, both
from runtime.access.fields import FieldRule, Sight
from runtime.access.source import AccessSource, Behind

if TYPE_CHECKING:
    from runtime.access.access import Access

__all__ = ["FieldRules", "Held"]

HIDDEN = FieldRule()


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A clause with the places where the actor holds its role."""

    clause: Clause
    places: Places


@dataclasses.dataclass(frozen=True, slots=True)
class _Linked:
    """A flag: the row behind the links may be read and the field at the end of the path is seen whole there."""

    path: Path


@dataclasses.dataclass(frozen=True, slots=True)
class _Everywhere:
    """A flag: the row is in clinics where whatever a stored formula counted may be read, each of its fields in some of `places`."""

    places: tuple[Places, ...]


class FieldRules:
    """The rules of every field, computed together because they share the flags."""

    def __init__(
        self, access: Access, object: Object, binding: Binding, action: str, grants: tuple[Held, ...], denials: tuple[Held, ...],
    ) -> None:
        self._access = access
        self._object = object
        self._binding = binding
        self._grants = grants
        self._denials = denials
        self._action = action
        self._reached: Places = NOWHERE.union(*(grant.places for grant in grants))
        self._flags: dict[str, _Flag] = {}
        self._rules: dict[str, FieldRule] = {}
        for field in object.fields.values():
            self._rules[field.name] = self._rule(field, ())
        self._order = tuple(self._flags.values())

    @property
    def count(self) -> int:
        """How many flags the fields need."""
        return len(self._order)

    def of(self, field_name: str) -> FieldRule:
        """The rule of a field; one that hides for a name that is no field."""
        return self._rules.get(field_name, HIDDEN)

    def flag(self, place: int, source: AccessSource) -> Term:
        """The condition of a flag on a row that the action reaches."""
        flag = self._order[place]
        if isinstance(flag, Held):
            return self._binding.within(flag.clause, flag.places, self._reached, source)
        if isinstance(flag, _Everywhere):
            found: Term = True
            for places in flag.places:
                found = both(found, self._binding.where(places, source, strict=True))
            return found
        return self._linked(self._object, flag.path, source)

    def _rule(self, field: Field, above: tuple[str, ...]) -> FieldRule:
        """`above` are the formulas being computed, so that a circle hides instead of turning for ever."""
        own = self._own(field.name)
        if field.formula is None or own.fixed is Sight.ABSENT:
            return own
        inputs = formula_inputs(field)
        if field.name in above:
            return HIDDEN
        around = (*above, field.name)
        read = dict.fromkeys(path[0] for path in inputs if path[0] in self._object.fields)
        rules = tuple(self._rule(self._object.fields[name], around) for name in read)
        needed = tuple(rule for rule in rules if rule != FieldRule(least=Sight.VALUE))
        linked = [self._place(_Linked(path)) for path in inputs if len(path) > 1]
        for rows in rows_inputs(self._access.model.objects, self._object.name, field):
            flag = self._all_rows(rows) if field.kept else self._some_rows(rows)
            if flag is None:
                return HIDDEN
            linked += [self._place(flag)] if flag.places else []
        return dataclasses.replace(own, inputs=needed, linked=tuple(linked))

    def _some_rows(self, rows: RowsInput) -> _Everywhere | None:
        """No flag if there are clinics in which the reader may read such rows with these fields, None if not."""
        rights = self._access.object(rows.object)
        return _Everywhere(()) if all(rights.reading(name) for name in _fields(rights.object, rows)) else None

    def _all_rows(self, rows: RowsInput) -> _Everywhere | None:
        """Where it is sure that the reader may read all such rows with these fields; None for nowhere."""
        rights = self._access.object(rows.object)
        names = _fields(rights.object, rows)
        if rights.refuses(names):
            return None
        places = tuple(dict.fromkeys(rights.reading(name, always=True) for name in names))
        if not all(places):
            return None
        if rights.unplaced or all(map(self._binding.everywhere, places)):
            return _Everywhere(())
        return _Everywhere(places) if rows.aligned else None

    def _own(self, name: str) -> FieldRule:
        """The rule of the field by itself, with no more flags than can change anything."""
        values = [g for g in self._grants if name in g.clause.value]
        masks = [g for g in self._grants if name in g.clause.mask]
        if not values and not masks:
            return HIDDEN
        least = self._least(values, masks)
        hides = [d for d in self._denials if name in d.clause.hide]
        limits = [d for d in self._denials if name in d.clause.mask]
        if self._sure(hides):
            return HIDDEN
        most = Sight.MASK if self._sure(limits) else Sight.VALUE
        best = Sight.VALUE if values else Sight.MASK
        return FieldRule(
            least=least, most=most,
            values=self._places(values) if least < min(best, most) and best is Sight.VALUE else (),
            masks=self._places([*masks, *(values if most is Sight.MASK else ())]) if least is Sight.ABSENT else (),
            limits=self._places(limits) if most is Sight.VALUE and best is Sight.VALUE else (),
            hides=self._places(hides),
        )

    def _least(self, values: list[Held], masks: list[Held]) -> Sight:
        """What a row shows at least: some grant binds, and those that bind wherever any does always."""
        if self._sure(values) or len(values) == len(self._grants):
            return Sight.VALUE
        if self._sure(masks) or len(values) + len(masks) == len(self._grants):
            return Sight.MASK
        return Sight.ABSENT

    def _sure(self, several: Iterable[Held]) -> bool:
        free = NOWHERE.union(*(held.places for held in several if held.clause.rule is None))
        return free >= self._reached

    def _places(self, several: Iterable[Held]) -> tuple[int, ...]:
        return tuple(self._place(held) for held in several)

    def _place(self, flag: _Flag) -> int:
        key = flag.clause.id if isinstance(flag, Held) else ".".join(flag.path) if isinstance(flag, _Linked) else repr(flag)
        self._flags.setdefault(key, flag)
        return list(self._flags).index(key)

    def _linked(self, object: Object, path: Path, source: AccessSource) -> Term:
        """True where the link is empty: then there is nothing to hide."""
        link, *rest = path
        target = object.fields[link].type.link_to
        behind = Behind(source, (link,))
        rights = self._access.object(target)
        shown: Term = rest[0] in RUNTIME_COLUMNS or rights.shown("read", rest[0], behind)
        found: Term = both(rights.rows("read", behind), shown)
        if len(rest) > 1:
            found = both(found, self._linked(rights.object, tuple(rest), behind))
        empty = source.column((link,)).is_(sa.null())
        return found if found is True else empty if found is False else sa.or_(empty, found)


_Flag = Held | _Linked | _Everywhere


def _fields(object: Object, rows: RowsInput) -> list[str]:
    """The fields among what is read; the runtime's own are seen with the row."""
    return sorted(name for name in rows.fields if name in object.fields)
