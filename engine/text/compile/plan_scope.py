"""The names an expression of a plan may use: those of the record that begins it, `subject`, `anchor`, `answers.<step>`, `today`, `now`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from engine.expressions.types import RecordOf, Type
from engine.text.compile.scope import DraftScope, Scopes

__all__ = ["AnswersOf", "PlanScope"]

_ROOTS = ("subject", "anchor", "answers")


@dataclasses.dataclass(frozen=True, slots=True)
class AnswersOf(RecordOf):
    """The root `answers`: behind it stand the names of steps, each the latest record that the step made."""


class PlanScope(DraftScope):
    """The scope over the records of an object that begin a plan. Nobody is there when a step comes, so there is no `user`.

    `steps` are those that make a record, by name with its object: of the whole plan, also those that come later.
    """

    def __init__(self, scopes: Scopes, object_name: str, subject: str, anchor: Type | None, steps: Mapping[str, str]) -> None:
        super().__init__(scopes, object_name)
        self._plan = {"subject": RecordOf(subject) if subject else None, "anchor": anchor, "answers": AnswersOf("answers")}
        self._steps = steps

    def root(self, name: str) -> Type | None:
        if name == "user":
            return None
        return self._plan[name] if name in self._plan else super().root(name)

    def member(self, owner: Type, name: str) -> Type | None:
        if isinstance(owner, AnswersOf):
            return RecordOf(self._steps[name]) if name in self._steps else None
        return super().member(owner, name)

    def names(self, owner: Type | None) -> Iterable[str]:
        if isinstance(owner, AnswersOf):
            return self._steps
        found = super().names(owner)
        return [*(name for name in found if name != "user"), *_ROOTS] if owner is None else found
