"""A simulation as a scenario of a pack: what was given, what was done and what came about, so that `carework test` sees to it from now on."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from designer.layers import Layers
from designer.starts.samples import Cast
from designer.starts.wish import Wish
from engine.model import Model, Plan
from runtime.simulation.timeline import Case, Event, Timeline

__all__ = ["scenario_of"]


def scenario_of(model: Model, layers: Layers, pack: str, name: str, label: dict[str, Any], plan: Plan, case: Case, found: Timeline) -> dict[str, Any]:
    """The definition of a scenario that holds as long as the plan does what it did."""
    day = found.starts.date().isoformat()
    cast = Cast(Wish(layers, pack, name, label, plan.name), day)
    own = {**case.patient} if plan.object != plan.subject else {**case.patient, **case.begins}
    patient = cast.record(plan.subject, own)
    begins = patient
    if plan.object != plan.subject:
        path = model.objects[plan.object].subject[0]
        given = {**case.begins, **({path[0]: {"record": patient}} if len(path) == 1 else {})}
        if len(plan.anchor) == 1 and plan.anchor[0] not in given:
            given[plan.anchor[0]] = day
        begins = cast.record(plan.object, given)
    return {"name": name, "label": label, "from": found.starts.isoformat(timespec="minutes"), "given": cast.given,
            "steps": _Steps(model, plan, begins, found).told()}


class _Steps:
    """The steps, in the order in which things came about. `_names` has the records of steps by their ids."""

    def __init__(self, model: Model, plan: Plan, begins: str, found: Timeline) -> None:
        self._model, self._plan, self._begins, self._found = model, plan, begins, found
        self._names: dict[str, str] = {}
        self._steps: dict[str, Any] = {}

    def told(self) -> dict[str, Any]:
        by_hand = not any(event.kind == "enrolled" and event.detail == "rule" for event in self._found.events)
        begun: dict[str, Any] = {"expect": {"on_plan": {"plan": self._plan.name, "of": self._begins, "count": 1}}}
        if by_hand:
            begun["when"] = {"enrol": self._plan.name, "of": self._begins}
        self._steps["begins"] = begun
        made = [event for event in self._found.events if event.kind == "created" and event.step]
        for number, event in enumerate(made):
            self._made(event, made[:number + 1])
        self._steps["in_the_end"] = {
            "at": self._found.ends.isoformat(timespec="minutes"),
            "expect": {"ends": {"plan": self._plan.name, "of": self._begins, "state": self._found.state},
                       **{f"all_of_{name}": {"object": name, "count": sum(event.object == name for event in made)}
                          for name in dict.fromkeys(step.create for step in self._plan.steps.values() if step.create)}},
        }
        return self._steps

    def _made(self, event: Event, so_far: list[Event]) -> None:
        times = sum(each.step == event.step for each in so_far)
        name = event.step if times == 1 else f"{event.step}_{times}"
        self._names[event.record] = f"the_{name}"
        task = self._model.objects[event.object].task
        where: dict[str, Any] = {}
        if task is not None:
            where = {field: value for field, value in ((task.due, event.due), (task.label, event.label)) if field and value}
        alike = sum(each.object == event.object for each in so_far)
        expected = {"object": event.object, "where": where} if where else {"object": event.object, "count": alike}
        self._steps[name] = {"at": _minute(event.at), "expect": {f"the_{name}": expected}}
        if not where and alike > 1:
            return
        for number, done in enumerate((done for done in self._found.done if done.record == event.record), 1):
            doing: Mapping[str, Any] = {"transition": done.transition, "of": f"the_{name}"} if done.transition else {"update": f"the_{name}"}
            values = {"values": dict(done.values)} if done.values else {}
            self._steps[f"{name}_done_{number}"] = {"when": {**doing, **values}}


def _minute(at: datetime.datetime) -> str:
    """The first full minute that is not before."""
    whole = at.replace(second=0, microsecond=0)
    return (whole if whole == at else whole + datetime.timedelta(minutes=1)).isoformat(timespec="minutes")
