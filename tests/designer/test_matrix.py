"""The access matrix.

1. A cell says what a role may do: nothing, all records, those of a rule, all but what a denial takes, never; and which grant of which pack says so.
2. A cell toggled gives or takes the right in the pack of the draft, as the compiler sees it; toggled twice, the draft says what it said.
3. Another pack's grant that gives nothing any more is hidden, not removed; an own one goes.
4. A grant's fields are shown, masked or hidden by ticks, its rows by a rule; what is not asked about stays.
5. Pages show one role over all objects, all roles over one object, and the grants of both; only known ones, and for designers alone.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from designer.access import cell_of, denials_of, field_views, grants_of, objects_of, roles_of, view_changes
from designer.drafts.checking import checked, problems_of
from designer.drafts.draft import Draft
from designer.edits import granting
from designer.edits.granting import SetGrant
from designer.layers import Layers
from tests.designer.studio import HEAD, NURSE, Studio, build
from tests.fixtures.databases import Backend


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def layers(studio: Studio) -> Layers:
    return draft_of(studio, studio.draft("Read")).layers


def draft_of(studio: Studio, id: str) -> Draft:
    found = studio.drafts.find(id)
    assert found is not None
    return found


def level(layers: Layers, role: str, object_name: str, action: str) -> str:
    return cell_of(grants_of(layers, role), denials_of(layers, role), object_name, action).level


def grant(role: str, object_name: str, action: str, on: bool) -> SetGrant:
    return SetGrant(role=role, object=object_name, action=action, on=on, pack="hexin")


def allowed(draft: Draft, role: str, object_name: str) -> set[str]:
    """What the compiler says that the role may do."""
    model = checked(draft).model
    assert model is not None, [str(p) for p in problems_of(draft)]
    found = next(r for r in model.roles.values() if r.name == role)
    return {action for g in found.grants.values() if g.object == object_name for action in g.can}


@pytest.mark.parametrize(("role", "object_name", "action", "wanted"), [
    ("manager", "patient", "read", "all"), ("nurse", "patient", "update", "some"), ("nurse", "patient", "delete", "none"),
    ("doctor", "patient", "read", "all"), ("nurse", "treatment", "begin", "some"), ("auditor", "patient", "read", "none"),
])
def test_levels(layers: Layers, role: str, object_name: str, action: str, wanted: str) -> None:
    """Requirement 1, over what is shipped."""
    assert level(layers, role, object_name, action) == wanted


def test_denials_take_away(layers: Layers) -> None:
    """Requirement 1: a denial with a rule takes some, without one all."""
    [base] = [g for g in grants_of(layers, "manager") if g.object == "patient"]

    def denied(**value: Any) -> str:
        denial = type(base)("no", "manager", "patient", "core", (), {"object": "patient", **value}, False)
        return cell_of([base], [denial], "patient", "read").level

    assert (denied(can=["read"]), denied(can=["read"], rows="deceased"), denied(can=["delete"])) == ("denied", "less", "all")


@pytest.mark.parametrize(("role", "object_name", "action"), [
    ("nurse", "patient", "delete"), ("reception", "treatment", "read"), ("auditor", "clinic", "read"), ("nurse", "appointment", "read"),
    ("marketing", "team", "read"), ("nurse", "treatment", "cancel"),
])
def test_toggling(studio: Studio, role: str, object_name: str, action: str) -> None:
    """Requirements 2 and 3."""
    id = studio.draft()
    before = level(draft_of(studio, id).layers, role, object_name, action)
    had = allowed(draft_of(studio, id), role, object_name)
    draft = studio.edit(id, grant(role, object_name, action, before == "none"))
    now = level(draft.layers, role, object_name, action)
    assert (before == "none") != (now == "none") and now in ("none", "all")
    assert (action in allowed(draft, role, object_name)) == (now != "none") and not problems_of(draft)
    assert all(path.startswith("hexin/") for path in draft.changed)
    again = studio.edit(id, grant(role, object_name, action, before != "none"))
    assert level(again.layers, role, object_name, action) == before
    assert allowed(again, role, object_name) - {"read"} == had - {"read"}


def test_hidden_rather_than_removed(studio: Studio) -> None:
    """Requirement 3: the core pack's only grant of this kind is hidden by ours; our own is removed."""
    draft = studio.edit(studio.draft(), grant("auditor", "clinic", "read", False))
    [found] = [g for g in grants_of(draft.layers, "auditor") if g.object == "clinic"]
    assert (found.gone, found.pack, found.changed_in) == (True, "core", ("hexin",)) and found.can == ("read",)
    id = studio.draft()
    studio.edit(id, grant("auditor", "household", "read", True))
    draft = studio.edit(id, grant("auditor", "household", "read", False))
    assert [g for g in grants_of(draft.layers, "auditor") if g.object == "household"] == []


