"""What a form shows, demands and fixes for the values that are typed into it: pure, and the same in `static/live/decide.js`.

A hidden item counts in other conditions as what will be stored: nothing where it is cleared, else what the record has; a fixed one
as what the record has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Protocol

from engine.expressions import to_python
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Path
from engine.model import Form, FormItem, Object
from engine.model.conditions import Ordering, Place, ordering
from engine.model.form import WhenHidden

__all__ = ["Answers", "ItemState", "LiveForm", "Sheet", "visible"]


@dataclasses.dataclass(frozen=True, slots=True)
class ItemState:
    """How an item stands on the form now."""

    shown: bool
    required: bool
    read_only: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """The items of a form by name; for items with rows a sheet for each of them, in order.

    `computed` are the values of the formulas that follow what is typed, by field.
    """

    items: Mapping[str, ItemState]
    groups: Mapping[str, tuple[Sheet, ...]] = dataclasses.field(default_factory=dict)
    computed: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Answers(Protocol):
    """What is known of a record while its form is being filled. In-memory values, as the person may see them."""

    @property
    def typed(self) -> Mapping[str, Any]:
        """What was typed, by field; a field that is missing was not touched."""
        ...

    def lookup(self, path: Path) -> Any:
        """What the record has, or a new one would get: own values, what lies behind its links, child rows, `user`, `today`, `now`."""
        ...

    def behind(self, field: str, id: str, path: Path) -> Any:
        """What lies behind a link that was typed."""
        ...

    def rows(self, item: str) -> Sequence[Answers]:
        """The rows of an item that has some, as they will be, in order."""
        ...

    @property
    def opaque(self) -> Container[str]:
        """Formulas that are not computed from what is typed but looked up, since they read what the person may not see."""
        ...


def visible(form: Form, objects: Mapping[str, Object], answers: Answers) -> Sheet:
    """The sheet of a form; whoever decides often keeps the LiveForm."""
    return LiveForm(form, objects).decide(answers)


@dataclasses.dataclass(frozen=True, slots=True)
class _Conditions:
    """An item's conditions as closures that are settled, and the items that it stands below."""

    item: FormItem
    above: tuple[str, ...]
    show: Callable[[Any], bool]
    required: Callable[[Any], bool]
    read_only: Callable[[Any], bool]
    cleared: bool


class LiveForm:
    """A form with its conditions compiled; made once per release, shared between threads."""

    def __init__(self, form: Form, objects: Mapping[str, Object]) -> None:
        self.form = form
        self.ordering: Ordering = ordering(form, objects)
        self._conditions = {
            Place(group, name): _Conditions(
                item, tuple(above.name for above in level.under[name]), _settled(item.show, True), _settled(item.required_if, item.required),
                _settled(item.read_only_if, item.read_only), form.policy(item) is WhenHidden.CLEAR,
            )
            for group, level in self.ordering.levels.items() for name, item in level.items.items()
        }
        self._formulas = {
            place: to_python(objects[self.ordering.levels[place.group].object].fields[place.name].formula.tree)  # type: ignore[union-attr]
            for place in self.ordering.order if place.formula
        }
        self.by_field = {
            group: {item.field: item.name for item in level.items.values() if item.field} for group, level in self.ordering.levels.items()
        }
        self.inverses = {item.rows: item.name for item in form.groups}

    def conditions(self, group: str, name: str) -> _Conditions:
        return self._conditions[Place(group, name)]

    def decide(self, answers: Answers) -> Sheet:
        """The state of every item for what is typed."""
        whole = _Row(self, "", answers, None)
        rows = {item.name: [_Row(self, item.name, each, whole) for each in answers.rows(item.name)] for item in self.form.groups}
        whole.children = rows
        for place in self.ordering.order:
            for row in rows[place.group] if place.group else (whole,):
                if place.formula:
                    row.compute(place.name, self._formulas[place])
                else:
                    row.decide(self._conditions[place])
        return whole.sheet({name: tuple(row.sheet({}) for row in found) for name, found in rows.items()})


class _Row:
    """An Env over a record as it will be once its form is saved."""

    def __init__(self, form: LiveForm, group: str, answers: Answers, parent: _Row | None) -> None:
        self._form = form
        self._group = group
        self._answers = answers
        self._parent = parent
        self._fields = form.by_field[group]
        self._link = form.ordering.levels[group].link
        self.children: Mapping[str, Sequence[_Row]] = {}
        self.computed: dict[str, Any] = {}
        self._state: dict[str, tuple[bool, bool]] = {}
        """Item → whether it is shown and whether it is fixed."""

    def decide(self, conditions: _Conditions) -> None:
        shown = all(self._state[name][0] for name in conditions.above) and conditions.show(self)
        if self._parent is not None:
            shown = shown and self._parent._state[self._group][0]
        self._state[conditions.item.name] = shown, conditions.read_only(self)

    def compute(self, name: str, formula: Callable[[Any], Any]) -> None:
        if name not in self._answers.opaque:
            self.computed[name] = formula(self)

    def sheet(self, groups: Mapping[str, tuple[Sheet, ...]]) -> Sheet:
        """What required says comes last: no value hangs on it."""
        items = {}
        for name in self._form.ordering.levels[self._group].items:
            shown, fixed = self._state[name]
            required = shown and not fixed and self._form.conditions(self._group, name).required(self)
            items[name] = ItemState(shown, required, fixed)
        return Sheet(items, groups, self.computed)

    def lookup(self, path: Path) -> Any:
        """See `engine.expressions.Env`."""
        name = path[0]
        if name in BOUND_ROOTS:
            return self._answers.lookup(path)
        if self._parent is not None and name == self._link and len(path) > 1:
            return self._parent.lookup(path[1:])
        if len(path) == 1 and name in self.computed:
            return self.computed[name]
        if len(path) == 1 and name in self._form.inverses and self._parent is None:
            return tuple(self.children[self._form.inverses[name]]) if self._state[self._form.inverses[name]][0] else ()
        return self._value(path) if name in self._fields else self._answers.lookup(path)

    def _value(self, path: Path) -> Any:
        """A value of a field that is on the form."""
        name = path[0]
        item = self._fields[name]
        if item not in self._state:  # its own read-only condition asks
            return self._answers.lookup(path)
        shown, fixed = self._state[item]
        if not shown and self._form.conditions(self._group, item).cleared:
            return None
        typed = self._answers.typed
        if not shown or fixed or name not in typed:
            return self._answers.lookup(path)
        value = typed[name]
        return value if len(path) == 1 or value is None else self._answers.behind(name, value, path[1:])


def _settled(rule: Any, fixed: bool) -> Callable[[Any], bool]:
    if rule is None:
        return lambda env: fixed
    closure, position = to_python(rule.tree), rule.position
    return lambda env: position.settle(closure(env)) is True
