"""The ways to look at an object's records: its lists, boards and calendars, as far as the reader can use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.model import BoardView, CalendarView, ListView, Object
from runtime.screens.plans import cached, scope_of
from runtime.screens.words import Say, words
from runtime.web.state import RequestState

__all__ = ["usable", "ways"]

_ICONS = {"list": "list", "board": "layout-kanban", "calendar": "calendar"}
_ORDER = tuple(_ICONS)


def ways(state: RequestState, object: Object, current: ListView) -> Sequence[dict[str, Any]]:
    """Lists first, each kind with its default in front; none when there is only one."""
    key = ("ways", object.name, current.name, state.who.shape, state.language)

    def make() -> tuple[dict[str, Any], ...]:
        _ = words(state.language)
        views = [view for view in state.release.model.views.values() if view.object == object.name and usable(state, view)]
        ordered = sorted(views, key=lambda view: (_ORDER.index(view.kind), not view.default))
        return tuple(_way(state, object, view, view is current, _) for view in ordered) if len(ordered) > 1 else ()

    found: tuple[dict[str, Any], ...] = cached(state.release).get(key, make)
    return found


def _way(state: RequestState, object: Object, view: ListView, current: bool, _: Say) -> dict[str, Any]:
    path = f"/o/{object.name}" + ("" if view.kind == "list" else f"/{view.kind}")
    said = {"list": object.plural(state.language), "board": _("Board"), "calendar": _("Calendar")}
    return {
        "label": said[view.kind] if view.generated else view.label(state.language), "icon": _ICONS[view.kind],
        "url": path if view.default else f"{path}?view={view.name}", "current": current,
    }


def usable(state: RequestState, view: ListView) -> bool:
    """Whether the reader may use what the view is made by: the state of a board, the day of a calendar."""
    scope = scope_of(state, view.object)
    if isinstance(view, BoardView):
        return scope.field((state.release.model.objects[view.object].workflow,)) is not None
    return not isinstance(view, CalendarView) or scope.field((view.start,)) is not None
