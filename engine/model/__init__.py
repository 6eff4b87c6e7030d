"""The frozen Model: finished definitions with defaults filled, names resolved and derived lists computed."""

from engine.model.access import Denial, Grant, Role
from engine.model.data import DataRecord, DataSet, Upgrade
from engine.model.element import Element, Label
from engine.model.field import Choices, Field, OnDelete, Option
from engine.model.form import Form, FormItem
from engine.model.model import Model, Organisation, Pack
from engine.model.object import BelongsTo, Check, Index, Inverse, Object, Roster, Title, UniqueRule
from engine.model.rule import Rule
from engine.model.table import DecisionTable, Score, ScoreBand, ScoreItem, TableInput, TableOutput, TableRule
from engine.model.view import ListColumn, ListView, SortKey
from engine.model.workflow import State, StateCategory, Transition, Workflow

__all__ = [
    "BelongsTo", "Check", "Choices", "DataRecord", "DataSet", "DecisionTable", "Denial", "Element", "Field", "Form", "FormItem", "Grant", "Index",
    "Inverse", "Label", "ListColumn", "ListView", "Model", "Object", "OnDelete", "Option", "Organisation", "Pack", "Role", "Roster",
    "Rule", "Score", "ScoreBand", "ScoreItem", "SortKey", "State", "StateCategory",
    "TableInput", "TableOutput", "TableRule", "Title", "Transition", "UniqueRule", "Upgrade", "Workflow",
]
