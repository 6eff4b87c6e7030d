"""Records a person opened last, read back from the audit of views."""

from __future__ import annotations

from typing import Any

from runtime.records.query import ListQuery
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.store.views import recent_views
from runtime.web.state import RequestState

__all__ = ["recent_records"]

MOST = 8


def recent_records(state: RequestState) -> list[dict[str, Any]]:
    """Title, object, address and time of the last records opened that the person may still read, newest first."""
    views = recent_views(state.store, state.who.id, "record", MOST * 4)
    by_id = {o.id: o for o in state.release.model.objects.values()}
    opened: dict[str, tuple[Any, Any]] = {}
    for view in views:
        object = by_id.get(view.object or "")
        if object is not None and view.ids and state.access.object(object.name).allows("read"):
            opened.setdefault(view.ids[0], (object, view.at))
    shown = dict(list(opened.items())[:MOST])
    titles: dict[str, str] = {}
    for object in {o.name: o for o, _at in shown.values()}.values():
        ids = tuple(id for id, (other, _at) in shown.items() if other is object)
        page = state.records.list(ListQuery(object=object.name, fields=(), ids=ids, limit=len(ids)), state.who, state.release)
        state.seen("list", object.id, page.ids)
        titles |= {row.id: row.title or f"#{row.id[-6:]}" for row in page.rows}
    locale = locale_of(state.release, state.language)
    return [
        {"title": titles[id], "object": object.label(state.language), "url": f"/o/{object.name}/{id}", "when": moment(at, locale)}
        for id, (object, at) in shown.items() if id in titles
    ]
