"""The real screens in a real browser, over the example organisation's definitions.

1. On list, record, form, refused form, conflict and a step: no breach of the policy, no script error, no sideways scroll, at
   1440 and 390 px, in both languages.
2. By keyboard alone: pick a patient in the link picker, save, take a step in its dialog, see the result.
3. Leaving a form with unsaved work asks first; deleting asks, and can be undone.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from runtime.records.commands import Update
from tests.runtime.screens.example import Clinic
from tests.runtime.screens.test_look import OVERFLOW, STYLED

pytestmark = pytest.mark.browser


def _fine(page: Page, where: str) -> None:
    assert page.evaluate(OVERFLOW) <= 0, where
    assert page.evaluate(STYLED) == [], where


def _walk(clinic: Clinic, page: Page, mine: str) -> None:
    """Every kind of screen once."""
    patient, task = clinic.ids["patient"], clinic.ids["task"]
    for path in ("/", "/o/patient", "/o/followup_task?view=all_followup_tasks&f.status=planned", f"/o/patient/{patient}", "/o/patient/new",
                 f"/o/followup_task/{task}", f"/o/followup_task/{task}/t/cancel", "/me"):
        page.goto(clinic.origin + path)
        _fine(page, path)
    edit = f"{clinic.origin}/o/patient/{patient}/edit"
    page.goto(edit)
    page.fill("#f-name", "")
    page.click("[data-save]")
    expect(page.locator(".summary")).to_be_focused()
    _fine(page, "refused")
    page.fill("#f-name", f"欧阳 {mine}")
    other = Update("patient", patient, {"name": f"司马 {mine}"}, None)
    assert clinic.site.records.execute([other], clinic.system)[0].ok
    page.click("[data-save]")
    expect(page.locator(".clash")).to_have_count(1)
    _fine(page, "conflict")
    page.click("[data-save]")
    expect(page.locator("h1")).to_contain_text(f"欧阳 {mine}")
    _fine(page, "saved")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_desk(clinic: Clinic, page: Page, page_errors: list[str], language: str) -> None:
    """Requirement 1."""
    page.set_viewport_size({"width": 1440, "height": 900})
    clinic.sign_in(page, language)
    _walk(clinic, page, f"{language} desk")
    assert [error for error in page_errors if "422" not in error and "409" not in error] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_phone(clinic: Clinic, phone_page: Page, page_errors: list[str], language: str) -> None:
    """Requirement 1."""
    clinic.sign_in(phone_page, language)
    _walk(clinic, phone_page, f"{language} phone")
    assert [error for error in page_errors if "422" not in error and "409" not in error] == []


def test_by_keyboard(clinic: Clinic, page: Page, page_errors: list[str]) -> None:
    """Requirement 2."""
    clinic.sign_in(page, "en")
    page.goto(f"{clinic.origin}/o/followup_task")
    page.keyboard.press("n")
    page.wait_for_url("**/new")
    page.locator("#f-patient").focus()
    page.keyboard.type("阿卜")
    expect(page.locator("#f-patient-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.locator("#f-step").fill("call by keyboard")
    page.locator("#f-due").fill("2026-03-05")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("call by keyboard")
    page.locator(".next-steps a[data-ask]").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_be_visible()
    page.locator("#ask #f-_reason").fill("not needed")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1 .state")).to_have_text("Cancelled")
    expect(page.locator(".history")).to_contain_text("not needed")
    assert page_errors == []


def test_unsaved_work_and_undo(clinic: Clinic, page: Page) -> None:
    """Requirement 3."""
    clinic.sign_in(page, "en")
    patient = f"{clinic.origin}/o/patient/{clinic.patient('仇英')}"
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{patient}/edit")
    page.locator("#f-city").press_sequentially("上海")
    page.goto(patient)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Delete").click()
    page.locator("#confirm button[value=no]").click()
    page.get_by_role("button", name="Delete").click()
    page.locator("#confirm button[value=yes]").click()
    expect(page.locator(".flash")).to_contain_text("Deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_contain_text("仇英")
