"""The pages in a real browser under the strict policy.

1. No breach of the Content-Security-Policy and no script error on any page, in either language.
2. Nothing overflows at 390 px, and no element has a style attribute (scripts and htmx included).
3. What fingers tap at 390 px is at least 40 px high.
4. The link picker, filters, dialogs, shortcuts and the guard of unsaved work do their task by keyboard alone.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.runtime.screens.mock import PAGES, create_app
from tests.runtime.screens.serving import served

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STYLED = "[...document.querySelectorAll('[style]')].map(e => e.outerHTML.slice(0, 80))"
SMALL = """[...document.querySelectorAll('a, button, select, summary, input:not([type=hidden], [type=radio], [type=checkbox]), .pick')]
  .filter(e => e.checkVisibility() && !e.closest('.skip, [hidden], p.field-error') && e.getBoundingClientRect().width > 2)
  .map(e => [Math.round(e.getBoundingClientRect().height), e.outerHTML.slice(0, 90)])
  .filter(([height]) => height < 40)"""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The mock application."""
    with served(create_app()) as address:
        yield address


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_phone_pages_fit_and_break_no_rule(phone_page: Page, page_errors: list[str], origin: str, lang: str) -> None:
    """Requirements 1 to 3."""
    for name in PAGES:
        phone_page.goto(f"{origin}/{name}?lang={lang}")
        assert phone_page.evaluate(OVERFLOW) <= 0, name
        assert phone_page.evaluate(STYLED) == [], name
        assert phone_page.evaluate(SMALL) == [], name
    assert page_errors == []


def test_desk_pages_break_no_rule(page: Page, page_errors: list[str], origin: str) -> None:
    """Requirements 1 and 2."""
    for name in PAGES:
        page.goto(f"{origin}/{name}?lang=en")
        assert page.evaluate(OVERFLOW) <= 0, name
        assert page.evaluate(STYLED) == [], name
    assert page_errors == []


def test_the_policy_is_in_force(page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 1: a planted inline script and style are refused and seen, so that the tests above can fail."""
    page.goto(f"{origin}/home")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p><img src=x onerror=\"window.hit=1\">')")
    page.wait_for_timeout(100)
    assert page.evaluate("window.hit") is None
    assert len([error for error in page_errors if "Content Security Policy" in error]) >= 2


def test_link_picker_by_keyboard(page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 4: type, arrow down, Enter; the id is posted; clearing takes both away."""
    page.goto(f"{origin}/form?lang=en")
    box = page.get_by_role("combobox", name="Doctor")
    box.fill("陈")
    expect(page.get_by_role("option", name="陈思")).to_be_visible()
    assert page.input_value("input[name=doctor]") == ""
    assert box.get_attribute("aria-activedescendant") == "f-doctor-list-0"
    box.press("Enter")
    assert (page.input_value("input[name=doctor]"), box.input_value()) == ("3", "陈思")
    assert box.get_attribute("aria-expanded") == "false"
    page.get_by_role("button", name="Clear Doctor").click()
    assert (page.input_value("input[name=doctor]"), box.input_value()) == ("", "")
    box.fill("no such name")
    expect(page.locator("#f-doctor-list")).to_have_text("Nothing found")
    assert page.evaluate(STYLED) == []
    assert page_errors == []


def test_filters_swap_the_results_only(page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 4: typing filters in place, keeps the focus, and leaves an address that can be sent on."""
    page.goto(f"{origin}/list?lang=en")
    page.keyboard.press("/")
    page.keyboard.type("欧阳")
    expect(page.locator("#results .chip").first).to_be_visible()
    assert page.url.split("?")[1] == "sort=-next&q=%E6%AC%A7%E9%98%B3"
    assert page.evaluate("document.activeElement.id") == "filter-q"
    assert page.evaluate(STYLED) == []
    assert page_errors == []


def test_dialogs_ask_and_confirm(page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 4: a transition's form opens over the record; a grave act asks first and Escape means no."""
    page.goto(f"{origin}/record?lang=en")
    page.get_by_role("link", name="Complete").click()
    expect(page.locator("#ask #ask-form")).to_be_visible()
    page.locator("#ask").get_by_role("link", name="Back").click()
    expect(page.locator("#ask")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#confirm")).to_contain_text("Delete 欧阳明月?")
    page.keyboard.press("Escape")
    assert page.url.endswith("/record?lang=en")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url(f"{origin}/list")
    assert page.evaluate(STYLED) == []
    assert page_errors == []


def test_grey_button_says_why(page: Page, origin: str) -> None:
    """Requirement 4: it can be reached by Tab and its reason is read and seen."""
    page.goto(f"{origin}/record?lang=en")
    button = page.get_by_role("button", name="Escalate")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    button.focus()
    expect(page.get_by_role("tooltip")).to_have_text("Only when the pain is 7 or more; it is 4.")
    assert button.get_attribute("aria-describedby") == "why-escalate"


def test_reasons_stay_on_the_screen_of_a_phone(phone_page: Page, origin: str) -> None:
    """Requirement 2: also the reason of the last grey button in the row."""
    phone_page.goto(f"{origin}/record?lang=en")
    phone_page.get_by_role("button", name="Escalate").tap(force=True)  # Playwright takes aria-disabled for disabled
    shown = phone_page.get_by_role("tooltip").bounding_box()
    assert shown is not None and shown["x"] >= 0 and shown["x"] + shown["width"] <= 390
    assert phone_page.evaluate(OVERFLOW) <= 0


def test_unsaved_work_is_guarded(page: Page, origin: str) -> None:
    """Requirement 4: leaving a changed form asks; an untouched one does not; saving does not."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{origin}/form?lang=en")
    page.goto(f"{origin}/home")
    assert asked == []
    page.goto(f"{origin}/form")
    page.get_by_label("Name").first.fill("王小明")
    page.goto(f"{origin}/home")
    assert asked == ["beforeunload"]
    page.goto(f"{origin}/form")
    page.get_by_label("Name").first.fill("王小明")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{origin}/form_errors")
    assert asked == ["beforeunload"]
    assert page.evaluate("document.activeElement.className") == "summary"


def test_shortcuts_can_be_switched_off(page: Page, origin: str) -> None:
    """Requirement 4 and WCAG 2.1.4."""
    page.goto(f"{origin}/list?lang=en")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "欧阳明月"
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("?")
    expect(page.locator("#help-keys")).to_be_visible()
    assert page.url.startswith(f"{origin}/list")
