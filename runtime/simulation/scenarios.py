"""Runs scenarios: does what they say at the time they say it, and tells everything that is not as it must be."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.model.scenario import Act, Action, Expected, Named, Scenario, ScenarioStep, Span, Value
from engine.problems import Place
from engine.text import Source
from runtime.identity.actor import Actor
from runtime.plans.by_hand import ByHand, Cannot
from runtime.records.commands import Command, Create, Delete, Transition, Update
from runtime.records.outcomes import Refused
from runtime.simulation.failed import failed
from runtime.simulation.houses import Houses
from runtime.simulation.world import NotPossible, World, told
from runtime.store import system

__all__ = ["Failure", "Ran", "run_scenario"]

_SHOWN = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """What is not as the scenario says: the step's name, where it is said, what was expected and what there is."""

    step: str
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place} {self.step}: {self.message}"


@dataclasses.dataclass(frozen=True, slots=True)
class Ran:
    """A scenario that was run. After a step whose action failed nothing more is done."""

    scenario: Scenario
    failures: tuple[Failure, ...]
    steps: int
    """How many steps were done."""

    @property
    def ok(self) -> bool:
        return not self.failures


def run_scenario(houses: Houses, source: Source, scenario: Scenario, *, patience: float | None = None) -> Ran:
    """Run a scenario of some definitions in a clinic of its own; `patience` is how many seconds it may take."""
    try:
        with houses.world(source, scenario.starts, patience) as world:
            return _Run(world, scenario).run()
    except NotPossible as error:  # it begins where no clock can stand
        return Ran(scenario, (_impossible(scenario, error),), 0)


def _impossible(scenario: Scenario, error: NotPossible) -> Failure:
    return Failure(scenario.name, scenario.place, f"the scenario cannot be run: {error.why}")


