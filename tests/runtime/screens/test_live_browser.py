"""Live forms in a real browser under the product's policy.

1. Typing shows, demands, fixes and computes at once; hidden inputs are out of the Tab order and are not sent; screen readers are told.
2. What lies behind a link follows the link.
3. Rows come and go by their buttons, an old one can be called back, and all is saved with the record.
4. Steps: one page at a time, Next checks, hidden steps are skipped, Enter does not save from the first page.
5. A draft keeps itself, is offered when the form is opened again, and is gone after saving.
6. No breach of the policy, no script error, no sideways scroll, in both languages and widths; the form of a step lives in its dialog too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.databases import Backend
from tests.runtime.api.world import Web, build
from tests.runtime.screens.live_world import LIVE, STEPS
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_axe import violations
from tests.runtime.screens.test_live import ASK, checkup, drugs, stored
from tests.runtime.screens.test_look import OVERFLOW, STYLED

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def web(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The chain with a live form; what a browser does with it does not depend on the database."""
    url = sqlite_backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path_factory.mktemp("keys"))
    opened.publish({**LIVE, "forms/outcome.yaml": ASK["forms/outcome.yaml"]})
    yield opened
    opened.close()
    sqlite_backend.drop(url)


@pytest.fixture(scope="module")
def origin(web: Web) -> Iterator[str]:
    with served(web.app) as address:
        yield address


def enter(web: Web, page: Page, origin: str, language: str = "en") -> None:
    page.context.add_cookies([
        {"name": web.site.cookie, "value": web.session("nurse"), "url": origin}, {"name": "carework-language", "value": language, "url": origin}])


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("form[data-alive]")


def test_a_form_follows_what_is_typed(web: Web, page: Page, page_errors: list[str], origin: str) -> None:
    """Requirements 1 and 2."""
    young = web.patient(name="Young One", born="2020-01-01")
    id = checkup(web, pain=1, fee="10.00", note="kept")
    enter(web, page, origin)
    opened(page, f"{origin}/o/checkup/{id}/edit")
    note = page.locator("#f-note")
    expect(note).to_be_hidden()
    expect(note).to_be_disabled()
    page.fill("#f-pain", "8")
    expect(note).to_be_visible()
    expect(note).to_have_attribute("aria-required", "true")
    expect(page.locator("form [role=status].visually-hidden").last).to_contain_text("What hurts")
    page.press("#f-pain", "Tab")
    expect(note).to_be_focused()
    page.fill("#f-pain", "2")
    expect(note).to_be_hidden()
    page.fill("#f-fee", "200")
    expect(page.locator("#f-rate [data-value]")).to_have_text("212.00")
    page.check("#f-paid-1")
    expect(page.locator("#f-fee")).to_have_value("10.00")
    expect(page.locator("#f-fee")).to_have_attribute("readonly", "")
    expect(page.locator("#f-rate [data-value]")).to_have_text("10.60")
    page.check("#f-paid-3")
    assert violations(page) == []
    expect(page.locator("#f-guardian")).to_be_hidden()
    page.fill("#f-patient", "Young")
    page.click("#f-patient-list li >> text=Young One")
    expect(page.locator("#f-guardian")).to_be_visible()
    page.click("[data-save]")
    page.wait_for_url(f"{origin}/o/checkup/{id}")
    assert stored(web, id, "patient", "pain", "note") == [young, 2, "kept"]
    assert page_errors == []


