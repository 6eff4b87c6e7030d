"""Scenarios: what is done, and what must be there then (issue 4, 7).

Requirements
1. Records are given by name; what people do is carried out with the rights they have, at its time; days pass with everything that comes due.
2. What is expected and holds passes: records with values, none, messages, plans; an expectation's name stands for the record it found.
3. What does not hold is told with step, line, what was expected and what there is; so is what failed while nobody looked.
4. `nothing_else` finds what came about by itself and is not expected.
5. A refusal is expected or told; what cannot be done ends the scenario.
6. Months go by the calendar, days by the clocks of the clinics, hours as they pass.
7. Nothing leaves the machine, and each scenario has a clinic of its own.
"""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from engine.model.scenario import Span
from engine.text import check
from runtime.simulation.houses import Houses
from runtime.simulation.scenarios import run_scenario
from runtime.simulation.world import MOST_TURNS, NotPossible
from tests.runtime.simulation.clinic import BEGIN, FILES, failures, run, source_of


def test_a_course_that_holds(houses: Houses) -> None:
    """Requirements 1, 2 and 4: without pain the second call is left out."""
    ran = run(houses, f"""
  surgery:
    when: {BEGIN}
    expect:
      on: {{plan: recovery, of: op, state: active}}
      told: {{message: care, to: wang, state: sent}}
      no: {{object: call, count: 0}}
    nothing_else: true
  next_day:
    at: +1d
    expect:
      first: {{object: call, where: {{step: First day}}, values: {{patient: {{record: wang}}, due: 2026-11-03, status: planned}}}}
    nothing_else: true
  answered:
    at: +2h
    as: nurse
    when: {{transition: finish, of: first, values: {{pain: 0}}}}
    expect:
      same: {{record: first, values: {{status: done, pain: 0}}}}
  later:
    at: +2w
    expect:
      all: {{object: call, count: 1}}
      over: {{plan: recovery, state: finished}}
    nothing_else: true
""")
    assert failures(ran) == [] and ran.steps == 4


def test_another_course(houses: Houses) -> None:
    """Requirements 1 and 2: with pain the second call comes, and grows late by its timer."""
    ran = run(houses, f"""
  surgery: {{when: {BEGIN}}}
  next_day: {{at: 2026-11-03T10:00, expect: {{first: {{object: call}}}}}}
  answered: {{when: {{update: first, values: {{pain: 4}}}}}}
  week: {{at: 2026-11-09, expect: {{second: {{object: call, where: {{step: First week}}, values: {{status: planned}}}}}}}}
  late: {{at: +2d, expect: {{second: {{record: second, values: {{status: late}}}}}}}}
  gone: {{when: {{delete: second}}, expect: {{calls: {{object: call, count: 1}}}}}}
""")
    assert failures(ran) == []


@pytest.mark.parametrize(("steps", "line", "words"), [
    ("at: +1d, expect: {x: {object: call, values: {due: 2026-11-04}}}", 9, "expected due = 2026-11-04, but 'First day' has 2026-11-03"),
    ("at: +1d, expect: {x: {object: call, count: 2}}", 9, "expected 2 of 'call', but there are 1. There is: 'First day'."),
    ("expect: {x: {object: call}}", 9, "expected 1 of 'call', but there are 0. There is none at all."),
    ("at: +1d, expect: {x: {object: call, where: {step: Second}}}", 9,
     "expected 1 of 'call' with step = Second, but there are 0. There is: 'First day', step = First day."),
    ("expect: {x: {message: care, count: 0}}", 9, "expected 0 of message 'care', but there are 1. There is: sent."),
    ("expect: {x: {plan: recovery, state: stopped}}", 9, "expected 1 stopped of plan 'recovery', but there are 0. There is: active."),
    ("at: +1d, nothing_else: true", 9, "nothing else was expected, but there came a record of 'call'"),
    ("at: 2026-11-01", 9, "its time lies before that of the step before, 2026-11-02 09:00"),
])
def test_what_does_not_hold_is_told(houses: Houses, steps: str, line: int, words: str) -> None:
    """Requirements 3 and 4, planted faults of every kind."""
    ran = run(houses, f"  surgery: {{when: {BEGIN}}}\n  two: {{{steps}}}")
    assert failures(ran) == [("two", line, words)]


def test_what_fails_behind_the_scenes_is_told_once(houses: Houses) -> None:
    """Requirement 3: the record of a step is refused, which in a clinic only operators would see."""
    call = FILES["objects/call.yaml"] + "checks: {never: {rule: has(pain), message: Not without}}\n"
    ran = run(houses, f"  surgery: {{when: {BEGIN}}}\n  next_day: {{at: +1d}}\n  later: {{at: +3d}}", **{"objects/call.yaml": call})
    assert failures(ran) == [
        ("next_day", 9, "at 2026-11-03 00:00 'day1' of the plan 'recovery' failed and was set aside: invalid (: check)")]


def test_rights_count(houses: Houses) -> None:
    """Requirements 1 and 5: a call of another nurse is not there for this one."""
    given = """
given:
  wang: {object: patient, values: {name: Wang}}
  lin: {object: staff, role: nurse, values: {name: Lin}}
  chen: {object: staff, role: nurse, values: {name: Chen}}
  call: {object: call, values: {patient: {record: wang}, due: 2026-11-03, step: By hand, who: {record: lin}}}
"""
    ran = run(houses, """
  not_hers: {as: chen, when: {transition: finish, of: call, values: {pain: 1}}, refused: not_found}
  not_allowed: {as: lin, when: {update: call, values: {pain: 1}}, refused: forbidden}
  not_whole: {as: lin, when: {transition: finish, of: call}, refused: invalid}
  hers: {as: lin, when: {transition: finish, of: call, values: {pain: 1}}}
  too_late: {when: {transition: finish, of: call, values: {pain: 1}}, refused: true}
""", given)
    assert failures(ran) == []


