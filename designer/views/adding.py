"""A new element by its label, with what it must have besides so that the draft goes on compiling."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from designer.asking import asked, place_of
from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.edits.elements import AddElement
from designer.edits.refused import EditRefused
from designer.naming import name_of
from designer.schema_form import field_types
from designer.shell import draft_of, drafts, languages
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
        if not label and not field:
            raise EditRefused("empty_label")
        element = field if field and field not in there else name_of(label or field, there, fallback=section[-1].rstrip("s"))
        made.append(element)
        value = _first_value(folder, section, label, request.form, element)
        edit = AddElement(folder=folder, definition=name, pack=draft.pack, section=section, name=element, value=value)
        return drafts(state).edit(id, edit, state.who.id, state.now)

    def to(_: Draft) -> str:
        if (folder, section[-1]) in (("forms", "items"), ("choices", "options"), ("objects", "options")):
            back = request.form.get("back", "")
            return back if back.startswith(f"/design/{id}") and "//" not in back else definition_url(id, folder, name)
        return f"/design/{id}/element?kind={folder}&name={name}&section={'.'.join(section)}&element={made[0]}"

    return carried_out(state, id, act, to)


def _first_value(folder: str, section: tuple[str, ...], label: dict[str, str], form: Any, name: str) -> dict[str, Any]:
    """What a new element needs so that the draft goes on compiling where that is possible."""
    last = section[-1]
    if folder == "forms":
        if form.get("field"):
            return {"width": "half", **({"field": form["field"]} if form["field"] != name else {})}
        return {"heading": label}
    if folder == "views" and form.get("field"):
        return {}
    if last == "fields":
        kind = form.get("type", "text")
        if kind not in field_types():
            raise EditRefused("bad_edit", why=f"type '{kind[:40]}'")
        starts: dict[str, dict[str, Any]] = {"text": {"max": 200}, "decimal": {"places": 2}, "sequence": {"pattern": "{0000}"},
                                "choice": {"options": {"first": {"label": {"en": "First", "zh": "第一项"}}}},
                                "choices": {"options": {"first": {"label": {"en": "First", "zh": "第一项"}}}},
                                "link": {"to": form.get("to", "")}}
        more = starts.get(kind, {})
        return {"type": kind, **{k: v for k, v in more.items() if v != ""}, "label": label}
    if last == "transitions":
        return {"from": form.get("from", ""), "to": form.get("to", ""), "label": label}
    if last == "states":
        return {"label": label, "category": "open"}
    if last == "steps":
        return {"label": label, "at": "anchor + days(7)"}
    return {"label": label}
