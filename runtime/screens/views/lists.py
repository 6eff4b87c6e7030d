"""The list of an object: views, quick filters, search, sorting, paging."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.model import ListView, Object
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, Page
from runtime.screens.assets import asset_urls
from runtime.screens.blueprint import screens
from runtime.screens.bulk import bulk_of
from runtime.screens.choosing import above, bar, filter_expression
from runtime.screens.drawn_once import drawn_once
from runtime.screens.list_state import ListState, address, read_state
from runtime.screens.plans import ListLook, ListPlan, list_plan
from runtime.screens.saved import columns_for, saved_views
from runtime.screens.shell import answer, frame, known_object
from runtime.screens.ways import ways
from runtime.screens.words import words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__ = ["view_of"]

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
    if chosen.view and view.name != chosen.view:
        chosen = dataclasses.replace(chosen, view="", unknown=(*chosen.unknown, "view"))
    plan = list_plan(here_now, object, view)
    columns, vain = columns_for(here_now, object, view, chosen)
    chosen = dataclasses.replace(chosen, unknown=(*chosen.unknown, *vain))
    query = ListQuery(
        object=object.name, fields=columns, view=view.name, filter=filter_expression(plan, chosen, here_now), sort=chosen.sort, limit=PAGE_SIZE,
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
    return found if found is not None and found.object == object.name and found.kind == "list" else model.view(object.name)


def _shown(state: RequestState, plan: ListPlan, chosen: ListState, found: Page) -> Response:
    look = plan.look(found.columns)
    rows = look.drawing.rows(found.rows, state.who.today)
    context = _context(state, plan, chosen, found)
    heads = _heads(plan, look, chosen) if rows else ()
    context["sort_choices"] = _sort_choices(state, look, heads)
    # What somebody searches for is said in them, and hardly twice.
    context["bar"], context["kept"] = (None, None) if chosen.q else (bar(state, context), drawn_once(state, look, context, heads, _ICONS))
    text = look.page.render(ui=frame(state, plan.object.name), page=context, rows=rows, heads=heads, icons=_ICONS)
    return answer(text)


def _context(state: RequestState, plan: ListPlan, chosen: ListState, found: Page) -> dict[str, Any]:
    _ = words(state.language)
    object, view, language, rights = plan.object, plan.view, state.language, state.access.object(plan.object.name)
    path = f"/o/{object.name}"
    return {
        **above(state, plan, chosen, path),
        "label": object.plural(language) if view.generated or chosen.whole else view.label(language), "caption": object.plural(language),
        "note": None, "new_url": f"{path}/new" if rights.allows("create") else None,
        "new_label": _("New: %(object)s") % {"object": object.label(language)},
        "bulk_url": f"{path}/bulk" if found.rows and bulk_of(state, object).any else None,
        "csv_url": address(f"{path}/export.csv", dataclasses.replace(chosen, after="")) if rights.allows("export") else None,
        "views": _ways(state, object, view, chosen),
        "adjust_url": address(f"{path}/adjust", dataclasses.replace(chosen, after="")), "any": bool(found.rows),
        "previous_url": address(path, dataclasses.replace(chosen, after=found.previous)) if found.previous else None,
        "next_url": address(path, dataclasses.replace(chosen, after=found.next)) if found.next else None,
        "shown": _("Shown: %(count)s") % {"count": len(found.rows)} if found.next or found.previous else None,
    }


def _ways(state: RequestState, object: Object, view: ListView, chosen: ListState) -> Sequence[dict[str, Any]]:
    """The ways to look at the object, and behind them the lists that she keeps for herself."""
    others, saved = ways(state, object, view), saved_views(state, object)
    if not saved:
        return others
    now = dataclasses.replace(chosen, after="").parameters()
    own = [{"label": one.name, "icon": "user", "url": one.url, "current": one.parameters == now} for one in saved]
    elsewhere = any(one["current"] for one in own)
    first = others or ({"label": object.plural(state.language), "icon": "list", "url": f"/o/{object.name}", "current": True},)
    return [*({**one, "current": one["current"] and not elsewhere} for one in first), *own]


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
