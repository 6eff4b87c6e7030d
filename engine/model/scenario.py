"""A scenario: what people do on which days, and what must be there then; a test that a pack brings along."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping

from engine.model.element import Element, Label
from engine.problems import Place

__all__ = ["Act", "Action", "Expected", "Given", "Named", "Scenario", "ScenarioStep", "Span", "Value"]


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """The record that has a name in the scenario."""

    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """A value as it is written: in the field's JSON form, or for a link a Named; None for no value."""

    value: object
    place: Place


Values = Mapping[str, Value]


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """So long after the step before: months go by the calendar, days by the clinics' clocks, hours and minutes pass."""

    months: int = 0
    days: int = 0
    minutes: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A record that is there from the start. `role`: for a person who signs in, what she is; `clinic`: the name of the clinic it belongs to."""

    name: str
    object: str
    values: Values
    clinic: str = ""
    role: str = ""
    place: Place


class Act(enum.Enum):
    """What somebody does."""

    CREATE = "create"
    UPDATE = "update"
    TRANSITION = "transition"
    ENROL = "enrol"
    DELETE = "delete"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`what` is the object that is created, the transition or the plan; `record` the name of the record it is done to, or that the new one gets."""

    act: Act
    what: str = ""
    record: str = ""
    values: Values = dataclasses.field(default_factory=dict)
    reason: str = ""
    place: Place


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must be there. One of `object` (records of it), `message` and `plan` says of what; `record` names the one record that is meant,
    the recipient, or the record on the plan. `where` says which, `values` what they must have."""

    name: str
    object: str = ""
    message: str = ""
    plan: str = ""
    record: str = ""
    where: Values = dataclasses.field(default_factory=dict)
    values: Values = dataclasses.field(default_factory=dict)
    state: str = ""
    count: int | None = None
    """How many; None for exactly one."""
    place: Place


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStep(Element):
    """One moment. `by` is the name of a given person, or a role; '' for the built-in account."""

    at: datetime.datetime | Span
    """By the clinics' clocks, without a zone."""
    by: str = ""
    action: Action | None = None
    refused: str = ""
    """The kind of refusal that the action must get, `any` for whichever; '' when it must be done."""
    expect: Mapping[str, Expected] = dataclasses.field(default_factory=dict)
    nothing_else: bool = False
    """Whether since the step before nothing came about by itself but what this one expects."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Element):
    """A scenario. `starts` is by the clinics' clocks, without a zone."""

    starts: datetime.datetime
    given: Mapping[str, Given]
    steps: Mapping[str, ScenarioStep]
    help: Label | None = None
