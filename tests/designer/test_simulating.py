"""Plans of a draft tried on a patient who does not exist.

1. The page asks what the plan needs, filled in with what begins it; the course shows what comes about, in both languages.
2. An answer changes the branch that is taken, and another transition than completing may be taken.
3. A course is kept as a scenario only if it holds; a later change of the plan is caught by it.
4. Nothing of the clinic's own database is read or written; what takes too long, too many days and too many at once are refused in words.
5. A draft with problems says so; a draft without a plan says what to do.
6. In a browser: simulate, drag the day, answer, see the branch.
"""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from designer import houses
from designer.drafts.checking import checked
from designer.edits.elements import AddElement, ChangeElement
from designer.edits.files import ReplaceText
from runtime.identity.own import set_language
from runtime.store import system
from tests.designer.studio import HEAD, Studio
from tests.designer.test_pages import FILE, draft_of
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_axe import violations
from tests.runtime.screens.test_look import OVERFLOW

PLAN = "implant_recovery"
ASKED = {"from": "2026-03-02", "days": "12", "patient.name": "Ann",
         "begins.name": "Implant 36", "begins.kind": "implant", "begins.started_on": "2026-03-02"}
SORE = {"done.day1": "1", "answers.day1.pain": "8", "answers.day1.swelling": "strong", "answers.day1.medicine_taken": "true",
        "answers.day1.outcome": "cool it"}

MADE = 'data-kind="created" data-step="sore"'


def tried(studio: Studio, id: str, **sent: str) -> TestResponse:
    return studio.post(f"/design/{id}/simulate?plan={PLAN}", **{**ASKED, **sent})


