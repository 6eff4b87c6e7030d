"""The steps of a plan on a line of days.

1. What is said of a time is what is read back, and nothing that says more is taken for less.
2. Lanes stand at the days of their steps, those that count from another step behind it; conditions are in words.
3. Without scripts a step is added, timed, repeated, made conditional and removed; a time that did not change keeps its letters; nonsense is refused.
4. In a browser a step is dragged and moved by keyboard, each one edit of one line that Undo takes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from designer.drafts.checking import errors
from designer.spans import At, Span, at_of, span_of, span_said
from designer.timeline import lanes_of
from runtime.identity.own import set_language
from tests.designer.studio import HEAD, Studio, build
from tests.designer.test_pages import draft_of
from tests.fixtures.databases import Backend
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_axe import violations
from tests.runtime.screens.test_look import OVERFLOW

PLAN = "implant_recovery"


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """What a draft says does not depend on the database."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@pytest.mark.parametrize(("text", "found"), [
    ("anchor", At("anchor")), ("anchor + days(7)", At("anchor", Span(7))), ("anchor - months(2)", At("anchor", Span(-2, "months"))),
    ("answers.day1.due + workdays(3)", At("answers.day1.due", Span(3, "workdays"))), ("anchor+days( 7 )", At("anchor", Span(7))),
    ("anchor + days(7) + days(1)", None), ("a > 3 ? anchor : anchor + days(7)", None), ("anchor + days(x)", None), ("", None),
])
def test_times_are_read(text: str, found: At | None) -> None:
    """Requirement 1."""
    assert at_of(text) == found
    if found is not None:
        assert at_of(found.text) == found


def test_spans() -> None:
    """Requirement 1: weeks are written as days; one and many, in both languages."""
    assert Span(2, "weeks").text == "days(14)" and span_of("days(14)") == Span(14) and span_of("days(14) + days(1)") is None
    assert [span_said(Span(n, "days"), "en") for n in (1, 2, -3)] == ["1 day", "2 days", "3 days"]
    assert span_said(Span(3, "months"), "zh") == "3 个月"


def test_lanes(studio: Studio) -> None:
    """Requirement 2."""
    layers = draft_of(studio, studio.draft()).layers
    lanes = {lane.name: lane for lane in lanes_of(layers, PLAN, "en")}
    assert [(lane.day, lane.key) for lane in lanes.values()][:3] == [(1.0, "at"), (7.0, "at"), (3.0, "at")]
    assert lanes["sore"].only == "Pain 0-10 is at least 7" and lanes["sore"].said == "2 days after Day after surgery"
    assert lanes["recall"].key == "from" and lanes["recall"].times == 10 and "10 times" in lanes["recall"].said
    assert "Age is less than 40" in lanes["week1"].skipped and not lanes["week1"].only


def steps(studio: Studio, id: str) -> Any:
    return draft_of(studio, id).layers.elements("plans", PLAN, ("steps",))


