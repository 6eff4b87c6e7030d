"""Forms of two admins at once.

1. What somebody else changed since a form was drawn stays; what she who sends the form changed is taken.
2. What both changed is refused, and nothing of the form is kept.
3. One press is one step of undo, all or none; undo takes back only what its button spoke of.
"""

from __future__ import annotations

import re

import pytest

from designer.drawn import mark, mine
from designer.edits.definitions import SetLabel
from designer.edits.refused import EditRefused
from tests.designer.studio import Studio

LABEL = {"folder": "objects", "definition": "patient", "pack": "hexin", "at": ("fields", "phone")}
ELEMENT = "/element?kind=objects&name=patient&section=fields&element=phone"


def inputs(page: str, action: str) -> dict[str, str]:
    """What a form would send as it is drawn, without ticks and choices."""
    form = re.search(rf'<form class="(?:card )?design-form" method="post" action="[^"]*{action}".*?</form>', page, re.S)
    assert form is not None
    return {name: value.replace("&#34;", '"') for name, value in re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', form[0])}


def label_of(studio: Studio, id: str, language: str) -> str:
    draft = studio.drafts.find(id)
    assert draft is not None
    return str(draft.layers.elements("objects", "patient", ("fields",))["phone"]["label"][language])


def test_keys_are_taken_that_the_person_changed() -> None:
    """Requirements 1 and 2 for values; the planted fault: without the mark the older values win."""
    drawn, now = mark({"max": 5, "help": {"en": "A"}, "required": True}), {"max": 9, "help": {"en": "A"}, "required": True}
    assert mine({"max": 5, "help": {"en": "B"}, "required": None}, now, drawn) == {"help": {"en": "B"}, "required": None}
    assert mine({"max": 5}, now, None) == {"max": 5}
    with pytest.raises(EditRefused, match="same thing"):
        mine({"max": 7, "help": {"en": "B"}}, now, drawn)
    with pytest.raises(EditRefused, match="drawn"):
        mine({"max": 7}, now, "[")


def test_a_colleague_is_not_overwritten(shared_studio: Studio) -> None:
    """Requirements 1 and 2 on the form of an element."""
    id = shared_studio.draft()
    sent = inputs(shared_studio.get(f"/design/{id}{ELEMENT}").get_data(as_text=True), "/element")
    assert sent["label.en"]
    shared_studio.edit(id, SetLabel(**LABEL, language="en", text="Telephone"))
    shared_studio.post(f"/design/{id}/element", **sent | {"max": "30"})
    draft = shared_studio.drafts.find(id)
    assert draft is not None and label_of(shared_studio, id, "en") == "Telephone"
    before = draft.files
    refused = shared_studio.client.post(f"/design/{id}/element", data={**sent, "csrf_token": shared_studio.token(), "label.en": "Call",
                                                                                 "help.en": "By day"},
                                 headers={"Accept": "application/json"})
    assert refused.status_code == 409 and refused.get_json()["code"] == "stale_form"
    still = shared_studio.drafts.find(id)
    assert still is not None and still.files == before


@pytest.mark.parametrize("page", [
    "/definition?kind=workflows&name=followup_task", "/timeline?name=implant_recovery&at=recall",
    "/drawing?name=followup_task&at=transitions.complete", "/drawing?name=followup_task&at=states.due", ELEMENT,
])
def test_every_form_says_what_it_was_drawn_from(shared_studio: Studio, page: str) -> None:
    """Requirement 1."""
    id = shared_studio.draft()
    sent = inputs(shared_studio.get(f"/design/{id}{page}").get_data(as_text=True), page.partition("?")[0])
    assert sent["drawn"].startswith("{")


def test_one_press_is_one_edit(shared_studio: Studio) -> None:
    """Requirement 3: a name that cannot be keeps the rest of the form from being saved; a good one is undone with it."""
    id = shared_studio.draft()
    sent = inputs(shared_studio.get(f"/design/{id}{ELEMENT}").get_data(as_text=True), "/element") | {"label.en": "Call"}
    shared_studio.post(f"/design/{id}/element", **sent | {"rename": "select x"})
    draft = shared_studio.drafts.find(id)
    assert draft is not None and not draft.log and not draft.changed


def test_undo_takes_back_what_it_said(shared_studio: Studio) -> None:
    """Requirement 3: the button of a page that is older than a colleague's edit takes nothing back."""
    id = shared_studio.draft()
    shared_studio.edit(id, SetLabel(**LABEL, language="en", text="Mine"))
    page = shared_studio.get(f"/design/{id}").get_data(as_text=True)
    n = re.findall(r'id="undo"><input type="hidden" name="n" value="(\d+)"', page)[0]
    shared_studio.edit(id, SetLabel(**LABEL, language="en", text="Theirs"))
    shared_studio.post(f"/design/{id}/undo", n=n)
    assert label_of(shared_studio, id, "en") == "Theirs"
    shared_studio.post(f"/design/{id}/undo", n=str(int(n) + 1))
    assert label_of(shared_studio, id, "en") == "Mine"
    shared_studio.post(f"/design/{id}/redo", n=str(int(n) + 5))
    assert label_of(shared_studio, id, "en") == "Mine"
    shared_studio.post(f"/design/{id}/redo", n=str(int(n) + 1))
    assert label_of(shared_studio, id, "en") == "Theirs"
