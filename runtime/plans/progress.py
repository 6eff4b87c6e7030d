"""Moves enrolments on: settles what is done and plans what is to come; `doing` does what is due."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from engine.expressions import to_python
from engine.model import Label, Plan, PlanStep, Running
from runtime.plans.enrolment import Enrolment, State, StepRow, StepState, steps_of, write, write_steps
from runtime.plans.judging import Coming, Verdict, judge
from runtime.plans.made import answers_of, cancel, look_up, move, settle
from runtime.plans.passing import Progress
from runtime.plans.reasons import Why
from runtime.plans.round import Round, plan_of
from runtime.plans.values import Read, begun
from runtime.plans.waking import wake
from runtime.store.compiled import Release

__all__ = ["PASSES", "begin", "busy_of", "carry_out", "finish", "go_on", "plan_ahead", "stop", "stopped", "write_down"]

_BUSY = "plans.busy"
"""In the connection's notes: the enrolments that are being moved on, and whether something changed about them meanwhile."""
STOPPED = Label({"en": "The follow-up plan ended", "zh": "随访计划已结束"})
"""The reason that a cancelled record's history gives."""
PASSES = 3
"""So often what a step led to is looked at again in one transaction; the rest is for the next job."""


def go_on(
    round: Round, enrolments: Sequence[Enrolment], *, reads: Mapping[str, Read] | None = None, replan: bool = False,
) -> None:
    """Bring enrolments up to date that this transaction holds: settle, stop, plan, and schedule the job for what is next.

    `reads` has what is known already of records that begin a plan of the live release, by their ids. With `replan` what nobody
    has begun follows the steps as they are now; otherwise it moves with the anchor alone.
    """
    busy = busy_of(round)
    ready = {each.id: each for each in enrolments if busy.get(each.id) is None}
    busy.update({each.id: True for each in enrolments if each.id not in ready})
    for _ in range(PASSES):
        busy.update(dict.fromkeys(ready, False))
        try:
            found = list(begin(round, list(ready.values()), reads or {}))
            for one in found:
                if one.enrolment.state is State.ACTIVE and not stopped(round, one):
                    plan_ahead(round, one, act=False, replan=replan)
                    finish(round, one)
            write_down(round, found)
            carry_out(round, found)
            touched = [id for id in ready if busy[id]]
        finally:
            for id in ready:
                busy.pop(id, None)
        wake(round, [(one.enrolment, one.next) for one in found])
        ready, reads = {id: ready[id] for id in touched}, None
        if not ready:
            break


def stop(round: Round, enrolments: Sequence[Enrolment], why: Why, reason: str | None = None) -> None:
    """End enrolments under way: nothing more comes of them, and what nobody has begun is cancelled."""
    busy = busy_of(round)
    busy.update({each.id: False for each in enrolments})
    try:
        found = list(begin(round, enrolments, {}))
        for one in found:
            _end(round, one, why, reason)
        write_down(round, found)
        carry_out(round, found)
    finally:
        for each in enrolments:
            busy.pop(each.id, None)
    wake(round, [(each, None) for each in enrolments])


def busy_of(round: Round) -> dict[str, bool]:
    """The enrolments that are being moved on, and whether something changed about them meanwhile."""
    found: dict[str, bool] = round.connection.info.setdefault(_BUSY, {})
    return found


# One pass

def begin(round: Round, enrolments: Sequence[Enrolment], reads: Mapping[str, Read]) -> Iterator[Progress]:
    """The enrolments with their rows, which say where their records stand, and what their plans read."""
    rows = steps_of(round.connection, [each.id for each in enrolments])
    groups: dict[tuple[str, str], list[Enrolment]] = {}
    for each in enrolments:
        groups.setdefault((each.plan, _followed(round, each)), []).append(each)
    for (plan_id, hash_), several in groups.items():
        release = round.release_of(hash_)
        plan = plan_of(release, plan_id) if plan_of(round.release, plan_id) is not None else None
        yield from _group(round, release, plan, several, rows, reads if release is round.release else {})


def _followed(round: Round, enrolment: Enrolment) -> str:
    """The hash of the release whose plan it follows: the live one's, unless plans under way stay as they began."""
    live = plan_of(round.release, enrolment.plan)
    return enrolment.release if live is not None and live.running is Running.KEEP else round.release.hash


def _group(
    round: Round, release: Release, plan: Plan | None, enrolments: Sequence[Enrolment], rows: Mapping[str, list[StepRow]],
    reads: Mapping[str, Read],
) -> Iterator[Progress]:
    known = dict(reads)
    if plan is not None:
        missing = [each.record_id for each in enrolments if each.record_id not in known]
        known.update(begun(round.connection, release, round.actor, plan, missing, round.now))
    made = look_up(round, release, plan, [row for each in enrolments for row in rows[each.id]])
    for each in enrolments:
        mine = rows[each.id]
        read = known.get(each.record_id) if plan is not None else None
        if read is not None and plan is not None:
            read = dataclasses.replace(read, answers=answers_of(plan, mine, made))
        one = Progress(each, release, plan, read, {(row.step, row.n): row for row in mine}, made)
        for row in settle(mine, made, round.now):
            one.keep(row)
        yield one


def stopped(round: Round, one: Progress) -> bool:
    """Whether the plan ends here, and then its end."""
    rule = one.plan.stop_when if one.plan is not None else None
    if one.plan is None:
        _end(round, one, Why.RETIRED)
    elif one.read is None:
        _end(round, one, Why.DELETED)
    elif rule is not None and rule.position.settle(to_python(rule.tree)(one.read)):
        _end(round, one, Why.CONDITION)
    return one.enrolment.state is not State.ACTIVE


