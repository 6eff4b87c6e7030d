"""One definition: its own keys, its elements in tables that are reordered, renamed and retired, its layers, and where it is used."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.edits.elements import AddElement, ChangeDefinition, ChangeElement
from designer.edits.primitive import CreateFile
from designer.edits.refused import EditRefused
from designer.edits.renaming import RenameDefinition, RenameElement
from designer.edits.said import kind_said, section_said
from designer.layers import SECTIONS, Layers, label_of
from designer.naming import name_of
from designer.preview import form_preview
from designer.said_types import TYPES, category_words
from designer.schema_form import definition_schema, element_schema, field_types, inputs, posted
from designer.shell import draft_of, drafts, head, languages, problem_rows, show
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from engine.text.kinds import KINDS
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


def _asked(draft: Draft) -> tuple[Layers, str, str]:
    """The definition of an address. Raises HttpProblem 404."""
    layers, folder, name = draft.layers, request.values.get("kind", ""), request.values.get("name", "")
    if folder not in KINDS or not layers.of(folder, name):
        raise HttpProblem("not_found")
    return layers, folder, name


@designer.get("/<record:id>/definition")
@declare(policy=Policy.DESIGN)
def show_definition(id: str) -> Response:
    """The page of one definition."""
    state, draft = here(), draft_of(id)
    layers, folder, name = _asked(draft)
    value = layers.merged(folder, name)
    files = [{"pack": layer.pack, "path": layer.path, "owner": layer.owner, "url": f"/design/{id}/file?path={layer.path}"}
             for layer in layers.of(folder, name)]
    paths = {file["path"] for file in files}
    sections = [_section(state, draft, layers, folder, name, (section,)) for section in SECTIONS.get(folder, ())]
    own = inputs(folder, definition_schema(folder), value, leave=(*SECTIONS.get(folder, ()), KINDS[folder].name_key),
                 names=_names(layers, value))
    return show(
        "definition.html", draft=head(state, draft, "overview"), kind=folder, kind_word=kind_said(folder, state.language), name=name,
        label=layers.label("objects" if KINDS[folder].name_key == "object" else folder, name, state.language),
        files=files, sections=sections, inputs=own, languages=languages(state), owner=files[0]["pack"] if files else "",
        url=definition_url(id, folder, name), object=value.get("object") if folder != "workflows" else name,
        problems=problem_rows(draft, [p for p in problems_of(draft) if p.place.file in paths]),
        preview=form_preview(draft, name, state.language) if folder == "forms" else None,
        missing=_missing(layers, value, state.language) if folder == "forms" else (), field_types=field_types(),
        renamable=KINDS[folder].name_key == "name", choose_words=_type_words(state.language),
    )


def _section(state: RequestState, draft: Draft, layers: Layers, folder: str, name: str, section: tuple[str, ...]) -> dict[str, Any]:
    """The elements of one map as rows."""
    elements = layers.elements(folder, name, section)
    order = [n for n, v in elements.items() if not (v.get("retired") or v.get("hidden"))]
    rows = []
    states = {n: label_of(v, state.language) or n for n, v in layers.elements(folder, name, ("states",)).items()}
    for element, value in elements.items():
        gone = bool(value.get("retired") or value.get("hidden"))
        place = order.index(element) if element in order else -1
        rows.append({
            "name": element, "label": _element_label(layers, folder, name, section, element, value, state.language), "gone": gone,
            "pack": layers.owner(folder, name, (*section, element)), "facts": _facts(section, value, state.language, states),
            "width": value.get("width", "full") if folder == "forms" and not value.get("heading") and not value.get("step") else "",
            "up": order[place - 2] if place > 1 else "" if place == 1 else None,
            "down": order[place + 1] if 0 <= place < len(order) - 1 else None,
            "url": f"/design/{draft.id}/element?kind={folder}&name={name}&section={'.'.join(section)}&element={element}",
        })
    keeps = (folder, section[-1]) in {("objects", "fields"), ("choices", "options"), ("workflows", "states")}
    return {"at": list(section), "id": section[-1], "word": section_said(section, state.language), "rows": rows, "keeps": keeps}


def _element_label(
    layers: Layers, folder: str, name: str, section: tuple[str, ...], element: str, value: dict[str, Any], language: str,
) -> str:
    """An item of a form and a column of a list speak with the label of their field."""
    own = label_of(value, language)
    if own:
        return own
    for key in ("heading", "step", "note"):
        if isinstance(value.get(key), dict | str):
            return label_of({"label": value[key]}, language)
    if folder in ("forms", "views"):
        field = str(value.get("field") or value.get("path") or element).partition(".")[0]
        held = layers.elements("objects", str(layers.merged(folder, name).get("object")), ("fields",)).get(field, {})
        return label_of(held, language) or element
    return element


def _facts(section: tuple[str, ...], value: dict[str, Any], language: str, states: dict[str, str]) -> list[str]:
    """The few words that tell an element from its neighbours."""
    shown = {"fields": ("type",), "states": ("category",), "grants": ("object", "can"), "steps": ("at", "every"), "columns": ("path",),
             "timers": ("in", "at"), "rules": ("then",), "checks": ("rule",), "denials": ("object", "can")}.get(section[-1], ())
    if section[-1] == "transitions":
        began = value.get("from")
        froms = began if isinstance(began, list) else [began]
        return [f"{', '.join(states.get(str(n), str(n)) for n in froms)} → {states.get(str(value.get('to')), value.get('to'))}"]
    found = []
    for key in shown:
        held = value.get(key)
        if held is not None:
            text = ", ".join(map(str, held)) if isinstance(held, list) else str(held)
            words = _type_words(language) if key == "type" else category_words(language) if key == "category" else {}
            found.append(words.get(text, text))
    return found


def _type_words(language: str) -> dict[str, str]:
    """Field types in the words of people."""
    return {name: chinese if language.startswith("zh") else english for name, (english, chinese) in TYPES.items()}


def _names(layers: Layers, value: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names that keys can take."""
    objects = tuple(layers.names("objects"))
    about = str(value.get("object") or "")
    fields = tuple(layers.elements("objects", about, ("fields",))) if about else ()
    forms = tuple(n for n in layers.names("forms") if layers.merged("forms", n).get("object") == about) if about else tuple(layers.names("forms"))
    states = tuple(value.get("states") or ()) if isinstance(value.get("states"), dict) else ()
    return {"to": states or objects, "object": objects, "of": tuple(layers.names("choices")), "on": objects, "create": objects,
            "field": fields, "ask": forms, "form": forms, "message": tuple(layers.names("messages")) if "messages" in KINDS else (),
            "initial": states, "start": fields, "end": fields}


