"""Today by the hour: the records of a calendar that begin today."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from engine.fields.base import StorageKind
from engine.model import CalendarView, Object, Panel
from runtime.records.rows import BadQuery
from runtime.records.single import Record
from runtime.screens.agenda import Scale, Span
from runtime.screens.environment import page
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.plans import locale_of
from runtime.screens.shell import object_icon, readable_objects
from runtime.screens.timetable import Timetable, period
from runtime.screens.ways import usable
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """The panel's object, else the first whose calendar counts hours; None where there is none that the reader may use."""
    chosen = _chosen(state, panel)
    if chosen is None:
        return None
    object, view = chosen
    locale = locale_of(state.release, state.language)
    account = state.release.model.account
    mine = next((f.name for f in object.links if panel.mine and account is not None and f.type.link_to == account.name), "")
    table = Timetable(state, object, view, locale)
    try:
        found = table.find(period(view, object.fields[view.start], Span(Scale.DAY, state.who.today), locale), (mine, state.who.id) if mine else None)
    except BadQuery:
        return None
    drawer = table.drawer(found)
    shown = [drawer.entry(entry) for entry in found.entries[: max(panel.limit, 12)]]
    state.seen("list", object.id, [entry["id"] for entry in shown])
    _ = words(state.language)
    macros: Any = page("parts/home.html", state.language).module
    title = titled(state, panel, _("Today: %(objects)s") % {"objects": object.plural(state.language)})
    rights = state.access.object(object.name)
    return Drawn(
        id=panel.name, title=title, body=Markup(macros.agenda(shown)), icon=object_icon(object), count=str(len(found.entries) or ""),
        all_url=f"/o/{object.name}/calendar?scale=day", new_url=f"/o/{object.name}/new" if rights.allows("create") else None,
        new_label=_("New: %(object)s") % {"object": object.label(state.language)})


def _chosen(state: RequestState, panel: Panel) -> tuple[Object, CalendarView] | None:
    model = state.release.model
    for object in readable_objects(state):
        view = model.calendar(object.name)
        if view is None or (panel.object and object.name != panel.object) or not usable(state, view):
            continue
        if panel.object or object.fields[view.start].type.columns[0].storage.kind is StorageKind.INSTANT:
            return object, view
    return None
