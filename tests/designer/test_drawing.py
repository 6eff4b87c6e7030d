"""The drawing of a workflow.

1. Its data: every state a box, every transition one arrow from all its states to its end, nobody's transitions marked; what is retired is
   not there, and an end that there is not is told (planted: a drawing with an arrow to another state is told apart).
2. A transition comes with the roles that may do it and is one step of undo; with it go its grants and timers; with a state what leads to
   it. The draft compiles after each.
3. Panels: everything that a workflow can hold is said in forms without its text, refused with a reason where it cannot be.
4. In Chromium: a state, a transition by dragging and one by keyboard, a guard, undo; accessible; nothing scrolls sideways on a phone.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from designer.drafts.checking import problems_of
from designer.drawing import Drawing, drawing_of, roles_that_may
from designer.edits.flowing import AddTransition, RemoveState, RemoveTransition
from designer.edits.refused import EditRefused
from designer.given import Moment, moment_of, shown, typed
from designer.layers import Layers
from runtime.identity.own import set_language
from tests.designer.studio import HEAD, Studio, build
from tests.designer.test_pages import draft_of
from tests.fixtures.databases import Backend
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_axe import violations
from tests.runtime.screens.test_look import OVERFLOW

PLAIN = {
    "p/pack.yaml": "name: p\nversion: 1.0.0\nlabel: P\n",
    "p/workflows/visit.yaml": """object: visit
field: status
initial: open
states:
  open: {label: {en: Open, zh: 待处理}}
  waiting: {category: waiting, color: orange}
  done: {label: Done, category: done}
  old: {retired: true}
transitions:
  finish: {from: [open, waiting], to: done, label: Finish, when: 'has(a)', ask: result, then: {a: {do: set}, b: {do: set, retired: true}}}
  wait: {from: open, to: waiting}
  lose: {from: open, to: nowhere}
