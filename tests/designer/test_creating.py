"""Making definitions from nothing.

1. Each kind can be made from nothing over an object that was itself made from nothing, and no problem stands
   afterwards; a kind without a beginning fails.
2. An object can be about a patient, part of another record, of one clinic or of all; something to do; and open to roles at once.
3. What cannot work says what to do first, and changes nothing.
4. A copy stands without problems too: what only the original can have is left out.
5. Without scripts, the page makes each kind.
6. An element added by its label leaves no problem either; what another part must be fitted to first is told as one.
7. Rows of a form and the fields typed into them are added, moved and removed like its items.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from designer.drafts.checking import problems_of
from designer.edits.elements import AddElement
from designer.edits.refused import EditRefused
from designer.layers import SECTIONS, Layers
from designer.starting import CreateDefinition
from designer.starts import recording
from designer.starts.kinds import ABOUT, STARTS, needs
from designer.starts.parts import Part, first_value
from designer.starts.wish import Begun
from engine.text import check, read_bytes
from engine.text.kinds import KINDS
from tests.designer.studio import HEAD, Studio, build
from tests.fixtures.databases import Backend

CORE = Path(__file__).parents[2] / "definitions" / "packs" / "core"
LABEL = {"en": "Cast removal", "zh": "拆石膏"}
Files = dict[str, str]


def made(files: Files, folder: str, **more: Any) -> Files:
    edit = CreateDefinition(folder=folder, pack="house", label=more.pop("label", LABEL), **more)
    return edit.patch(files).on(files)


def problems(files: Files) -> list[str]:
    return [str(p) for p in check(read_bytes({path: text.encode() for path, text in files.items()})).problems]


@pytest.fixture(scope="module")
def empty() -> Files:
    """The core pack and an empty pack above it."""
    files = {f"core/{path.relative_to(CORE).as_posix()}": path.read_text("utf-8") for path in sorted(CORE.rglob("*.yaml"))}
    return files | {"organisation.yaml": "name: org\npacks: [core, house]\n",
                    "house/pack.yaml": "name: house\nversion: 0.1.0\nlanguage: 1\nrequires: {}\n"}


@pytest.fixture(scope="module")
def begun(empty: Files) -> Files:
    """With the object that the rest is about, and a plan for what tries plans."""
    files = made(empty, "objects", settings={"roles": ["nurse"]})
    return made(files, "plans", about="cast_removal", label={"en": "Cast plan"})


@pytest.mark.parametrize("folder", KINDS)
def test_each_kind_from_nothing(begun: Files, folder: str) -> None:
    """Requirement 1."""
    assert folder in STARTS, f"{folder} cannot be made from nothing"
    about = {"objects": "cast_removal", "plans": "cast_plan"}.get(ABOUT.get(folder, ""), "")
    files = made(begun, folder, about=about, name="made" if folder != "workflows" else "", label=LABEL)
    assert problems(files) == []
    name = "cast_removal" if folder == "workflows" else "made"
    assert Layers(files).names(folder)[name] == "house"
    if folder in ABOUT and not needs(folder):
        assert problems(made(begun, folder, name="made")) == []


def test_a_bad_beginning_is_found(begun: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a list without a column is what the test above would report."""
    monkeypatch.setitem(STARTS, "views", lambda wish: Begun({**recording.view(wish).value, "columns": {}}))  # type: ignore[misc]
    with pytest.raises(AssertionError, match="VIEW-003"):
        test_each_kind_from_nothing(begun, "views")


@pytest.mark.parametrize(("each", "about", "subject", "belongs"), [
    ("patient", "", "patient", {"via": "patient"}), ("record", "treatment", "treatment.patient", {"via": "treatment"}),
    ("record", "household", None, {"via": "household"}), ("clinic", "", None, "clinic"), ("organisation", "", None, "organisation"),
])
def test_what_each_record_is_about(empty: Files, each: str, about: str, subject: str | None, belongs: object) -> None:
    """Requirement 2, with something to do and a role that may."""
    files = made(empty, "objects", about=about, settings={"each": each, "task": True, "roles": ["nurse", "manager"]})
    found = check(read_bytes({path: text.encode() for path, text in files.items()}))
    assert [str(p) for p in found.problems] == [] and found.model is not None
    value = Layers(files).merged("objects", "cast_removal")
    assert (value.get("subject"), value["belongs_to"]) == (subject, belongs)
    assert found.model.objects["cast_removal"].task is not None
    for role in ("core:nurse", "core:manager"):
        granted = [g.can for r in found.model.roles.values() if r.id == role for g in r.grants.values() if g.object == "cast_removal"]
        assert granted == [frozenset({"read", "create", "update"})]


