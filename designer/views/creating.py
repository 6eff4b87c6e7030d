"""Making a definition: from nothing or like another, its name made from its label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.edits.refused import EditRefused
from designer.edits.said import kind_said, kinds_said, kinds_told
from designer.layers import Layers
from designer.shell import draft_of, drafts, head, languages, show
from designer.starting import CreateDefinition, CreatePack
from designer.starts.kinds import ABOUT, STARTS, needs
from designer.starts.wish import Wish
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from engine.text.kinds import KINDS
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []

_ASKED = ("each", "kind_of_view", "create", "to", "role", "options")


@designer.get("/<record:id>/create")
@declare(policy=Policy.DESIGN)
def choose_kind(id: str) -> Response:
    """The kinds that can be made, or with `kind` the form for one."""
    state, draft = here(), draft_of(id)
    layers, folder = draft.layers, request.args.get("kind", "")
    folder = folder if folder in STARTS else ""
    language = state.language
    kinds = [{"folder": f, "label": kinds_said(f, language), "word": kind_said(f, language)} for f in STARTS]
    like = [{"value": name, "label": _label(layers, folder, name, language)} for name in layers.names(folder)] if folder else []
    return show(
        "create.html", draft=head(state, draft, "create"), kinds=kinds, kind=folder, word=kind_said(folder, language), like=like,
        about=_about(layers, folder, language), optional=folder in ABOUT and not needs(folder), languages=languages(state),
        object=request.args.get("object", ""), asks=_asks(layers, folder, language) if folder else {}, tells=kinds_told(language),
    )


def _label(layers: Layers, folder: str, name: str, language: str) -> str:
    return layers.label("objects" if KINDS[folder].name_key == "object" else folder, name, language)


def _choose(layers: Layers, folder: str, names: Iterable[str], language: str) -> list[dict[str, str]]:
    return [{"value": name, "label": layers.label(folder, name, language)} for name in names]


def _about(layers: Layers, folder: str, language: str) -> list[dict[str, str]]:
    """What a definition of the kind can be about."""
    if folder not in ABOUT:
        return []
    wish = Wish(layers, "", "", {})
    names = list(wish.objects()) if ABOUT[folder] == "objects" else list(layers.names(ABOUT[folder]))
    taken = set(layers.names("workflows")) if folder == "workflows" else {
        str(layers.merged("pages", name).get("object")) for name in layers.names("pages")} if folder == "pages" else set()
    if folder == "plans":
        names = [name for name in names if wish.path_to_patient(name) is not None]
    return _choose(layers, ABOUT[folder], (name for name in names if name not in taken), language)


def _asks(layers: Layers, folder: str, language: str) -> dict[str, list[dict[str, str]]]:
    """What a kind asks besides, with what can be chosen."""
    wish = Wish(layers, "", "", {})
    roles = _choose(layers, "roles", (n for n in layers.names("roles") if not layers.merged("roles", n).get("retired")), language)
    return {
        "objects": {"owners": _choose(layers, "objects", wish.objects(), language), "roles": roles,
                    "patient": _choose(layers, "objects", [wish.patient()] if wish.patient() else [], language)},
        "plans": {"tasks": _choose(layers, "objects", wish.tasks(), language)}, "pages": {"roles": roles},
    }.get(folder, {})


@designer.post("/<record:id>/create")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="definition")
def create_definition(id: str) -> AnyResponse:
    """Make it and open it."""
    state, draft = here(), draft_of(id)
    form = request.form
    label = {code: text for code in languages(state) if (text := form.get(f"label.{code}", "").strip())}
    folder = form.get("kind", "")
    edit = CreateDefinition(
        folder=folder, pack=draft.pack, label=label, name=form.get("name", "").strip(), about=form.get("about", ""), like=form.get("like", ""),
        settings=_settings(form, state.who.today.isoformat()))
    named: list[str] = []

    def act() -> Draft:
        if folder not in KINDS:
            raise EditRefused("bad_path", path=folder[:60])
        named.append(edit.named(draft.files))
        return drafts(state).edit(id, edit, state.who.id, state.now)

    return carried_out(state, id, act, lambda _: definition_url(id, folder, named[0]))


def _settings(form: MultiDict[str, str], today: str) -> dict[str, Any]:
    """What the kind asked besides; a box that is not ticked is not sent, so its form says that it was there."""
    found: dict[str, Any] = {key: form[key].strip() for key in _ASKED if form.get(key, "").strip()}
    if form.get("task"):
        found["task"] = True
    if form.get("boxes") == "shown":
        found["shown"] = "shown" in form
    if roles := form.getlist("roles"):
        found["roles"] = roles
    return {**found, **({"from": today} if form.get("kind") == "scenarios" and not form.get("like") else {})}


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
