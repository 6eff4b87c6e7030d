"""Boards, calendars, pages of panels and the home page, as they come from the server and in a real browser.

1. A board has a column for each state with its first cards and a way to more; who may not see the state finds none.
2. What an address says in vain is told: parameters, filters, values and views that are not known.
3. A card dropped on a column takes the step that leads there; one that asks opens its form; a refused one goes back and says why.
4. The same by keyboard: the dots of a card open its next steps.
5. A calendar shows a day, a week and a month; an entry dropped elsewhere is moved, its end with it, unless somebody changed it meanwhile;
   a click on a free place begins a record at that time.
6. The page of a patient warns of allergies, has its panels and one stream, of which older entries are loaded.
7. The home page has what is late, due and waiting for me, and what is on today.
8. Views are audited.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from runtime.records.commands import Transition, Update
from runtime.store import system
from tests.runtime.api.world import Web, person_id
from tests.runtime.screens.example import MANAGER, Clinic
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]


def _lanes(html: str) -> dict[str, int]:
    """Cards by the state of their column."""
    columns = html.split("data-lane=")[1:]
    return {column.split('"')[1]: column.count("data-card=") for column in columns}


def test_board_by_state(web: Web, surf: Surf) -> None:
    """Requirements 1 and 8."""
    visit = web.make("visit", None, patient=web.patient(name="Board"))
    ids = [web.make("task", None, visit=visit, step=f"step {n}") for n in range(22)]
    web.run(Transition("task", ids[0], "start"))
    nurse = surf("nurse")
    page = nurse.get("/o/task/board")
    assert _lanes(page.html)["planned"] == 20
    assert _lanes(page.html)["running"] >= 1
    assert "n.planned=40" in page.html
    assert _lanes(nurse.get("/o/task/board?n.planned=40").html)["planned"] > 20
    assert set(web.views(kind="list", actor=person_id("nurse"))[-1].ids) > {ids[0]}
    assert surf("desk").get("/o/task/board").status == 404
    assert nurse.get("/o/visit/board").status == 404
    assert nurse.get("/o/patient/calendar").status == 404


def test_moves_of_a_record(web: Web, surf: Surf) -> None:
    """Requirements 3 and 4: only what may be done, with the reason of what cannot; a refused step answers with a page that says why."""
    task = web.task(step="moves")
    page = surf("nurse").get(f"/o/task/{task}/moves")
    assert page.status == 200
    assert "Start" in page.text and "Drop" not in page.text
    web.run(Transition("task", task, "start"))
    lost = surf("nurse").send(f"/o/task/{task}/t/start")
    assert lost.status == 409
    assert "is no longer possible" in lost.text
    assert surf("nurse").get(f"/o/patient/{web.patient()}/moves").status == 404


@pytest.mark.parametrize(("address", "said"), [
    ("/o/task?color=red", "color"), ("/o/task?f.nonsense=1", "f.nonsense"), ("/o/task?f.status=nonsense", "f.status"),
    ("/o/task?view=nonsense", "view"), ("/o/task/board?view=task&n.nowhere=9", "n.nowhere, view"),
])
def test_vain_parameters_are_told(surf: Surf, address: str, said: str) -> None:
    """Requirement 2."""
    page = surf("nurse").get(address)
    assert page.status == 200
    assert f"not known here and was left out: {said}" in page.text
    assert "not known here" not in surf("nurse").get("/o/task?f.status=planned").text


def _drag(page: Page, what: Locator, where: Locator, grip: tuple[float, float] = (30, 12), at: tuple[float, float] = (40, 60)) -> None:
    """With the moves in between that a hand makes."""
    what.scroll_into_view_if_needed()
    source, target = what.bounding_box(), where.bounding_box()
    assert source is not None and target is not None
    page.mouse.move(source["x"] + grip[0], source["y"] + grip[1])
    page.mouse.down()
    page.mouse.move(source["x"] + grip[0] + 12, source["y"] + grip[1] + 12, steps=4)
    page.mouse.move(target["x"] + at[0], target["y"] + at[1], steps=5)
    page.mouse.up()


@pytest.mark.browser
def test_dragging_takes_a_step(clinic: Clinic, page: Page, page_errors: list[str]) -> None:
    """Requirement 3."""
    clinic.sign_in(page, "en")
    task = clinic.make("followup_task", {"patient": clinic.ids["patient"], "step": "dragged", "due": "2026-03-02", "assignee": MANAGER})
    page.goto(f"{clinic.origin}/o/followup_task/board")
    card = page.locator(f"#card-{task}")
    _drag(page, card, page.locator('[data-lane="in_progress"]'))
    expect(page.locator(f'[data-lane="in_progress"] #card-{task}')).to_be_visible()
    expect(page.locator("#flashes")).to_contain_text("In progress")
    _drag(page, card, page.locator('[data-lane="done"]'))
    page.locator("#ask a[href$='/t/complete']").click()  # two steps lead there: hers and the patient's own answers
    page.locator("#ask [data-save]").click()
    expect(page.locator("#ask .summary, #ask .flash-warning").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(f'[data-lane="in_progress"] #card-{task}')).to_be_visible()
    other = Transition("followup_task", task, "cancel", reason="x")
    assert clinic.site.records.execute([other], clinic.system)[0].ok
    _drag(page, card, page.locator('[data-lane="unreachable"]'))
    expect(page.locator(".toasts .flash-error")).to_contain_text("no longer possible")
    expect(page.locator(f'[data-lane="in_progress"] #card-{task}')).to_be_visible()
    assert page.evaluate("[...document.querySelectorAll('[style]')].length") == 0
    assert [error for error in page_errors if "409" not in error and "422" not in error] == []


@pytest.mark.browser
def test_moving_by_keyboard(clinic: Clinic, page: Page) -> None:
    """Requirement 4."""
    clinic.sign_in(page, "en")
    task = clinic.make("followup_task", {"patient": clinic.ids["patient"], "step": "typed", "due": "2026-03-02", "assignee": MANAGER})
    page.goto(f"{clinic.origin}/o/followup_task/board")
    page.locator(f"#card-{task} .tile-move").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask .moves")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-lane="in_progress"] #card-{task}')).to_be_visible()
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator(f"#card-{task} .tile-title")).to_be_focused()


@pytest.mark.browser
def test_calendar(clinic: Clinic, page: Page, page_errors: list[str]) -> None:
    """Requirement 5."""
    clinic.sign_in(page, "en")
    id = clinic.make("appointment", {"patient": clinic.ids["patient"], "starts_at": "2026-04-07T01:30:00Z", "purpose": "moved"}, clinic.ids["home"])
    page.goto(f"{clinic.origin}/o/appointment/calendar?date=2026-04-07")
    entry = page.locator(f"#entry-{id}")
    expect(entry).to_contain_text("09:30")
    _drag(page, entry, page.locator('[data-day="2026-04-09"] [data-grid]'), (30, 3), (30, 183))
    expect(page.locator(f'[data-day="2026-04-09"] #entry-{id}')).to_contain_text("11:00")
    assert clinic.site.records.execute([Update("appointment", id, {"minutes": 45}, None)], clinic.system)[0].ok
    _drag(page, entry, page.locator('[data-day="2026-04-10"] [data-grid]'), (30, 3), (30, 3))
    expect(page.locator(".toasts .flash-error")).to_be_visible()
    expect(page.locator(f'[data-day="2026-04-09"] #entry-{id}')).to_be_visible()
    page.goto(f"{clinic.origin}/o/appointment/calendar?scale=month&date=2026-04-07")
    _drag(page, entry, page.locator('[data-day="2026-04-14"]'), (30, 8), (40, 50))
    # It shows its old hour on the new day at once; leaving the page before the answer would take the move back.
    expect(page.locator(f'[data-day="2026-04-14"] #entry-{id}:not([aria-busy])')).to_contain_text("11:00")
    page.goto(f"{clinic.origin}/o/appointment/calendar?scale=day&date=2026-04-14")
    expect(entry).to_contain_text("moved")
    page.goto(f"{clinic.origin}/o/followup_task/calendar?date=2026-02-20")
    task = page.locator(f"#entry-{clinic.ids['task']}")
    expect(task).to_contain_text("Phone")
    expect(task).not_to_contain_text("2026-02-20")  # its place says it
    page.goto(f"{clinic.origin}/o/appointment/calendar?scale=day&date=2026-04-14")
    page.locator("[data-grid]").click(position={"x": 300, "y": 63})
    page.wait_for_url("**/o/appointment/new?v.starts_at=2026-04-14T09%3A00")
    expect(page.locator("#f-starts_at")).to_have_value("2026-04-14T09:00")
    assert [error for error in page_errors if "409" not in error] == []


@pytest.mark.browser
def test_page_of_a_patient(clinic: Clinic, page: Page, page_errors: list[str]) -> None:
    """Requirement 6."""
    clinic.sign_in(page, "zh")
    patient = clinic.patient("赵云", phone="13800001111")
    clinic.make("allergy", {"patient": patient, "substance": "碘", "severity": "severe"})
    for n in range(24):
        clinic.make("contact_log", {"patient": patient, "happened_at": "2026-02-01T02:00:00Z", "channel": "phone", "summary": f"第 {n} 次"})
    page.goto(f"{clinic.origin}/o/patient/{patient}")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    tops = page.evaluate("[scrollY, ...['.top', '.side'].map((one) => document.querySelector(one).getBoundingClientRect().top)]")
    assert tops[0] > 0  # search and navigation stay where they are, however long the page is
    assert tops[1:] == [0, page.evaluate("document.querySelector('.top').offsetHeight")]
    noted = _views_of_last_request(clinic)
    assert len(noted) == len(set(noted)) >= 3, "one entry for all that the panels show of one object"
    assert [object for kind, object in noted if kind == "record"] == ["core:patient"]
    expect(page.locator(".warning")).to_contain_text("碘")
    expect(page.locator(".essentials")).to_contain_text("手机")
    expect(page.locator("#panel-contacts .count")).to_have_text("5+")
    lines = page.locator(".stream-line")
    expect(lines).to_have_count(20)
    page.locator("#stream-more a").click()
    expect(lines).to_have_count(26)
    assert page_errors == []


@pytest.mark.browser
def test_home(clinic: Clinic, page: Page) -> None:
    """Requirement 7: the clock stands at 2 March 2026, 10:00 in Shanghai."""
    clinic.sign_in(page, "en")
    waits = clinic.make("followup_task", {"patient": clinic.ids["patient"], "step": "waits", "due": "2026-03-20", "assignee": MANAGER})
    for step in ("start", "mark_unreachable"):
        assert clinic.site.records.execute([Transition("followup_task", waits, step)], clinic.system)[0].ok
    clinic.make("followup_task", {"patient": clinic.ids["patient"], "step": "today", "due": "2026-03-02", "assignee": MANAGER})
    clinic.make("followup_task", {"patient": clinic.ids["patient"], "step": "nobody's", "due": "2026-03-02"})
    clinic.make("followup_task", {"patient": clinic.ids["patient"], "step": "later", "due": "2026-03-09"})
    patient = clinic.patient("钱多")
    clinic.make("contact_log", {"patient": patient, "happened_at": "2026-02-01T02:00:00Z", "channel": "phone", "summary": "named by the stream"})
    page.goto(f"{clinic.origin}/o/patient/{patient}")
    page.goto(clinic.origin)
    expect(page.locator("#panel-recent a").first).to_have_attribute("href", f"/o/patient/{patient}")
    expect(page.locator("#panel-recent a[href*=contact_log]")).to_have_count(0)
    expect(page.locator(".todo-all")).to_have_text("All mine: Follow-up tasks")  # appointments and treatments are nothing to tick off
    expect(page.locator(".todo-late")).to_contain_text("10 days late")
    expect(page.locator("section[aria-labelledby=todo-today]")).to_contain_text("today")
    expect(page.locator("section[aria-labelledby=todo-waiting]")).to_contain_text("waits")
    expect(page.locator("section[aria-labelledby=todo-nobodys] li")).to_have_count(1)
    expect(page.locator("section[aria-labelledby=todo-nobodys]")).to_contain_text("nobody's")
    expect(page.locator(".agenda")).to_contain_text("09:30")
    expect(page.locator("#panel-create a").first).to_be_visible()


def _views_of_last_request(clinic: Clinic) -> list[tuple[str, str]]:
    """Kind and object of the entries that the last page left in the audit of views."""
    view = system.view.c
    with clinic.site.store.audit.read() as connection:
        last = connection.execute(sa.select(view.request_id).order_by(view.id.desc()).limit(1)).scalar_one()
        return [tuple(row) for row in connection.execute(sa.select(view.kind, view.object).where(view.request_id == last))]
