"""What a publish means for people on follow-up plans, as operations of the release plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import ClassVar

from engine.model import Model, Plan, PlanStep, Rule, Running
from engine.targets.operations import Operation, RemoveElement, Risk
from engine.targets.plan_reads import formulas_behind, meaning

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
        if was is not None and old is not None and (clock or _substance(old, was) != _substance(new, plan)):
            yield MovePlan(id=id, label=plan.label, running=plan.running)
    for id, plan in before.items():
        if id not in after:
            yield EndPlan(id=id, label=plan.label)


def _number(count: int | None, chinese: bool) -> str:
    return ("全部" if chinese else "all") if count is None else f"{count:,}"


def _clock(model: Model) -> object:
    organisation = model.organisation
    return organisation.timezone, organisation.calendar, organisation.hours


def _entry(model: Model, plan: Plan) -> object:
    """What the condition means: also what the formulas that it reads, and the scores and tables in them, say."""
    return plan.object, *_meant(model, plan, {"enrol_when": plan.enrol_when})


def _substance(model: Model, plan: Plan) -> object:
    """What the rules mean that say when steps come, whether they do and what they make."""
    rules: dict[str, Rule | None] = {"stop_when": plan.stop_when}
    for step in plan.steps.values():
        own = {"at": step.at, "every": step.every, "window": step.window, "when": step.when, "skip_when": step.skip_when}
        rules |= {f"{step.id} {name}": rule for name, rule in own.items()}
        rules |= {f"{step.id} = {name}": rule for name, rule in step.values.items()}
    steps: Mapping[str, object] = {step.id: _step(step) for step in plan.steps.values()}
    return plan.subject, plan.object, plan.anchor, plan.running, steps, *_meant(model, plan, rules)


def _meant(model: Model, plan: Plan, rules: Mapping[str, Rule | None]) -> tuple[object, ...]:
    trees = {name: rule.tree for name, rule in rules.items() if rule is not None}
    return {name: meaning(tree) for name, tree in trees.items()}, formulas_behind(model, plan, trees.values())


def _step(step: PlanStep) -> object:
    return step.times, step.working, step.create, step.form, step.message, step.to, step.missed
