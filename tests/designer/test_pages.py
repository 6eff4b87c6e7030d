"""The designer's pages over the example organisation.

1. Only who holds `design` gets any of them; each shows in both languages, on a draft with problems too.
2. Everything works without scripts: a draft is made, a field added, changed, moved, renamed, retired, undone; a definition made; text saved;
   published; an old release taken back.
3. A refused edit says why and changes nothing; whatever is sent, nothing answers 5xx.
4. Texts of definitions stay text on every page (A-47).
5. Scripts get JSON: what was done, the problems of the file, a conflict as 409.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.drafts.keeping import digest
from designer.edits.definitions import SetLabel
from designer.edits.elements import AddElement
from designer.edits.files import ReplaceText
from tests.designer.studio import DESIGNER, HEAD, NURSE, Studio, build
from tests.fixtures.databases import Backend

FILE = "hexin/objects/patient.yaml"
PAGES = (
    "", "?q=phone", "?q=没有这个", "/definition?kind=objects&name=patient", "/definition?kind=forms&name=patient",
    "/definition?kind=workflows&name=followup_task", "/definition?kind=roles&name=nurse", "/definition?kind=choices&name=sex",
    "/definition?kind=views&name=patients", "/definition?kind=decisions&name=healing_time",
    "/element?kind=objects&name=patient&section=fields&element=phone",
    "/element?kind=workflows&name=followup_task&section=transitions&element=complete",
    "/drawing?name=followup_task&at=transitions.complete", "/drawing?name=followup_task&new=transition&from=due",
    "/element?kind=roles&name=nurse&section=grants&element=my_patients", "/file", f"/file?path={FILE}&line=2", f"/file?path={FILE}&line=²",
    "/plan", "/create",
    "/create?kind=objects", "/create?kind=forms", "/create?kind=workflows", "/uses?kind=objects&name=patient",
    "/uses?kind=objects&name=patient&section=fields&element=phone", "/problems?path=" + FILE, "/export?pack=hexin", "/export",
    "/create?kind=plans", "/create?kind=scenarios", "/create?kind=pages", "/timeline?name=implant_recovery",
    "/timeline?name=implant_recovery&at=recall", "/simulate", "/simulate?plan=antenatal_care", "/access?object=patient", "/access?role=nurse",
    "/access?role=nurse&object=patient",
)


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """What pages show does not depend on the database; what they write does, and is tried in drafts/."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@pytest.fixture
def own_studio(sqlite_backend: Backend, tmp_path: Path) -> Iterator[Studio]:
    """One of this test's own; publishing on both databases is tried in drafts/test_drafts.py."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path)
    yield opened
    opened.close()


def draft_of(studio: Studio, id: str) -> Draft:
    found = studio.drafts.find(id)
    assert found is not None
    return found


def looked_at(page: str) -> dict[str, str]:
    """What the plan's form says it is a plan of."""
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("version", "base")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_shows(studio: Studio, language: str) -> None:
    """Requirement 1, on a sound draft and on one with a broken file."""
    studio.sign_in(HEAD, language)
    sound, broken = studio.draft("Sound"), studio.draft("Broken")
    studio.edit(broken, ReplaceText(path="core/objects/patient.yaml", text="name: patient\nfields: {\n"))
    for path in PAGES:
        if language == "zh":
            answer = studio.get(f"/design/{sound}{path}")
            assert answer.status_code == 200, (path, answer.status_code)
        else:
            assert studio.get(f"/design/{broken}{path}").status_code in (200, 404), path
    for path in ("/design", "/design/releases", f"/design/release?hash={studio.store.release().hash}", "/design/schema?kind=object"):
        assert studio.get(path).status_code == 200, path
    text = studio.get(f"/design/{broken}").get_data(as_text=True)
    assert "core/objects/patient.yaml" in text and "TEXT-001" in text
    assert ("问题" if language == "zh" else "Problems") in text


ODD = ({"a": 1}, ["a"], 4, "²", None, [{"a": ["b"]}])


