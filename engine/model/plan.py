"""A follow-up plan: from an anchor date, steps that create records at their times."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from engine.model.effect import Missed
from engine.model.element import Element, Label
from engine.model.rule import Rule

__all__ = ["Plan", "PlanStep", "Running"]


class Running(enum.Enum):
    """What a new release does to plans under way."""

    KEEP = "keep"
    """They go on by the release they began with."""
    MOVE_AT_NEXT_STEP = "move_at_next_step"
    """Steps that have no record yet follow the new release; what was created stays."""
    REPLAN = "replan"
    """Open steps are computed anew at the publish; records of theirs that nobody has begun move with them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep(Element):
    """A step. Expressions see the fields of the record that enrols, `subject`, `anchor`, `answers.<earlier step>`, `today`, `now`."""

    at: Rule
    """When it is due: a date or an instant; of a repeating step, the first time (`from`)."""
    every: Rule | None = None
    """A duration, for a step that repeats."""
    times: int = 1
    """How often a repeating step comes; 0 until the plan ends."""
    window: Rule | None = None
    """A duration: so long after `at` it may still be done; past it, the step is missed."""
    working: bool = False
    """Whether a day off moves it to the next working day, and a time to the clinic's hours (`calendar: clinic_hours`)."""
    when: Rule | None = None
    """The step takes place only where this is true, judged when it is due."""
    skip_when: Rule | None = None
    """The step is left out where this is true, judged when it is due."""
    create: str = ""
    """The object of the record that the step makes; '' for a step that only tells somebody something."""
    form: str = ""
    """The form that is filled when the record is completed, instead of the one its workflow asks for."""
    values: Mapping[str, Rule]
    """Values of the new record, by field; they come before what the step fills in by itself."""
    message: str = ""
    """The message that is sent when the step is due; '' for none."""
    to: tuple[str, ...] = ()
    """The path of links to who gets the message, from the record that the message is about: the one that the step makes if the message
    is about that object, else the one that begins the plan. () is that record itself."""
    recipient: str = ""
    """The name of the object at the end of `to`."""
    missed: Missed = Missed.RUN_LATE


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Element):
    """A plan over patients (`subject`, an object), begun by a record of `object`."""

    subject: str
    object: str
    """The object whose records begin the plan; for a plan about the patient's own fields it is the subject itself."""
    anchor: tuple[str, ...]
    """The path of the date that steps count from, from the record of `object`."""
    enrol_when: Rule | None = None
    """Records for which this becomes true begin the plan; without it people enrol by hand."""
    stop_when: Rule | None = None
    running: Running = Running.MOVE_AT_NEXT_STEP
    steps: Mapping[str, PlanStep]
    help: Label | None = None