@pytest.mark.parametrize(("step", "words"), [
    ("when: {create: call, values: {step: x}}", "it is refused (invalid): patient: "),
    (f"when: {BEGIN}, refused: true", "it must be refused, but it is done"),
    ("as: nurse, when: {create: surgery, values: {patient: {record: wang}}}, refused: invalid", "it must be refused as 'invalid', but it is as '"),
])
def test_refusals(houses: Houses, step: str, words: str) -> None:
    """Requirement 5: the scenario ends where what must be done is not; a refusal of another kind changes nothing, so it goes on."""
    ran = run(houses, f"  one: {{{step}}}\n  two: {{expect: {{x: {{object: call, count: 7}}}}}}")
    (first, *_) = failures(ran)
    assert first[0] == "one" and first[2].startswith(words)
    assert ran.steps == (2 if "as '" in words else 0)


def test_what_is_given_must_be_possible(houses: Houses) -> None:
    """Requirement 5: it breaks a rule of its object."""
    surgery = FILES["objects/surgery.yaml"] + "checks: {sane: {rule: kind != 'bad', message: Not this kind}}\n"
    given = GIVEN_OP.replace("extraction", "bad")
    (first, *_) = failures(run(houses, "  one: {at: +1d}", given, **{"objects/surgery.yaml": surgery}))
    assert first == ("given", 6, "'op' is refused: Not this kind")


def test_enrolling_by_hand(houses: Houses) -> None:
    """Requirements 1 and 5: whoever may not change the record that begins the plan may not enrol."""
    given = GIVEN_OP
    ran = run(houses, """
  not_she: {as: nurse, when: {enrol: recovery, of: op}, refused: true}
  by_hand: {when: {enrol: recovery, of: op}, expect: {on: {plan: recovery, of: op, state: active}}}
""", given)
    assert failures(ran) == []


GIVEN_OP = """
given:
  wang: {object: patient, values: {name: Wang}}
  op: {object: surgery, values: {patient: {record: wang}, kind: extraction, day: 2026-11-02}}
"""


@pytest.mark.parametrize(("starts", "span", "expected"), [
    (datetime.datetime(2024, 1, 31, 9), Span(months=1), datetime.datetime(2024, 2, 29, 9)),
    (datetime.datetime(2026, 3, 7, 9), Span(days=1), datetime.datetime(2026, 3, 8, 9)),
    (datetime.datetime(2026, 3, 7, 9), Span(minutes=24 * 60), datetime.datetime(2026, 3, 8, 10)),
])
def test_time(houses: Houses, starts: datetime.datetime, span: Span, expected: datetime.datetime) -> None:
    """Requirement 6: over the night in which clocks change in New York."""
    source = source_of("  one: {}", **{"organisation.yaml": "name: o\npacks: [base, test]\ntimezone: America/New_York\n"})
    with houses.world(source, starts) as world:
        assert world.local(world.after(span)) == expected


def test_beyond_the_calendar(houses: Houses) -> None:
    """Requirement 5 (A-60): told, wherever the clock would have to stand."""
    files = {"organisation.yaml": "name: o\npacks: [base, test]\ntimezone: America/New_York\n"}
    source = source_of("  one: {at: 9999-12-31T23:59}", **files)
    (scenario,) = check(source).model.scenarios.values()  # type: ignore[union-attr]
    for each in (scenario, dataclasses.replace(scenario, starts=datetime.datetime(9999, 12, 31, 23, 59))):
        (failure,) = run_scenario(houses, source, each).failures
        assert failure.message == "the scenario cannot be run: the time lies beyond the calendar"
    with houses.world(source, scenario.starts) as world:
        for span in (Span(days=99_999_999), Span(months=999_999), Span(minutes=10**15)):
            with pytest.raises(NotPossible, match="beyond the calendar"):
                world.after(span)


def test_what_has_no_end_is_told(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation is never endless."""
    monkeypatch.setattr("runtime.simulation.world.MOST_TURNS", 3)
    assert MOST_TURNS > 1000
    with houses.world(source_of("  one: {}"), datetime.datetime(2026, 11, 2)) as world, pytest.raises(NotPossible, match="more to do"):
        world.go_to(world.now, lambda: True)


def test_what_takes_too_long_is_told(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever for definitions that are just being written."""
    monkeypatch.setattr("runtime.simulation.world.PATIENCE", -1.0)
    (first,) = failures(run(houses, f"  one: {{when: {BEGIN}}}"))
    assert "let fewer days pass" in first[2]


def test_clinics_of_their_own(houses: Houses) -> None:
    """Requirement 7."""
    steps = "  one: {expect: {all: {object: patient, count: 1}}}"
    assert run(houses, steps).ok and run(houses, steps).ok


def test_what_is_not_needed_any_more_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 7: of many releases a few stay built, and nothing of a clinic is left."""
    monkeypatch.setattr("runtime.simulation.houses._KEPT", 1)
    with Houses() as own:
        for number in range(2):
            with own.world(source_of("  one: {}", **{"roles/other.yaml": f"name: other{number}\n"}), datetime.datetime(2026, 11, 2)):
                pass
        left = {path.name.partition(".")[0] for path in own._folder.iterdir()}
        assert left == {"built-3"}
    assert not own._folder.exists()
