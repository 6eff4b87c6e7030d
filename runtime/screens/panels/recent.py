"""The records that I opened last."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from engine.model import Panel
from runtime.records.single import Record
from runtime.screens.environment import page
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.recent import recent_records
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """Never None: an empty one says what will stand there."""
    _ = words(state.language)
    macros: Any = page("parts/home.html", state.language).module
    body = Markup(macros.recent(recent_records(state)))
    return Drawn(id=panel.name, title=titled(state, panel, _("Recently opened")), body=body, icon="history")
