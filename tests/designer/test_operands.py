"""What a condition may be about, and what the server says of one while it is built.

1. At each place the fields are offered that the compiler takes there, with labels, types and options: of the record, behind its links, of the
   plan's patient and of the answers of steps before, of whoever looks where rows are ruled.
2. Rows become the text, the text rows, and the compiler's problem in that place is told before anything is changed. Planted fault: a field
   that is not there is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from designer.layers import Layers
from designer.operands import About, operands
from tests.designer.studio import Studio, build
from tests.designer.test_pages import draft_of
from tests.fixtures.databases import Backend

PLACES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "an item of a form": (
        {"kind": "forms", "name": "call_outcome", "section": "items", "element": "pain", "key": "show"},
        {"pain": "whole", "priority": "choice", "status": "choice", "patient.birth_date": "date", "assignee": "link"}),
    "a guard": (
        {"kind": "workflows", "name": "followup_task", "section": "transitions", "element": "complete", "key": "when"}, {"pain": "whole"}),
    "a step": (
        {"kind": "plans", "name": "hypertension_followup", "section": "steps", "element": "recheck", "key": "when"},
        {"grade": "choice", "subject.name": "text", "answers.month1.high": "flag", "answers.week2.systolic": "whole"}),
    "the start of a plan": ({"kind": "plans", "name": "hypertension_followup", "key": "enrol_when"}, {"grade": "choice", "status": "choice"}),
    "rows of a grant": (
        {"kind": "roles", "name": "nurse", "section": "grants", "element": "my_patients", "key": "rows"},
        {"team": "link", "user.teams": "list", "user.id": "user", "user.clinics": "list"}),
    "an item of a score": (
        {"kind": "scores", "name": "implant_risk", "section": "items", "element": "graft", "key": "if"},
        {"bone_graft": "flag", "torque": "whole", "patient.smoker": "flag"}),
    "a check": ({"kind": "objects", "name": "implant", "section": "checks", "element": "loaded_after", "key": "rule"}, {"loaded_on": "date"}),
}


def about(place: dict[str, str]) -> About:
    return About(place["kind"], place["name"], tuple(place.get("section", "").split(".")) if place.get("section") else (), place.get("element", ""),
                 place["key"])


@pytest.mark.parametrize("place", PLACES)
def test_what_is_offered(files: Layers, place: str) -> None:
    """Requirement 1."""
    where, wanted = PLACES[place]
    found = {one.path: one for one in operands(files, about(where), "zh")}
    assert {path: found[path].kind for path in wanted} == wanted
    assert not any(path.startswith(("answers.recheck", "answers.quarterly")) for path in found)
    assert all(one.group and one.label for one in found.values())


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Nothing of this depends on the database."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def files(studio: Studio) -> Layers:
    return draft_of(studio, studio.draft()).layers


def test_options_have_labels(files: Layers) -> None:
    """Requirement 1."""
    found = {one.path: one for one in operands(files, about(PLACES["an item of a form"][0]), "zh")}
    assert ("done", "已完成") in found["status"].options and found["priority"].options


def looked(studio: Studio, id: str, place: str, **sent: Any) -> dict[str, Any]:
    found: dict[str, Any] = studio.json(f"/design/{id}/condition", {"about": PLACES[place][0], **sent}).get_json()
    return found


def test_rows_and_text(studio: Studio) -> None:
    """Requirement 2."""
    studio.sign_in()
    id = studio.draft()
    before = draft_of(studio, id).version
    asked = looked(studio, id, "a guard", text="has(pain) && pain < 7", ask=True)
    assert [row["operator"] for row in asked["rows"]["items"]] == ["filled", "less"] and asked["problems"] == []
    assert {one["path"] for one in asked["operands"]} >= {"pain", "patient.name"}
    language = {one["path"]: one["kind"] for one in asked["language"]}
    assert language.items() >= {"days_between": "function", "startsWith": "method", "today": "word"}.items()
    rows = {"every": True, "items": [{"field": "pain", "operator": "at_least", "value": 3}]}
    assert looked(studio, id, "a guard", rows=rows)["text"] == "pain >= 3"
    assert looked(studio, id, "a guard", text="tasks.exists(t, t.x)")["rows"] is None
    assert draft_of(studio, id).version == before


@pytest.mark.parametrize(("text", "said"), [("pian > 3", "pian"), ("pain >", "end"), ("pain > 'a'", "text"), ("user.teams == 1", "")])
def test_problems_are_told_at_once(studio: Studio, text: str, said: str) -> None:
    """Requirement 2, with what is wrong by name."""
    studio.sign_in()
    [problem, *_] = looked(studio, studio.draft(), "a guard", text=text)["problems"]
    assert said in problem


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"about": {"kind": "nothing"}}', b'{"about": {"kind": "forms"}, "rows": [1]}'])
def test_nonsense_is_refused(studio: Studio, body: bytes) -> None:
    """Bad input is told, never a 500."""
    studio.sign_in()
    found = studio.client.post(f"/design/{studio.draft()}/condition", data=body, content_type="application/json",
                               headers={"X-CSRFToken": studio.token(), "Accept": "application/json"})
    assert found.status_code == 422