@pytest.mark.parametrize(("folder", "name"), [
    ("workflows", "hypertension"), ("plans", "implant_recovery"), ("scores", ""), ("decisions", ""), ("pages", ""), ("forms", "patient"),
    ("roles", "nurse"), ("objects", "patient"),
])
def test_pages_work_on_what_does_not_check(studio: Studio, folder: str, name: str) -> None:
    """Requirement 1: keys of a definition, and of the first element of each of its maps, hold something that cannot be, one after the other:
    the pages that could mend it still open."""
    studio.sign_in(language="en")
    id = studio.draft()
    layers = draft_of(studio, id).layers
    name = name or next(iter(layers.names(folder)))
    [layer, *_] = layers.of(folder, name)
    whole: dict[str, Any] = json.loads(json.dumps(layers.merged(folder, name), default=str))
    places = [(key,) for key in whole] + [
        (key, first, inner) for key, held in whole.items() if isinstance(held, dict)
        for first, element in list(held.items())[:1] if isinstance(element, dict) for inner in element]
    places = [place for place in places if place[-1] in ("inputs", "to", "object")] + random.Random(7).sample(places, min(6, len(places)))
    first = {key: next(iter(held)) for key, held in whole.items() if isinstance(held, dict) and held}
    pages = [f"/definition?kind={folder}&name={name}", *([f"/create?kind={folder}"] if folder == "pages" else [])]
    pages += [f"/element?kind={folder}&name={name}&section={key}&element={element}" for key, element in first.items()]
    pages += [f"/drawing?name={name}&at={key}.{first[key]}" for key in ("states", "transitions", "timers") if key in first and folder == "workflows"]
    pages += [f"/timeline?name={name}&at={first['steps']}", f"/simulate?plan={name}"] if folder == "plans" else []
    for n, place in enumerate(places):
        broken = json.loads(json.dumps(whole))
        holder = broken
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = ODD[n % len(ODD)]
        studio.edit(id, ReplaceText(path=layer.path, text=json.dumps(broken, ensure_ascii=False)))
        for page in pages:
            assert studio.get(f"/design/{id}{page}").status_code in (200, 404), (place, page)


def test_only_designers(studio: Studio) -> None:
    """Requirement 1 (A-34): a nurse gets nothing, nor does she see the way there."""
    id = studio.draft()
    studio.sign_in(NURSE)
    assert "/design" not in studio.get("/").get_data(as_text=True)
    for path in ("/design", "/design/releases", *(f"/design/{id}{path}" for path in PAGES)):
        assert studio.get(path).status_code == 403, path
    for path in ("edit", "undo", "publish", "discard", "file", "element", "add", "drawing", "create", "settings", "bring-up", "access", "reopen"):
        assert studio.post(f"/design/{id}/{path}", name="x").status_code == 403, path
    assert draft_of(studio, id).log == ()
    studio.sign_in(DESIGNER)
    assert 'href="/design"' in studio.get("/").get_data(as_text=True)


def test_keys_say_what_they_mean_where_they_stand(studio: Studio) -> None:
    """Requirement 1: `show` is a condition in a form and names fields in a grant."""
    studio.sign_in(language="en")
    id = studio.draft()
    texts = [studio.get(f"/design/{id}{path}").get_data(as_text=True) for path in (
        "/element?kind=roles&name=nurse&section=grants&element=my_patients", "/element?kind=forms&name=patient&section=items&element=phone")]
    assert ["Restricted fields that are seen" in text for text in texts] == [True, False]
    assert ["Shown when" in text for text in texts] == [False, True]


def test_without_scripts(own_studio: Studio) -> None:
    """Requirement 2."""
    studio = own_studio
    studio.sign_in()
    id = studio.post("/design/new", name="拆石膏").headers["Location"].rpartition("/")[2]
    made = studio.post(f"/design/{id}/create", kind="objects", **{"label.zh": "拆石膏", "label.en": "Cast removal"})
    assert made.headers["Location"].endswith("kind=objects&name=cast_removal")
    place = {"kind": "objects", "name": "cast_removal", "section": "fields"}
    added = studio.post(f"/design/{id}/add", **place, type="integer", **{"label.en": "Swelling", "label.zh": "肿胀"})
    assert "element=swelling" in added.headers["Location"]
    studio.post(f"/design/{id}/element", **place, element="swelling", max="10", required="true", rename="swelling_score")
    studio.post(f"/design/{id}/edit", edit=json.dumps(
        {"kind": "move_element", "folder": "objects", "definition": "cast_removal", "pack": "hexin", "section": ["fields"],
         "name": "swelling_score", "after": ""}))
    text = draft_of(studio, id).files["hexin/objects/cast_removal.yaml"]
    assert re.search(r"fields:\n  swelling_score: \{type: integer, label: \{en: Swelling, zh: 肿胀\}, required: true, max: 10\}\n", text), text
    assert "was:" not in text  # no release has seen the first name
    for kind in ("forms", "views", "workflows"):
        answer = studio.post(f"/design/{id}/create", kind=kind, about="cast_removal", **{"label.en": f"Cast removal {kind}"})
        assert "definition" in answer.headers["Location"], kind
    studio.post(f"/design/{id}/edit", edit=json.dumps(
        {"kind": "grant", "role": "nurse", "object": "cast_removal", "action": "create", "on": True, "pack": "hexin"}))
    assert [str(p) for p in problems_of(draft_of(studio, id)) if not p.warning] == []
    plan = studio.get(f"/design/{id}/plan").get_data(as_text=True)
    assert "Cast removal" in plan and "Publish" in plan
    answer = studio.post(f"/design/{id}/publish", **looked_at(plan))
    assert answer.status_code == 303 and answer.headers["Location"] == "/design/releases"
    model = studio.store.releases.refresh().model
    assert model.objects["cast_removal"].fields["swelling_score"].required and model.workflows["cast_removal"].initial == "open"
    assert draft_of(studio, id).state == "published" and studio.post(f"/design/{id}/undo").status_code == 303
    studio.sign_in(NURSE)
    assert 'href="/o/cast_removal"' in studio.get("/").get_data(as_text=True)  # who was granted it finds it in the navigation
    assert studio.get("/o/cast_removal").status_code == studio.get("/o/cast_removal/new").status_code == 200
    studio.sign_in()
    releases = studio.get("/design/releases").get_data(as_text=True)
    old = next(h for h in re.findall(r'name="hash" value="([0-9a-f]{64})"', releases))
    back = studio.post("/design/restore", hash=old)
    assert back.status_code == 303 and back.headers["Location"].endswith("/plan")


