"""What was told to a patient, or about a record: each message with how it stands and why."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from engine.model import Panel
from runtime.messages.told import told_about
from runtime.records.single import Record
from runtime.screens.environment import page
from runtime.screens.messages import told_lines
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None on home pages."""
    if record is None:
        return None
    _ = words(state.language)
    object, id = record.object, record.row.id
    with state.store.read() as connection:
        rows = told_about(
            connection, state.release, state.who, state.now, id, subject=object.subject == ((),), limit=panel.limit)
    if rows:
        state.seen("messages", object.id, list(dict.fromkeys([id, *(row["record_id"] for row in rows)])))
    macros: Any = page("parts/told.html", state.language).module
    nothing: Any = page("parts/empty.html", state.language).module
    body = macros.told(told_lines(state, rows)) if rows else nothing.empty(_("No messages yet"), icon_name="mail")
    return Drawn(
        id=panel.name, title=titled(state, panel, _("Messages")), body=Markup(body), icon="message-circle",
        all_url=f"/o/{object.name}/{id}/messages")
