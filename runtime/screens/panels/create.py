"""Buttons that begin what people make most: the objects of the panel's fields of work first, at most six."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from engine.model import Panel
from runtime.records.single import Record
from runtime.screens.environment import page
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.shell import object_icon, readable_objects
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]

MOST = 6


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None for somebody who may make nothing that is about patients."""
    chosen = [o for o in readable_objects(state) if o.subject and state.access.object(o.name).allows("create")][:MOST]
    if not chosen:
        return None
    _ = words(state.language)
    macros: Any = page("parts/home.html", state.language).module
    links = [{"label": o.label(state.language), "url": f"/o/{o.name}/new", "icon": object_icon(o)} for o in chosen]
    return Drawn(id=panel.name, title=titled(state, panel, _("New record")), body=Markup(macros.create(links)), icon="plus")