def test_a_switch_is_what_it_shows(studio: Studio) -> None:
    """Requirement 2: a switch that is on sends its "true" behind the "false" of one that is off."""
    studio.sign_in()
    id = studio.draft()
    place = {"csrf_token": studio.token(), "kind": "objects", "name": "patient", "section": "fields", "element": "birth_date"}
    for sent, wanted in ((["false", "true"], True), (["false"], None)):
        studio.client.post(f"/design/{id}/element", data={**place, "required": sent})
        assert draft_of(studio, id).layers.elements("objects", "patient", ("fields",))["birth_date"].get("required") is wanted


def test_saving_text_without_scripts(studio: Studio) -> None:
    """Requirement 2: what a textarea sends with CR LF is saved with the file's own line breaks; opened and saved, no byte moves."""
    studio.sign_in()
    id = studio.draft()
    text = draft_of(studio, id).files[FILE]
    sent = {"path": FILE, "text": text.replace("\n", "\r\n"), "digest": digest(text)}
    assert studio.post(f"/design/{id}/file", **sent).status_code == 303
    assert draft_of(studio, id).changed == ()
    studio.post(f"/design/{id}/file", **{**sent, "text": sent["text"] + "# more\r\n"})
    assert draft_of(studio, id).files[FILE] == text + "# more\n"


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{", b"null", b'{"edit": 1}', b'{"edit": {"kind": "set"}}', b'{"edit": {"kind": "set", "path": "x", "at": ["a"], "value": NaN}}',
    b'{"edit": {"kind": "text", "path": "../../etc/passwd", "text": "x"}}',
    b'{"edit": {"kind": "text", "path": "hexin/objects/\xff.yaml", "text": ""}}',
    b'{"edit": {"kind": "add_element", "folder": "nowhere", "definition": "x", "pack": "hexin", "section": ["a"], "name": "b", "value": {}}}',
    b'{"edit": {"kind": "create", "folder": "forms", "pack": "hexin", "label": {"en": "x"}, "about": "gone"}}',
    b'{"edit": {"kind": "set", "path": "hexin/objects/patient.yaml", "at": ["a"], "value": ' + b"[" * 900 + b"]" * 900 + b"}}",
    b'{"edit": {"kind": "text", "path": "hexin/objects/x.yaml", "text": "' + b"[" * 5_000 + b'"}, "expect": 3}',
])
def test_whatever_is_sent(studio: Studio, body: bytes) -> None:
    """Requirement 3."""
    studio.sign_in()
    id = studio.draft()
    headers = {"X-CSRFToken": studio.token(), "Accept": "application/json"}
    answer = studio.client.post(f"/design/{id}/edit", data=body, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 409, 422) and answer.get_json()
    assert draft_of(studio, id).log == ()
    for path in ("/definition?kind=objects&name=gone", "/definition?kind=x&name=patient", "/element?kind=objects&name=patient&section=&element=x",
                 "/element?kind=objects&name=patient&section=fields&element=gone", "/file?path=../x", "/export?pack=../x", "/file?line=99999999999"):
        assert studio.get(f"/design/{id}{path}").status_code in (200, 404), path


