"""One stream of what happened to all that is about a record, newest first, by day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from engine.model import Object, Panel
from runtime.records.single import Record
from runtime.records.stream import Happening, Stream
from runtime.screens.environment import page
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.past import history_lines, people_names
from runtime.screens.plans import locale_of
from runtime.screens.shell import object_icon
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["days_of", "draw", "note_seen"]

MOST_CHANGES = 6
_PLAIN = frozenset({"create", "update", "delete", "restore"})


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None on home pages."""
    if record is None:
        return None
    object, id = record.object, record.row.id
    found = state.records.stream(object.name, id, state.who, state.release, limit=max(panel.limit, 10))
    if found is None:
        return None
    note_seen(state, object, id, found)
    _ = words(state.language)
    more = f"/o/{object.name}/{id}/stream?after={found.next}" if found.next else None
    macros: Any = page("parts/stream.html", state.language).module
    body = Markup(macros.stream(days_of(state, found.happenings, id, record.row.title), more))
    return Drawn(id=panel.name, title=titled(state, panel, _("Activity")), body=body, icon="history")


def note_seen(state: RequestState, object: Object, id: str, found: Stream) -> None:
    """The audit of views: of each object the records that the stream tells of."""
    by_object: dict[str, dict[str, None]] = {}
    for one in found.happenings:
        if one.id != id:
            by_object.setdefault(one.object.id, {})[one.id] = None
    for object_id, ids in by_object.items():
        state.seen("list", object_id, list(ids))


def days_of(state: RequestState, happenings: Sequence[Happening], about: str, title: str | None) -> list[dict[str, Any]]:
    """What parts/stream.html takes: [{day, today, lines}]. `about` is the id of the record whose page it is, `title` what it is called."""
    locale = locale_of(state.release, state.language)
    zone = locale.zone
    who = people_names(state, {one.entry.by for one in happenings})
    lines: list[tuple[str, dict[str, Any]]] = []
    for object, several in groupby(happenings, lambda one: one.object):
        group = list(several)
        constant = {"icon": object_icon(object), "object": object.label(state.language)}
        for one, line in zip(group, history_lines(state, object, [one.entry for one in group], locale, who), strict=True):
            at = one.entry.at.astimezone(zone)
            changes = line["changes"]
            if changes and one.entry.action not in _PLAIN:
                changes = [change for change in changes if change["label"] != _state_label(state, object)]
            line["changes"], line["left"] = changes[:MOST_CHANGES], max(0, len(changes) - MOST_CHANGES)
            day, time = at.isoformat(" ", "minutes").split(" ")
            line["time"], line["url"] = time[:5], f"/o/{object.name}/{one.id}"
            line["title"] = _shortened(one, title) if one.id != about else None
            lines.append((day, line | constant))
    today = state.who.today.isoformat()
    return [{"day": day, "today": day == today, "lines": [line for _day, line in several]} for day, several in groupby(lines, lambda pair: pair[0])]


def _shortened(one: Happening, title: str | None) -> str:
    """What a record is called on the page of the one it is about, whose name need not be said again."""
    own = one.title or f"#{one.id[-6:]}"
    return (own.removeprefix(title).strip(" ·-–—,|:") or own) if title else own


def _state_label(state: RequestState, object: Object) -> str:
    """What the state is called: a transition's name says where it led."""
    field = object.fields.get(object.workflow)
    return field.label(state.language) if field is not None else ""
