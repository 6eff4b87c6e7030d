"""What jobs do: the steps that are due of enrolments, for many at a time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from engine.model import PlanStep
from runtime.plans.enrolment import Enrolment, State, StepRow, StepState
from runtime.plans.made import creation
from runtime.plans.passing import Progress
from runtime.plans.progress import PASSES, begin, busy_of, carry_out, finish, plan_ahead, stopped, write_down
from runtime.plans.reasons import Why
from runtime.plans.round import Round
from runtime.plans.telling import tell
from runtime.plans.waking import sleep
from runtime.records.outcomes import Kind, Outcome, Refused

__all__ = ["NotMade", "carry_on"]

_Due = tuple[Progress, StepRow, PlanStep]


class NotMade(Exception):
    """The record of a step was refused; `problem` says by ids and codes which one and why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def carry_on(round: Round, enrolments: Sequence[Enrolment]) -> dict[str, datetime.datetime | None]:
    """Do what is due of enrolments that this transaction holds; by id, when there is more to do. Raises NotMade.

    They begin with different records and are about different patients, so that what one leads to does not decide about another.
    """
    busy = busy_of(round)
    mine = {each.id: each for each in enrolments}
    left, done = dict(mine), dict[str, Progress]()
    try:
        for _ in range(PASSES):
            busy.update(dict.fromkeys(left, False))
            acted = _act(round, list(left.values()))
            done.update({id: one for id, (_, one) in acted.items()})
            # One that was through already may be touched by what another leads to: nobody else writes it meanwhile.
            left = {id: each for id, each in mine.items() if busy[id] or (id in acted and acted[id][0] and acted[id][1].waiting)}
            if not left:
                break
    finally:
        for id in mine:
            busy.pop(id, None)
    times = {id: one.next if one.enrolment.state is State.ACTIVE else None for id, one in done.items() if id not in left}
    sleep(round, [done[id].enrolment for id, when in times.items() if when is None])
    return {**times, **dict.fromkeys(left, round.now)}


def _act(round: Round, enrolments: Sequence[Enrolment]) -> dict[str, tuple[bool, Progress]]:
    """One pass; by id, whether something was due, and how it stands."""
    found = list(begin(round, enrolments, {}))
    going = [one for one in found if one.enrolment.state is State.ACTIVE and not stopped(round, one)]
    due: list[_Due] = [(one, row, step) for one in going for row, step in plan_ahead(round, one, act=True)]
    _do(round, due)
    for one in going:
        finish(round, one)
    write_down(round, found)
    carry_out(round, found)
    did = {one.enrolment.id for one, _, _ in due}
    return {one.enrolment.id: (one.enrolment.id in did, one) for one in found}


def _do(round: Round, due: Sequence[_Due]) -> None:
    """What steps do when they are due: make their records, tell somebody. Raises NotMade."""
    for _, row, _ in due:
        row.state, row.settled_at, row.why = StepState.DONE, round.now, None
    _create(round, [each for each in due if each[2].create])
    for one, row, step in due:
        if step.message and row.state is not StepState.SKIPPED:
            assert one.plan is not None
            tell(round, one.release, one.plan, step, row, one.enrolment)
        one.keep(row)


def _create(round: Round, due: Sequence[_Due]) -> None:
    """Make the records of steps; one that is there already skips its step. Raises NotMade."""
    commands = []
    for one, row, step in due:
        assert one.plan is not None and one.read is not None
        commands.append(creation(one.release, round.release.model, one.plan, step, one.enrolment, one.read, row))
    outcomes = round.command(commands) if commands else []
    if len(commands) > 1 and not all(outcome.ok for outcome in outcomes):
        outcomes = [outcome for command in commands for outcome in round.command([command])]
    for (one, row, step), command, outcome in zip(due, commands, outcomes, strict=True):
        _made(round, one, row, step, command.object, outcome)


def _made(round: Round, one: Progress, row: StepRow, step: PlanStep, object_name: str, outcome: Outcome) -> None:
    assert one.plan is not None
    if isinstance(outcome, Refused):
        if outcome.kind is Kind.DUPLICATE:
            row.state, row.why = StepState.SKIPPED, Why.DUPLICATE
            return
        fields = ", ".join(f"{error.field}: {error.code}" for error in outcome.errors)
        raise NotMade(f"plan {one.plan.id}, step {step.id}, {row.n}: {outcome.kind.value}{f' ({fields})' if fields else ''}")
    made = round.release.model.objects[object_name]
    row.object, row.record_id = made.id, outcome.id
    if made.workflow:  # without one, nothing is left to be done with it
        row.state, row.settled_at = StepState.CREATED, None
