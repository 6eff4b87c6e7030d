"""A follow-up from sign-in to completion with the keys alone: nothing is clicked, nothing is filled in by a selector.

1. Sign in, skip to the content, open the task from the home page, start it, answer its form in its dialog, complete it; the record says so.
2. Whatever has the focus on the way shows it, stands inside the window, and comes in the order of the page.
3. A focus that nothing shows is found (planted), and so is one that comes before its turn.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from runtime.identity.passwords import Passwords
from runtime.store import system
from tests.runtime.screens.example import NURSE, Clinic

pytestmark = pytest.mark.browser
LOGIN, SECRET = "lin", "walks by keys alone"
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = (element) => {
    const style = getComputedStyle(element);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && !/, 0\\)$|transparent/.test(style.outlineColor);
    return ring || style.boxShadow !== "none";
  };
  const labels = [...(one.labels || [])];
  const box = [one, ...labels].map((e) => e.getBoundingClientRect()).find((r) => r.width > 1 && r.height > 1);
  const text = one.getAttribute("aria-label") || labels.map((l) => l.innerText).join(" ") || one.innerText || one.title || "";
  return {
    name: text.replace(/\\s+/g, " ").trim(), tag: one.tagName.toLowerCase(), turn: one.tabIndex,
    shown: [one, one.parentElement, ...labels].some(shown),
    inside: Boolean(box) && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
  };
}"""
UNSHOWN = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { outline: none !important; box-shadow: none !important; }");
  document.adoptedStyleSheets = [sheet];
}"""
MOST = 60
"""So many presses of Tab are enough for anything on a page."""


@dataclasses.dataclass
class Fingers:
    """Somebody without a mouse, and what was wrong with the focus on the way."""

    page: Page
    wrong: list[Any] = dataclasses.field(default_factory=list)
    presses: int = 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def next(self) -> str:
        """What the next press of Tab leads to."""
        self.press("Tab")
        found = self.page.evaluate(FOCUSED)
        if found is None:  # the browser's own frame, before the page begins again
            return ""
        if not (found["shown"] and found["inside"] and found["turn"] <= 0):
            self.wrong.append((self.page.url, found))
        return str(found["name"])

    def reach(self, name: str) -> None:
        """Tab until something with that name has the focus."""
        passed = []
        for _ in range(MOST):
            passed.append(self.next())
            if name in passed[-1]:
                return
        raise AssertionError(f"{name!r} is not among {passed}")

    def type(self, text: str) -> None:
        self.presses += len(text)
        self.page.keyboard.type(text)


def _account(clinic: Clinic) -> str:
    """A nurse with a password and a task that is due today; its id."""
    today = clinic.site.clock().date()
    with clinic.site.store.write() as connection:
        now = clinic.site.clock()
        connection.execute(sa.insert(system.user).values(
            id=NURSE, login=LOGIN, password=Passwords().hash(SECRET), password_at=now, created_at=now, language="en"))
        connection.execute(sa.insert(system.membership).values(id=f"{0x62:032x}", user_id=NURSE, role="core:nurse", clinic_id=clinic.ids["home"]))
    return _task(clinic, today)


def _task(clinic: Clinic, today: date) -> str:
    return clinic.make("followup_task", {
        "patient": clinic.ids["patient"], "step": "Call on the seventh day", "due": today.isoformat(), "assignee": NURSE})


def test_a_follow_up_by_keys(clinic: Clinic, page: Page, page_errors: list[str]) -> None:
    """Requirements 1 and 2."""
    task = _account(clinic)
    fingers = Fingers(page)
    page.goto(clinic.origin)
    expect(page.locator("#username")).to_be_focused()
    fingers.type(LOGIN)
    assert fingers.next() == "密码"
    fingers.type(SECRET)
    fingers.press("Enter")
    page.wait_for_url(f"{clinic.origin}/")
    assert fingers.next() == "Skip to the content"
    fingers.press("Enter")
    expect(page.locator("main")).to_be_focused()
    fingers.reach("Call on the seventh day")
    fingers.press("Enter")
    page.wait_for_url(f"**/o/followup_task/{task}*")
    fingers.reach("Skip to the content")
    fingers.press("Enter")
    fingers.reach("Start")
    fingers.press("Enter")
    expect(page.locator("h1 .state")).to_have_text("In progress")
    fingers.reach("Complete")
    fingers.press("Enter")
    expect(page.locator("#ask")).to_be_visible()
    fingers.reach("Pain")
    fingers.type("8")
    fingers.reach("Outcome")
    fingers.type("Sore on the left since yesterday")
    fingers.reach("Complete")
    fingers.press("Enter")
    expect(page.locator("h1 .state")).to_have_text("Done")
    assert _stored(clinic, task) == ("done", 8, "Sore on the left since yesterday")
    assert fingers.wrong == []
    assert page_errors == []


def _stored(clinic: Clinic, id: str) -> tuple[str, int, str]:
    table = clinic.site.store.release().tables.object("followup_task").table
    with clinic.site.store.read() as connection:
        row = connection.execute(sa.select(table.c.status, table.c.pain, table.c.outcome).where(table.c.id == id)).one()
    return row[0], row[1], row[2]


def test_a_focus_that_nothing_shows_is_found(clinic: Clinic, page: Page) -> None:
    """Requirement 3."""
    clinic.sign_in(page, "en")
    page.goto(clinic.origin)
    page.evaluate(UNSHOWN)
    fingers = Fingers(page)
    fingers.next()
    assert [one["shown"] for _, one in fingers.wrong] == [False]
    page.goto(clinic.origin)
    page.evaluate("document.querySelector('main a').tabIndex = 3")
    fingers.next()
    assert fingers.wrong[-1][1]["turn"] == 3
