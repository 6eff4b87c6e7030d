"""What a publish does, as frozen values: each knows its reverse, its risk and how to say itself.

Only the classes under `SchemaOperation` touch tables; the others change what definitions mean and run no DDL. The store
executes them, the command line and the designer print them, tests compare them.
"""

from __future__ import annotations

import builtins
import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.model import Label

__all__ = [
    "AccessChange", "ActsBeyond", "AddColumn", "AddElement", "AddPack", "ChangeElement", "ComputeField", "CreateIndex", "CreateTable",
    "CreateUnique",
    "DropIndex", "DropUnique", "Operation", "RemoveElement", "RemovePack", "RenameElement", "RestoreElement",
    "RestoreField", "RetireElement",
    "RetireField", "RetypeField", "Risk", "RoleSees", "SchemaOperation", "SeedRecords", "SetTimers", "StopStoring", "StoreFormula",
]


class Risk(enum.IntEnum):
    """The gravest first."""

    DESTRUCTIVE = 0
    """People lose sight of what they had; kept in the database."""
    ACCESS = 1
    """Somebody may do or see more or less."""
    BLOCKING = 2
    """Writers may have to wait, or old rows may stand in the way."""
    SAFE = 3


_KINDS: Mapping[str, tuple[str, str]] = {
    "object": ("object", "对象"), "field": ("field", "字段"), "choices": ("choice set", "选项集"), "option": ("option", "选项"),
    "workflow": ("workflow", "流程"), "state": ("state", "状态"), "transition": ("transition", "流转"),
    "scenario": ("scenario", "场景"), "scenario_step": ("step", "场景步骤"),
    "plan": ("follow-up plan", "随访计划"), "plan_step": ("step", "随访步骤"),
    "effect": ("effect", "后续动作"), "timer": ("timer", "定时"), "form": ("form", "表单"),
    "form_item": ("form item", "表单项"), "view": ("view", "视图"), "column": ("column", "列"), "page": ("page", "页面"),
    "panel": ("panel", "面板"), "role": ("role", "角色"),
    "grant": ("grant", "授权"), "denial": ("denial", "禁止"), "unique": ("unique rule", "唯一规则"), "index": ("index", "索引"),
    "check": ("check", "校验"), "dataset": ("data set", "数据集"), "record": ("record", "记录"), "pack": ("pack", "包"),
    "decision": ("decision table", "决策表"), "score": ("score", "评分"), "table_input": ("input", "输入"), "table_output": ("output", "输出"),
    "table_rule": ("rule", "规则"), "score_item": ("item", "评分项"), "score_band": ("band", "分级"),
}


