"""What runs by itself in a release, as the release plan tells it: effects beyond the rights of who sets them off, timers set anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.model import Assign, CreateRecord, Effect, Fire, Label, Model, SetFields, Transition, Workflow
from engine.model.object import Object
from engine.targets.operations import ActsBeyond, SetTimers
from engine.targets.policy import Effect as Verdict
from engine.targets.policy import Policy, compile_policy
from engine.targets.rights import Form, sense
from engine.targets.tables import Tables

__all__ = ["acts_beyond", "timers_set"]


def acts_beyond(old: Model | None, new: Model) -> Iterator[ActsBeyond]:
    """Effects of the new release that go beyond somebody's rights and did not, or not for all of them, in the old one."""
    before = {found.id: found for found in _beyond(old)} if old is not None else {}
    for found in _beyond(new):
        if before.get(found.id) != found:
            yield found


def _beyond(model: Model) -> Iterator[ActsBeyond]:
    policy = compile_policy(model)
    for flow in model.workflows.values():
        for transition in flow.transitions.values():
            pressing = _roles(policy, flow.object, transition.name)
            for effect in transition.then.values():
                yield from _of_effect(model, policy, transition, effect, pressing)


def _of_effect(model: Model, policy: Policy, transition: Transition, effect: Effect, pressing: frozenset[str]) -> Iterator[ActsBeyond]:
    power = _power(model, effect)
    if power is None:
        return
    object, action, fields, does = power
    beyond = pressing - _roles(policy, object.name, action, fields)
    if beyond:
        yield ActsBeyond(id=effect.id, label=effect.label, transition=transition.label, does=does, roles=tuple(sorted(beyond)))


def _power(model: Model, effect: Effect) -> tuple[Object, str, frozenset[str], tuple[str, str]] | None:
    """The object, action and fields that doing it by hand would take, and what it does in words; None for what writes no record."""
    if isinstance(effect, CreateRecord):
        made = model.objects[effect.object]
        return made, "create", frozenset(effect.values), _words(made.label, "creates a record of {}", "新建“{}”")
    target = model.objects.get(effect.target)
    if target is None:
        return None
    if isinstance(effect, Fire):
        said = f"{target.label('en')} · {effect.transition}", f"{target.label('zh')} · {effect.transition}"
        return target, effect.transition, frozenset(), (f"takes “{said[0]}”", f"执行“{said[1]}”")
    if isinstance(effect, SetFields):
        names = ", ".join(effect.values)
        return target, "update", frozenset(effect.values), (f"sets {names} of {target.label('en')}", f"修改{target.label('zh')}的 {names}")
    if isinstance(effect, Assign) and target.task is not None:
        field = target.task.assignee
        return target, "update", frozenset({field}), (f"sets {field} of {target.label('en')}", f"修改{target.label('zh')}的 {field}")
    return None


def _words(label: Label, english: str, chinese: str) -> tuple[str, str]:
    return english.format(label("en")), chinese.format(label("zh"))


def _roles(policy: Policy, object_name: str, action: str, fields: frozenset[str] = frozenset()) -> frozenset[str]:
    """Ids of the roles that some grant lets do it, on some rows, with all of the fields."""
    return frozenset(
        clause.role for clause in policy.of(object_name)
        if clause.effect is Verdict.ALLOW and action in clause.can and fields <= clause.value)


def timers_set(old: Model | None, new: Model, tables: Tables) -> Iterator[SetTimers]:
    """Objects of which timers differ, by what they wait for; before the first release there is no record to look at."""
    if old is None:
        return
    known = {flow.id: flow for flow in old.workflows.values()}
    for flow in new.workflows.values():
        before = known.get(flow.id)
        if before is None:  # its records have no state yet
            continue
        was, now = _timers(old, before), _timers(new, flow)
        differ = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
        if not differ:
            continue
        object = new.objects[flow.object]
        states = {form[0] for form in (*was.values(), *now.values())}
        yield SetTimers(
            id=flow.id, label=object.label, object=object.id, timers=tuple(name.rpartition(".")[2] for name in differ),
            table=tables.object(object.name).table.name, column=tables.object(object.name).column(object.workflow).name,
            states=tuple(sorted(states)))


def _timers(model: Model, flow: Workflow) -> Mapping[str, tuple[str, Form]]:
    """By the timer's id: the state's stored name and the meaning of its time."""
    object = model.objects[flow.object]
    return {timer.id: (flow.states[timer.state].stored, sense(timer.at.tree, object, model)) for timer in flow.timers.values()}
