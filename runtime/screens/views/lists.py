"""The list of an object: views, quick filters, search, sorting, paging."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from engine.model import ListView, Object
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, Page
from runtime.screens.assets import asset_urls
from runtime.screens.blueprint import screens
from runtime.screens.clinics import named
from runtime.screens.environment import environment
from runtime.screens.filters import ME, ClinicFilter, PersonFilter, QuickFilter, search_expression
from runtime.screens.list_state import FILTER, ListState, address, read_state
from runtime.screens.people import choices_of
from runtime.screens.plans import ListLook, ListPlan, cached, list_plan
from runtime.screens.shell import answer, frame, known_object
from runtime.screens.words import words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__ = ["filter_expression", "view_of"]

PAGE_SIZE = 50
_ICONS = asset_urls()("vendor/icons.svg")
_DIRECTIONS = {"": ("", "selector"), "+": ("ascending", "chevron-up"), "-": ("descending", "chevron-down")}


@screens.get("/o/<name>")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def object_list(name: str) -> BaseResponse:
    """A page of the list."""
    here_now = here()
    object = known_object(name)
    chosen = read_state(request.args)
    view = view_of(here_now, object, chosen.view)
    plan = list_plan(here_now, object, view)
    query = ListQuery(
        object=object.name, view=view.name, filter=filter_expression(plan, chosen, here_now), sort=chosen.sort, limit=PAGE_SIZE,
        after=chosen.after or None, linked=chosen.linked, whole=chosen.whole,
    )
    try:
        found = here_now.records.list(query, here_now.who, here_now.release)
    except BadQuery as error:
        if error.parameter not in ("after", "sort") and chosen.linked is None:
            raise
        # An address kept from before: the list as it is now serves better than a refusal.
        rest = dataclasses.replace(chosen, after="", sort="" if error.parameter == "sort" else chosen.sort, linked=None)
        return redirect(address(request.path, rest))
    here_now.seen("list", object.id, found.ids)
    return _shown(here_now, plan, chosen, found)


def view_of(state: RequestState, object: Object, name: str) -> ListView:
    """The view of that name over the object, else its default list."""
    model = state.release.model
    found = model.views.get(name)
    return found if found is not None and found.object == object.name else model.view(object.name)


def filter_expression(plan: ListPlan, chosen: ListState, state: RequestState) -> str:
    """Everything chosen, as one expression; a filter that this person may not use says nothing."""
    today = state.who.today
    parts = [plan.filters[name].expression(value, today) for name, value in chosen.filters.items() if name in plan.filters]
    parts.append(search_expression(chosen.q, plan.search_texts, plan.search_phones))
    return " && ".join(f"({part})" for part in parts if part)


def _shown(state: RequestState, plan: ListPlan, chosen: ListState, found: Page) -> Response:
    look = plan.look(found.columns)
    rows = look.drawing.rows(found.rows, state.who.today)
    context = _context(state, plan, chosen, found)
    heads = _heads(plan, look, chosen) if rows else ()
    context["sort_choices"] = _sort_choices(state, look, heads)
    context["bar"] = None if chosen.q else _bar(state, context)
    text = look.page.render(ui=frame(state, plan.object.name), page=context, rows=rows, heads=heads, icons=_ICONS)
    return answer(text)


def _context(state: RequestState, plan: ListPlan, chosen: ListState, found: Page) -> dict[str, Any]:
    _ = words(state.language)
    object, view, language, rights = plan.object, plan.view, state.language, state.access.object(plan.object.name)
    path = f"/o/{object.name}"
    controls = [control for name, quick in plan.filters.items() if (control := _control(state, object, name, quick, chosen))]
    bare = ListState(view=chosen.view, sort=chosen.sort)
    return {
        "label": object.plural(language) if view.generated or chosen.whole else view.label(language), "caption": object.plural(language),
        "note": None, "action": path, "new_url": f"{path}/new" if rights.allows("create") else None,
        "new_label": _("New: %(object)s") % {"object": object.label(language)},
        "csv_url": address(f"{path}/export.csv", dataclasses.replace(chosen, after="")) if rights.allows("export") else None,
        "q": chosen.q, "q_label": _("Search"), "search": bool(plan.search_texts), "controls": controls,
        "keep": {name: value for name, value in _kept(chosen).items() if value},
        "chips": _chips(state, path, plan, chosen, controls), "clear_url": address(path, bare), "views": _views(state, object, view),
        "any": bool(found.rows), "filtered": bool(chosen.q or chosen.filters or chosen.linked),
        "previous_url": address(path, dataclasses.replace(chosen, after=found.previous)) if found.previous else None,
        "next_url": address(path, dataclasses.replace(chosen, after=found.next)) if found.next else None,
        "shown": _("Shown: %(count)s") % {"count": len(found.rows)} if found.next or found.previous else None,
    }


def _bar(state: RequestState, context: dict[str, Any]) -> Markup:
    """The filter bar of a list nobody searches in, kept as long as it says the same: drawing its options costs more than the rows."""
    controls = context["controls"]
    said = tuple((c["name"], c["label"], c["value"], *((o["value"], o["label"]) for o in c["options"])) for c in controls)
    key = ("filter bar", state.language, context["action"], context["search"], said, tuple(context["keep"].items()))

    def draw() -> Markup:
        macros: Any = environment(state.language).get_template("parts/filters.html").module
        return Markup(macros.filter_bar(context["action"], controls, "", context["q_label"], context["search"], context["keep"]))

    made: Markup = cached(state.release).get(key, draw)
    return made


def _kept(chosen: ListState) -> dict[str, str]:
    """What the form of the filters sends along unseen."""
    return dataclasses.replace(chosen, q="", filters={}, after="").parameters()


def _views(state: RequestState, object: Object, current: ListView) -> list[dict[str, Any]]:
    """The object's lists, the default one first; none when there is only one."""
    views = [view for view in state.release.model.views.values() if view.object == object.name]
    if len(views) < 2:
        return []
    ordered = sorted(views, key=lambda view: not view.default)
    return [
        {"label": view.label(state.language), "url": f"/o/{object.name}" + ("" if view.default else f"?view={view.name}"),
         "current": view is current}
        for view in ordered
    ]