def _missing(layers: Layers, value: dict[str, Any], language: str) -> list[dict[str, str]]:
    """Fields of the object that the form does not have yet."""
    items = value.get("items") if isinstance(value.get("items"), dict) else {}
    assert isinstance(items, dict)
    there = {str(item.get("field") or name) if isinstance(item, dict) else name for name, item in items.items()}
    fields = layers.elements("objects", str(value.get("object")), ("fields",))
    return [{"value": name, "label": label_of(field, language) or name} for name, field in fields.items()
            if name not in there and not field.get("retired") and not field.get("hidden")]


@designer.post("/<record:id>/definition")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="definition")
def change_definition(id: str) -> AnyResponse:
    """The definition's own keys, or its name."""
    state, draft = here(), draft_of(id)
    layers, folder, name = _asked(draft)
    to = request.form.get("rename", "").strip()

    def act() -> Draft:
        if to and to != name:
            fresh = not _in_release(draft, folder, name, ())
            return drafts(state).edit(id, RenameDefinition(folder=folder, definition=name, pack=_owner(layers, folder, name), to=to,
                                                           was=not fresh), state.who.id, state.now)
        keys = inputs(folder, definition_schema(folder), layers.merged(folder, name), leave=SECTIONS.get(folder, ()))
        changes = posted(keys, request.form, languages(state))
        return drafts(state).edit(id, ChangeDefinition(folder=folder, definition=name, pack=draft.pack, changes=changes),
                                  state.who.id, state.now) if changes else draft

    return carried_out(state, id, act, lambda _: definition_url(id, folder, to or name))


def _owner(layers: Layers, folder: str, name: str) -> str:
    return layers.known(folder, name)[0].pack


def _in_release(draft: Draft, folder: str, name: str, at: tuple[str, ...]) -> bool:
    """Whether the release that the draft began from has it: then its name is part of its identity."""
    return any(layer.text.find(at) is not None for layer in Layers(draft.started).of(folder, name))


