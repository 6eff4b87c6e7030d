"""Simulates a plan for one patient: what comes about on which day, as a list of events that a terminal or a screen shows."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.model import Model, Object, Plan, StateCategory, Workflow
from engine.text import Source
from runtime.plans.by_hand import ByHand, Cannot
from runtime.records.commands import Command, Transition, Update
from runtime.records.outcomes import Refused
from runtime.simulation.failed import Failed, failed
from runtime.simulation.houses import Houses
from runtime.simulation.made_up import made_up
from runtime.simulation.words import JOBS
from runtime.simulation.world import BEYOND, NotPossible, World, told
from runtime.store import system

__all__ = ["Case", "Done", "Event", "Timeline", "simulate", "way"]

Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Whose course is simulated. What is left out is made up.

    `patient` and `begins` are values (JSON forms) of the patient and of the record that begins the plan. `answers` are by step: when the
    step's record comes about it is filled with them and completed at once; `transitions` says by step what is done instead of completing.
    """

    patient: Values = dataclasses.field(default_factory=dict)
    begins: Values = dataclasses.field(default_factory=dict)
    answers: Mapping[str, Values] = dataclasses.field(default_factory=dict)
    transitions: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What was done to the record of a step when it came about: new values, or with `transition` the values that its form asks for."""

    record: str
    transition: str
    values: Values


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something on the timeline. `at` is by the clinics' clocks; of a step of a day it is when the day begins.

    `kind` is enrolled, ended, created, changed, skipped, missed, planned, failed or message; `label` says of what in the language that was
    asked for, `detail` more of it (a state, a reason, a channel), `text` what a message says, or why something failed.
    """

    at: datetime.datetime
    kind: str
    label: str
    detail: str = ""
    step: str = ""
    n: int = 0
    object: str = ""
    record: str = ""
    due: str = ""
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `carework simulate --json` prints; empty parts are left out."""
        found = dataclasses.asdict(self)
        return {"at": self.at.isoformat(timespec="minutes"), **{key: value for key, value in found.items() if key != "at" and value not in ("", 0)}}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What came about until `ends`, and what is still planned after it."""

    plan: str
    starts: datetime.datetime
    ends: datetime.datetime
    events: tuple[Event, ...]
    state: str
    """Of the enrolment in the end: active, finished or stopped."""
    done: tuple[Done, ...] = ()
    """In the order in which it was done."""


def simulate(
    houses: Houses, source: Source, plan_name: str, case: Case, starts: datetime.datetime, days: int, *, language: str = "en",
    patience: float | None = None,
) -> Timeline:
    """Let a patient go through a plan for some days. `starts` is by the clinics' clocks; `patience` is how many seconds it may take.

    Raises NotPossible with what is in the way, KeyError for an unknown plan, and the store's Refused for broken definitions.
    """
    with houses.world(source, starts, patience) as world:
        return _Course(world, world.release.model.plans[plan_name], case, language).run(starts, days)