def test_a_toggle_that_does_nothing_is_found(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a cell that forgets to take the right away fails the test above."""
    monkeypatch.setattr(granting.SetGrant, "_off", lambda *_: None)
    with pytest.raises(AssertionError):
        test_toggling(studio, "nurse", "appointment", "read")


def test_fields_by_ticks(studio: Studio) -> None:
    """Requirement 4: only what was ticked differently changes, and the compiler sees it."""
    id = studio.draft()
    draft = draft_of(studio, id)
    [mine] = [g for g in grants_of(draft.layers, "nurse") if g.name == "my_patients"]
    seen = {field["name"]: field["view"] for field in field_views(draft.layers, mine, "en")}
    assert {name: seen[name] for name in ("phone", "email", "id_number", "income", "name", "note")} == {
        "phone": "shown", "email": "masked", "id_number": "masked", "income": "hidden", "name": "shown", "note": "shown"}
    assert view_changes(draft.layers, mine, seen) == {}
    studio.sign_in()
    answer = studio.post(f"/design/{id}/access", role="nurse", object="patient", grant="my_patients", rows="team in user.teams",
                         **{"field.income": "shown", "field.email": "hidden", "field.note": "hidden", "field.name": "masked"})
    assert answer.status_code == 303
    draft = draft_of(studio, id)
    model = checked(draft).model
    assert model is not None
    found = next(g for r in model.roles.values() if r.name == "nurse" for g in r.grants.values() if g.name == "my_patients")
    assert "income" in found.show and "phone" in found.show and found.hide == {"note"} and found.mask == {"id_number", "name"}
    assert found.rows is not None
    studio.post(f"/design/{id}/access", role="nurse", object="patient", grant="my_patients", rows="")
    assert level(draft_of(studio, id).layers, "nurse", "patient", "update") == "all"
    studio.post(f"/design/{id}/access", role="nurse", object="patient", grant="my_patients", **{
        f"field.{name}": "shown" for name in ("note", "name", "id_number")})
    [mine] = [g for g in grants_of(draft_of(studio, id).layers, "nurse") if g.name == "my_patients"]
    assert (mine.value["hide"], mine.value["mask"]) == ([], []) and not problems_of(draft_of(studio, id))


def test_one_more_grant_gives_nothing_of_itself(studio: Studio) -> None:
    """Requirement 4: a further grant begins with the records of who signs in, or with none."""
    id = studio.draft()
    studio.sign_in()
    for role, object_name, rows in (("nurse", "followup_task", "assignee == user.id"), ("nurse", "household", "false")):
        studio.post(f"/design/{id}/access", role=role, object=object_name)
        last = [g for g in grants_of(draft_of(studio, id).layers, role) if g.object == object_name][-1]
        assert (last.rows, last.can, last.pack) == (rows, ("read",), "hexin")
    assert not problems_of(draft_of(studio, id))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages(studio: Studio, language: str) -> None:
    """Requirement 5: every form of a page is an edit that can be made."""
    studio.sign_in(HEAD, language)
    id = studio.draft()
    layers = draft_of(studio, id).layers
    one_role = studio.get(f"/design/{id}/access?role=nurse").get_data(as_text=True)
    all_roles = studio.get(f"/design/{id}/access?object=patient").get_data(as_text=True)
    both = studio.get(f"/design/{id}/access?role=nurse&object=patient").get_data(as_text=True)
    assert all(f'id="c-nurse-{name}-read"' in one_role for name in objects_of(layers))
    assert all(f'id="c-{name}-patient-read"' in all_roles for name in roles_of(layers))
    assert 'id="grant-my_patients"' in both and 'name="field.phone"' in both and "team in user.teams" in html.unescape(both)
    assert "my_patients" in one_role and "core" in one_role
    form = re.search(r'id="c-nurse-patient-delete".*?name="edit" value=\'([^\']*)\'', both, re.DOTALL)
    assert form is not None
    assert json.loads(html.unescape(form[1])) == {"kind": "grant", "role": "nurse", "object": "patient", "action": "delete", "on": True,
                                                  "pack": "hexin"}
    assert studio.post(f"/design/{id}/edit", edit=html.unescape(form[1])).status_code == 303
    assert level(draft_of(studio, id).layers, "nurse", "patient", "delete") == "all"


def test_only_what_is_there_and_for_designers(studio: Studio) -> None:
    """Requirement 5; a refused change says so and changes nothing."""
    studio.sign_in()
    id = studio.draft()
    assert studio.get(f"/design/{id}/access?role=nobody").status_code == 404
    assert studio.get(f"/design/{id}/access?object=nothing").status_code == 404
    for sent in ({"role": "x"}, {"role": "nurse", "object": "patient", "grant": "nothing"}, {"role": "nurse", "object": "x"}):
        assert studio.post(f"/design/{id}/access", **sent).status_code == 303
    assert draft_of(studio, id).changed == ()
    studio.sign_in(NURSE)
    assert studio.get(f"/design/{id}/access").status_code == 403
    assert studio.post(f"/design/{id}/access", role="nurse", object="patient").status_code == 403
