"""Takes enrolments up again that a delete ended, when the delete is undone."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.plans.enrolment import State, StepState, hold, load, steps_of, write, write_steps
from runtime.plans.progress import go_on
from runtime.plans.reasons import Why
from runtime.plans.round import Round, plan_of
from runtime.records.ids import chunks
from runtime.store import system

__all__ = ["resume"]

_enrolment = system.enrolment


def resume(round: Round, records: Sequence[str]) -> None:
    """Enrolments that ended with these records go on, unless the record is on the plan anew or the plan is gone."""
    ended = [
        each for chunk in chunks(records) for each in load(
            round.connection, _enrolment.c.record_id.in_(chunk), _enrolment.c.state == State.STOPPED.value,
            _enrolment.c.why == Why.DELETED.value)
        if plan_of(round.release, each.plan) is not None
    ]
    latest = {(each.record_id, each.plan): each.id for each in ended}
    held = [each for each in hold(round.connection, latest.values()) if each.state is State.STOPPED]
    if not held:
        return
    for each in held:
        each.state, each.ended_at, each.ended_by, each.why = State.ACTIVE, None, None, None
        each.turn += 1
    write(round.connection, held)
    rows = [row for several in steps_of(round.connection, [each.id for each in held]).values() for row in several]
    again = [row for row in rows if row.state is StepState.STOPPED and row.why == Why.DELETED]
    for row in again:
        # A record that the end has cancelled stays so; the step makes another one.
        row.state, row.why, row.settled_at, row.record_id, row.object = StepState.PLANNED, None, None, None, None
    write_steps(round.connection, again)
    go_on(round, held)
