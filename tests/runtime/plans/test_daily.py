"""Conditions that become true because time passes.

1. Who comes to meet `enrol_when` by the day alone is on the plan when that day begins; a formula that reads the clock counts too.
2. A `stop_when` of the clock ends the plan when its day begins.
3. A daily job that is lost, dropped or set aside does not end them: runners see to the next one. One that waits stays as it is.
4. After days without anybody running, all that came about is found; without such a plan there is no daily job.
"""

from __future__ import annotations

import sqlalchemy as sa

from runtime.jobs.kinds import kinds_of
from runtime.jobs.standing import keep_standing
from runtime.plans.sweeping import SWEEP
from runtime.store import system
from tests.runtime.plans.world import RECOVERY, TREATMENT, World

WEEK = TREATMENT + "  days_ago: {type: integer, formula: 'days_between(day, today)'}\n"


def _plan(**replaced: str) -> str:
    text = RECOVERY
    for name, rule in replaced.items():
        lines = [f'{name}: "{rule}"' if line.startswith(f"{name}:") else line for line in text.splitlines()]
        text = "\n".join(lines) + "\n"
    return text


def _daily(world: World) -> list[str]:
    job = system.job
    return [row.key for row in world.rows(job, job.c.kind == SWEEP, job.c.state == "waiting", job.c.key.contains(":day:"))]


def test_enrolled_when_the_day_comes(world: World):
    """1."""
    world.publish({"objects/treatment.yaml": WEEK, "plans/recovery.yaml": _plan(enrol_when="days_ago >= 3")})
    treatment, never = world.treatment(), world.treatment(day=None)
    assert _daily(world) == [f"{SWEEP}:day:2026-03-03"]
    world.days(2.5)  # it is ten in the morning in the clinic
    assert world.enrolments(treatment) == []
    world.days(0.2)
    (enrolment,) = world.enrolments(treatment)
    assert enrolment.begun_at.isoformat() == "2026-03-04T16:00:00+00:00" and enrolment.cause == "rule"
    assert world.calls(treatment) and world.enrolments(never) == []
    world.days(3)
    assert len(world.enrolments(treatment)) == 1 and _daily(world) == [f"{SWEEP}:day:2026-03-09"]


def test_ended_when_the_day_comes(world: World):
    """2."""
    world.publish({"plans/recovery.yaml": _plan(stop_when="anchor + days(4) <= today")})
    treatment = world.treatment()
    world.days(3)
    assert world.enrolments(treatment)[0].state == "active"
    world.days(1)
    assert (world.enrolments(treatment)[0].state, world.steps(treatment)["week1.1"][0]) == ("stopped", "stopped")


def test_a_lost_day_does_not_end_them(world: World):
    """3."""
    def see_to_it() -> int:
        return keep_standing(world.store, kinds_of(world.workplace).values(), world.clock(), world.new_id)

    assert see_to_it() == 0
    world.publish({"plans/recovery.yaml": _plan(enrol_when="days_between(day, today) >= 3")})
    treatment = world.treatment()
    assert see_to_it() == 0
    for change in (sa.delete(system.job), sa.update(system.job).values(state="cancelled")):
        with world.store.write() as connection:
            connection.execute(change.where(system.job.c.key.contains(":day:")))
        assert (_daily(world), see_to_it(), see_to_it(), _daily(world)) == ([], 1, 0, [f"{SWEEP}:day:2026-03-03"])
    world.clock.advance(days=1)
    with world.store.write() as connection:
        connection.execute(sa.update(system.job).values(state="aside").where(system.job.c.key.contains(":day:")))
    assert (see_to_it(), _daily(world)) == (1, [f"{SWEEP}:day:2026-03-04"])
    world.days(3)
    assert len(world.enrolments(treatment)) == 1


def test_after_a_while_without_anybody(world: World):
    """4."""
    assert _daily(world) == []
    world.publish({"plans/recovery.yaml": _plan(enrol_when="finished && day <= today - days(3)")})
    treatment = world.treatment()
    world.clock.advance(days=9)
    world.run_due()
    assert len(world.enrolments(treatment)) == 1 and _daily(world) == [f"{SWEEP}:day:2026-03-12"]
    world.publish({})
    world.days(2)
    assert _daily(world) == []
