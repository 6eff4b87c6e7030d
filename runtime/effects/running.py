"""Carries out the effects of one transition for some records: in order, one effect for all records at a time, each record by itself."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection

from engine.model import Assign, CreateRecord, Effect, EnrolIn, Fire, Notify, Object, SetFields, Transition
from engine.targets.effects import Consequences, Intent
from runtime.effects.reach import foreign
from runtime.identity.actor import Actor
from runtime.records.commands import Command, Create, Update
from runtime.records.commands import Transition as Move
from runtime.records.outcomes import Outcome, Refused, Written
from runtime.records.writing.checks import RowValues
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.regarding import needs_of, regard
from runtime.store.compiled import Release

__all__ = ["Around", "Stopped", "run"]

Carry = Callable[[Sequence[Command]], list[Outcome]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What effects happen in. `carry` writes all of some commands or none."""

    connection: Connection
    release: Release
    actor: Actor
    """Who pressed, for `user`; the built-in account for what time did."""
    now: datetime.datetime
    new_id: Callable[[], str]
    carry: Carry
    causes: Mapping[str, str]
    """By record, what tells this run from another of the same transition; for keys of messages."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stopped:
    """The first effect of a record that was refused; neither it nor those after it took place."""

    effect: Effect
    problem: str
    """With the line of the effect; ids and codes, no value of a record."""


class Reached(Protocol):
    """Told of each record that an effect wrote: the record of the transition, the object and id that was written."""

    def __call__(self, record_id: str, object_name: str, id: str) -> None: ...


def run(
    around: Around, object: Object, transition: Transition, ids: Iterable[str], *, only: frozenset[str] | None = None,
    reached: Reached = lambda record_id, object_name, id: None,
) -> dict[str, Stopped]:
    """Carry out the transition's effects for the records, which have taken it; those that were refused, by record.

    All conditions and values are of the record as it is now. `only` are ids of effects, to go on with.
    """
    made = consequences(around.release, transition)
    needs = prepared_once(around.release, ("effects.needs", transition.id), lambda: needs_of(made.trees, made.paths))
    rows = regard(around.connection, around.release, object.name, ids, needs, around.actor, around.now)
    effects = [effect for effect in transition.then.values() if only is None or effect.id in only]
    meant = {id: {effect.name: made.intent(effect.name, row) for effect in effects} for id, row in rows.items()}
    stopped: dict[str, Stopped] = {}
    for effect in effects:
        due = {id: intent for id in rows if id not in stopped and (intent := meant[id][effect.name]) is not None}
        problems = _Step(around, object, effect, rows, reached).take(due)
        stopped.update({id: Stopped(effect, f"{effect.place} {effect.id}: {why}") for id, why in problems.items()})
    return stopped


def consequences(release: Release, transition: Transition) -> Consequences:
    """The transition's effects, compiled once per release."""
    found: Consequences = prepared_once(release, ("effects", transition.id), lambda: Consequences(transition))
    return found


@dataclasses.dataclass(slots=True)
class _Step:
    """One effect for several records."""

    around: Around
    object: Object
    effect: Effect
    rows: Mapping[str, RowValues]
    reached: Reached

    def take(self, intents: Mapping[str, Intent]) -> dict[str, str]:
        """Why it did not take place, by record. A record whose link is empty has nothing to be done to."""
        todo = {id: intent for id, intent in intents.items() if intent.record is not None}
        if isinstance(self.effect, Notify):
            return self._tell({id: intent for id, intent in todo.items() if intent.to is not None})
        problems = foreign(self.around, self.object, self.effect, todo)
        if isinstance(self.effect, EnrolIn):
            self._enrol([str(intent.record) for id, intent in todo.items() if id not in problems])
            return problems
        allowed = {id: self._command(id, intent) for id, intent in todo.items() if id not in problems}
        if len(allowed) > 1 and self._carried(allowed):
            return problems
        return problems | self._apart(allowed, self._carry_one)

    def _command(self, id: str, intent: Intent) -> Command:
        objects, effect = self.around.release.model.objects, self.effect
        assert intent.record is not None
        if isinstance(effect, Fire):
            return Move(effect.target, intent.record, effect.transition)
        if isinstance(effect, CreateRecord):
            made = objects[effect.object]
            clinic = self.rows[id].lookup(("clinic_id",)) if made.belongs_to.scope in ("clinic", "clinics") else None
            return Create(effect.object, _json(made, intent.values), clinic)
        target = objects[effect.target]
        if isinstance(effect, Assign):
            assert target.task is not None
            return Update(effect.target, intent.record, _json(target, {target.task.assignee: intent.values[""]}), None)
        assert isinstance(effect, SetFields)
        return Update(effect.target, intent.record, _json(target, intent.values), None)

    def _carried(self, commands: Mapping[str, Command]) -> bool:
        """Whether all of them were written; else none was."""
        outcomes = self.around.carry(tuple(commands.values()))
        if any(isinstance(one, Refused) for one in outcomes):
            return False
        for id, outcome in zip(commands, outcomes, strict=True):
            assert isinstance(outcome, Written)
            self.reached(id, outcome.object, outcome.id)
        return True

    def _carry_one(self, id: str, command: Command) -> str:
        """'' when it was written, else the code of the refusal."""
        outcome = self.around.carry((command,))[0]
        if isinstance(outcome, Refused):
            return "; ".join([outcome.kind.value, *(f"{error.field or '-'} {error.code}" for error in outcome.errors)])
        self.reached(id, outcome.object, outcome.id)
        return ""

    def _apart(self, todo: Mapping[str, Any], do: Callable[[str, Any], str]) -> dict[str, str]:
        return {id: problem for id, one in todo.items() if (problem := do(id, one))}

    def _enrol(self, ids: Sequence[str]) -> None:
        """Records that are on the plan already, and those that it stops for, stay as they are."""
        from runtime.plans.enrolling import enrol  # plans follow changes themselves: a circle of imports otherwise
        from runtime.plans.enrolment import Cause
        from runtime.plans.round import Round

        effect, around = self.effect, self.around
        assert isinstance(effect, EnrolIn)
        round = Round(
            connection=around.connection, release=around.release, now=around.now, new_id=around.new_id, by=around.actor.id,
            command=around.carry)
        enrol(round, around.release.model.plans[effect.plan], ids, Cause.EFFECT)

    def _tell(self, intents: Mapping[str, Intent]) -> dict[str, str]:
        from runtime.messages.sending import queue_message

        effect, around = self.effect, self.around
        assert isinstance(effect, Notify)
        message = around.release.model.messages[effect.message]
        for id, intent in intents.items():
            assert intent.to is not None
            queue_message(
                around.connection, around.release, message, (self.object.name, id), (effect.recipient, intent.to),
                key=f"effect:{effect.id}:{id}:{around.causes[id]}", cause=effect.id, now=around.now, new_id=around.new_id)
        return {}


def _json(object: Object, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in the form that commands take."""
    return {name: None if value is None else object.fields[name].type.dump(value) for name, value in values.items()}
