"""One definition: its own keys, its elements in tables that are reordered, renamed and retired, its layers, and where it is used."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.asking import asked, in_release, owner_of
from designer.blueprint import designer
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.drawn import mark, mine
from designer.edits.definitions import ChangeDefinition
from designer.edits.renaming import RenameDefinition
from designer.edits.said import kind_said
from designer.layers import SECTIONS
from designer.preview import form_preview
from designer.related import about_of, related_to
from designer.rows import missing_of, names_of, section_of, spoken, type_words
from designer.schema_form import definition_schema, field_types, inputs, posted
from designer.shell import draft_of, drafts, head, languages, problem_rows, rows_said, show
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from engine.text.kinds import KINDS
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []


@designer.get("/<record:id>/definition")
@declare(policy=Policy.DESIGN)
def show_definition(id: str) -> Response:
    """The page of one definition."""
    state, draft = here(), draft_of(id)
    layers, folder, name = asked(draft)
    value, about = layers.merged(folder, name), about_of(layers, folder, name)
    files = [{"pack": layer.pack, "path": layer.path, "owner": layer.owner, "url": f"/design/{id}/file?path={layer.path}"}
             for layer in layers.of(folder, name)]
    paths = {file["path"] for file in files}
    sections = [section_of(state, draft, layers, folder, name, (section,)) for section in SECTIONS.get(folder, ())]
    own = spoken(inputs(folder, definition_schema(folder), value, leave=(*SECTIONS.get(folder, ()), KINDS[folder].name_key),
                        names=names_of(layers, value)), layers, folder, value, state.language)
    return show(
        "definition.html", draft=head(state, draft, "overview"), kind=folder, kind_word=kind_said(folder, state.language), name=name,
        label=layers.label("objects" if KINDS[folder].name_key == "object" else folder, name, state.language),
        drawn=mark(value), files=files, sections=sections, inputs=own, languages=languages(state), owner=files[0]["pack"] if files else "",
        url=definition_url(id, folder, name), object=value.get("object") if folder != "workflows" else name,
        problems=problem_rows(draft, [p for p in problems_of(draft) if p.place.file in paths]),
        preview=form_preview(draft, name, state.language) if folder == "forms" else None,
        missing=missing_of(layers, folder, name, SECTIONS[folder][:1], rows_said(state), state.language) if folder in ("forms", "views") else (),
        field_types=field_types(),
        about={"label": layers.label("objects", about, state.language), "url": definition_url(id, "objects", about)} if about else None,
        related=[one | {"url": definition_url(id, one["folder"], one["name"])} for one in related_to(layers, name, state.language)]
        if folder == "objects" else (),
        renamable=KINDS[folder].name_key == "name", choose_words=type_words(state.language),
    )


@designer.post("/<record:id>/definition")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="definition")
def change_definition(id: str) -> AnyResponse:
    """The definition's own keys, or its name."""
    state, draft = here(), draft_of(id)
    layers, folder, name = asked(draft)
    to = request.form.get("rename", "").strip()

    def act() -> Draft:
        if to and to != name:
            fresh = not in_release(draft, folder, name, ())
            return drafts(state).edit(id, RenameDefinition(folder=folder, definition=name, pack=owner_of(layers, folder, name), to=to,
                                                           was=not fresh), state.who.id, state.now)
        value = layers.merged(folder, name)
        keys = inputs(folder, definition_schema(folder), value, leave=SECTIONS.get(folder, ()))
        changes = mine(posted(keys, request.form, languages(state)), value, request.form.get("drawn"))
        return drafts(state).edit(id, ChangeDefinition(folder=folder, definition=name, pack=draft.pack, changes=changes),
                                  state.who.id, state.now) if changes else draft

    return carried_out(state, id, act, lambda _: definition_url(id, folder, to or name))
