"""The designer in a real browser, under the strict policy.

1. No page breaches the policy, has a script error, scrolls sideways or is closed to somebody, at 1440, 768 and 390 px, in both languages.
2. The editor shows a file with its problems at their lines, completes keys by the schema, and saves by itself.
3. A field is moved by keyboard and by dragging, the form's preview follows, Ctrl-Z takes it back.
4. The access matrix is changed by keyboard alone, and the box that was ticked keeps the focus.
5. Somebody else's change of the same file is not overwritten: the editor says so.
6. A condition is built by rows, turned into text and back, and means the same; what rows cannot say stays text; what does not fit is told.
7. Expressions are completed while they are typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from designer.edits.files import ReplaceText
from runtime.identity.own import set_language
from tests.designer.studio import HEAD, Studio, build
from tests.designer.test_pages import FILE, PAGES, draft_of
from tests.fixtures.databases import Backend
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_axe import violations
from tests.runtime.screens.test_look import OVERFLOW

pytestmark = pytest.mark.browser
LOOKED_AT = tuple(page for page in PAGES if not page.startswith(("/export", "/problems", "?q=没")))


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """What pages look like does not depend on the database."""
    url = sqlite_backend.prepared("designer-example", build)
    opened = Studio.open(url, tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def origin(studio: Studio) -> Iterator[str]:
    with served(studio.client.application) as found:
        yield found


def signed_in(page: Page, studio: Studio, origin: str, language: str = "en") -> Page:
    set_language(studio.store, HEAD, language)
    page.context.add_cookies([{"name": studio.site.cookie, "value": studio.session(), "url": origin}])
    return page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_holds_together(studio: Studio, origin: str, page: Page, page_errors: list[str], language: str) -> None:
    """Requirement 1."""
    signed_in(page, studio, origin, language)
    id = studio.draft("拔牙后随访 follow-up after an extraction, with a long name")
    few = tuple(f"/design/{id}{path}" for path in ("", *LOOKED_AT[2:4], f"/file?path={FILE}", "/plan"))
    most = ("/design", "/design/releases", *few, *(f"/design/{id}{path}" for path in (LOOKED_AT[4], LOOKED_AT[9], LOOKED_AT[-1])))
    looked = {1440: few[:2], 768: few[1:3], 390: most} if language == "zh" else {390: few[:3]}
    for width, paths in looked.items():
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            page.goto(origin + path)
            assert page.evaluate(OVERFLOW) <= 0, (path, width)
            assert width == 768 or violations(page) == [], (path, width)
    assert page_errors == []


def test_the_editor(studio: Studio, origin: str, page: Page, page_errors: list[str]) -> None:
    """Requirements 2 and 5."""
    signed_in(page, studio, origin)
    id = studio.draft()
    first = draft_of(studio, id).files[FILE]
    page.goto(f"{origin}/design/{id}/file?path={FILE}")
    editor = page.locator("#editor .cm-content")
    expect(editor).to_contain_text("extend: core:patient")
    assert page.evaluate("document.getElementById('editor').shadowRoot.adoptedStyleSheets.length") > 0
    page.wait_for_function("window.careworkEditor")
    assert draft_of(studio, id).changed == ()  # opening changes nothing
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("colour: red\n")
    expect(page.locator("#file-state")).to_have_text("Saved in the draft")
    expect(page.locator("#here")).to_contain_text("SHAPE-001")
    expect(page.locator("#editor .cm-lintRange-error").first).to_be_visible()
    assert draft_of(studio, id).files[FILE] == first + "colour: red\n"
    page.keyboard.press("Control+z")
    expect(page.locator("#here")).to_contain_text("None.")
    assert draft_of(studio, id).files[FILE] == first
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("tit")
    page.keyboard.press("Control+Space")
    expect(page.locator("#editor .cm-tooltip-autocomplete")).to_contain_text("title")
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("Backspace")
    expect(page.locator("#file-state")).to_have_text("Saved in the draft")
    studio.edit(id, ReplaceText(path=FILE, text=first + "# theirs\n"))
    page.keyboard.insert_text("# mine\n")
    expect(page.locator("#file-state")).to_contain_text("Somebody else changed this file")
    assert draft_of(studio, id).files[FILE] == first + "# theirs\n"
    assert [error for error in page_errors if "409" not in error] == []


COMPLETIONS = {
    "name: x\nfields:\n  a: {type: text, ": ("max", "required"),
    "name: x\nfields:\n  a: {type: ": ("date", "link"),
    "name: x\nfields:\n  a: {to: ": ("patient",),
    "name: x\nbel": ("belongs_to",), "name: x\nfields:\n  a:\n    ": ("type", "label"), "name: x\nchecks:\n  c: {rule: 'a', ": ("message", "field"),
    "extend: core:patient\nfields:\n  a: {": ("label", "required"),
}


def test_completion_follows_the_schema(studio: Studio, origin: str, page: Page) -> None:
    """Requirement 2: at every such place the keys or values that the schema allows are offered, and none that stands there."""
    signed_in(page, studio, origin)
    id = studio.draft()
    page.goto(f"{origin}/design/{id}/file?path={FILE}")
    page.wait_for_function("window.careworkEditor")
    for text, wanted in COMPLETIONS.items():
        found = page.evaluate(
            """async (text) => { const schema = await (await fetch('/design/schema?kind=object')).json();
            return careworkCompletion.options(schema, {to: ['patient', 'staff']}, text, text.length).options.map((o) => o.label); }""", text)
        assert set(wanted) <= set(found), (text, found)
        assert text.rpartition("\n")[2].count("type: text") == 0 or "type" not in found


def test_fields_are_moved_and_taken_back(studio: Studio, origin: str, page: Page, page_errors: list[str]) -> None:
    """Requirement 3."""
    signed_in(page, studio, origin)
    id = studio.draft()
    page.goto(f"{origin}/design/{id}/definition?kind=forms&name=patient")
    rows = page.locator("#section-items >> xpath=../.. >> tbody tr")
    names = rows.evaluate_all("rows => rows.map((r) => r.dataset.name)")
    grip = page.locator(f"#items-{names[2]} [data-grip]")
    grip.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(rows.nth(1)).to_have_attribute("data-name", names[2])
    expect(page.locator(f"#items-{names[2]} [data-grip]")).to_be_focused()
    preview = page.locator(".preview .field .form-label").all_inner_texts()
    page.keyboard.press("Control+z")
    expect(rows.nth(2)).to_have_attribute("data-name", names[2])
    assert page.locator(".preview .field .form-label").all_inner_texts() != preview
    source, target = page.locator(f"#items-{names[4]} [data-grip]").bounding_box(), page.locator(f"#items-{names[1]}").bounding_box()
    assert source and target
    page.mouse.move(source["x"] + 10, source["y"] + 10)
    page.mouse.down()
    page.mouse.move(source["x"] + 10, target["y"] + target["height"] + 20, steps=4)
    page.mouse.move(target["x"] + 20, target["y"] + 4, steps=4)
    page.mouse.up()
    expect(rows.nth(1)).to_have_attribute("data-name", names[4])
    assert [entry.kind for entry in draft_of(studio, id).log if not entry.undone] == ["move_element"]
    page.locator("#undo button").click()
    expect(rows.nth(4)).to_have_attribute("data-name", names[4])
    assert page_errors == []


def test_the_matrix_by_keyboard(studio: Studio, origin: str, page: Page, page_errors: list[str]) -> None:
    """Requirement 4."""
    signed_in(page, studio, origin)
    id = studio.draft()
    page.goto(f"{origin}/design/{id}/access?role=nurse")
    box = page.get_by_role("button", name="Patient – See: all records")
    box.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    ticked = page.get_by_role("button", name="Patient – Delete: all records")
    expect(ticked).to_be_focused()
    assert any(entry.said["en"] == "The role “nurse” may “delete” on “patient”" for entry in draft_of(studio, id).log)
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Patient – Delete: no")).to_be_visible()
    assert page_errors == []


def test_a_condition_by_rows_and_as_text(studio: Studio, origin: str, page: Page, page_errors: list[str]) -> None:
    """Requirement 6, on a phone."""
    signed_in(page, studio, origin)
    page.set_viewport_size({"width": 390, "height": 900})
    id = studio.draft()
    page.goto(f"{origin}/design/{id}/element?kind=workflows&name=followup_task&section=transitions&element=complete")
    box = page.locator("[data-condition]").filter(has=page.locator("textarea[name='when']"))
    text, rows = box.locator("textarea"), box.locator(".condition-row")
    expect(box.get_by_role("button", name="As text")).to_be_visible()
    while rows.count():
        rows.first.get_by_role("button", name="Remove").click()
    for field, operator, value in (("pain", "at_least", "7"), ("channel", "filled", None), ("pain", "less", "9")):
        box.get_by_role("button", name="Add a condition").click()
        rows.last.get_by_label("Field").select_option(value=field)
        rows.last.get_by_label("Comparison").select_option(value=operator)
        if value:
            rows.last.get_by_label("Value").fill(value)
    rows.first.get_by_label("Value").fill("8")
    box.get_by_label("Comparison").first.select_option(value="any")
    said = "pain >= 8 || has(channel) || pain < 9"
    expect(text).to_have_value(said)
    box.get_by_role("button", name="As text").click()
    box.get_by_role("button", name="As rows").click()
    expect(rows).to_have_count(3)
    expect(text).to_have_value(said)
    assert page.evaluate(OVERFLOW) <= 0
    box.get_by_role("button", name="As text").click()
    text.fill("pian > 3")
    expect(box.locator(".condition-problem")).to_contain_text("pian")
    text.fill("pain + 1 > 3")
    expect(box.locator(".condition-problem")).to_be_hidden()
    expect(box.get_by_role("button", name="As rows")).to_be_hidden()
    assert page_errors == []


def test_expressions_are_completed(studio: Studio, origin: str, page: Page, page_errors: list[str]) -> None:
    """Requirement 7: fields by name or label, options of the field that is compared, functions with an example; by the keyboard alone, and
    nothing is offered inside of a text. In conditions, and in formulas as well."""
    signed_in(page, studio, origin)
    id = studio.draft()
    page.goto(f"{origin}/design/{id}/element?kind=workflows&name=followup_task&section=transitions&element=complete")
    box = page.locator("[data-condition]").filter(has=page.locator("textarea[name='when']"))
    box.get_by_role("button", name="As text").click()
    text, offered = box.locator("textarea"), box.get_by_role("option")
    text.fill("")
    text.press_sequentially("pai")
    expect(offered.first).to_contain_text("pain")
    expect(text).to_have_attribute("aria-activedescendant", re.compile("completing-"))
    text.press("Enter")
    expect(text).to_have_value("pain")
    expect(offered).to_have_count(0)
    text.press_sequentially(" > 3 && chan")
    text.press("ArrowDown")
    text.press("ArrowUp")
    text.press("Enter")
    text.press_sequentially(" == ")
    text.press("Control+ ")
    expect(offered).not_to_have_count(0)
    text.press("Escape")
    expect(offered).to_have_count(0)
    text.press_sequentially("'p")
    expect(offered.first).to_contain_text("phone")
    offered.first.click()
    expect(text).to_have_value("pain > 3 && channel == 'phone'")
    expect(box.locator(".condition-problem")).to_be_hidden()
    text.press_sequentially(" && today > date")
    text.press("Enter")
    expect(text).to_have_value("pain > 3 && channel == 'phone' && today > date()")
    offers = "[{path: 'pain', label: '疼痛评分', kind: 'whole'}, {path: 'trim', label: '', kind: 'method'}]"
    for before, wanted in {"疼痛": ["pain"], "name == 'pa": [], "has(pa": ["pain"], "patient.name.tr": ["patient.name.trim("]}.items():
        found = page.evaluate(f"(text) => careworkCompleting.candidates(text, {offers}).items.map((one) => one.text)", before)
        assert found == wanted, before
    page.goto(f"{origin}/design/{id}/element?kind=objects&name=patient&section=fields&element=age")
    formula = page.locator("textarea[name='formula']")
    formula.fill("")
    formula.press_sequentially("birt")
    expect(page.locator(".completing [role=option]").first).to_contain_text("birth_date")
    assert violations(page) == []
    assert page_errors == []
