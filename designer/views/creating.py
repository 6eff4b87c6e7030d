"""Making a definition: from nothing or like another, its name made from its label."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.edits.refused import EditRefused
from designer.edits.said import kind_said, kinds_said
from designer.shell import draft_of, drafts, head, languages, show
from designer.starting import ABOUT, STARTS, CreateDefinition, CreatePack
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from engine.text.kinds import KINDS
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []


@designer.get("/<record:id>/create")
@declare(policy=Policy.DESIGN)
def choose_kind(id: str) -> Response:
    """The kinds that can be made, or with `kind` the form for one."""
    state, draft = here(), draft_of(id)
    layers, folder = draft.layers, request.args.get("kind", "")
    makeable = [{"folder": f, "label": kinds_said(f, state.language), "word": kind_said(f, state.language)} for f in STARTS if f in KINDS]
    objects = [{"value": name, "label": layers.label("objects", name, state.language)} for name in layers.names("objects")]
    if folder == "workflows":
        having = set(layers.names("workflows"))
        objects = [one for one in objects if one["value"] not in having]
    return show(
        "create.html", draft=head(state, draft, "create"), kinds=makeable, kind=folder if folder in STARTS and folder in KINDS else "",
        word=kind_said(folder, state.language), about=objects if folder in ABOUT else [], languages=languages(state),
        like=[{"value": name, "label": layers.label(folder, name, state.language)} for name in layers.names(folder)] if folder in KINDS else [],
        object=request.args.get("object", ""),
    )


@designer.post("/<record:id>/create")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="definition")
def create_definition(id: str) -> AnyResponse:
    """Make it and open it."""
    state, draft = here(), draft_of(id)
    form = request.form
    label = {code: text for code in languages(state) if (text := form.get(f"label.{code}", "").strip())}
    folder = form.get("kind", "")
    edit = CreateDefinition(
        folder=folder, pack=draft.pack, label=label, name=form.get("name", "").strip(), about=form.get("about", ""), like=form.get("like", ""))
    named: list[str] = []

    def act() -> Draft:
        if folder not in KINDS:
            raise EditRefused("bad_path", path=folder[:60])
        named.append(edit.named(draft.files))
        return drafts(state).edit(id, edit, state.who.id, state.now)

    return carried_out(state, id, act, lambda _: definition_url(id, folder, named[0]))


@designer.post("/<record:id>/pack")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="pack")
def create_pack(id: str) -> AnyResponse:
    """A new pack, into which the draft then writes."""
    state = here()
    draft_of(id)
    name, label = request.form.get("name", "").strip(), request.form.get("label", "").strip()

    def act() -> Draft:
        drafts(state).edit(id, CreatePack(name=name, label={state.language: label or name}), state.who.id, state.now)
        return drafts(state).settings(id, state.who.id, state.now, pack=name)

    return carried_out(state, id, act)