@pytest.mark.parametrize(("folder", "more", "code"), [
    ("forms", {}, "about_what"), ("plans", {"about": "clinic"}, "about_nobody"), ("pages", {"about": "patient"}, "has_page"),
    ("objects", {"settings": {"each": "record"}}, "no_owner"), ("objects", {"settings": {"each": "nobody"}}, "bad_edit"),
    ("views", {"about": "household", "settings": {"kind_of_view": "board"}}, "no_states"),
    ("views", {"about": "household", "settings": {"kind_of_view": "calendar"}}, "no_day"),
    ("data", {"about": "team_member"}, "no_key"), ("forms", {"about": "patient", "settings": {"default": True}}, "has_default"),
    ("scores", {"name": "age"}, "name_taken"), ("objects", {"settings": {"roles": ["nobody"]}}, "no_place"),
    ("choices", {"settings": {"options": "a\u202eb"}}, "hidden_characters"), ("scenarios", {"about": "nothing"}, "no_place"),
])
def test_refusals_say_what_to_do_first(empty: Files, folder: str, more: dict[str, Any], code: str) -> None:
    """Requirement 3."""
    with pytest.raises(EditRefused) as refused:
        made(empty, folder, **more)
    assert refused.value.code == code and refused.value.say("zh") != refused.value.say("en")


def test_a_lower_pack_cannot_use_a_higher(begun: Files) -> None:
    """Requirement 3: a requirement in a circle is not written."""
    edit = CreateDefinition(folder="forms", pack="core", label=LABEL, about="cast_removal")
    with pytest.raises(EditRefused) as refused:
        edit.patch(begun)
    assert refused.value.code == "stands_below"


@pytest.mark.parametrize(("folder", "like", "about"), [
    ("objects", "patient", ""), ("workflows", "followup_task", "cast_removal"), ("forms", "call_outcome", ""), ("pages", "patient", "cast_removal"),
    ("forms", "patient", "staff"),
])
def test_copies_stand(begun: Files, folder: str, like: str, about: str) -> None:
    """Requirement 4."""
    files = made(begun, folder, like=like, about=about, name="" if folder == "workflows" else "copy")
    assert problems(files) == []
    [path] = set(files) - set(begun)
    assert len(files[path].splitlines()) > 5


def test_plans_and_lists_without_days_get_one(empty: Files) -> None:
    """Requirement 1: the plan's record gets the date that it counts from; options are typed one a line."""
    files = made(empty, "objects")
    plan = Layers(made(files, "plans", about="cast_removal", name="plan")).merged("plans", "plan")
    assert plan["anchor"] == "cast_removal.day" and plan["steps"]["first"]["create"] == "followup_task"
    options = Layers(made(empty, "choices", settings={"options": "无\n一点\n\n很多"})).merged("choices", "cast_removal")["options"]
    assert [option["label"]["en"] for option in options.values()] == ["无", "一点", "很多"] and "wu" in options


LOOSE = {("scores", "bands"): "TABLE-013", ("decisions", "outputs"): "TABLE-018", ("workflows", "states"): "FLOW-002",
         ("data", "records"): "DATA-006"}
"""A band takes points from its neighbours, an output needs a value in each rule, a state a way to it, a record a patient."""


@pytest.mark.parametrize("folder", SECTIONS)
def test_each_element_from_nothing(begun: Files, folder: str) -> None:
    """Requirement 6."""
    about = {"objects": "cast_removal"}.get(ABOUT.get(folder, ""), "")
    files = made(begun, folder, about=about, name="" if folder == "workflows" else "made")
    name = "cast_removal" if folder == "workflows" else "made"
    assert problems(files) == []
    for section in SECTIONS[folder]:
        part = Part(Layers(files), folder, name, (section,), LABEL, {"from": "open", "to": "done"}, "more")
        edit = AddElement(folder=folder, definition=name, pack="house", section=(section,), name="more", value=first_value(part))
        found = problems(edit.patch(files).on(files))
        expected = LOOSE.get((folder, section), "")
        assert all(expected and expected in line for line in found), (section, found)
        assert bool(found) == bool(expected)


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


