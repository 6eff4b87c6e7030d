"""The organisation's time zone and calendar reach the expressions of its packs, and a change of them changes what formulas mean."""

import datetime
from typing import Any

import pytest

from engine.expressions import to_python
from engine.expressions.calendar import Calendar
from engine.model import Model
from engine.targets.rights import meaning
from tests.builders import model_of

VISIT = """
name: visit
belongs_to: organisation
fields:
  n: {type: integer}
  due: {type: date}
  seen: {type: datetime}
  next: {type: date, formula: due + workdays(1)}
  day: {type: date, formula: date(seen)}
  twice: {type: integer, formula: n * 2}
"""
FRIDAY = datetime.date(2026, 10, 9)


def made(settings: str = "") -> Model:
    organisation = f"name: o\npacks: [base, test]\n{settings}"
    return model_of({"objects/visit.yaml": VISIT, "organisation.yaml": organisation})


def value(model: Model, name: str, given: Any) -> Any:
    formula = model.objects["visit"].fields[name].formula
    assert formula is not None
    return to_python(formula.tree, lambda path: lambda row: row)(given)


@pytest.mark.parametrize(
    ("settings", "day"),
    [
        ("", 12),
        ("holidays: [2026-10-12]\n", 13),
        ("make_up_days: [2026-10-10]\n", 10),
        ("holidays: [2026-10-12, 2026-10-13]\nmake_up_days: ['2026-10-11']\n", 11),
    ],
)
def test_working_days_are_those_of_the_organisation(settings: str, day: int) -> None:
    """Weekends are off, holidays are added to them, and make-up days taken away."""
    assert value(made(settings), "next", FRIDAY) == datetime.date(2026, 10, day)


@pytest.mark.parametrize(("settings", "day"), [("", 23), ("timezone: Europe/Berlin\n", 22)])
def test_the_day_of_an_instant_is_the_clinics(settings: str, day: int) -> None:
    """Shanghai when nothing is said."""
    at = datetime.datetime(2026, 11, 22, 20, tzinfo=datetime.UTC)
    assert value(made(settings), "day", at) == datetime.date(2026, 11, day)


def test_a_pack_alone_has_the_usual_calendar() -> None:
    model = model_of({"objects/visit.yaml": VISIT})
    assert model.organisation.calendar == Calendar()
    assert value(model, "next", FRIDAY) == datetime.date(2026, 10, 12)


def test_a_new_holiday_changes_what_formulas_of_working_days_mean() -> None:
    """So stored ones are computed anew at publish; the order in which days are listed changes nothing, and other formulas stay."""

    def of(model: Model, name: str) -> Any:
        visit = model.objects["visit"]
        return meaning(visit.fields[name], visit, model)

    one, same = made("holidays: [2026-10-01, 2026-10-02]\n"), made("holidays: [2026-10-02, 2026-10-01]\n")
    more = made("holidays: [2026-10-01]\n")
    assert of(one, "next") == of(same, "next") != of(more, "next")
    assert of(one, "twice") == of(more, "twice")
