"""A new element by its label, with what it must have besides so that the draft goes on compiling."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from designer.asking import asked, place_of
from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.edits.elements import AddElement
from designer.edits.refused import EditRefused
from designer.naming import name_of
from designer.shell import draft_of, drafts, languages
from designer.starts.parts import SAID, Part, first_value
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []


@designer.post("/<record:id>/add")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="element")
def add_element(id: str) -> AnyResponse:
    """A new element by its label; what it must have besides, such as the type of a field, comes with it."""
    state, draft = here(), draft_of(id)
    layers, folder, name = asked(draft)
    section, _ = place_of()
    made: list[str] = []

    def act() -> Draft:
        label = {code: text for code in languages(state) if (text := request.form.get(f"label.{code}", "").strip())}
        field = request.form.get("field", "")
        there = layers.elements(folder, name, section)
        if not label and (not field or field in SAID):
            raise EditRefused("empty_label")
        field = "" if field in SAID else field.removeprefix("rows:")
        element = field if field and field not in there else name_of(label or field, there, fallback=section[-1].rstrip("s"))
        made.append(element)
        value = first_value(Part(layers, folder, name, section, label, request.form, element))
        edit = AddElement(folder=folder, definition=name, pack=draft.pack, section=section, name=element, value=value)
        return drafts(state).edit(id, edit, state.who.id, state.now)

    def to(_: Draft) -> str:
        if (folder, section[-1]) in (("forms", "items"), ("choices", "options"), ("objects", "options")):
            back = request.form.get("back", "")
            return back if back.startswith(f"/design/{id}") and "//" not in back else definition_url(id, folder, name)
        return f"/design/{id}/element?kind={folder}&name={name}&section={'.'.join(section)}&element={made[0]}"

    return carried_out(state, id, act, to)