class _Run:
    """`_ids` has the records that have a name by now; `_mark` is the last id that was given before the step."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world = world
        self._scenario = scenario
        self._ids: dict[str, str] = {}
        self._accounts: dict[str, str] = {}
        self._mark = ""
        self._failures: list[Failure] = []
        self._set_aside: set[str] = set()

    def run(self) -> Ran:
        done = 0
        try:
            self._begin()
            for step in self._scenario.steps.values():
                if not self._step(step):
                    break
                done += 1
        except NotPossible as error:
            self._failures.append(_impossible(self._scenario, error))
        return Ran(self._scenario, tuple(self._failures), done)

    def _begin(self) -> None:
        """The records that are given, clinics before all others."""
        objects = self._world.release.model.objects
        for given in sorted(self._scenario.given.values(), key=lambda each: not objects[each.object].clinic):
            try:
                self._ids[given.name] = self._world.create(given.object, self._json(given.values), self._ids.get(given.clinic))
                if given.role:
                    self._accounts[given.name] = self._world.person(given.role, self._ids[given.name], self._ids.get(given.clinic))
            except NotPossible as error:
                self._failures.append(Failure("given", given.place, f"'{given.name}' is refused: {error.why}"))
                raise

    def _json(self, values: Mapping[str, Value]) -> dict[str, Any]:
        return {name: self._plain(value) for name, value in values.items()}

    def _plain(self, value: Value) -> Any:
        return self._ids.get(value.value.name) if isinstance(value.value, Named) else value.value

    # Steps

    def _step(self, step: ScenarioStep) -> bool:
        """Whether the scenario can go on after it."""
        world = self._world
        when = world.after(step.at) if isinstance(step.at, Span) else world.instant(step.at)
        if when < world.now:
            at = f"{world.local(world.now):%Y-%m-%d %H:%M}"
            self._failures.append(Failure(step.name, step.place, f"its time lies before that of the step before, {at}"))
            return False
        self._mark = world.new_id()
        world.go_to(when)
        own: set[str] = set()
        if step.action is not None and not self._act(step, step.action, own):
            return False
        world.go_to(world.now)  # what the action led to at once
        self._behind_the_scenes(step)
        matched = {id for expected in step.expect.values() for id in self._expect(step, expected)}
        if step.nothing_else:
            self._nothing_else(step, matched | own)
        return True

    def _behind_the_scenes(self, step: ScenarioStep) -> None:
        """What failed since the step before without anybody being told."""
        for one in failed(self._world):
            if one.id not in self._set_aside:
                self._set_aside.add(one.id)
                which = f"'{one.step}' of the plan '{one.plan}'" if one.plan else f"a job of kind '{one.kind}'"
                at = f"{self._world.local(one.at):%Y-%m-%d %H:%M}"
                self._failures.append(Failure(step.name, step.place, f"at {at} {which} failed and was set aside: {one.problem}"))

    def _actor(self, step: ScenarioStep) -> Actor:
        if not step.by:
            return self._world.everybody
        if step.by not in self._accounts:
            role = step.by if step.by in self._world.release.model.roles else ""
            if not role:
                raise NotPossible(f"'{step.by}' has no role: write one under 'given'")
            self._accounts[step.by] = self._world.person(role)
        return self._world.actor(self._accounts[step.by])

    def _act(self, step: ScenarioStep, action: Action, own: set[str]) -> bool:
        actor = self._actor(step)
        refused = self._enrol(action, actor) if action.act is Act.ENROL else self._carry_out(action, actor, own)
        if refused is None:
            if step.refused:
                self._failures.append(Failure(step.name, action.place, "it must be refused, but it is done"))
            return not step.refused
        kind, why = refused
        if not step.refused:
            self._failures.append(Failure(step.name, action.place, f"it is refused ({kind}): {why}"))
        elif step.refused not in ("any", kind):
            self._failures.append(Failure(step.name, action.place, f"it must be refused as '{step.refused}', but it is as '{kind}': {why}"))
        return bool(step.refused)

    def _carry_out(self, action: Action, actor: Actor, own: set[str]) -> tuple[str, str] | None:
        """Why it is refused: the kind and the words; None when it is done."""
        outcome = self._world.carry_out(self._command(action, actor), actor)
        if isinstance(outcome, Refused):
            return outcome.kind.value, told(outcome)
        own.add(outcome.id)
        if action.act is Act.CREATE and action.record:
            self._ids[action.record] = outcome.id
        return None

    def _command(self, action: Action, actor: Actor) -> Command:
        model = self._world.release.model
        values = self._json(action.values)
        if action.act is Act.CREATE:
            made = model.objects[action.what]
            place = self._world.clinic if made.belongs_to.scope in ("clinic", "clinics") and actor.system and not made.clinic else None
            return Create(action.what, values, clinic=place)
        id, object_name = self._ids.get(action.record, ""), self._object_of(action.record)
        if action.act is Act.UPDATE:
            return Update(object_name, id, values, None)
        if action.act is Act.DELETE:
            return Delete(object_name, id)
        return Transition(object_name, id, action.what, values, reason=action.reason or None)

    def _object_of(self, record: str) -> str:
        """The object of a record that has a name."""
        scenario = self._scenario
        if record in scenario.given:
            return scenario.given[record].object
        for step in scenario.steps.values():
            if step.action is not None and step.action.record == record and step.action.act is Act.CREATE:
                return step.action.what
            if record in step.expect and step.expect[record].object:
                return step.expect[record].object
        return ""

    def _enrol(self, action: Action, actor: Actor) -> tuple[str, str] | None:
        world = self._world
        plan = world.release.model.plans[action.what]
        hands = ByHand(store=world.store, records=world.records, actor=actor, now=world.now, new_id=world.new_id)
        try:
            hands.enrol(plan.object, self._ids.get(action.record, ""), plan.name)
        except Cannot as error:
            return ("invalid" if error.code == "stops" else error.code), error.code
        return None

    # Expectations: each gives the ids of what it found

    def _expect(self, step: ScenarioStep, expected: Expected) -> Iterable[str]:
        if expected.message:
            return self._count(step, expected, self._messages(expected), f"message '{expected.message}'")
        if expected.plan:
            return self._count(step, expected, self._enrolments(expected), f"plan '{expected.plan}'")
        return self._records(step, expected)

    def _records(self, step: ScenarioStep, expected: Expected) -> Iterable[str]:
        if expected.record:
            id = self._ids.get(expected.record, "")
            rows = self._world.rows(expected.object, [id]) if id else {}
        else:
            rows = self._world.rows(expected.object)
        fit = {id: row for id, row in rows.items() if all(self._same(row, name, value) for name, value in expected.where.items())}
        wanted = 1 if expected.count is None else expected.count
        if len(fit) != wanted:
            # Several that differ in what they must have are told apart by that.
            exact = {id: row for id, row in fit.items() if all(self._same(row, name, value) for name, value in expected.values.items())}
            if len(exact) != wanted or not expected.values:
                self._failures.append(Failure(step.name, expected.place, self._wrong_count(expected, wanted, fit or rows, len(fit))))
                return fit
            fit = exact
        if wanted == 1 and not expected.record:
            self._ids.setdefault(expected.name, next(iter(fit)))
        for row in fit.values():
            for name, value in expected.values.items():
                if not self._same(row, name, value):
                    found = f"expected {name} = {_word(self._plain(value))}, but '{row['']}' has {_word(_bare(row.get(name)))}"
                    self._failures.append(Failure(step.name, value.place, found))
        return fit

    def _wrong_count(self, expected: Expected, wanted: int, rows: Mapping[str, Mapping[str, Any]], count: int) -> str:
        which = ", ".join(f"{name} = {_word(self._plain(value))}" for name, value in expected.where.items())
        if expected.record:
            return f"'{expected.record}' is not there"
        names = list(expected.where) or list(expected.values)
        shown = [f"'{row['']}'" + "".join(f", {name} = {_word(_bare(row.get(name)))}" for name in names) for row in rows.values()][:_SHOWN]
        there = f" There is: {'; '.join(shown)}{' …' if len(rows) > _SHOWN else ''}." if shown else " There is none at all."
        return f"expected {wanted} of '{expected.object}'{' with ' + which if which else ''}, but there are {count}.{there}"

    def _same(self, row: Mapping[str, Any], name: str, value: Value) -> bool:
        return bool(_bare(row.get(name)) == _bare(self._plain(value)))

    def _messages(self, expected: Expected) -> list[tuple[str, str]]:
        """Id and state."""
        message = self._world.release.model.messages[expected.message]
        table = system.message
        where = [table.c.message == message.id]
        if expected.record:
            where.append(table.c.to_id == self._ids.get(expected.record, ""))
        return self._pairs(sa.select(table.c.id, table.c.state).where(*where))

    def _enrolments(self, expected: Expected) -> list[tuple[str, str]]:
        plan = self._world.release.model.plans[expected.plan]
        table = system.enrolment
        where = [table.c.plan == plan.id]
        if expected.record:
            where.append(table.c.record_id == self._ids.get(expected.record, ""))
        return self._pairs(sa.select(table.c.id, table.c.state).where(*where))

    def _pairs(self, statement: sa.Select[Any]) -> list[tuple[str, str]]:
        with self._world.store.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(statement)]

    def _count(self, step: ScenarioStep, expected: Expected, found: Sequence[tuple[str, str]], what: str) -> Iterable[str]:
        fit = [id for id, state in found if not expected.state or state == expected.state]
        wanted = 1 if expected.count is None else expected.count
        if len(fit) != wanted:
            state = f" {expected.state}" if expected.state else ""
            states = ", ".join(sorted(state for _, state in found)) or "none at all"
            why = f"expected {wanted}{state} of {what}, but there are {len(fit)}. There is: {states}."
            self._failures.append(Failure(step.name, expected.place, why))
        return fit

    def _nothing_else(self, step: ScenarioStep, known: set[str]) -> None:
        """Records and messages that came about since the step before, and that nothing in this step is about."""
        history, message = system.history, system.message
        names = {each.id: each.name for each in self._world.release.model.objects.values()}
        messages = {each.id: each.name for each in self._world.release.model.messages.values()}
        with self._world.store.read() as connection:
            made = connection.execute(sa.select(history.c.object, history.c.record_id).where(
                history.c.action == "create", history.c.id > self._mark, history.c.record_id.not_in(known | set(self._accounts.values()))))
            extra = [f"a record of '{names.get(row.object, row.object)}'" for row in made]
            sent = connection.execute(sa.select(message.c.message).where(message.c.id > self._mark, message.c.id.not_in(known)))
            extra += [f"a message '{messages.get(row.message, row.message)}'" for row in sent]
        if extra:
            self._failures.append(Failure(step.name, step.place, f"nothing else was expected, but there came {', '.join(extra)}"))


def _bare(value: Any) -> Any:
    """A value as two are compared: a link by its id, texts of several choices in any order."""
    if isinstance(value, Mapping):
        return value.get("id", value)
    return sorted(value) if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value) else value


def _word(value: Any) -> str:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return "nothing" if value is None else str(value)
