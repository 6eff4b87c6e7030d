"""What a transition leads to, compiled: which effects take place for a row, done to which record, with which values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import Env, to_python
from engine.expressions.tree import Node, Path
from engine.model import Assign, CreateRecord, Effect, Notify, SetFields, Transition

__all__ = ["Consequences", "Intent"]


@dataclasses.dataclass(frozen=True, slots=True)
class Intent:
    """An effect that is to take place. `record` is the id of what it is done to, None where a link on the way is empty."""

    effect: Effect
    record: str | None
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Values in memory form by the name of the field; of an assignment, the person under ''."""
    to: str | None = None
    """Whom a message is for."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Compiled:
    effect: Effect
    condition: Callable[[Env], Any] | None
    values: tuple[tuple[str, Callable[[Env], Any]], ...]


class Consequences:
    """The effects of one transition; made once per release. Pure and safe to share."""

    def __init__(self, transition: Transition) -> None:
        self.transition = transition
        self._compiled = {name: _compile(effect) for name, effect in transition.then.items()}

    @property
    def trees(self) -> tuple[Node, ...]:
        """Every expression, for those who load what they read."""
        found: list[Node] = []
        for effect in self.transition.then.values():
            found += [effect.condition.tree] if effect.condition is not None else []
            found += [rule.tree for rule in _rules(effect).values()]
        return tuple(found)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths of links to the records that something is done to."""
        effects = self.transition.then.values()
        found = {effect.on for effect in effects} | {effect.to for effect in effects if isinstance(effect, Notify)}
        return tuple(sorted(path for path in found if path))

    def intent(self, name: str, row: Env) -> Intent | None:
        """The effect of a name as it takes place for a row; None where its condition is false or unknown.

        `row` is the record as it is after the transition. Never raises for values of the fields' types.
        """
        compiled = self._compiled[name]
        effect = compiled.effect
        if compiled.condition is not None and compiled.condition(row) is not True:
            return None
        values = {field: compute(row) for field, compute in compiled.values}
        to = row.lookup(effect.to or ("id",)) if isinstance(effect, Notify) else None
        return Intent(effect, row.lookup(effect.on or ("id",)), values, to)


def _compile(effect: Effect) -> _Compiled:
    condition = to_python(effect.condition.tree) if effect.condition is not None else None
    return _Compiled(effect, condition, tuple((name, to_python(rule.tree)) for name, rule in _rules(effect).items()))


def _rules(effect: Effect) -> Mapping[str, Any]:
    if isinstance(effect, SetFields | CreateRecord):
        return effect.values
    return {"": effect.to} if isinstance(effect, Assign) else {}