def test_rows_of_a_form(studio: Studio) -> None:
    """Requirement 7, without scripts."""
    studio.sign_in(HEAD)
    id = studio.draft()
    studio.post(f"/design/{id}/create", kind="objects", each="record", about="treatment", **{"label.en": "Drug", "label.zh": "用药"})
    for label in ("Dose", "Taken"):
        studio.post(f"/design/{id}/add", kind="objects", name="drug", section="fields", type="integer", **{"label.en": label})
    studio.post(f"/design/{id}/edit", edit=json.dumps({
        "kind": "add_element", "folder": "objects", "definition": "drug", "pack": "hexin", "section": ["fields"], "name": "twice",
        "value": {"type": "integer", "formula": "dose * 2", "label": "Twice"}}))
    studio.post(f"/design/{id}/create", kind="forms", about="treatment", **{"label.en": "With drugs"})
    page = studio.get(f"/design/{id}/definition?kind=forms&name=with_drugs").get_data(as_text=True)
    assert 'value="rows:drug_rows"' in page
    studio.post(f"/design/{id}/add", kind="forms", name="with_drugs", section="items", field="rows:drug_rows")
    at = {"kind": "forms", "name": "with_drugs", "section": "items.drug_rows.items"}
    inner = studio.get(f"/design/{id}/element?kind=forms&name=with_drugs&section=items&element=drug_rows").get_data(as_text=True)
    assert 'data-name="dose"' in inner and "section=items.drug_rows.items" in inner and 'value="treatment"' not in inner
    assert "Dose" in studio.get(f"/design/{id}/element?kind=forms&name=with_drugs&section=items.drug_rows.items&element=dose").get_data(as_text=True)
    base = {"folder": "forms", "definition": "with_drugs", "pack": "hexin", "section": ["items", "drug_rows", "items"]}
    studio.post(f"/design/{id}/edit", edit=json.dumps({**base, "kind": "move_element", "name": "taken", "after": ""}))
    studio.post(f"/design/{id}/edit", edit=json.dumps({**base, "kind": "remove_element", "name": "topic"}))
    studio.post(f"/design/{id}/element", **at, element="dose", required="true")
    studio.post(f"/design/{id}/add", **at, field="topic")
    studio.post(f"/design/{id}/add", **at, field="twice")
    draft = studio.drafts.find(id)
    assert draft is not None and [str(p) for p in problems_of(draft)] == []
    items = draft.layers.elements("forms", "with_drugs", ("items", "drug_rows", "items"))
    for field, label in (("step:", "Second page"), ("note:", "Ask again"), ("", "Part")):
        studio.post(f"/design/{id}/add", kind="forms", name="with_drugs", section="items", field=field, **{"label.en": label})
    found = studio.drafts.find(id)
    assert found is not None and [str(p) for p in problems_of(found)] == []
    said = found.layers.elements("forms", "with_drugs", ("items",))
    assert [list(said[name]) for name in ("second_page", "ask_again", "part")] == [["step"], ["note"], ["heading"]]
    assert list(items) == ["taken", "dose", "topic", "twice"] and items["twice"]["read_only"] is True and items["dose"]["required"] is True


def test_the_page_makes_each_kind(studio: Studio) -> None:
    """Requirement 5."""
    studio.sign_in(HEAD, "zh")
    id = studio.draft()
    sent = {f"label.{code}": text for code, text in LABEL.items()}
    assert studio.post(f"/design/{id}/create", kind="objects", each="patient", task="true", roles="nurse", **sent).status_code == 303
    for folder in STARTS:
        page = studio.get(f"/design/{id}/create?kind={folder}").get_data(as_text=True)
        assert f'name="kind" value="{folder}"' in page
        if folder != "objects":
            about = {"objects": "cast_removal", "plans": "cast_removal"}.get(ABOUT.get(folder, ""), "")
            answer = studio.post(f"/design/{id}/create", kind=folder, about=about, **sent)
            assert f"/definition?kind={folder}&name=cast_removal" in answer.headers["Location"], folder
    draft = studio.drafts.find(id)
    assert draft is not None and [str(p) for p in problems_of(draft)] == []
    assert all(any(name.startswith("cast_removal") for name in draft.layers.names(folder)) for folder in STARTS)