def text(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def test_what_is_asked_and_what_comes(shared_studio: Studio) -> None:
    """Requirements 1, 2 and 4."""
    id = shared_studio.draft()
    asked = text(shared_studio.get(f"/design/{id}/simulate?plan={PLAN}"))
    assert '<option value="implant" selected>' in asked and 'name="begins.started_on" value="2026-' in asked
    assert "The rights of staff are not tried" in asked
    before = _counts(shared_studio)
    calm = text(tried(shared_studio, id))
    assert "What comes about" in calm and MADE not in calm and "its condition does not hold" in calm
    sore = text(tried(shared_studio, id, **SORE)).partition('id="sim-course"')[2]
    assert MADE in sore and 'value="8"' in sore and "Day 3" in sore
    other = text(tried(shared_studio, id, **{"done.day1": "1", "by.day1": "start"})).partition('id="sim-course"')[2]
    assert '<option value="start" selected>' in other and MADE not in other
    shared_studio.sign_in(language="zh")
    assert "发生的事" in text(tried(shared_studio, id))
    shared_studio.sign_in()
    assert _counts(shared_studio) == before and draft_of(shared_studio, id).log == ()


def _counts(studio: Studio) -> list[int]:
    with studio.store.read() as connection:
        return [connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in (system.history, system.enrolment, system.job)]


def test_what_cannot_be_simulated(shared_studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirements 4 and 5."""
    id = shared_studio.draft()
    for sent, why in (({"from": "soon"}, "Say on which day"), ({"days": "99999"}, "Between 1 and"), ({"days": "0"}, "Between 1 and"),
                      ({"begins.kind": "nonsense"}, "kind"), ({**SORE, "answers.day1.pain": "99"}, "answers of 'day1' are refused")):
        answer = tried(shared_studio, id, **sent)
        assert answer.status_code == 422 and why in text(answer), sent
    assert 'value="99"' in text(answer)  # what was typed stands there still
    with monkeypatch.context() as patch:
        patch.setattr(houses, "_SECONDS", -1.0)
        assert "let fewer days pass" in text(tried(shared_studio, id))
    with monkeypatch.context() as patch:
        patch.setattr(houses, "_WAIT", 0.01)
        assert houses._turn.acquire(timeout=5)
        try:
            assert "Others are simulating" in text(tried(shared_studio, id))
        finally:
            houses._turn.release()
    assert shared_studio.get(f"/design/{id}/simulate?plan=gone").status_code == 404
    shared_studio.edit(id, ReplaceText(path=FILE, text="extend: core:patient\ncolour: red\n"))
    broken = text(shared_studio.get(f"/design/{id}/simulate"))
    assert "can be tried once they are mended" in broken and "SHAPE-001" in broken
    assert tried(shared_studio, id).status_code == 200


def test_a_plan_that_never_rests(shared_studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 4: a step of every hour for ten years ends with the time that a simulation may take."""
    monkeypatch.setattr(houses, "_SECONDS", 1.5)
    id = shared_studio.draft()
    shared_studio.edit(id, AddElement(folder="plans", definition=PLAN, pack="hexin", section=("steps",), name="restless", value={
        "every": "days(1)", "from": "anchor", "create": "followup_task"}))
    answer = tried(shared_studio, id, days="3660")
    assert answer.status_code == 422 and "let fewer days pass" in text(answer)


def test_a_course_is_kept(shared_studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 3."""
    id = shared_studio.draft()
    with monkeypatch.context() as patch:  # a scenario that does not hold is not kept
        from designer.views import simulating

        real = simulating.scenario_of
        patch.setattr(simulating, "scenario_of", lambda *given: _planted(real(*given)))
        assert "It was not kept" in text(tried(shared_studio, id, **SORE, save="1", scenario="Sore"))
        assert draft_of(shared_studio, id).log == ()
    kept = tried(shared_studio, id, **SORE, save="1", scenario="Sore")
    assert kept.status_code == 303 and draft_of(shared_studio, id).changed == ("hexin/scenarios/sore.yaml",)
    assert "The scenario holds" in text(tried(shared_studio, id, run="sore"))
    scenario = draft_of(shared_studio, id).layers.merged("scenarios", "sore")
    assert scenario["steps"]["sore"]["expect"]["the_sore"]["where"]["due"] == "2026-03-05"
    shared_studio.edit(id, ChangeElement(folder="plans", definition=PLAN, pack="hexin", section=("steps",), name="sore", changes={
        "at": "answers.day1.due + days(3)"}))
    assert checked(draft_of(shared_studio, id)).model is not None
    answer = text(tried(shared_studio, id, run="sore"))
    assert "The scenario does not hold" in answer and "sore" in answer


def _planted(scenario: dict[str, Any]) -> dict[str, Any]:
    """The scenario with one expectation that does not hold."""
    scenario["steps"]["in_the_end"]["expect"]["ends"]["state"] = "stopped"
    return scenario


@pytest.mark.browser
def test_days_are_dragged(shared_studio: Studio, page: Page, page_errors: list[str]) -> None:
    """Requirement 6."""
    set_language(shared_studio.store, HEAD, "en")
    id = shared_studio.draft()
    with served(shared_studio.client.application) as origin:
        page.context.add_cookies([{"name": shared_studio.site.cookie, "value": shared_studio.session(), "url": origin}])
        page.goto(f"{origin}/design/{id}/simulate?plan={PLAN}")
        page.get_by_label("Days that pass").fill("12")
        page.get_by_role("button", name="Simulate", exact=True).click()
        events = page.locator(".sim-event:visible")
        expect(page.locator("#sim-course")).to_be_visible(timeout=60_000)
        expect(events.filter(has_text="Week after surgery").first).to_be_visible()
        slider = page.get_by_label("Today is")
        slider.focus()
        page.keyboard.press("Home")
        expect(events.filter(has_text="Day after surgery")).to_have_count(0)
        page.keyboard.press("ArrowRight")
        expect(events.filter(has_text="Day after surgery").first).to_be_visible()
        expect(events.filter(has_text="Week after surgery")).to_have_count(0)
        answers = page.locator(".sim-answers").first
        answers.locator("summary").click()
        answers.get_by_label("Pain 0-10").fill("8")
        expect(answers.locator("[data-done]")).to_be_checked()
        answers.locator("[name='answers.day1.swelling']").select_option("strong")
        answers.locator("[name='answers.day1.medicine_taken']").select_option("true")
        answers.locator("[name='answers.day1.outcome']").fill("cool it")
        answers.get_by_role("button", name="Simulate on").click()
        expect(page.locator(".sim-event.is-created[data-step=sore]").first).to_be_attached(timeout=60_000)
        expect(page.get_by_label("Today is")).to_have_value("1")  # the day stays where it was
        page.get_by_label("Today is").focus()
        page.keyboard.press("End")
        expect(events.filter(has_text="Call again after pain").first).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate(OVERFLOW) <= 0
        assert violations(page) == []
    assert page_errors == []