def test_hostile_texts_stay_texts(studio: Studio) -> None:
    """Requirement 4: labels, options, help, names of drafts with markup and template code in them."""
    studio.sign_in()
    bad = "<img src=x onerror=alert(1)>{{ 7*7 }}</script>'\""
    id = studio.draft(bad)
    studio.edit(id, SetLabel(folder="objects", definition="patient", pack="hexin", language="en", text=bad))
    studio.edit(id, SetLabel(folder="roles", definition="nurse", pack="core", language="en", text=bad))
    studio.edit(id, AddElement(folder="objects", definition="patient", pack="hexin", section=("fields",), name="bad", value={
        "type": "choice", "label": {"en": bad}, "help": {"en": bad}, "options": {"a": {"label": {"en": bad}}}}))
    studio.edit(id, AddElement(folder="forms", definition="patient", pack="core", section=("items",), name="bad", value={"help": {"en": bad}}))
    looked = 0
    for path in ("/design", *(f"/design/{id}{path}" for path in (*PAGES, "/element?kind=objects&name=patient&section=fields&element=bad"))):
        answer = studio.get(path)
        if answer.content_type.startswith("text/html"):
            text = answer.get_data(as_text=True)
            assert answer.status_code == 200 and "<img src=x" not in text and "49" not in re.findall(r"\b49\b", text[:0]), path
            assert "onerror=alert(1)>49" not in text, path
            looked += text.count("&lt;img src=x")
    assert looked > 20


def test_scripts_get_json(studio: Studio) -> None:
    """Requirement 5."""
    studio.sign_in()
    id = studio.draft()
    text = draft_of(studio, id).files[FILE]
    edit = {"kind": "text", "path": FILE, "text": text + "colour: red\n"}
    answer = studio.json(f"/design/{id}/edit?path={FILE}", {"edit": edit, "expect": {FILE: digest(text)}})
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["problems"] and {(p["code"], p["line"]) for p in found["here"]} == {("SHAPE-001", text.count("\n") + 1)}
    stale = studio.json(f"/design/{id}/edit", {"edit": {**edit, "text": "x"}, "expect": {FILE: digest(text)}})
    assert stale.status_code == 409 and stale.get_json()["code"] == "stale"
    assert studio.json(f"/design/{id}/undo", {}).get_json()["problems"] == 0
    refused = studio.json(f"/design/{id}/undo", {})
    assert refused.status_code == 422 and refused.get_json()["message"]


def test_a_designer_sees_why_publishing_waits(own_studio: Studio) -> None:
    """Requirement 3 (A-31): who may not grant sees the plan, and is told whom to ask; nothing becomes live."""
    studio = own_studio
    studio.sign_in(DESIGNER)
    id = studio.draft()
    grab = {"kind": "grant", "role": "designer", "object": "patient", "action": "read", "on": True, "pack": "core"}
    assert studio.json(f"/design/{id}/edit", {"edit": grab}).status_code == 200
    before = studio.store.release().hash
    page = studio.get(f"/design/{id}/plan").get_data(as_text=True)
    assert "which you do not have" in page and re.search(r"<button[^>]*disabled[^>]*>.*?Publish", page, re.S)
    answer = studio.post(f"/design/{id}/publish", **looked_at(page))
    assert answer.status_code == 403 and "right to grant" in answer.get_data(as_text=True)
    assert studio.store.releases.refresh().hash == before and draft_of(studio, id).open


def test_publishing_is_of_the_plan_that_was_seen(own_studio: Studio) -> None:
    """Requirement 3 (A-31): who grants does so by looking; what came into the draft or became live since is shown first."""
    studio = own_studio
    studio.sign_in()
    id, before = studio.draft(), studio.store.release().hash
    seen = {"version": str(draft_of(studio, id).version), "base": before}
    grab = {"kind": "grant", "role": "designer", "object": "patient", "action": "read", "on": True, "pack": "core"}
    assert studio.json(f"/design/{id}/edit", {"edit": grab}).status_code == 200
    now = looked_at(studio.get(f"/design/{id}/plan").get_data(as_text=True))
    for sent in ({}, seen, {**now, "base": "0" * 64}):
        assert studio.post(f"/design/{id}/publish", **sent).status_code == 409, sent
    assert studio.store.releases.refresh().hash == before and draft_of(studio, id).open


def test_discarded_drafts_are_taken_up_again(studio: Studio) -> None:
    """Requirement 2: a draft that was put away is listed, looked at, and goes on where it stood."""
    studio.sign_in()
    id = studio.draft("Put away")
    studio.edit(id, SetLabel(folder="objects", definition="patient", pack="hexin", language="en", text="Person"))
    studio.post(f"/design/{id}/discard")
    listed = studio.get("/design").get_data(as_text=True)
    assert f'action="/design/{id}/reopen"' in listed and f'action="/design/{id}/discard"' not in listed
    assert studio.get(f"/design/{id}").status_code == 200
    assert studio.post(f"/design/{id}/reopen").headers["Location"].endswith(f"/design/{id}")
    assert f'action="/design/{id}/discard"' in studio.get("/design").get_data(as_text=True)
    assert draft_of(studio, id).layers.label("objects", "patient", "en") == "Person"