timers: {late: {in: waiting, at: due, fire: wait}}
""",
    "p/roles/nurse.yaml": "name: nurse\ngrants: {visits: {object: visit, can: [read, finish]}, gone: {object: visit, can: [lose], hidden: true}}\n",
}


def lines(drawing: Drawing) -> set[tuple[str, str, str]]:
    """What the picture shows: from, by, to."""
    return {(start, arrow.name, arrow.end) for arrow in drawing.arrows for start in arrow.starts}


def test_what_is_drawn() -> None:
    """Requirement 1."""
    drawing = drawing_of(Layers(PLAIN), "visit", "zh")
    assert [(box.name, box.label, box.category, box.color, box.initial, box.leaving, box.arriving, box.timers) for box in drawing.boxes] == [
        ("open", "待处理", "open", "", True, 3, 0, 0), ("waiting", "waiting", "waiting", "orange", False, 1, 1, 1),
        ("done", "Done", "done", "", False, 0, 1, 0)]
    right = {("open", "finish", "done"), ("waiting", "finish", "done"), ("open", "wait", "waiting"), ("open", "lose", "")}
    assert lines(drawing) == right
    finish, wait, lose = drawing.arrows
    assert (finish.guarded, finish.asks, finish.effects, finish.timed, finish.granted) == (True, True, 1, False, True)
    assert (wait.timed, wait.granted) == (True, True) and (lose.granted, lose.lost) == (False, ("nowhere",))
    turned = dataclasses.replace(drawing, arrows=(dataclasses.replace(finish, end="waiting"), wait, lose))
    fewer = dataclasses.replace(drawing, arrows=(dataclasses.replace(finish, starts=("open",)), wait, lose))
    assert lines(turned) != right and lines(fewer) != right


@pytest.mark.parametrize(("text", "moment"), [
    ("due", Moment("due")), ("due + days(2)", Moment("due", 2)), ("due - workdays(3)", Moment("due", -3, "workdays")),
    ("today.x + days(1)", None), ("due + days(1) + days(2)", None)])
def test_times_are_said_in_parts(text: str, moment: Moment | None) -> None:
    """Requirement 3."""
    assert moment_of(text) == moment and (moment is None or moment.text == text)


@pytest.mark.parametrize(("said", "field", "expression"), [
    ("Please call", {"type": "text"}, "'Please call'"), ("it's", {"type": "long_text"}, "'it\\'s'"), ("note", {"type": "text"}, "note"),
    ("13800001111", {"type": "phone"}, "'13800001111'"), ("High", {"type": "choice"}, "'high'"), ("高", {"type": "choice"}, "'high'"),
    ("2026-11-30", {"type": "date"}, 'date("2026-11-30")'), ("today + days(7)", {"type": "date"}, "today + days(7)"),
    ("是", {"type": "boolean"}, "true"), ("7", {"type": "integer"}, "7"), ("today + days(2)", {"type": "datetime"}, "now + days(2)"),
    ("a + b", {"type": "text"}, "'a + b'")])
def test_values_are_typed_as_people_say_them(said: str, field: dict[str, str], expression: str) -> None:
    """Requirement 3: and shown as they were typed, so that saving an untouched form changes nothing."""
    options = {"high": {"label": {"en": "High", "zh": "高"}}} if field["type"] == "choice" else {}
    known = {"note", "today"}
    assert typed(said, field, options, known) == expression
    again = shown(expression, field, options, known, "en")
    assert typed(again, field, options, known) == expression and (again == said or said in ("高", "是", "today + days(2)"))


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Edits are texts: what they do does not depend on the database."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


def sound(studio: Studio, id: str) -> None:
    assert [str(p) for p in problems_of(draft_of(studio, id)) if not p.warning] == []


def test_edits_reach_as_far_as_they_must(studio: Studio) -> None:
    """Requirement 2: for a workflow of another pack, and of the one that is written into."""
    for pack in ("hexin", "core"):
        id = studio.draft()
        before = draft_of(studio, id).files
        made = AddTransition(definition="appointment", pack=pack, name="send_home", roles=("nurse", "assistant"),
                             value={"from": ["booked", "arrived"], "to": "missed", "label": {"en": "Send home"}})
        roles = [role for role in made.roles if role in draft_of(studio, id).layers.names("roles")]
        studio.edit(id, dataclasses.replace(made, roles=tuple(roles)))
        sound(studio, id)
        assert set(roles) <= set(roles_that_may(draft_of(studio, id).layers, "appointment", "send_home")) and roles
        studio.edit(id, RemoveState(definition="appointment", pack=pack, name="arrived"))
        sound(studio, id)
        drawing = drawing_of(draft_of(studio, id).layers, "appointment", "en")
        assert "arrived" not in {box.name for box in drawing.boxes} and ("booked", "send_home", "missed") in lines(drawing)
        studio.edit(id, RemoveTransition(definition="appointment", pack=pack, name="cancel"))
        sound(studio, id)
        layers = draft_of(studio, id).layers
        assert {"arrive", "finish", "cancel"}.isdisjoint({arrow.name for arrow in drawing_of(layers, "appointment", "en").arrows})
        assert [roles_that_may(layers, "appointment", gone) for gone in ("arrive", "cancel")] == [(), ()]
        for _ in range(3):
            studio.drafts.undo(id, HEAD, studio.clock())
        assert draft_of(studio, id).files == before
    with pytest.raises(EditRefused, match="Records begin"):
        studio.edit(id, RemoveState(definition="appointment", pack="core", name="booked"))
    with pytest.raises(EditRefused):
        studio.edit(id, RemoveTransition(definition="appointment", pack="core", name="gone"))


def page(studio: Studio, id: str, more: str = "", flow: str = "followup_task") -> str:
    answer = studio.get(f"/design/{id}/drawing?name={flow}{more}")
    assert answer.status_code == 200, more
    return unescape(answer.get_data(as_text=True))


def test_everything_is_said_in_forms(studio: Studio) -> None:
    """Requirement 3, without scripts: a state, a transition, what follows, a timer, another name, each in the draft and sound."""
    studio.sign_in()
    id = studio.draft()
    post, base = f"/design/{id}/drawing", {"name": "followup_task"}
    assert "at=states.on_hold" in studio.post(post, **base, section="states", **{"label.en": "On hold", "category": "waiting"}).headers["Location"]
    made = studio.client.post(post, data={"csrf_token": studio.token(), **base, "section": "transitions", "label.en": "Hold", "label.zh": "搁置",
                                          "from": ["due", "in_progress"], "to": "on_hold", "roles": ["nurse"]})
    assert "at=transitions.hold" in made.headers["Location"]
    then = {**base, "section": "transitions.hold.then", "if": "pain >= 4"}
    kinds = re.findall(r'<option value="((?:set|notify|assign|transition|create)/[^"]*)"', page(studio, id, "&at=transitions.hold"))
    assert {"notify//strong_pain", "set/patient/", "assign//", "create//appointment", "transition//start"} <= set(kinds)
    studio.post(post, **then, kind="notify//strong_pain", to="patient.doctor")
    studio.client.post(post, data={"csrf_token": studio.token(), **then, "kind": "set//", "value.field": ["outcome", "due", ""],
                                   "value.text": ["Please call", "today + days(7)", ""]})
    studio.post(post, **base, section="timers", **{"in": "due", "at.number": "2", "at.unit": "workdays", "at.side": "after", "at.base": "due",
                                                   "fire": "hold"})
    told = page(studio, id, "&at=transitions.hold")
    assert "Change Outcome, Due of this record" in told and re.search("Tell Patient → .*: “Strong pain", told)
    assert "Pain 0-10 is at least 4" in told
    flow = draft_of(studio, id).layers.merged("workflows", "followup_task")
    hold = flow["transitions"]["hold"]
    assert hold["from"] == ["due", "in_progress"] and hold["to"] == "on_hold" and flow["states"]["on_hold"]["category"] == "waiting"
    assert [effect["do"] for effect in hold["then"].values()] == ["notify", "set"]
    assert hold["then"]["set"]["values"] == {"outcome": "'Please call'", "due": "today + days(7)"}
    assert {"in": "due", "at": "due + workdays(2)", "fire": "hold"} in [dict(timer) for timer in flow["timers"].values()]
    sound(studio, id)
    version = draft_of(studio, id).version
    again = {**then, "element": "set", "kind": "set//", "value.field": ["outcome", "due"], "value.text": ["Please call", "today + days(7)"]}
    studio.client.post(post, data={"csrf_token": studio.token(), **again})
    assert draft_of(studio, id).version == version  # nothing was touched
    renamed = studio.post(post, **base, section="transitions", element="hold", rename="put_on_hold")
    assert "transitions.put_on_hold" in renamed.headers["Location"]
    sound(studio, id)
    assert "nurse" in roles_that_may(draft_of(studio, id).layers, "followup_task", "put_on_hold")


@pytest.mark.parametrize("sent", [
    {"section": "states"}, {"section": "transitions", "label.en": "x", "to": "done"}, {"section": "timers", "in": "due", "fire": "start"},
    {"section": "transitions", "element": "gone", "from": "due", "to": "done"}, {"section": "transitions.start.then", "kind": "notify//strong_pain"},
    {"section": "transitions.start.then", "kind": "set//"}, {"section": "transitions.start.then", "kind": "///"},
    {"section": "transitions.gone.then", "kind": "transition//start"},
    {"section": "timers", "in": "due", "fire": "start", "at.base": "due", "at.number": "1e9", "at.unit": "days"},
    {"section": "timers", "in": "due", "fire": "complete", "at.base": "due", "at.unit": "days"},
    {"section": "states", "element": "due", "rename": "Not a name"}, {"section": "nonsense"}, {"section": "fields.x.then", "kind": "a"}, {}])
def test_what_makes_no_sense_is_refused(studio: Studio, sent: dict[str, str]) -> None:
    """Requirement 3: with a reason, and nothing is changed."""
    studio.sign_in()
    id = studio.draft()
    answer = studio.client.post(f"/design/{id}/drawing", data={"csrf_token": studio.token(), "name": "followup_task", **sent},
                                headers={"Accept": "application/json"})
    assert answer.status_code in (404, 422) and draft_of(studio, id).log == ()
    for more in ("&at=states.gone", "&at=x.y.z.w", "&new=effect&of=gone",
                 "&new=effect&of=start&kind=q", "&new=nonsense", "&new=transition&from=zz&to=qq"):
        assert studio.get(f"/design/{id}/drawing?name=followup_task{more}").status_code == 200, more
    assert studio.get(f"/design/{id}/drawing?name=gone").status_code == 404


# In a browser


@pytest.fixture(scope="module")
def origin(studio: Studio) -> Iterator[str]:
    with served(studio.client.application) as found:
        yield found


def shown_lines(page: Page) -> set[tuple[str, str]]:
    """The lines of the picture from what they leave to what they reach."""
    found = page.locator("#flow .flow-line").evaluate_all("all => all.map((l) => [l.dataset.from, l.dataset.to])")
    return {(start, end) for start, end in found}


@pytest.mark.browser
def test_drawing_in_a_browser(studio: Studio, origin: str, page: Page, page_errors: list[str]) -> None:
    """Requirement 4."""
    set_language(studio.store, HEAD, "en")
    page.context.add_cookies([{"name": studio.site.cookie, "value": studio.session(), "url": origin}])
    page.set_viewport_size({"width": 1440, "height": 900})
    id = studio.draft()
    page.goto(f"{origin}/design/{id}/drawing?name=appointment")
    drawing = drawing_of(draft_of(studio, id).layers, "appointment", "en")
    wanted = {(f"states.{start}", f"transitions.{arrow}") for start, arrow, _ in lines(drawing)}
    assert shown_lines(page) == wanted | {(f"transitions.{arrow.name}", f"states.{arrow.end}") for arrow in drawing.arrows}
    page.get_by_role("link", name="State", exact=True).click()
    page.locator("#p-label-en").fill("On hold")
    page.locator("#p-category").select_option("waiting")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Add the state").click()
    new = page.locator("#flow [data-node='states.on_hold']")
    expect(new).to_have_attribute("aria-pressed", "true")
    handle, target = page.locator("#flow [data-handle='arrived'] .flow-dot").bounding_box(), new.bounding_box()
    assert handle and target
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + 12, steps=5)
    expect(new).to_have_class(re.compile("is-target"))
    page.mouse.up()
    expect(page.locator("#p-label-en")).to_be_focused()
    page.keyboard.type("Hold")
    page.keyboard.press("Enter")
    expect(page.locator("#flow [data-node='transitions.hold']")).to_have_attribute("aria-pressed", "true")
    assert {("states.arrived", "transitions.hold"), ("transitions.hold", "states.on_hold")} <= shown_lines(page)
    new.focus()
    page.keyboard.press("c")
    expect(page.locator("#flow-says")).to_contain_text("Where does it lead?")
    page.keyboard.press("ArrowLeft")
    there = page.evaluate("document.activeElement.dataset.node")
    assert there.startswith("states.") and there != "states.on_hold"
    page.keyboard.press("Enter")
    expect(page.locator("#p-label-en")).to_be_focused()
    assert page.locator("#p-to").input_value() == there.removeprefix("states.")
    page.keyboard.type("Go on")
    page.keyboard.press("Enter")
    expect(page.locator("#flow [data-node='transitions.go_on']")).to_be_visible()
    assert {("states.on_hold", "transitions.go_on"), ("transitions.go_on", there)} <= shown_lines(page)
    page.get_by_role("button", name="+ Add a condition").click()
    page.locator(".condition-rows select").first.select_option("starts_at")
    page.locator(".condition-rows select").nth(1).select_option("filled")
    page.locator("#panel-form").get_by_role("button", name="Apply").click()
    expect(page.locator("#flow [data-node='transitions.go_on'] .is-lock")).to_be_visible()
    transition = draft_of(studio, id).layers.merged("workflows", "appointment")["transitions"]["go_on"]
    assert (transition["from"], transition["when"]) == ("on_hold", "has(starts_at)")
    assert violations(page) == []
    page.locator("#design").click(position={"x": 4, "y": 4})
    page.keyboard.press("Control+z")
    expect(page.locator("#flow .is-lock")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#flow [data-node='transitions.go_on']")).to_have_count(0)
    expect(page.locator("#flow [data-node='transitions.hold']")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    for more in ("", "&at=transitions.hold", "&at=states.on_hold", "&new=timer"):
        page.goto(f"{origin}/design/{id}/drawing?name=appointment{more}")
        assert page.evaluate(OVERFLOW) <= 0, more
    assert page_errors == []
