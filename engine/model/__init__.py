"""The frozen Model: finished definitions with defaults filled, names resolved and derived lists computed."""

from engine.model.access import Denial, Grant, Role
from engine.model.data import DataRecord, DataSet, Upgrade
from engine.model.effect import Assign, CreateRecord, Effect, EnrolIn, Fire, Missed, Notify, SetFields, Timer
from engine.model.element import Element, Label
from engine.model.field import Choices, Field, OnDelete, Option
from engine.model.form import Form, FormItem
from engine.model.hours import Hours
from engine.model.message import Filling, Hole, Message, Template
from engine.model.model import Model, Organisation, Pack
from engine.model.object import BelongsTo, Check, Contact, Index, Inverse, Object, Roster, Task, Title, UniqueRule
from engine.model.page import Page, Panel
from engine.model.plan import Plan, PlanStep, Running
from engine.model.rule import Rule
from engine.model.scenario import Scenario, ScenarioStep
from engine.model.table import DecisionTable, Score, ScoreBand, ScoreItem, TableInput, TableOutput, TableRule
from engine.model.view import BoardView, CalendarView, ListColumn, ListView, SortKey
from engine.model.workflow import State, StateCategory, Transition, Workflow

__all__ = [
    "Assign", "BelongsTo", "BoardView", "CalendarView", "Check", "Choices", "Contact", "CreateRecord", "DataRecord",
    "DataSet", "DecisionTable", "Denial", "Effect", "Element", "EnrolIn", "Field", "Filling", "Fire", "Form", "FormItem", "Grant", "Hole", "Hours",
    "Index", "Inverse", "Label", "ListColumn", "ListView", "Message", "Missed", "Model", "Notify", "Object", "OnDelete",
    "Option", "Organisation", "Pack", "Page", "Panel", "Plan", "PlanStep", "Role", "Roster", "Rule", "Running", "Score",
    "ScoreBand", "ScoreItem", "Scenario", "ScenarioStep", "SetFields", "SortKey", "State", "StateCategory", "TableInput", "TableOutput", "TableRule",
    "Task", "Template", "Timer", "Title", "Transition", "UniqueRule", "Upgrade", "Workflow",
]
