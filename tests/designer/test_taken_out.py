"""A field that comes back is not where it was before it was retired; what must be put back by hand is said.

1. The page of the object says it at the button and the page of the field below its title, in both languages, until it stands there again.
2. It is found in the release in which the field was last in use, when it was retired before the draft began.
3. A field that was never retired says nothing; one that another pack merely hides is still named by roles.
"""

from __future__ import annotations

import dataclasses
from html import unescape

from designer.edits.elements import AddElement
from designer.edits.retiring import RestoreElement, RetireElement
from designer.taken_out import taken_out
from tests.designer.studio import HEAD, Studio

PHONE = {"folder": "objects", "definition": "patient", "section": ("fields",), "name": "phone"}


def test_what_must_be_put_back_is_said(shared_studio: Studio) -> None:
    """Requirements 1 to 3."""
    id = shared_studio.draft()
    pages = f"/design/{id}/definition?kind=objects&name=patient", f"/design/{id}/element?kind=objects&name=patient&section=fields&element=phone"
    owner = shared_studio.drafts.find(id).layers.owner("objects", "patient", ("fields", "phone"))  # type: ignore[union-attr]
    assert taken_out(shared_studio.store, shared_studio.drafts.find(id), "patient", "phone") == []  # type: ignore[arg-type]
    draft = shared_studio.edit(id, RetireElement(**PHONE, pack=owner))
    places = taken_out(shared_studio.store, draft, "patient", "phone")
    assert ("forms", "patient") in places and ("roles", "nurse") in places and ("forms", "staff") not in places
    for page in pages:
        shown = unescape(shared_studio.get(page).get_data(as_text=True))
        assert "Put it there yourself: " in shown and "form “Patient”" in shown and "role “Nurse”" in shown
    # A later draft begins from a release in which it is retired already; the one before tells where it stood.
    later = dataclasses.replace(draft, started=draft.files, log=())
    assert taken_out(shared_studio.store, later, "patient", "phone") == places
    draft = shared_studio.edit(id, RestoreElement(**PHONE, pack=owner))
    assert taken_out(shared_studio.store, draft, "patient", "phone") == places
    assert "It does not stand yet where it was" in shared_studio.get(pages[1]).get_data(as_text=True)
    form = {"folder": "forms", "definition": "patient", "section": ("items",), "name": "phone"}
    draft = shared_studio.edit(id, AddElement(**form, pack=draft.layers.names("forms")["patient"], value={}))
    assert taken_out(shared_studio.store, draft, "patient", "phone") == [place for place in places if place != ("forms", "patient")]
    hidden = shared_studio.edit(shared_studio.draft(), RetireElement(**PHONE, pack="hexin"))
    assert {folder for folder, _ in taken_out(shared_studio.store, hidden, "patient", "phone")} == {"forms", "views"}
    shared_studio.sign_in(HEAD, "zh")
    assert "已在此草稿中恢复" in shared_studio.get(pages[1]).get_data(as_text=True)
    shared_studio.sign_in()
