"""Rows of an object: on the page of a record those that lead to it, on a home page those of a view."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from engine.fields.choice import Choice
from engine.model import Object, Panel
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, Page
from runtime.records.single import Record
from runtime.screens.cards import card_title
from runtime.screens.cells import drawing
from runtime.screens.list_state import LINKED
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.plans import cached, list_plan, locale_of, scope_of
from runtime.screens.shell import object_icon
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None for an object that the reader may not know of, and for a warning without a row."""
    object = state.release.model.objects.get(panel.object)
    if object is None or not state.access.object(object.name).allows("read"):
        return None
    linked = _linked(state, object, panel, record)
    if linked is None and (record is not None or panel.mine):
        return None
    try:
        page = state.records.list(_query(state, object, panel, linked), state.who, state.release)
    except BadQuery:  # the reader may not use the link that leads here
        return None
    state.seen("list", object.id, page.ids)
    if panel.alert:
        return _warning(state, object, panel, page) if page.rows else None
    return _card(state, object, panel, page, linked, record)


def _linked(state: RequestState, object: Object, panel: Panel, record: Record | None) -> tuple[str, str] | None:
    if record is not None:
        return (panel.link, record.row.id)
    account = state.release.model.account
    mine = next((f.name for f in object.links if panel.mine and account is not None and f.type.link_to == account.name), "")
    return (mine, state.who.id) if mine else None


def _query(state: RequestState, object: Object, panel: Panel, linked: tuple[str, str] | None) -> ListQuery:
    view = panel.view or state.release.model.view(object.name).name
    return ListQuery(
        object=object.name, view=view, whole=not panel.view, linked=linked, linked_shown=False, limit=panel.limit,
        fields=_fields(state, object, panel) or None)


def _fields(state: RequestState, object: Object, panel: Panel) -> tuple[str, ...]:
    """Those of the panel that the reader may know of."""
    if not panel.fields:
        return ()

    def make() -> tuple[tuple[str, ...]]:
        scope = scope_of(state, object.name)
        return (tuple(name for name in panel.fields if (scope.visible(name) if "." not in name else scope.field(tuple(name.split("."))))),)

    found: tuple[tuple[str, ...]] = cached(state.release).get(("panel fields", object.name, panel.fields, state.who.shape), make)
    return found[0]


def _card(state: RequestState, object: Object, panel: Panel, page: Page, linked: tuple[str, str] | None, record: Record | None) -> Drawn:
    _ = words(state.language)
    title = titled(state, panel, object.plural(state.language))
    view = state.release.model.views[panel.view or state.release.model.view(object.name).name]
    if not page.rows:
        body = Markup('<p class="panel-none">{}</p>').format(_("Nothing here yet"))
    else:
        look = list_plan(state, object, view).related(page.columns, linked[0] if linked else "")
        body = look.table.fill(title, look.drawing.rows(page.rows, state.who.today))
    everything = f"/o/{object.name}?" + (f"{LINKED}{linked[0]}={linked[1]}&all=yes" if linked else "" if view.default else f"view={view.name}")
    return Drawn(
        id=panel.name, title=title, body=body, icon=object_icon(object), count=f"{len(page.rows)}+" if page.next else str(len(page.rows)),
        all_url=everything.rstrip("?") if page.next else None, **_new(state, object, panel, linked, record))


def _new(state: RequestState, object: Object, panel: Panel, linked: tuple[str, str] | None, record: Record | None) -> dict[str, Any]:
    if not state.access.object(object.name).allows("create") or (linked and not object.fields[linked[0]].typed):
        return {}
    query = f"?v.{linked[0]}={linked[1]}&back={quote(f'/o/{record.object.name}/{record.row.id}')}" if linked and record else ""
    _ = words(state.language)
    return {"new_url": f"/o/{object.name}/new{query}", "new_label": _("New: %(object)s") % {"object": object.label(state.language)}}


def _warning(state: RequestState, object: Object, panel: Panel, page: Page) -> Drawn:
    """The titles of the rows, each with its choices: what somebody must know before anything else."""
    locale = locale_of(state.release, state.language)
    items = []
    for row in page.rows:
        said = [
            drawing(column.field, state.release.model, column.owner, locale, linked=False)(value)
            for column, value in zip(page.columns, row.values, strict=True) if value is not None and type(column.field.type) is Choice
        ]
        link = Markup('<a href="/o/{}/{}">{}</a>').format(object.name, row.id, card_title(row))
        items.append(Markup(" ").join([link, *(Markup("<span>{}</span>").format(text) for text in said)]))
    more = [Markup("…")] if page.next else []
    body = Markup('<span class="warning-items">{}</span>').format(Markup(" · ").join([*items, *more]))
    title = titled(state, panel, object.plural(state.language))
    return Drawn(id=panel.name, title=title, body=body, icon="alert-triangle", tone="alert")
