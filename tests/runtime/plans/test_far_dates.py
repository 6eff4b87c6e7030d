"""Dates at the ends of the calendar, as people mistype them, harm nothing but their own plan (A-60).

Putting the record on a plan, looking at that, moving the date again, and what the runner does for everybody else go on.
"""

from __future__ import annotations

import pytest

from runtime.records.commands import Update
from tests.runtime.plans.test_page import surf
from tests.runtime.plans.world import NORTH, ClinicWeb, World

ENDS = ("0001-01-01", "0033-02-03", "9999-03-01", "9999-12-31")


@pytest.mark.parametrize("day", ENDS)
def test_a_record_can_be_put_right(world: World, day: str) -> None:
    """And its plan then says what it would have said."""
    treatment, other = world.treatment(day=day), world.treatment(kind="implant")
    world.days(2)
    world.update("treatment", treatment, kind="implant", day="2026-03-03")
    world.days(3)
    assert world.enrolments(treatment)[-1].state in ("active", "finished")
    assert world.steps(other)["day1.1"][0] == "missed" and world.steps(other)["week1.1"] == ("planned", "2026-03-09")
    world.ok(Update("treatment", treatment, {"kind": "crown"}, None))


@pytest.mark.parametrize("day", ENDS[::2])
def test_its_page_is_shown(web: ClinicWeb, day: str) -> None:
    """To whoever shall put it right."""
    patient = web.make("patient", NORTH, name="Wang")
    treatment = web.make("treatment", None, patient=patient, kind="implant", day=day, finished=True)
    nurse = surf(web, "nurse")
    for path in (f"/o/patient/{patient}/plans", f"/o/patient/{patient}", f"/o/treatment/{treatment}", "/o/treatment", "/o/call", "/"):
        assert nurse.get(path).status_code == 200, path
    assert web.as_("nurse").get(f"/treatment/{treatment}/plans").status_code == 200
