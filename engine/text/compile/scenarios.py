"""Scenarios: every name in them exists, every record is known before it is used, every step has its time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.model import Object, Plan, Workflow
from engine.model.scenario import Act, Action, Expected, Given, Scenario, ScenarioStep, Span
from engine.problems import Code, Problems, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.scenario_values import missing, moment, span, values_of
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import MapNode, ScalarNode

__all__ = ["REFUSALS", "compile_scenario"]

REFUSALS = ("any", "invalid", "forbidden", "not_found", "lost", "duplicate", "in_use")
"""Kinds of refusals that a step may expect."""


def compile_scenario(
    context: Context, definition: Definition, objects: Mapping[str, Object], workflows: Mapping[str, Workflow], plans: Mapping[str, Plan],
) -> Scenario | None:
    """None when it is broken; silently so when it is about something that a later layer hid."""
    own = dataclasses.replace(context, problems=Problems())
    found = _Scenarios(own, definition, objects, workflows, plans).compile()
    problems = list(own.problems)
    if any(problem.code is Code.NAME_011 and "is hidden at" in problem.message for problem in problems):
        return None
    context.problems.extend(problems)
    return found


class _Scenarios:
    """Compiles one scenario. `_known` has the records that have a name so far, with their objects."""

    def __init__(
        self, context: Context, definition: Definition, objects: Mapping[str, Object], workflows: Mapping[str, Workflow],
        plans: Mapping[str, Plan],
    ) -> None:
        self._context = context
        self._definition = definition
        self._objects = objects
        self._workflows = workflows
        self._plans = plans
        self._known: dict[str, str] = {}
        self._people: set[str] = set()

    def compile(self) -> Scenario | None:
        node = self._definition.node
        begins = node.get("from")
        starts = moment(str(begins.value)) if isinstance(begins, ScalarNode) else None
        if starts is None:
            if isinstance(begins, ScalarNode):
                self._context.problems.add(Code.SCENARIO_002.at(begins.place, text=begins.value))
            return None
        given = {name: made for name, body in self._bodies(node.map("given")) if (made := self._given(name, body)) is not None}
        named = self._context.ids.elements("scenario_step", self._definition.id, node.map("steps"))
        steps = {each.name: step for each in named if not each.gone and (step := self._step(each)) is not None}
        if not named:
            self._context.problems.add(Code.SCENARIO_003.at(self._definition.place, what="no step", keys="steps"))
        return Scenario(
            id=self._definition.id, name=self._definition.name, label=label(node.get("label"), self._definition.name),
            place=self._definition.place, former=self._definition.former, retired=self._definition.gone, starts=starts, given=given,
            steps=steps, help=label(node.get("help"), "") if node.get("help") else None)

    @staticmethod
    def _bodies(node: MapNode | None) -> list[tuple[str, MapNode]]:
        return [(name, entry.node) for name, entry in node.entries.items() if isinstance(entry.node, MapNode)] if node is not None else []

    def _record(self, node: ScalarNode, wanted: str = "") -> str | None:
        """The name of a record that is known so far, of the wanted object; reports another."""
        name = str(node.value)
        if name not in self._known:
            self._context.problems.add(Code.SCENARIO_001.at(node.place, name=name, suggestion=suggest(name, self._known)))
            return None
        if wanted and self._known[name] != wanted:
            self._context.problems.add(Code.SCENARIO_006.at(node.place, name=name, found=self._known[name], wanted=wanted))
            return None
        return name

    def _of(self, node: MapNode, key: str, wanted: str = "") -> str:
        target = node.get(key)
        return (self._record(target, wanted) or "") if isinstance(target, ScalarNode) else ""

    def _object(self, node: object) -> Object | None:
        name = self._context.over(node) if isinstance(node, ScalarNode) else None
        return self._objects.get(name) if name else None

    def _given(self, name: str, node: MapNode) -> Given | None:
        made = self._object(node.get("object"))
        if made is None:
            return None
        given = values_of(self._context, made, node.map("values"), self._record, written=True)
        self._complete(node, made, given)
        clinic = self._clinic(node)
        role = self._context.reference("role", node.get("role")) or ""  # type: ignore[arg-type]
        if role and not made.account:
            self._context.problems.add(Code.SHAPE_001.at(
                node.entries["role"].place, key="role", owner="a record of people who do not sign in", suggestion="", known="object, values, clinic"))
        self._known[name] = made.name
        if made.account:
            self._people.add(name)
        return Given(name=name, object=made.name, values=given, clinic=clinic, role=role, place=node.place)

    def _clinic(self, node: MapNode) -> str:
        clinic = next((each.name for each in self._objects.values() if each.clinic), "")
        return self._of(node, "clinic", clinic)

    def _complete(self, node: MapNode, made: Object, given: Mapping[str, object]) -> None:
        written = node.map("values")
        for name in missing(made, {}):
            if name not in given and (written is None or name not in written.entries):
                self._context.problems.add(Code.DATA_006.at(node.place, field=name))

    # Steps

    def _step(self, named: Named) -> ScenarioStep | None:
        node = named.node
        at = node.get("at")
        when: Any = Span()
        if isinstance(at, ScalarNode):
            text = str(at.value)
            when = span(text) or moment(text)
            if when is None:
                self._context.problems.add(Code.SCENARIO_002.at(at.place, text=text))
                when = Span()
        action = self._action(node.map("when"))
        expect = {name: found for name, body in self._bodies(node.map("expect")) if (found := self._expected(name, body)) is not None}
        refused = node.text("refused") or ("any" if node.flag("refused") else "")
        if refused and node.get("when") is None:
            self._context.problems.add(Code.SCENARIO_003.at(node.place_of("refused"), what="'refused' without 'when'", keys=_ACTS))
        return ScenarioStep(
            id=named.id, name=named.name, label=label(node.get("label"), named.name), place=named.place, former=named.former, at=when,
            by=self._by(node.get("as")), action=action, refused=refused, expect=expect, nothing_else=node.flag("nothing_else"))

    def _by(self, node: object) -> str:
        """A given person, or a role."""
        if not isinstance(node, ScalarNode):
            return ""
        name = str(node.value)
        if name in self._people:
            return name
        roles = self._context.namespace["role"]
        if name not in roles.current:
            gone = roles.unknown(name, node.place) if name in roles.gone or name in roles.former else None
            self._context.report(gone or Code.SCENARIO_005.at(node.place, name=name, suggestion=suggest(name, [*roles.current, *self._people])))
        return name

    def _action(self, node: MapNode | None) -> Action | None:
        if node is None:
            return None
        acts = [act for act in Act if act.value in node.entries]
        if len(acts) != 1:
            what = "nothing to do under 'when'" if not acts else f"both '{acts[0].value}' and '{acts[1].value}'"
            self._context.problems.add(Code.SCENARIO_003.at(node.place, what=what, keys=_ACTS))
            return None
        act = acts[0]
        for key in node.entries:
            if key != act.value and key not in _KEYS[act]:
                known = ", ".join((act.value, *_KEYS[act]))
                self._context.problems.add(Code.SHAPE_001.at(
                    node.entries[key].place, key=key, owner=f"'{act.value}'", suggestion="", known=known))
        makers = {Act.CREATE: self._create, Act.TRANSITION: self._transition, Act.ENROL: self._enrol}
        return makers.get(act, self._change)(act, node)

    def _create(self, act: Act, node: MapNode) -> Action | None:
        made = self._object(node.get("create"))
        if made is None:
            return None
        given = values_of(self._context, made, node.map("values"), self._record, written=True)
        record = node.text("record")
        if record:
            self._known[record] = made.name
        return Action(act=act, what=made.name, record=record, values=given, place=node.place)

    def _change(self, act: Act, node: MapNode) -> Action | None:
        """An update or a delete."""
        record = self._of(node, act.value)
        if not record:
            return None
        made = self._objects[self._known[record]]
        given = values_of(self._context, made, node.map("values"), self._record, written=True)
        return Action(act=act, record=record, values=given, place=node.place)

    def _transition(self, act: Act, node: MapNode) -> Action | None:
        record, name = self._of(node, "of"), node.get("transition")
        if "of" not in node.entries:
            self._context.problems.add(Code.SHAPE_003.at(node.place, key="of", owner="'transition'"))
        if not record or not isinstance(name, ScalarNode):
            return None
        made = self._objects[self._known[record]]
        flow = self._workflows.get(made.name)
        transitions = flow.transitions if flow is not None else {}
        if str(name.value) not in transitions:
            current = next((one.name for one in transitions.values() if name.value in one.former), None)
            self._context.problems.add(
                Code.NAME_008.at(name.place, name=name.value, kind="transition", current=current) if current else
                Code.FLOW_007.at(name.place, object=made.name, name=name.value, suggestion=suggest(str(name.value), transitions),
                                 known=", ".join(transitions) or "–"))
            return None
        given = values_of(self._context, made, node.map("values"), self._record, written=True)
        return Action(act=act, what=str(name.value), record=record, values=given, reason=node.text("reason"), place=node.place)

    def _enrol(self, act: Act, node: MapNode) -> Action | None:
        name = self._context.reference("plan", node.get("enrol"))  # type: ignore[arg-type]
        plan = self._plans.get(name) if name else None
        if plan is None:
            return None
        if "of" not in node.entries:
            self._context.problems.add(Code.SHAPE_003.at(node.place, key="of", owner="'enrol'"))
        record = self._of(node, "of", plan.object)
        return Action(act=act, what=plan.name, record=record, place=node.place) if record else None

    # Expectations

    def _expected(self, name: str, node: MapNode) -> Expected | None:
        kinds = [key for key in ("object", "record", "message", "plan") if key in node.entries]
        if len(kinds) != 1:
            what = "nothing to look for" if not kinds else f"both '{kinds[0]}' and '{kinds[1]}'"
            self._context.problems.add(Code.SCENARIO_004.at(node.place, what=what))
            return None
        for key in node.entries:
            if key != kinds[0] and key not in _EXPECTS[kinds[0]]:
                known = ", ".join((kinds[0], *_EXPECTS[kinds[0]]))
                self._context.problems.add(Code.SHAPE_001.at(
                    node.entries[key].place, key=key, owner=f"an expectation of '{kinds[0]}'", suggestion="", known=known))
        count = node.value("count")
        shared: dict[str, Any] = {"name": name, "count": count if isinstance(count, int) else None, "place": node.place}
        if kinds[0] == "message":
            message = self._context.reference("message", node.get("message"))  # type: ignore[arg-type]
            return Expected(**shared, message=message, record=self._of(node, "to"), state=node.text("state")) if message else None
        if kinds[0] == "plan":
            plan = self._context.reference("plan", node.get("plan"))  # type: ignore[arg-type]
            return Expected(**shared, plan=plan, record=self._of(node, "of"), state=node.text("state")) if plan else None
        record = self._of(node, "record")
        made = self._objects.get(self._known[record]) if record else self._object(node.get("object"))
        if made is None:
            return None
        where, wanted = (values_of(self._context, made, node.map(key), self._record, written=False) for key in ("where", "values"))
        if not record and count in (None, 1) and name not in self._known:
            self._known[name] = made.name
        return Expected(**shared, object=made.name, record=record, where=where, values=wanted)


_KEYS: Mapping[Act, tuple[str, ...]] = {
    Act.CREATE: ("record", "values"), Act.UPDATE: ("values",), Act.TRANSITION: ("of", "values", "reason"), Act.ENROL: ("of",), Act.DELETE: (),
}
_ACTS = ", ".join(act.value for act in Act)
_EXPECTS: Mapping[str, tuple[str, ...]] = {
    "object": ("where", "values", "count"), "record": ("values", "count"), "message": ("to", "state", "count"), "plan": ("of", "state", "count"),
}
