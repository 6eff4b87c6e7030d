"""Plans of the field, written as plans of Carework, give the dates they stand for (issue 4, What it must show).

Requirements
1. The eight antenatal contacts of the WHO's plan come in weeks 12, 20, 26, 30, 34, 36, 38 and 40 of the pregnancy.
2. Immunisations come at the ages in months of the schedule, for children born at the end of a month and on a leap day too.
3. The two monthly PlanDefinitions come when relativedelta says, as often as they say.
"""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from tests.engine.targets.test_schedule import EARLY, asked, day, days, facts

pytestmark = pytest.mark.corpus
BIRTHS = ["2024-01-31", "2024-02-29", "2023-02-28", "2022-08-31", "2025-12-30", "2026-11-22"]


def _read(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "careplans" / name).read_text("utf-8"))


def _contacts(shared_data: Path) -> list[int]:
    """The weeks of the contacts, from their own words."""
    texts = [action.get("textEquivalent", "") for action in _read(shared_data, "plandefinition-ANCS01.json")["action"]]
    return [int(found[1]) for text in texts if (found := re.search(r"(\d+) weeks", text))]


@pytest.mark.parametrize("last_period", ["2023-06-15", "2023-12-10", "2024-02-29", "2025-01-31"])
def test_antenatal_contacts(shared_data: Path, last_period: str) -> None:
    """Requirement 1: over a leap day and the end of the year too."""
    weeks = _contacts(shared_data)
    assert weeks == [12, 20, 26, 30, 34, 36, 38, 40]
    steps = "\n".join(f"  week{week}: {{at: anchor + days({7 * week}), create: call, window: days(6)}}" for week in weeks)
    found = asked(steps, facts(day(last_period)), EARLY)
    assert [each.step.name for each in found] == [f"week{week}" for week in weeks]
    assert [each.at for each in found] == [day(last_period) + datetime.timedelta(weeks=week) for week in weeks]


@pytest.mark.parametrize("born", BIRTHS)
def test_immunisations(shared_data: Path, born: str) -> None:
    """Requirement 2: doses at single ages, and those that come again and again up to an age."""
    schedule = _read(shared_data, "immunization_at_months.json")["at_months"]
    assert len(schedule) == 16
    steps, expected = [], {}
    for name, ages in schedule.items():
        if isinstance(ages, dict):
            months = list(range(ages["from"], ages["until"] + 1, ages["every"]))
            steps.append(f"  {name}: {{every: months({ages['every']}), from: anchor + months({ages['from']}), times: {len(months)}, create: call}}")
            expected[name] = months
        else:
            steps += [f"  {name}_{n}: {{at: anchor + months({age}), create: call}}" for n, age in enumerate(ages, 1)]
            expected.update({f"{name}_{n}": [age] for n, age in enumerate(ages, 1)})
    found = asked("\n".join(steps), facts(day(born)), EARLY)
    for name, months in expected.items():
        assert days(found, name) == [day(born) + relativedelta(months=count) for count in months], name


@pytest.mark.parametrize(("name", "path", "count"), [
    ("anc_visit_plan_definition.json", ("contained", "timingTiming"), 8),
    ("child_routine_visit_plan_definition.json", ("action", "timingTiming"), 59),
])
@pytest.mark.parametrize("first", [0, 1])
def test_monthly_plans(shared_data: Path, name: str, path: tuple[str, str], count: int, first: int) -> None:
    """Requirement 3: from 31 January of a leap year, beginning on that day or a month later."""
    repeat = _read(shared_data, name)["entry"][0]["resource"][path[0]][0][path[1]]["repeat"]
    assert (repeat["period"], repeat["periodUnit"], int(repeat["countMax"])) == (1, "mo", count)
    steps = f"  one: {{every: months({repeat['period']}), from: anchor + months({first}), times: {repeat['countMax']}, create: call}}"
    begins = day("2024-01-31")
    expected = [begins + relativedelta(months=first + n * repeat["period"]) for n in range(count)]
    assert days(asked(steps, facts(begins), EARLY)) == expected
    if first:
        assert expected[:3] == [day("2024-02-29"), day("2024-03-31"), day("2024-04-30")]
