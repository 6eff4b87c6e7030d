"""What a publish means for people on follow-up plans, as operations of the release plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import ClassVar

from engine.model import Model, Plan, PlanStep, Rule, Running
from engine.model.reads import reads
from engine.targets.operations import Operation, RemoveElement, Risk

__all__ = ["BeginPlan", "EndPlan", "MovePlan", "plans_under_way"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MovePlan(Operation):
    """A plan that differs; `running` says what becomes of those who are on it. Numbers are None before they were counted."""

    risk: ClassVar[Risk] = Risk.BLOCKING

    running: Running
    people: int | None = None
    tasks: int | None = None
    """Planned steps, and open records that nobody has begun, which come at another time, or new, or no more."""
    overdue: int | None = None
    """Of those, how many are due at once."""

    def reverse(self) -> Operation:
        return self

    def describe(self, language: str) -> str:
        chinese = language.startswith("zh")
        label, people = self.label(language), _number(self.people, chinese)
        if self.running is Running.KEEP:
            return f"{people} 人正在“{label}”中，按原计划继续" if chinese else f"{people} people are on “{label}” and go on as they began"
        tasks, overdue = _number(self.tasks, chinese), _number(self.overdue, chinese)
        if chinese:
            when = "到下一步时" if self.running is Running.MOVE_AT_NEXT_STEP else ""
            return f"{people} 人正在“{label}”中：{when}{tasks} 项任务变动，{overdue} 项立即到期"
        return f"{people} people are on “{label}”: {tasks} tasks move, {overdue} become due at once"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EndPlan(Operation):
    """A plan that is retired or gone: it ends for everybody who is on it."""

    risk: ClassVar[Risk] = Risk.DESTRUCTIVE

    people: int | None = None

    def reverse(self) -> Operation:
        return RemoveElement(id=self.id, label=self.label, kind="plan")

    def describe(self, language: str) -> str:
        chinese = language.startswith("zh")
        label, people = self.label(language), _number(self.people, chinese)
        if chinese:
            return f"“{label}”停用：{people} 人的随访计划就此结束，尚未开始的任务将取消"
        return f"“{label}” ends for {people} people; their tasks that nobody has begun are cancelled"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BeginPlan(Operation):
    """A plan that enrols by a new condition: those who come to fulfil it from now on."""

    words: ClassVar[tuple[str, str]] = (
        "“{label}” enrols those who come to meet its condition; those who meet it already can be enrolled by hand",
        "“{label}”对今后满足条件的人自动开始；已满足条件的人可手动加入",
    )

    def reverse(self) -> Operation:
        return RemoveElement(id=self.id, label=self.label, kind="plan")


def plans_under_way(old: Model | None, new: Model) -> Iterator[Operation]:
    """Plans whose change matters to people; compared by ids, names and labels left aside."""
    before = {plan.id: plan for plan in old.plans.values()} if old is not None else {}
    after = {plan.id: plan for plan in new.plans.values()}
    clock = old is not None and _clock(old) != _clock(new)
    for id, plan in after.items():
        was = before.get(id)
        if plan.enrol_when is not None and (was is None or old is None or _entry(old, was) != _entry(new, plan)):
            yield BeginPlan(id=id, label=plan.label)
        if was is not None and (clock or _substance(was) != _substance(plan)):
            yield MovePlan(id=id, label=plan.label, running=plan.running)
    for id, plan in before.items():
        if id not in after:
            yield EndPlan(id=id, label=plan.label)


def _number(count: int | None, chinese: bool) -> str:
    return ("全部" if chinese else "all") if count is None else f"{count:,}"


def _clock(model: Model) -> object:
    organisation = model.organisation
    return organisation.timezone, organisation.calendar, organisation.hours


def _text(rule: Rule | None) -> str | None:
    return rule.text if rule is not None else None


def _entry(model: Model, plan: Plan) -> object:
    """What the condition means: also what the formulas that it reads, and the scores and tables in them, say."""
    return plan.object, plan.enrol_when.tree if plan.enrol_when is not None else None, _formulas(model, plan)


def _formulas(model: Model, plan: Plan) -> Mapping[str, object]:
    """The formulas behind the condition, by the ids of their fields."""
    found: dict[str, object] = {}
    waiting = [(plan.object, plan.enrol_when.tree)] if plan.enrol_when is not None else []
    while waiting:
        for read in reads(model.objects, *waiting.pop()):
            field = model.objects[read.object].fields.get(read.name) if read.object else None
            if field is not None and field.formula is not None and field.id not in found:
                found[field.id] = field.formula.tree
                waiting.append((read.object, field.formula.tree))
    return found


def _substance(plan: Plan) -> object:
    steps: Mapping[str, object] = {step.id: _step(step) for step in plan.steps.values()}
    return plan.subject, plan.object, plan.anchor, _text(plan.stop_when), plan.running, steps


def _step(step: PlanStep) -> object:
    values = {name: rule.text for name, rule in step.values.items()}
    rules = (step.at, step.every, step.window, step.when, step.skip_when)
    return (*(_text(rule) for rule in rules), step.times, step.working, step.create, step.form, values, step.message, step.to, step.missed)
