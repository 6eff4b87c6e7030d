"""What a transition leads to (`then:`) and what time does to a record (`timers:`)."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from engine.model.element import Element
from engine.model.rule import Rule

__all__ = ["Assign", "CreateRecord", "Effect", "EnrolIn", "Fire", "Missed", "Notify", "SetFields", "Timer"]


class Missed(enum.Enum):
    """What becomes of something whose time passed while nothing ran."""

    RUN_LATE = "run_late"
    SKIP = "skip"
    MERGE = "merge"
    """Of several that were missed for one record, the latest runs."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Element):
    """One effect. `on` is the path of links to the record it is done to; () is the record of the transition."""

    condition: Rule | None = None
    """`if`, judged over the record after the transition; unknown is false."""
    on: tuple[str, ...] = ()
    target: str = ""
    """The name of the object at the end of `on`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetFields(Effect):
    """`do: set`: fields of the record get the values of expressions over the record of the transition."""

    values: Mapping[str, Rule]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateRecord(Effect):
    """`do: create`: a new record of `object`. `values` have the links back that the compiler found besides those written."""

    object: str
    values: Mapping[str, Rule]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fire(Effect):
    """`do: transition`: another transition, of the record at `on`."""

    transition: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EnrolIn(Effect):
    """`do: enrol`: the record at `on` begins a plan."""

    plan: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Effect):
    """`do: assign`: the record's assignee (`Object.task`) becomes the person that `to` gives."""

    to: Rule


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Effect):
    """`do: notify`: a message to the person or patient at the end of the path `to`."""

    message: str
    to: tuple[str, ...]
    recipient: str = ""
    """The name of the object at the end of `to`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Timer(Element):
    """While a record is in `state`, `transition` fires by itself at the time `at` (a date: when the clinic's day begins)."""

    state: str
    at: Rule
    transition: str
    missed: Missed = Missed.RUN_LATE
