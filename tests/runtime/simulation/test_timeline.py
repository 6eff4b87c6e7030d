"""One patient through a plan (issue 4, 7): what comes about on which day.

Requirements
1. Whoever fulfils the plan's condition is on it; who does not, or of whom nothing is said, is put on it by hand.
2. The events have their days: tasks that came, what time did to them, messages with their text, steps left out and why, what is planned.
3. Answers complete a step's record when it comes, and steer the plan.
4. What is not possible is told; nothing is ever sent. What fails while nobody looks is an event as well.
5. The same functions serve the terminal and the designer: definitions are given as a Source.
6. The command prints a table or JSON in both languages; exit codes are 0, 1 and 2.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.text import read_bytes
from runtime.cli.main import main
from runtime.simulation.houses import Houses
from runtime.simulation.timeline import Case, Timeline, simulate
from runtime.simulation.words import JOBS, KINDS, WHY
from runtime.simulation.world import NotPossible
from tests.builders import files_of
from tests.runtime.simulation.clinic import FILES

SOURCE = read_bytes(files_of(FILES))
STARTS = datetime.datetime(2026, 11, 2, 9)
IMPLANT = {"kind": "implant", "day": "2026-11-02"}


def course(houses: Houses, case: Case, days: int = 30, plan: str = "recovery", language: str = "en") -> Timeline:
    return simulate(houses, SOURCE, plan, case, STARTS, days, language=language)


def told(found: Timeline) -> list[tuple[str, str, str, str]]:
    """Day, kind, label and detail."""
    return [(f"{event.at:%m-%d}", event.kind, event.label, event.detail) for event in found.events]


def test_a_course_without_answers(houses: Houses) -> None:
    """Requirements 1 and 2: by the condition; the message has its text; nobody does the tasks, so they grow late."""
    found = course(houses, Case(patient={"name": "Wang", "email": "wang@example.org"}, begins=IMPLANT))
    assert told(found) == [
        ("11-02", "enrolled", "Recovery", "rule"), ("11-02", "message", "Take care", "email, sent"),
        ("11-03", "created", "First day", "Call"), ("11-05", "changed", "First day", "Grow late"),
        ("11-09", "created", "First week", "Call"), ("11-11", "changed", "First week", "Grow late"),
    ]
    assert [event.text for event in found.events if event.kind == "message"] == ["Rest after the implant."]
    assert [(event.step, event.due) for event in found.events if event.kind == "created"] == [("day1", "2026-11-03"), ("week1", "2026-11-09")]
    assert (found.state, found.ends) == ("active", STARTS + datetime.timedelta(days=30))


@pytest.mark.parametrize(("pain", "last"), [
    (0, ("11-09", "skipped", "First week", "skip_when")), (3, ("11-09", "changed", "First week", "Finish")),
])
def test_answers_steer_the_plan(houses: Houses, pain: int, last: tuple[str, str, str, str]) -> None:
    """Requirement 3: with pain the second call comes, and is answered too; then the plan is over."""
    found = course(houses, Case(begins=IMPLANT, answers={"day1": {"pain": pain}, "week1": {"pain": 0}}))
    assert ("11-03", "changed", "First day", "Finish") in told(found) and last in told(found)
    assert found.state == "finished" and found.events[-1].kind == "ended"


def test_by_hand_and_what_is_still_planned(houses: Houses) -> None:
    """Requirements 1 and 2: nothing is said of the case; days pass before the second call."""
    found = course(houses, Case(), days=3, language="zh")
    assert told(found)[0] == ("11-02", "enrolled", "康复", "hand")
    assert told(found)[-1] == ("11-09", "planned", "First week", "")


@pytest.mark.parametrize(("case", "words"), [
    (Case(patient={"name": "Wang", "birth_date": "soon"}), "birth_date"),
    (Case(begins={**IMPLANT, "colour": "red"}), "colour"),
    (Case(begins=IMPLANT, answers={"day1": {"pain": 99}}), "the answers of 'day1' are refused"),
])
def test_what_is_not_possible(houses: Houses, case: Case, words: str) -> None:
    """Requirement 4."""
    with pytest.raises(NotPossible, match=words):
        course(houses, case)


def test_days_beyond_the_calendar(houses: Houses) -> None:
    """Requirement 4 (A-60)."""
    with pytest.raises(NotPossible, match="beyond the calendar"):
        simulate(houses, SOURCE, "recovery", Case(begins=IMPLANT), datetime.datetime(9999, 12, 1, 9), 40)


def test_what_fails_behind_the_scenes(houses: Houses) -> None:
    """Requirement 4: the step's record is refused; the terminal and the screen say so instead of calling past days planned."""
    files = {**FILES, "objects/call.yaml": FILES["objects/call.yaml"] + "checks: {never: {rule: has(pain), message: Not without}}\n"}
    found = simulate(houses, read_bytes(files_of(files)), "recovery", Case(begins=IMPLANT), STARTS, 30)
    assert [(day, kind, label, detail) for day, kind, label, detail in told(found) if kind not in ("enrolled", "message")] == [
        ("11-03", "failed", "First day", "aside"), ("11-09", "failed", "First week", "held_up"),
    ]
    (refused,) = [event for event in found.events if event.detail == "aside"]
    assert refused.step == "day1" and refused.text.startswith("invalid") and {"held_up", "aside"} <= WHY["en"].keys()