class _Course:
    """One simulation."""

    def __init__(self, world: World, plan: Plan, case: Case, language: str) -> None:
        self._world = world
        self._plan = plan
        self._case = case
        self._language = language
        self._answered: set[str] = set()
        self._done: list[Done] = []
        self._names: dict[str, str] = {step.id: name for name, step in plan.steps.items()}

    @property
    def _model(self) -> Model:
        return self._world.release.model

    def run(self, starts: datetime.datetime, days: int) -> Timeline:
        world = self._world
        record = self._begin(starts.date())
        mark = world.new_id()
        world.go_to(world.now, self._answer)
        with world.store.read() as connection:
            there = connection.scalar(sa.select(system.enrolment.c.id).where(system.enrolment.c.plan == self._plan.id))
        if there is None:
            self._enrol(record)
        if days > (datetime.datetime.max - starts).days:
            raise NotPossible(BEYOND)
        ends = starts + datetime.timedelta(days=days)
        world.go_to(world.instant(ends), self._answer)
        # Of one moment, what begins comes first and what ends comes last; the rest as it was found.
        events = sorted(self._events(mark), key=lambda event: (event.at, {"enrolled": 0, "ended": 2}.get(event.kind, 1)))
        with world.store.read() as connection:
            state = connection.scalar(sa.select(system.enrolment.c.state).where(system.enrolment.c.plan == self._plan.id))
        return Timeline(plan=self._plan.name, starts=starts, ends=ends, events=tuple(events), state=state or "",
                        done=tuple(self._done))

    def _begin(self, today: datetime.date) -> str:
        """The patient and the record that begins the plan."""
        patient, begins = self._model.objects[self._plan.subject], self._model.objects[self._plan.object]
        given = dict(self._case.begins)
        if len(self._plan.anchor) == 1 and self._plan.anchor[0] not in given:
            anchor = begins.fields[self._plan.anchor[0]]
            given[anchor.name] = anchor.type.dump(self._world.now if anchor.type.name == "datetime" else today)
        if patient is begins:
            given = {**self._case.patient, **given}
            return self._world.create(patient.name, {**made_up(self._world, patient, "patient", given), **given})
        subject = self._world.create(patient.name, {**made_up(self._world, patient, "patient", self._case.patient), **self._case.patient})
        path = begins.subject[0]
        if len(path) > 1 and path[0] not in given:
            raise NotPossible(f"a record of '{begins.name}' leads to the patient by way of '{path[0]}', which a simulation cannot make up")
        known = {path[0]: subject} if len(path) == 1 else {}
        return self._world.create(begins.name, {**made_up(self._world, begins, begins.name, {**known, **given}), **known, **given})

    def _enrol(self, record: str) -> None:
        world = self._world
        hands = ByHand(store=world.store, records=world.records, actor=world.everybody, now=world.now, new_id=world.new_id)
        try:
            hands.enrol(self._plan.object, record, self._plan.name)
        except Cannot as error:
            why = "its stop condition holds from the start" if error.code == "stops" else error.code
            raise NotPossible(f"nobody can be put on the plan '{self._plan.name}': {why}") from error

    # Answers

    def _answer(self) -> bool:
        """Fill and complete the records of steps that have come about since; whether there was one."""
        step = system.enrolment_step
        with self._world.store.read() as connection:
            rows = connection.execute(sa.select(step.c.step, step.c.record_id).where(step.c.record_id.is_not(None))).all()
        fresh = [(self._names[row.step], row.record_id) for row in rows if row.record_id not in self._answered and row.step in self._names]
        for name, id in fresh:
            self._answered.add(id)
            if name in self._case.answers:
                self._complete(name, id, self._case.answers[name])
        return any(name in self._case.answers for name, _ in fresh)

    def _complete(self, step_name: str, id: str, answers: Values) -> None:
        step = self._plan.steps[step_name]
        flow = self._model.workflows.get(step.create)
        if answers:
            self._do(step_name, Update(step.create, id, answers, None), Done(id, "", answers))
        if flow is not None:
            state = str(self._world.rows(step.create, [id])[id].get(flow.field))
            for name in way(flow, state, self._case.transitions.get(step_name, "")):
                asked = self._asked(flow, name, answers)
                self._do(step_name, Transition(step.create, id, name, asked), Done(id, name, asked))

    def _asked(self, flow: Workflow, transition: str, answers: Values) -> Values:
        """The answers that the form of a transition asks for."""
        form = self._model.forms.get(flow.transitions[transition].ask)
        return {name: value for name, value in answers.items() if form is not None and name in form.fields}

    def _do(self, step_name: str, command: Command, done: Done) -> None:
        outcome = self._world.carry_out(command)
        if isinstance(outcome, Refused):
            raise NotPossible(f"the answers of '{step_name}' are refused: {told(outcome)}")
        self._done.append(done)

    # What came about

    def _events(self, mark: str) -> Iterator[Event]:
        yield from self._enrolments()
        rows, aside = self._steps(), list(failed(self._world))
        known = {(one.step, one.n) for one in aside if one.plan == self._plan.name}
        yield from (event for row in rows if (self._names.get(row.step), row.n) not in known and (event := self._of_step(row)) is not None)
        yield from self._changes(mark, {row.record_id: self._names.get(row.step, "") for row in rows if row.record_id})
        yield from self._messages()
        yield from self._failed(aside)

    def _enrolments(self) -> Iterator[Event]:
        with self._world.store.read() as connection:
            found = connection.execute(sa.select(system.enrolment).where(system.enrolment.c.plan == self._plan.id)).all()
        for row in found:
            yield Event(at=self._world.local(row.begun_at), kind="enrolled", label=self._plan.label(self._language), detail=row.cause)
            if row.ended_at is not None:
                why = row.why or row.state
                yield Event(at=self._world.local(row.ended_at), kind="ended", label=self._plan.label(self._language), detail=why)

    def _steps(self) -> Sequence[Any]:
        step, enrolment = system.enrolment_step, system.enrolment
        with self._world.store.read() as connection:
            return connection.execute(
                sa.select(step).join(enrolment, enrolment.c.id == step.c.enrolment_id).where(enrolment.c.plan == self._plan.id)
                .order_by(step.c.due_at, step.c.step, step.c.n)).all()

    def _of_step(self, row: Any) -> Event | None:
        """What became of one time of a step that made no record."""
        if row.state not in ("planned", "skipped", "missed", "stopped"):
            return None
        step = next((step for step in self._plan.steps.values() if step.id == row.step), None)
        label = step.label(self._language) if step is not None else row.step
        held_up = row.state == "planned" and row.due_at < self._world.now
        return Event(
            at=self._world.local(row.settled_at or row.due_at), kind="failed" if held_up else row.state, label=label,
            detail="held_up" if held_up else row.why or "",
            step=self._names.get(row.step, row.step), n=row.n, due=_due(self._world, row), record=row.record_id or "")

    def _changes(self, mark: str, steps: Mapping[str, str]) -> Iterator[Event]:
        """Records that came about and states that they came to."""
        history = system.history
        objects = {each.id: each for each in self._model.objects.values()}
        with self._world.store.read() as connection:
            found = connection.execute(sa.select(history).where(history.c.id > mark).order_by(history.c.id)).all()
        titles: dict[str, dict[str, dict[str, Any]]] = {}
        for row in found:
            made = objects.get(row.object)
            if made is None or row.action == "update":
                continue
            rows = titles.setdefault(made.name, self._world.rows(made.name))
            values = rows.get(row.record_id, {})
            label = self._label(made, values)
            yield Event(
                at=self._world.local(row.at), kind="created" if row.action == "create" else "changed", label=label,
                detail=made.label(self._language) if row.action == "create" else self._action(made, row.action),
                step=steps.get(row.record_id, ""), object=made.name, record=row.record_id,
                due=str(values.get(made.task.due) or "") if made.task is not None else "")

    def _label(self, made: Object, values: Values) -> str:
        said = str(values.get(made.task.label) or "") if made.task is not None and made.task.label else ""
        return said or str(values.get("") or made.label(self._language))

    def _action(self, made: Object, action: str) -> str:
        """A transition by its label."""
        flow = self._model.workflows.get(made.name)
        return flow.transitions[action].label(self._language) if flow is not None and action in flow.transitions else action

    def _messages(self) -> Iterator[Event]:
        message = system.message
        labels = {each.id: each for each in self._model.messages.values()}
        with self._world.store.read() as connection:
            found = connection.execute(sa.select(message).order_by(message.c.id)).all()
        for row in found:
            letter = self._world.post.letters.get(f"message:{row.key}")
            told_of = labels.get(row.message)
            state = row.state if not row.channel else f"{row.channel}, {row.state}"
            yield Event(
                at=self._world.local(row.sent_at or row.queued_at), kind="message", label=told_of.label(self._language) if told_of else row.message,
                detail=f"{state} ({row.reason})" if row.reason else state, record=row.record_id, text=letter.body if letter else "")

    def _failed(self, aside: Sequence[Failed]) -> Iterator[Event]:
        """What a clinic's operators would find set aside."""
        for one in aside:
            plan = self._model.plans.get(one.plan)
            label = plan.steps[one.step].label(self._language) if plan is not None else JOBS[self._spoken].get(one.kind, one.kind)
            yield Event(
                at=self._world.local(one.at), kind="failed", label=label, detail="aside", step=one.step, n=one.n, record=one.record,
                text=one.problem)

    @property
    def _spoken(self) -> str:
        return "zh" if self._language.startswith("zh") else "en"


def _due(world: World, row: Any) -> str:
    return row.due_date.isoformat() if row.due_date is not None else world.local(row.due_at).isoformat(timespec="minutes")


def way(flow: Workflow, state: str, last: str = "") -> list[str]:
    """The shortest way of transitions from a state to one that is done, or to the end of the transition `last`; [] when there is none."""
    ways: dict[str, list[str]] = {state: []}
    waiting = [state]
    while waiting:
        at = waiting.pop(0)
        if last and last in flow.transitions and at in flow.transitions[last].sources:
            return [*ways[at], last]
        if not last and at in flow.states and flow.states[at].category is StateCategory.DONE:
            return ways[at]
        for name, edge in flow.transitions.items():
            if at in edge.sources and edge.target not in ways and edge.reason != "required":
                ways[edge.target] = [*ways[at], name]
                waiting.append(edge.target)
    return []
