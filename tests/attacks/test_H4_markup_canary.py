"""H4, the markup canary: every text of definitions and records carries markup, and none of it becomes an element.

1. On every kind of screen no canary became an element, an attribute, a script's address.
2. Planted fault: with an emitter that does not escape angle brackets the same look finds it.
3. In a real browser under the strict policy nothing runs and nothing is reported.
"""

import pytest
from playwright.sync_api import Page

from engine.targets.screens import emit
from tests.attacks.canaries import executed, pages
from tests.runtime.api.world import Web
from tests.runtime.screens.serving import served
from tests.runtime.screens.surfing import Surfer


def test_no_text_becomes_markup(poisoned_web: tuple[Web, dict[str, str]]) -> None:
    """Requirement 1."""
    web, ids = poisoned_web
    looked = 0
    for path, page in pages(Surfer.of(web, "nurse"), ids):
        assert executed(page.html) == [], path
        looked += page.html.count("svg/onload")
    assert looked > 300


def test_an_emitter_that_lets_brackets_through_is_found(
    poisoned_web: tuple[Web, dict[str, str]], planted: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirement 2."""
    monkeypatch.setattr(emit, "_HTML", {k: v for k, v in emit._HTML.items() if chr(k) in "{}"})
    surfer, ids = Surfer.of(planted, "nurse"), poisoned_web[1]
    assert any(executed(surfer.get(path).html) for path in (f"/o/patient/{ids['patient']}", "/o/patient"))


@pytest.mark.browser
def test_nothing_runs_in_a_browser(poisoned_web: tuple[Web, dict[str, str]], page: Page, page_errors: list[str]) -> None:
    """Requirement 3."""
    web, ids = poisoned_web
    with served(web.app) as origin:
        page.context.add_cookies([{"name": web.site.cookie, "value": web.session("nurse"), "url": origin}])
        for path in ("/", "/o/patient", f"/o/patient/{ids['patient']}", f"/o/patient/{ids['patient']}/edit", "/o/visit/new"):
            page.goto(origin + path)
            assert page.evaluate("document.querySelectorAll('#hit, [onload]').length") == 0, path
    assert page_errors == []
