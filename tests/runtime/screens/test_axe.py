"""No serious or critical violation that axe-core finds, on any screen.

1. The first addresses of SCREENS on a desk in English and on a phone in Chinese; all of them both ways in the proof.
2. A planted button without a name, and text that is too pale, are found.
3. The checker is the pinned file; tests alone use it.
4. What visitors see, too: the sign-in, the form behind a link, and a link that leads nowhere.

A new screen is a line in SCREENS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.runtime.screens.example import Clinic

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "fixtures" / "axe" / "axe.min.js"
SHA256 = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"
"""axe-core 4.10.3 (`axe.min.js` as published), MPL-2.0."""
SCREENS = (
    "/", "/o/patient/{patient}", "/o/followup_task/board", "/o/appointment/calendar?date=2026-03-02", "/o/followup_task",
    "/o/followup_task/{task}/t/answer", "/o/patient/{patient}/edit", "/o/followup_task/{task}/t/cancel",
    "/o/patient?q=nobody&nonsense=1", "/o/patient/{patient}/stream", "/o/followup_task/{task}", "/o/followup_task/{task}/moves",
    "/o/followup_task/calendar?scale=month", "/o/appointment/board", "/o/appointment/calendar?scale=day&date=2026-03-02",
    "/o/appointment/{appointment}/when", "/o/appointment/new", "/me", "/inbox", "/o/nothing",
    "/o/patient", "/o/patient/new", "/o/followup_task/{task}/messages", "/search?q=欧阳", "/o/patient/{patient}/export", "/jobs",
    "/o/followup_task?view=all_followup_tasks&f.status=planned", "/o/treatment/new",
)
OUTSIDE = ("/f/{token}", "/sign-in", "/f/nothing")
"""Screens for whoever is not signed in."""
FEW = 7
"""So many of them in each run of the tests; all of them in `tests/proofs/test_axe.py`."""
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"], preload: false, elementRef: false });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => [one.id, one.impact, one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 4)]);
}"""


def violations(page: Page) -> list[Any]:
    """Rule, impact and the elements of each serious or critical violation on the page."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[Any] = page.evaluate(RUN)
    return found


def walk(clinic: Clinic, page: Page, screens: Sequence[str] = SCREENS) -> dict[str, list[Any]]:
    """The violations of each address that has any."""
    found = {}
    for address in screens:
        path = address.format(**clinic.ids)
        page.goto(clinic.origin + path)
        found[path] = violations(page)
    return {path: several for path, several in found.items() if several}


def test_desk(clinic: Clinic, page: Page) -> None:
    """Requirement 1."""
    clinic.sign_in(page, "en")
    assert walk(clinic, page, SCREENS[:FEW]) == {}


def test_phone(clinic: Clinic, phone_page: Page) -> None:
    """Requirement 1."""
    clinic.sign_in(phone_page, "zh")
    assert walk(clinic, phone_page, SCREENS[:FEW]) == {}


def test_visitors(clinic: Clinic, page: Page, phone_page: Page) -> None:
    """Requirement 4: a patient's phone speaks Chinese, a colleague's desk English."""
    assert walk(clinic, phone_page, OUTSIDE) == {}
    page.context.add_cookies([{"name": "carework-language", "value": "en", "url": clinic.origin}])
    assert walk(clinic, page, OUTSIDE[:1]) == {}
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("form [name=pain]").first).to_be_attached()


def test_planted_faults_are_found(clinic: Clinic, page: Page) -> None:
    """Requirement 2."""
    clinic.sign_in(page, "en")
    page.goto(f"{clinic.origin}/")
    page.evaluate("""() => {
      const main = document.querySelector("main");
      const button = document.createElement("button");
      const pale = document.createElement("p");
      pale.textContent = "pale";
      pale.style.color = "#ddd";
      main.prepend(button, pale);
    }""")
    assert {rule for rule, _impact, _nodes in violations(page)} == {"button-name", "color-contrast"}


def test_the_checker_is_the_pinned_one() -> None:
    """Requirement 3."""
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == SHA256
