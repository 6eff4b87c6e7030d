"""How many messages in the inbox are unread, and the way there."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from engine.model import Panel
from runtime.messages.inbox import unread
from runtime.records.single import Record
from runtime.screens.environment import page
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None while nothing is unread: the shell leads to the inbox anyway."""
    with state.store.read() as connection:
        count = unread(connection, state.who.id)
    if not count:
        return None
    _ = words(state.language)
    macros: Any = page("parts/home.html", state.language).module
    return Drawn(id=panel.name, title=titled(state, panel, _("Inbox")), body=Markup(macros.inbox(count)), icon="inbox", count=str(count))