def plan_ahead(round: Round, one: Progress, *, act: bool, replan: bool = False) -> list[tuple[StepRow, PlanStep]]:
    """Let the rows say what the schedule does. With `act` what is skipped or missed is settled, and what is due comes back."""
    assert one.plan is not None and one.read is not None
    enrolment = one.enrolment
    anchor = one.read.anchor.isoformat() if one.read.anchor is not None else None
    follow = replan or anchor != enrolment.anchor
    one.anchor = enrolment.anchor
    enrolment.anchor, enrolment.release, enrolment.why = anchor, one.release.hash, None
    enrolment.subject_id, enrolment.clinic_id = one.read.values[("subject_id",)], one.read.values[("clinic_id",)]
    judged = judge(one.release.model, one.plan, one.read, tuple(one.rows.values()), round.now)
    one.waiting = judged.waiting
    due = []
    for coming in judged.coming:
        row = one.rows.get((coming.step.id, coming.n))
        if row is None:
            row = StepRow(enrolment_id=enrolment.id, step=coming.step.id, n=coming.n, state=StepState.PLANNED, due_at=coming.due_at)
        if row.state is StepState.PLANNED:
            if _lay(one, row, coming, act) and act:
                due.append((row, coming.step))
        elif row.state is StepState.CREATED and follow:
            _shift(one, row, coming)
    _leave(one, {(coming.step.id, coming.n) for coming in judged.coming}, follow=replan)
    return due


def _lay(one: Progress, row: StepRow, coming: Coming, act: bool) -> bool:
    """Write a planned row as the schedule has it; whether its record is to be made now."""
    times = coming.due_at, coming.due_date, coming.until
    new = (row.step, row.n) not in one.rows
    if new or (row.due_at, row.due_date, row.until) != times:
        row.due_at, row.due_date, row.until = times
        one.keep(row)
    if act and coming.verdict in (Verdict.SKIPPED, Verdict.MISSED):
        row.state = StepState.SKIPPED if coming.verdict is Verdict.SKIPPED else StepState.MISSED
        row.why, row.settled_at = coming.why, coming.now
        one.keep(row)
    return coming.verdict is Verdict.DUE


def _shift(one: Progress, row: StepRow, coming: Coming) -> None:
    """The time of a record that is there already moved."""
    if (row.due_at, row.due_date, row.until) != (coming.due_at, coming.due_date, coming.until):
        record = one.made.get(row.record_id or "")
        if record is not None:
            one.shifted.append((row, record))
            one.times[row.step, row.n] = row.due_at, row.due_date, row.until
        row.due_at, row.due_date, row.until = coming.due_at, coming.due_date, coming.until
        one.keep(row)


def _leave(one: Progress, wanted: set[tuple[str, int]], *, follow: bool) -> None:
    """What the schedule has no more: planned rows go; with `follow` open records go as well."""
    for key, row in list(one.rows.items()):
        if key in wanted:
            continue
        if row.state is StepState.PLANNED:
            one.drop(row)
        elif row.state is StepState.CREATED and follow and (record := one.made.get(row.record_id or "")) is not None:
            one.unwanted.append((row, record))


def finish(round: Round, one: Progress) -> None:
    """End it where nothing is left to come."""
    enrolment = one.enrolment
    if enrolment.state is State.ACTIVE and one.over:
        enrolment.state, enrolment.ended_at, enrolment.ended_by = State.FINISHED, round.now, "system"
        enrolment.why = None


def _end(round: Round, one: Progress, why: Why, reason: str | None = None) -> None:
    enrolment = one.enrolment
    enrolment.state, enrolment.ended_at, enrolment.ended_by = State.STOPPED, round.now, round.by
    enrolment.why, enrolment.reason = why, reason
    for row in one.rows.values():
        if row.state is StepState.PLANNED:
            row.state, row.why, row.settled_at = StepState.STOPPED, why, round.now
            one.keep(row)
        elif row.state is StepState.CREATED and (record := one.made.get(row.record_id or "")) is not None:
            one.unwanted.append((row, record))


def write_down(round: Round, found: Sequence[Progress]) -> None:
    """Write the rows first: what commands lead to finds them as they will be."""
    write_steps(round.connection, [row for one in found for row in one.kept.values()], [row for one in found for row in one.gone])
    for one in found:
        one.kept.clear()
        one.gone.clear()
    changed = [one for one in found if one.enrolment != one.was]
    write(round.connection, [one.enrolment for one in changed])
    for one in changed:
        one.was = dataclasses.replace(one.enrolment)


def carry_out(round: Round, found: Sequence[Progress]) -> None:
    """Move and cancel records, and write what that makes of their rows."""
    _shift_back(round, found, move(round, [pair for one in found for pair in one.shifted]))
    unwanted = [(row, record, one.enrolment) for one in found for row, record in one.unwanted]
    if not unwanted:
        return
    gone = cancel(round, [record for _, record, _ in unwanted], STOPPED(round.release.model.organisation.languages[0]))
    changed = []
    for row, record, enrolment in unwanted:
        if record.id in gone:
            row.state, row.settled_at = StepState.STOPPED, round.now
            row.why = enrolment.why if enrolment.state is State.STOPPED else Why.RETIRED
            changed.append(row)
    write_steps(round.connection, changed)


def _shift_back(round: Round, found: Sequence[Progress], refused: Sequence[StepRow]) -> None:
    """Of records that refused their new day the rows say what they said, and the next look at the enrolment tries again."""
    keys = {row.key for row in refused}
    for one in found if keys else ():
        mine = [row for row, _ in one.shifted if row.key in keys]
        for row in mine:
            row.due_at, row.due_date, row.until = one.times[row.step, row.n]
            one.keep(row)
        if mine:
            one.enrolment.anchor = one.anchor
    if keys:
        write_down(round, found)