def _control(state: RequestState, object: Object, name: str, quick: QuickFilter, chosen: ListState) -> dict[str, Any] | None:
    _ = words(state.language)
    options = list(quick.options)
    if isinstance(quick, PersonFilter):
        options = choices_of(state, quick.to)
        if quick.account:
            options.insert(0, (ME, _("Me")))
    elif isinstance(quick, ClinicFilter):
        options = named(state, state.who.clinics) if len(state.who.clinics) > 1 else []
    if not options:
        return None
    field, clinic = object.fields.get(name), state.release.model.clinic
    label = field.label(state.language) if field is not None else clinic.label(state.language) if clinic is not None else name
    return {
        "name": FILTER + name, "field": name, "label": label, "value": chosen.filters.get(name, ""),
        "options": [{"value": value, "label": label} for value, label in options],
    }


def _chips(
    state: RequestState, path: str, plan: ListPlan, chosen: ListState, controls: Sequence[dict[str, Any]],
) -> list[dict[str, str]]:
    """What is filtered now; an answer that is not offered any more is named as it stands in the address."""
    _ = words(state.language)
    found = []
    for control in controls:
        if control["value"]:
            label = next((o["label"] for o in control["options"] if o["value"] == control["value"]), control["value"])
            found.append({"label": f"{control['label']}: {label}", "remove_url": address(path, chosen.without(control["field"]))})
    if chosen.linked:
        cleared = dataclasses.replace(chosen, linked=None, whole=False, after="")
        found.append({"label": _linked_label(state, plan.object, *chosen.linked), "remove_url": address(path, cleared)})
    if chosen.q:
        cleared = dataclasses.replace(chosen, q="", after="")
        found.append({"label": _("Search: %(text)s") % {"text": chosen.q}, "remove_url": address(path, cleared)})
    return found


def _linked_label(state: RequestState, object: Object, name: str, id: str) -> str:
    field = object.fields.get(name)
    if field is None or not field.type.link_to or not state.access.object(field.type.link_to).allows("read"):
        return name
    page = state.records.list(ListQuery(object=field.type.link_to, fields=(), ids=(id,), limit=1), state.who, state.release)
    state.seen("lookup", state.release.model.objects[field.type.link_to].id, page.ids)
    return f"{field.label(state.language)}: {page.rows[0].title or id[-6:] if page.rows else '–'}"


def _heads(plan: ListPlan, look: ListLook, chosen: ListState) -> list[tuple[str, str, str]]:
    """(address, direction, icon) per column; a second click turns the order round."""
    current = chosen.sort.split(",")[0] if chosen.sort else _declared(plan.view)
    base = address(f"/o/{plan.object.name}", dataclasses.replace(chosen, sort="", after=""))
    base += "&sort=" if "?" in base else "?sort="
    heads = []
    for cell in look.cells:
        sign = "+" if current == cell.key else "-" if current == f"-{cell.key}" else ""
        heads.append((base + ("-" if sign == "+" else "") + cell.key, *_DIRECTIONS[sign]))
    return heads


def _declared(view: ListView) -> str:
    if not view.sort:
        return ""
    first = view.sort[0]
    return ("-" if first.descending else "") + ".".join(first.path)


def _sort_choices(state: RequestState, look: ListLook, heads: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"label": cell.label(state.language), "url": url, "current": bool(direction)}
        for cell, (url, direction, _icon) in zip(look.cells, heads, strict=False) if cell.sortable
    ]
