"""The whole Model of one release."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from engine.expressions.calendar import Calendar
from engine.expressions.checker.inline import Inline
from engine.model.access import Role
from engine.model.data import DataSet
from engine.model.element import Element, Label
from engine.model.field import Choices
from engine.model.form import Form
from engine.model.hours import Hours
from engine.model.message import Message
from engine.model.object import Object
from engine.model.page import Page
from engine.model.plan import Plan
from engine.model.scenario import Scenario
from engine.model.table import DecisionTable, Score
from engine.model.view import BoardView, CalendarView, ListView
from engine.model.workflow import Workflow

__all__ = ["Model", "Organisation", "Pack"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Settings of the whole installation."""

    name: str
    label: Label
    timezone: str = "Asia/Shanghai"
    country: str = "CN"
    languages: tuple[str, ...] = ("zh", "en")
    calendar: Calendar = Calendar()
    """Its working days."""
    hours: Hours = Hours()
    """When the clinics are open."""
    quiet_hours: tuple[datetime.time, datetime.time] | None = None
    """From when to when, by the clinics' clock, messages wait that are not urgent; the end may lie on the next day."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pack(Element):
    """A pack; `requires` maps pack names to version specifications."""

    version: str
    requires: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A finished release. Mappings are by current name and hold no retired element unless said."""

    hash: str
    """The release's content hash, 64 hex digits."""
    organisation: Organisation
    packs: Mapping[str, Pack]
    """In layer order, lowest first."""
    objects: Mapping[str, Object]
    choices: Mapping[str, Choices]
    forms: Mapping[str, Form]
    views: Mapping[str, ListView]
    workflows: Mapping[str, Workflow]
    """By the object's name."""
    roles: Mapping[str, Role]
    datasets: Mapping[str, DataSet]
    decisions: Mapping[str, DecisionTable] = dataclasses.field(default_factory=dict)
    scores: Mapping[str, Score] = dataclasses.field(default_factory=dict)
    plans: Mapping[str, Plan] = dataclasses.field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = dataclasses.field(default_factory=dict)
    messages: Mapping[str, Message] = dataclasses.field(default_factory=dict)
    pages: Mapping[str, Page] = dataclasses.field(default_factory=dict)
    retired: Mapping[str, Element]
    """Retired objects, roles, forms … and smaller elements that no other map keeps, by `<kind> <id>`."""

    def function(self, name: str) -> Inline | None:
        """The decision table or score that expressions call by this name."""
        table = self.decisions.get(name) or self.scores.get(name)
        return table.inline if table else None

    def form(self, object_name: str) -> Form:
        """The object's default form."""
        return next(f for f in self.forms.values() if f.object == object_name and f.default)

    def view(self, object_name: str) -> ListView:
        """The object's default list."""
        return next(v for v in self.views.values() if v.object == object_name and v.default and v.kind == "list")

    def board(self, object_name: str) -> BoardView | None:
        """The object's default board; None without a workflow."""
        return next((v for v in self.views.values() if isinstance(v, BoardView) and v.object == object_name and v.default), None)

    def calendar(self, object_name: str) -> CalendarView | None:
        """The object's default calendar; None where nothing says when a record is due."""
        return next((v for v in self.views.values() if isinstance(v, CalendarView) and v.object == object_name and v.default), None)

    def page(self, object_name: str) -> Page | None:
        """The page of the object's records; None where facts, related rows and history make it."""
        return next((page for page in self.pages.values() if page.object == object_name), None)

    @property
    def account(self) -> Object | None:
        """The object whose records are the people who sign in."""
        return next((o for o in self.objects.values() if o.account), None)

    @property
    def clinic(self) -> Object | None:
        """The object whose records are the clinics."""
        return next((o for o in self.objects.values() if o.clinic), None)

    @property
    def roster(self) -> Object | None:
        """The object whose rows say who is in which team."""
        return next((o for o in self.objects.values() if o.roster is not None), None)
