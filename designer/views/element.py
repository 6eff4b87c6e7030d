"""One element of a definition: all that can be said of it in a form."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.asking import asked, in_release, owner_of, place_of
from designer.blueprint import designer
from designer.cells import cell_inputs, posted_cells
from designer.drafts.draft import Draft
from designer.drawn import mark, mine
from designer.edits.edit import Edit, Together
from designer.edits.elements import ChangeElement
from designer.edits.refused import EditRefused
from designer.edits.renaming import RenameElement
from designer.edits.said import section_said
from designer.layers import Layers
from designer.rows import element_label, missing_of, names_of, object_at, section_of, spoken, type_words
from designer.schema_form import beside, element_schema, inputs, posted
from designer.shell import draft_of, drafts, head, languages, show
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@designer.get("/<record:id>/element")
@declare(policy=Policy.DESIGN)
def show_element(id: str) -> Response:
    """All that can be said of one element in a form."""
    state, draft = here(), draft_of(id)
    layers, folder, name = asked(draft)
    section, element = place_of()
    value = layers.elements(folder, name, section).get(element)
    if value is None:
        raise HttpProblem("not_found")
    keys, required = element_schema(folder, section, value)
    whole = {**layers.merged(folder, name), "object": object_at(layers, folder, name, section)} if len(section) > 1 else layers.merged(folder, name)
    owner = layers.owner(folder, name, (*section, element))
    known = inputs(folder, keys, value, required=required, leave=("type", *beside(folder, section, value)), names=names_of(layers, whole))
    found = spoken(known, layers, folder, whole, state.language)
    cells = cell_inputs(layers, folder, name, section, element, state.language)
    found = [one for one in found if one.key not in {cell.key for cell in cells}]
    return show(
        "element.html", draft=head(state, draft, "overview"), kind=folder, name=name, section=".".join(section), element=element,
        word=section_said(section, state.language), label=element_label(layers, folder, name, section, element, value, state.language),
        inputs=[one for one in found if one.kind != "more"] + cells, more=[one.key for one in found if one.kind == "more" and one.value is not None],
        languages=languages(state), title=layers.label("objects" if folder == "workflows" else folder, name, state.language),
        owner=owner, renamable=owner == draft.pack or owner_of(layers, folder, name) == owner,
        type=type_words(state.language).get(str(value.get("type")), ""), back=f"{definition_url(id, folder, name)}#{section[-1]}-{element}",
        drawn=mark(value),
        files=[layer.path for layer in layers.of(folder, name)], url=request.full_path, gone=bool(value.get("retired") or value.get("hidden")),
        options=_options(state, draft, layers, folder, name, section, element, value),
        missing=missing_of(layers, folder, name, (*section, element, "items"), "", state.language) if value.get("rows") else (),
    )


def _options(state: RequestState, draft: Draft, layers: Layers, folder: str, name: str, section: tuple[str, ...], element: str,
             value: dict[str, Any]) -> dict[str, Any] | None:
    """The options of a set that is written inside of the field; the fields of a form's rows."""
    if folder == "forms" and value.get("rows"):
        return section_of(state, draft, layers, folder, name, (*section, element, "items"))
    if folder != "objects" or value.get("type") not in ("choice", "choices") or value.get("of"):
        return None
    return section_of(state, draft, layers, folder, name, (*section, element, "options"))


@designer.post("/<record:id>/element")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="element")
def change_element(id: str) -> AnyResponse:
    """What a form said of an element; with `rename` another name as well."""
    state, draft = here(), draft_of(id)
    layers, folder, name = asked(draft)
    section, element = place_of()
    to = request.form.get("rename", "").strip()
    target = request.form.get("go", "")

    def act() -> Draft:
        value = layers.elements(folder, name, section).get(element)
        if value is None:
            raise EditRefused("no_place", at=element, path=f"{folder}/{name}")
        keys, required = element_schema(folder, section, value)
        changes = posted(inputs(folder, keys, value, required=required, leave=("type",)), request.form, languages(state))
        changes |= posted_cells(layers, folder, name, section, element, request.form)
        changes = mine(changes, value, request.form.get("drawn"))
        edits: list[Edit] = []
        if changes:
            edits.append(ChangeElement(folder=folder, definition=name, pack=draft.pack, section=section, name=element, changes=changes))
        if to and to != element:
            edits.append(RenameElement(
                folder=folder, definition=name, pack=layers.owner(folder, name, (*section, element)), section=section, name=element, to=to,
                was=in_release(draft, folder, name, (*section, element))))
        return drafts(state).edit(id, Together.of(edits), state.who.id, state.now) if edits else draft

    back = f"{definition_url(id, folder, name)}#{section[-1]}-{to or element}"
    return carried_out(state, id, act, lambda _: back if target != "stay" else
                       f"/design/{id}/element?kind={folder}&name={name}&section={'.'.join(section)}&element={to or element}")