def kind_word(kind: str, language: str) -> str:
    """A kind of element in words."""
    english, chinese = _KINDS.get(kind, (kind, kind))
    return chinese if language.startswith("zh") else english


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One change. `id` is the id of the element it is about, `label` what people call that element."""

    words: ClassVar[tuple[str, str]] = ("{label}", "{label}")
    """How it is said in English and in Chinese."""
    risk: ClassVar[Risk] = Risk.SAFE

    id: str
    label: Label

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """Gravest first, then by what it is about."""
        return (self.risk, self.id, type(self).__name__)

    def reverse(self) -> Operation:
        """What undoes it without losing data. Raises NotImplementedError where the class does not say."""
        raise NotImplementedError

    def describe(self, language: str) -> str:
        """The change in a sentence."""
        english, chinese = self.words
        return (chinese if language.startswith("zh") else english).format(**self.said(language))

    def said(self, language: str) -> dict[str, object]:
        """What fills the sentence."""
        return {"label": self.label(language), "id": self.id}


# Definitions alone


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _OfKind(Operation):
    kind: str

    def said(self, language: str) -> dict[str, object]:
        return {"label": self.label(language), "id": self.id, "kind": kind_word(self.kind, language)}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AddElement(_OfKind):
    """A new option, state, transition, form, list, role …"""

    words: ClassVar[tuple[str, str]] = ("adds {kind} “{label}” ({id})", "新增{kind}“{label}”（{id}）")

    def reverse(self) -> Operation:
        return RemoveElement(id=self.id, label=self.label, kind=self.kind)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoveElement(_OfKind):
    """A form, list, grant … that is gone; nothing was stored under it."""

    words: ClassVar[tuple[str, str]] = ("removes {kind} “{label}” ({id})", "删除{kind}“{label}”（{id}）")

    def reverse(self) -> Operation:
        return AddElement(id=self.id, label=self.label, kind=self.kind)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RetireElement(_OfKind):
    """An element that nobody sees any more; what it holds is kept."""

    words: ClassVar[tuple[str, str]] = ("retires {kind} “{label}” ({id}); its data stays", "停用{kind}“{label}”（{id}），数据保留")
    risk: ClassVar[Risk] = Risk.DESTRUCTIVE

    def reverse(self) -> Operation:
        return RestoreElement(id=self.id, label=self.label, kind=self.kind)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RestoreElement(_OfKind):
    """A retired element that comes back with what it held."""

    words: ClassVar[tuple[str, str]] = ("restores {kind} “{label}” ({id}) with its data", "恢复{kind}“{label}”（{id}）及其数据")

    def reverse(self) -> Operation:
        return RetireElement(id=self.id, label=self.label, kind=self.kind)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RenameElement(_OfKind):
    """Another name for the same element; runs no DDL, because tables and rows keep the first name."""

    words: ClassVar[tuple[str, str]] = ("renames {kind} {old} to {new} ({id})", "将{kind} {old} 改名为 {new}（{id}）")

    old: str
    new: str

    def reverse(self) -> Operation:
        return dataclasses.replace(self, old=self.new, new=self.old)

    def said(self, language: str) -> dict[str, object]:
        return {"id": self.id, "kind": kind_word(self.kind, language), "old": self.old, "new": self.new}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChangeElement(_OfKind):
    """Settings of an element that stays: labels, rules, order, defaults … `settings` names what differs."""

    words: ClassVar[tuple[str, str]] = ("changes {settings} of {kind} “{label}” ({id})", "修改{kind}“{label}”（{id}）的 {settings}")

    settings: tuple[str, ...]

    def reverse(self) -> Operation:
        return self

    def said(self, language: str) -> dict[str, object]:
        return {
            "label": self.label(language), "id": self.id, "kind": kind_word(self.kind, language),
            "settings": ", ".join(self.settings),
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemovePack(Operation):
    """A pack that is taken out; tables and rows stay for the day it comes back."""

    words: ClassVar[tuple[str, str]] = ("removes pack “{label}”; its data stays", "移除包“{label}”，数据保留")
    risk: ClassVar[Risk] = Risk.DESTRUCTIVE

    def reverse(self) -> Operation:
        return AddPack(id=self.id, label=self.label)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AddPack(Operation):
    """A pack that comes in, for the first time or again."""

    words: ClassVar[tuple[str, str]] = ("adds pack “{label}”", "加入包“{label}”")

    def reverse(self) -> Operation:
        return RemovePack(id=self.id, label=self.label)


# Rights


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AccessChange(Operation):
    """A right in effect that differs: what a role may do with rows of an object, on which rows, with which fields.

    `id` is the grant's or denial's, or the role's for rights on the system (`object == ""`). `before` and `after` say the
    right in words, '' for none.
    """

    words: ClassVar[tuple[str, str]] = (
        "changes what “{label}” may do{object}: {before} → {after}", "改变“{label}”的权限{object}：{before} → {after}"
    )
    risk: ClassVar[Risk] = Risk.ACCESS

    role: str
    object: str
    before: str
    after: str

    def reverse(self) -> Operation:
        return dataclasses.replace(self, before=self.after, after=self.before)

    def said(self, language: str) -> dict[str, builtins.object]:
        nothing = "无" if language.startswith("zh") else "nothing"
        about = f" ({self.object})" if self.object else ""
        return {
            "label": self.label(language), "object": about, "before": self.before or nothing, "after": self.after or nothing,
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RoleSees(Operation):
    """Roles that come to see a field because it is new and not restricted; needs the right to design alone."""

    words: ClassVar[tuple[str, str]] = ("“{label}” ({id}) becomes visible to {roles}", "“{label}”（{id}）将对以下角色可见：{roles}")
    risk: ClassVar[Risk] = Risk.ACCESS

    roles: tuple[str, ...]
    """Ids of the roles."""

    def reverse(self) -> Operation:
        return RetireField(id=self.id, label=self.label, object=self.id.partition(".")[0])

    def said(self, language: str) -> dict[str, object]:
        return {"label": self.label(language), "id": self.id, "roles": ", ".join(self.roles)}


# Tables


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SchemaOperation(Operation):
    """A change to tables or to which of their columns are in use. `object` is the object's id."""

    object: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(SchemaOperation):
    """The table of a new object, with all its columns, indexes and unique rules."""

    words: ClassVar[tuple[str, str]] = ("adds object “{label}” ({id})", "新增对象“{label}”（{id}）")

    table: str

    def reverse(self) -> Operation:
        return RetireElement(id=self.id, label=self.label, kind="object")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AddColumn(SchemaOperation):
    """The columns of a new stored field; old rows have null there."""

    words: ClassVar[tuple[str, str]] = ("adds field “{label}” ({id})", "新增字段“{label}”（{id}）")

    table: str
    columns: tuple[str, ...]

    def reverse(self) -> Operation:
        return RetireField(id=self.id, label=self.label, object=self.object)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoreFormula(AddColumn):
    """The column of a formula that was computed when it was read; ComputeField fills it."""

    words: ClassVar[tuple[str, str]] = ("keeps “{label}” ({id}) in a column from now on", "“{label}”（{id}）今后保存在列中")

    def reverse(self) -> Operation:
        return StopStoring(id=self.id, label=self.label, object=self.object)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StopStoring(SchemaOperation):
    """A stored formula that is computed when it is read; the column of its old values is left behind."""

    words: ClassVar[tuple[str, str]] = (
        "computes “{label}” ({id}) whenever it is read, and leaves its column behind", "“{label}”（{id}）改为读取时计算，原有的列不再使用"
    )

    def reverse(self) -> Operation:
        return ComputeField(id=self.id, label=self.label, object=self.object, table="")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ComputeField(SchemaOperation):
    """A stored formula that is new, or gives other values than before: computed anew in every row, before the flip."""

    words: ClassVar[tuple[str, str]] = (
        "“{label}” ({id}) is computed anew for {count} records", "为 {count} 条记录重新计算“{label}”（{id}）"
    )
    risk: ClassVar[Risk] = Risk.BLOCKING

    table: str
    count: int | None = None
    """How many rows there are; None before they were counted."""

    def reverse(self) -> Operation:
        return self

    def said(self, language: str) -> dict[str, builtins.object]:
        every = "全部" if language.startswith("zh") else "all"
        return {"label": self.label(language), "id": self.id, "count": every if self.count is None else f"{self.count:,}"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RetireField(SchemaOperation):
    """A field that disappears from screens and API; its column and values stay."""

    words: ClassVar[tuple[str, str]] = ("retires field “{label}” ({id}); its values stay", "停用字段“{label}”（{id}），数值保留")
    risk: ClassVar[Risk] = Risk.DESTRUCTIVE

    def reverse(self) -> Operation:
        return RestoreField(id=self.id, label=self.label, object=self.object)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RestoreField(SchemaOperation):
    """A retired field that comes back with the values it had."""

    words: ClassVar[tuple[str, str]] = ("restores field “{label}” ({id}) with its values", "恢复字段“{label}”（{id}）及其数值")

    def reverse(self) -> Operation:
        return RetireField(id=self.id, label=self.label, object=self.object)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RetypeField(SchemaOperation):
    """Another type for a field that holds nothing yet: new columns under new names; the empty ones are left behind."""

    words: ClassVar[tuple[str, str]] = (
        "changes the type of field “{label}” ({id}) from {old} to {new}", "将字段“{label}”（{id}）的类型从 {old} 改为 {new}"
    )
    risk: ClassVar[Risk] = Risk.BLOCKING

    table: str
    columns: tuple[str, ...]
    old: str
    new: str

    def reverse(self) -> Operation:
        return dataclasses.replace(self, old=self.new, new=self.old)

    def said(self, language: str) -> dict[str, object]:
        return {"label": self.label(language), "id": self.id, "old": self.old, "new": self.new}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _OnIndex(SchemaOperation):
    table: str
    index: str
    columns: tuple[str, ...]

    def said(self, language: str) -> dict[str, object]:
        return {"label": self.label(language), "id": self.id, "columns": ", ".join(self.columns)}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateIndex(_OnIndex):
    """An index; on big tables PostgreSQL builds it beside the writers, before the flip."""

    words: ClassVar[tuple[str, str]] = ("indexes “{label}” by {columns}", "为“{label}”按 {columns} 建索引")
    risk: ClassVar[Risk] = Risk.BLOCKING

    def reverse(self) -> Operation:
        return DropIndex(**_fields(self))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(_OnIndex):
    """An index that is needed no more."""

    words: ClassVar[tuple[str, str]] = ("drops the index of “{label}” by {columns}", "删除“{label}”按 {columns} 的索引")

    def reverse(self) -> Operation:
        return CreateIndex(**_fields(self))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateUnique(_OnIndex):
    """A unique rule; refused while rows break it."""

    words: ClassVar[tuple[str, str]] = ("makes {columns} of “{label}” unique", "“{label}”的 {columns} 必须唯一")
    risk: ClassVar[Risk] = Risk.BLOCKING

    def reverse(self) -> Operation:
        return DropUnique(**_fields(self))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DropUnique(_OnIndex):
    """A unique rule that no longer holds."""

    words: ClassVar[tuple[str, str]] = ("allows repeated {columns} of “{label}”", "“{label}”的 {columns} 允许重复")

    def reverse(self) -> Operation:
        return CreateUnique(**_fields(self))


def _fields(operation: _OnIndex) -> dict[str, Any]:
    return {field.name: getattr(operation, field.name) for field in dataclasses.fields(operation)}


# What runs by itself


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SetTimers(Operation):
    """Timers of an object that are new, gone or wait for another time: the records in their states are looked at anew, after the flip."""

    words: ClassVar[tuple[str, str]] = (
        "sets the timers of “{label}” anew ({timers}); {count} records are in their states",
        "重新设定“{label}”的定时（{timers}），涉及 {count} 条记录",
    )
    risk: ClassVar[Risk] = Risk.BLOCKING

    object: str
    timers: tuple[str, ...]
    """Names of the timers that differ."""
    table: str = ""
    column: str = ""
    states: tuple[str, ...] = ()
    """Stored names of the states that the timers wait in, in the old release or the new one."""
    count: int | None = None
    """How many records are in them; None before they were counted."""

    def reverse(self) -> Operation:
        return self

    def said(self, language: str) -> dict[str, builtins.object]:
        every = "全部" if language.startswith("zh") else "all"
        return {
            "label": self.label(language), "timers": ", ".join(self.timers), "count": every if self.count is None else f"{self.count:,}",
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ActsBeyond(Operation):
    """An effect that writes what some who may set it off could not write themselves."""

    words: ClassVar[tuple[str, str]] = (
        "“{label}” ({id}) {does} by itself when {roles} take “{transition}”, who may not do that themselves",
        "“{label}”（{id}）：{roles}执行“{transition}”时系统将自动{does}，而他们自己无权这样做",
    )
    risk: ClassVar[Risk] = Risk.ACCESS

    transition: Label
    does: tuple[str, str]
    """What it does, in English and in Chinese."""
    roles: tuple[str, ...]
    """Ids of the roles."""

    def reverse(self) -> Operation:
        return RemoveElement(id=self.id, label=self.label, kind="effect")

    def said(self, language: str) -> dict[str, builtins.object]:
        english, chinese = self.does
        return {
            "label": self.label(language), "id": self.id, "transition": self.transition(language), "roles": ", ".join(self.roles),
            "does": chinese if language.startswith("zh") else english,
        }


# Records that packs ship


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecords(Operation):
    """Records of a data set that is new or changed; `upgrade` says what happens to those that are there already."""

    words: ClassVar[tuple[str, str]] = (
        "ships {count} records of “{label}” (already there: {upgrade})", "随包提供 {count} 条“{label}”（已有记录：{upgrade}）"
    )

    object: str
    upgrade: str
    count: int

    def reverse(self) -> Operation:
        return self

    def said(self, language: str) -> dict[str, builtins.object]:
        return {"label": self.label(language), "id": self.id, "count": self.count, "upgrade": self.upgrade}