def test_every_code_has_words(houses: Houses) -> None:
    """Requirement 6: both languages say the same codes, and all that plans know."""
    from runtime.plans.enrolment import Cause
    from runtime.plans.reasons import Why

    assert KINDS["en"].keys() == KINDS["zh"].keys() and WHY["en"].keys() == WHY["zh"].keys()
    with houses.world(SOURCE, STARTS) as world:
        assert JOBS["en"].keys() == JOBS["zh"].keys() == world.job_kinds
    assert {*(each.value for each in Cause), *(each.value for each in Why if each is not Why.WAITING)} <= WHY["en"].keys()


# The commands

@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack as a folder, with the pack it requires beside it, and two scenarios, one of which does not hold."""
    root = tmp_path_factory.mktemp("packs")
    texts = dict(files_of(FILES))
    texts["test/scenarios/a.yaml"] = b"name: a\nfrom: 2026-11-02\nsteps: {one: {expect: {x: {object: call, count: 0}}}}\n"
    texts["test/scenarios/b.yaml"] = b"name: b\nfrom: 2026-11-02\nsteps: {one: {expect: {x: {object: call}}}}\n"
    for path, content in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root / "test"


def carework(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_the_command_test(folder: Path) -> None:
    """Requirement 6: exit code 1 names what does not hold, 0 when all do, 2 for a name that is not there."""
    result = carework("test", str(folder))
    assert result.exit_code == 1 and "ok   a" in result.output and "FAIL b" in result.output and "1 of 2 scenarios hold" in result.output
    assert "scenarios/b.yaml:3:27 one: expected 1 of 'call', but there are 0." in result.stderr
    assert carework("test", str(folder), "--only", "a").exit_code == 0
    assert carework("test", str(folder), "--only", "c").exit_code == 2
    found = json.loads(carework("test", str(folder), "--json").stdout)
    assert [(each["scenario"], each["ok"]) for each in found] == [("a", True), ("b", False)]
    assert (found[1]["failures"][0]["file"], found[1]["failures"][0]["line"]) == ("scenarios/b.yaml", 3)


def test_the_command_simulate(folder: Path, tmp_path: Path) -> None:
    """Requirement 6."""
    case = tmp_path / "wang.yaml"
    case.write_text("patient: {name: 王芳}\nsurgery: {kind: implant, day: 2026-11-02}\nanswers: {day1: {pain: 0}}\n", "utf-8")
    given = ("simulate", "recovery", "--in", str(folder), "--patient", str(case), "--from", "2026-11-02", "--days", "20")
    result = carework(*given)
    assert result.exit_code == 0 and "its condition for being left out holds" in result.output
    assert result.output.rstrip().endswith("2026-11-02 – 2026-11-22: recovery, finished")
    assert "满足跳过条件" in carework(*given, "--language", "zh").output
    found = json.loads(carework(*given, "--json").stdout)
    assert (found["state"], found["events"][0]["kind"], found["events"][0]["at"]) == ("finished", "enrolled", "2026-11-02T09:00")


@pytest.mark.parametrize(("words", "text", "code", "told"), [
    (("recvery",), "", 2, "Did you mean 'recovery'?"),
    (("recovery", "--from", "soon"), "", 2, "'soon' is no day"),
    (("recovery",), "patint: {name: x}", 2, "Did you mean 'patient'?"),
    (("recovery",), "answers: {day2: {pain: 1}}", 2, "the plan has no step 'day2'"),
    (("recovery",), "patient: x", 2, "patient must be a map"),
    (("recovery",), "a: [", 1, "TEXT-001"),
    (("recovery",), "surgery: {colour: red}", 1, "colour"),
])
def test_wrong_use_of_simulate(folder: Path, tmp_path: Path, words: tuple[str, ...], text: str, code: int, told: str) -> None:
    """Requirement 6: each says what is wrong and what would be right."""
    case = tmp_path / "case.yaml"
    case.write_text(text or "patient: {name: x}", "utf-8")
    result = carework("simulate", *words, "--in", str(folder), "--patient", str(case))
    assert result.exit_code == code and told in result.output + result.stderr