@designer.get("/<record:id>/element")
@declare(policy=Policy.DESIGN)
def show_element(id: str) -> Response:
    """All that can be said of one element in a form."""
    state, draft = here(), draft_of(id)
    layers, folder, name = _asked(draft)
    section, element = _place()
    value = layers.elements(folder, name, section).get(element)
    if value is None:
        raise HttpProblem("not_found")
    keys, required = element_schema(folder, section, value)
    whole = layers.merged(folder, name)
    owner = layers.owner(folder, name, (*section, element))
    found = inputs(folder, keys, value, required=required, leave=("type",), names=_names(layers, whole))
    return show(
        "element.html", draft=head(state, draft, "overview"), kind=folder, name=name, section=".".join(section), element=element,
        word=section_said(section, state.language), label=_element_label(layers, folder, name, section, element, value, state.language),
        inputs=[one for one in found if one.kind != "more"], more=[one.key for one in found if one.kind == "more" and one.value is not None],
        languages=languages(state), owner=owner, renamable=owner == draft.pack or _owner(layers, folder, name) == owner,
        type=_type_words(state.language).get(str(value.get("type")), ""), back=f"{definition_url(id, folder, name)}#{section[-1]}-{element}",
        files=[layer.path for layer in layers.of(folder, name)], url=request.full_path, gone=bool(value.get("retired") or value.get("hidden")),
        options=_options(state, draft, layers, folder, name, section, element, value),
    )


def _options(state: RequestState, draft: Draft, layers: Layers, folder: str, name: str, section: tuple[str, ...], element: str,
             value: dict[str, Any]) -> dict[str, Any] | None:
    """The options of a set that is written inside of the field."""
    if folder != "objects" or value.get("type") not in ("choice", "choices") or value.get("of"):
        return None
    return _section(state, draft, layers, folder, name, (*section, element, "options"))


def _place() -> tuple[tuple[str, ...], str]:
    section = tuple(part for part in request.values.get("section", "").split(".") if part)
    element = request.values.get("element", "")
    if not section or len(section) > 5:
        raise HttpProblem("not_found")
    return section, element


@designer.post("/<record:id>/element")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="element")
def change_element(id: str) -> AnyResponse:
    """What a form said of an element; with `rename` another name as well."""
    state, draft = here(), draft_of(id)
    layers, folder, name = _asked(draft)
    section, element = _place()
    to = request.form.get("rename", "").strip()
    target = request.form.get("go", "")

    def act() -> Draft:
        value = layers.elements(folder, name, section).get(element)
        if value is None:
            raise EditRefused("no_place", at=element, path=f"{folder}/{name}")
        keys, required = element_schema(folder, section, value)
        changes = posted(inputs(folder, keys, value, required=required, leave=("type",)), request.form, languages(state))
        found = draft
        if changes:
            found = drafts(state).edit(id, ChangeElement(
                folder=folder, definition=name, pack=draft.pack, section=section, name=element, changes=changes), state.who.id, state.now)
        if to and to != element:
            fresh = not _in_release(draft, folder, name, (*section, element))
            found = drafts(state).edit(id, RenameElement(
                folder=folder, definition=name, pack=layers.owner(folder, name, (*section, element)), section=section, name=element, to=to,
                was=not fresh), state.who.id, state.now)
        return found

    back = f"{definition_url(id, folder, name)}#{section[-1]}-{to or element}"
    return carried_out(state, id, act, lambda _: back if target != "stay" else
                       f"/design/{id}/element?kind={folder}&name={name}&section={'.'.join(section)}&element={to or element}")


@designer.post("/<record:id>/add")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="element")
def add_element(id: str) -> AnyResponse:
    """A new element by its label; what it must have besides, such as the type of a field, comes with it."""
    state, draft = here(), draft_of(id)
    layers, folder, name = _asked(draft)
    section, _ = _place()
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


@designer.post("/<record:id>/file/new")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="file")
def new_file(id: str) -> AnyResponse:
    """An empty file, for who writes text."""
    state = here()
    draft_of(id)
    path = request.form.get("path", "").strip()

    def act() -> Draft:
        stem = path.rpartition("/")[2].partition(".")[0]
        folder = path.split("/")[1] if path.count("/") == 2 else ""
        key = KINDS[folder].name_key if folder in KINDS else "name"
        return drafts(state).edit(id, CreateFile(path=path, value={key: name_of(stem, ())}), state.who.id, state.now)

    return carried_out(state, id, act, lambda _: f"/design/{id}/file?path={path}")