def test_rows_by_their_buttons(web: Web, page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 3."""
    id = checkup(web, pain=1)
    for number, name in enumerate(("old", "older"), start=1):
        web.make("drug", None, checkup=id, name=name, dose=1, place=number)
    enter(web, page, origin)
    opened(page, f"{origin}/o/checkup/{id}/edit")
    rows = page.locator(".form-row")
    expect(rows).to_have_count(2)
    page.click("[data-row-add]")
    expect(rows.nth(2).locator("input:not([type=hidden])").first).to_be_focused()
    page.keyboard.type("new")
    expect(rows.nth(2).locator('[data-field="why"]')).to_be_hidden()
    rows.nth(2).locator('[data-field="dose"] input').fill("7")
    expect(rows.nth(2).locator('[data-field="why"]')).to_be_visible()
    rows.nth(2).locator("[data-row-up]").click()
    rows.nth(0).locator("[data-row-remove]").click()
    expect(rows.nth(0)).to_have_class("form-row is-removed")
    rows.nth(0).locator("[data-row-remove]").click()
    expect(rows.nth(0)).to_have_class("form-row")
    rows.nth(2).locator("[data-row-remove]").click()
    page.click("[data-save]")
    page.wait_for_url(f"{origin}/o/checkup/{id}")
    assert drugs(web, id) == [("old", 1, 1), ("new", 7, 2)]
    assert page_errors == []


def test_a_draft_keeps_itself(web: Web, page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 5."""
    id = checkup(web, pain=1)
    enter(web, page, origin)
    page.on("dialog", lambda dialog: dialog.accept())
    opened(page, f"{origin}/o/checkup/{id}/edit")
    page.fill("#f-pain", "8")
    with page.expect_response("**/draft"):
        page.fill("#f-note", "half a sentence")
    expect(page.locator('input[name="_draft"]')).to_have_count(1)
    opened(page, f"{origin}/o/checkup/{id}/edit")
    page.click(".draft-offer a")
    page.wait_for_selector("form[data-alive]")
    expect(page.locator("#f-note")).to_have_value("half a sentence")
    page.click("[data-save]")
    page.wait_for_url(f"{origin}/o/checkup/{id}")
    with page.expect_response("**/draft") as asked:
        opened(page, f"{origin}/o/checkup/{id}/edit")
    assert asked.value.json() == {}
    assert page_errors == []


def test_a_step_lives_in_its_dialog(web: Web, page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 6."""
    id = web.task()
    web.as_("nurse").post(f"/task/{id}/transitions/start")
    enter(web, page, origin)
    page.goto(f"{origin}/o/task/{id}")
    page.click(f'a[href="/o/task/{id}/t/finish"]')
    page.wait_for_selector("dialog form[data-alive]")
    expect(page.locator("#f-due")).to_be_hidden()
    page.fill("#f-pain", "6")
    expect(page.locator("#f-due")).to_be_visible()
    page.fill("#f-due", "2026-03-09")
    page.click("dialog[open] [data-save]")
    page.wait_for_selector(".flash")
    assert web.as_("nurse").get(f"/task/{id}").json["due"] == "2026-03-09"
    assert page_errors == []


def test_steps(sqlite_backend: Backend, tmp_path: Path, phone_page: Page, page_errors: list[str]) -> None:
    """Requirements 4 and 6, on a phone in both languages."""
    url = sqlite_backend.prepared("api-chain", build)
    web = Web.open(url, tmp_path)
    web.publish(STEPS)
    page, patient = phone_page, web.patient(name="Steps")
    with served(web.app) as origin:
        for language in ("zh", "en"):
            enter(web, page, origin, language)
            opened(page, f"{origin}/o/checkup/new")
            assert page.evaluate(OVERFLOW) <= 0
            assert page.evaluate(STYLED) == []
            assert violations(page) == []
        expect(page.locator("#f-pain")).to_be_hidden()
        page.press("#f-patient", "Enter")
        expect(page.locator("[data-needed]")).to_be_visible()
        expect(page.locator("#f-patient")).to_be_focused()
        opened(page, f"{origin}/o/checkup/new?v.patient={patient}")
        following = page.locator(".actions button", has_text="Next")
        following.click()
        page.fill("#f-pain", "3")
        following.click()
        expect(page.locator("#f-fee")).to_be_visible()
        page.get_by_role("button", name="Back", exact=True).click()
        page.fill("#f-pain", "8")
        following.click()
        page.fill("#f-note", "left")
        following.click()
        expect(page.locator(".form-pages-line")).to_have_text("Step 4 of 4: Money")
        page.click("[data-save]")
        page.wait_for_selector(".flash")
    assert page_errors == []
    web.close()
    sqlite_backend.drop(url)
