"""A workflow: the states of one object's field and the transitions between them."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from engine.model.effect import Effect, Timer
from engine.model.element import Element
from engine.model.rule import Rule

__all__ = ["State", "StateCategory", "Transition", "Workflow"]


class StateCategory(enum.Enum):
    """What a state means for lists and colours."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class State(Element):
    """A state; rows store `stored`, its first name."""

    stored: str
    category: StateCategory = StateCategory.OPEN
    color: str = ""
    """Instead of the category's own."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Element):
    """From any of the states `sources` to `target`; `reason` is `none`, `optional` or `required`."""

    sources: tuple[str, ...]
    target: str
    ask: str = ""
    """Name of the form that is filled with the transition, '' for none."""
    when: Rule | None = None
    reason: str = "none"
    then: Mapping[str, Effect] = dataclasses.field(default_factory=dict)
    """What it leads to, in order."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Workflow(Element):
    """A workflow of one object; its `field` is a field of type `state` that only transitions change."""

    object: str
    field: str
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    timers: Mapping[str, Timer] = dataclasses.field(default_factory=dict)