def test_steps_in_forms(studio: Studio) -> None:
    """Requirement 3."""
    studio.sign_in()
    id = studio.draft()
    url = f"/design/{id}/timeline"
    made = studio.post(url, name=PLAN, **{"label.en": "Call", "at.base": "anchor", "at.number": "2", "at.unit": "weeks"})
    assert made.headers["Location"].endswith("at=call") and steps(studio, id)["call"]["at"] == "anchor + days(14)"
    assert steps(studio, id)["call"]["create"] == "followup_task"
    page = unescape(studio.get(f"{url}?name={PLAN}&at=call").get_data(as_text=True))
    assert "14 days after Treatment: Date" in page and "only if Pain 0-10 is at least 7" in page
    base = {"name": PLAN, "element": "call", "at.base": "answers.day1.due", "at.number": "1", "at.unit": "months"}
    studio.post(url, **base, repeats="1", **{"every.number": "3", "every.unit": "months", "times": "4", "window.number": "5", "window.unit": "days",
                                             "when": "answers.day1.pain >= 4"})
    call = steps(studio, id)["call"]
    assert {key: call.get(key) for key in ("at", "from", "every", "times", "window", "when")} == {
        "at": None, "from": "answers.day1.due + months(1)", "every": "months(3)", "times": 4, "window": "days(5)", "when": "answers.day1.pain >= 4"}
    assert errors(draft_of(studio, id)) == 0
    version = draft_of(studio, id).version
    studio.post(url, name=PLAN, element="week1", **{"at.base": "anchor", "at.number": "7", "at.unit": "days", "window.number": "3",
                                                    "window.unit": "days"})
    studio.post(url, name=PLAN, element="week1", **{"at.base": "anchor", "at.number": "1", "at.unit": "weeks", "window.number": "3",
                                                    "window.unit": "days"})
    assert draft_of(studio, id).version == version  # a week is seven days: nothing was changed
    for sent in ({"element": "gone", "at.base": "anchor"}, {"element": "day1", "at.base": "", "at.text": " "},
                 {"element": "day1", "at.base": "anchor", "at.number": "1e9"}, {"element": "day1", "at.base": "anchor", "at.unit": "moons"},
                 {"element": "day1", "at.base": "anchor", "repeats": "1"}, {"at.base": "anchor"},
                 {"element": "recall", "at.base": "anchor", "repeats": "1", "times": "-1"}):
        answer = studio.client.post(url, data={"csrf_token": studio.token(), "name": PLAN, **sent}, headers={"Accept": "application/json"})
        assert answer.status_code == 422, sent
    assert draft_of(studio, id).version == version
    assert studio.get(f"{url}?name=gone").status_code == 404 and studio.get(f"{url}?name={PLAN}&at=gone").status_code == 200


@pytest.mark.browser
def test_steps_are_dragged(studio: Studio, page: Page, page_errors: list[str]) -> None:
    """Requirement 4."""
    set_language(studio.store, HEAD, "en")
    id = studio.draft()
    before = draft_of(studio, id).files
    with served(studio.client.application) as origin:
        page.context.add_cookies([{"name": studio.site.cookie, "value": studio.session(), "url": origin}])
        page.set_viewport_size({"width": 1440, "height": 1400})
        page.goto(f"{origin}/design/{id}/timeline?name={PLAN}")
        handle = page.locator("[data-handle=month3]")
        expect(handle).to_be_visible()
        assert violations(page) == []
        handle.focus()
        page.keyboard.press("ArrowRight")
        expect(handle).to_have_attribute("aria-valuetext", "4 months")
        page.keyboard.press("Enter")
        expect(page.locator(".tl-lane").nth(3)).to_contain_text("4 months after")
        expect(page.locator("[data-handle=month3]")).to_be_focused()
        box = page.locator("[data-handle=week1]").bounding_box()
        assert box
        page.mouse.move(box["x"] + 11, box["y"] + 11)
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 11, steps=4)
        page.mouse.up()
        expect(page.locator(".tl-lane").nth(1)).not_to_contain_text("7 days after")
        edits = [entry.kind for entry in draft_of(studio, id).log if not entry.undone]
        assert edits == ["change_element", "change_element"]
        changed = {name: step["at"] for name, step in steps(studio, id).items() if name in ("month3", "week1")}
        assert changed["month3"] == "anchor + months(4)" and span_of(changed["week1"].partition("+ ")[2]) not in (None, Span(7))
        page.locator("h1").click()
        for row, label in ((1, "7 days after"), (3, "3 months after")):
            page.keyboard.press("Control+z")
            expect(page.locator(".tl-lane").nth(row)).to_contain_text(label)
            expect(page.locator("#design[aria-busy]")).to_have_count(0)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{origin}/design/{id}/timeline?name={PLAN}&at=recall")
        expect(page.locator("#panel [name='every.number']")).to_have_value("6")
        assert page.evaluate(OVERFLOW) <= 0
        assert violations(page) == []
    assert draft_of(studio, id).files == before
    assert page_errors == []
