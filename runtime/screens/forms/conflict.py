"""Somebody else saved first: mine and theirs side by side, field by field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from flask import Response, request

from engine.fields.attachment import Attachment
from engine.fields.base import Invalid, Locale
from engine.model import Field
from engine.targets.screens import Mode
from runtime.access import Sight
from runtime.records.past import HistoryEntry
from runtime.records.rows import FileRef, LinkRef
from runtime.records.single import Record
from runtime.screens.forms.posted import Posted
from runtime.screens.forms.values import shown_text
from runtime.screens.past import link_titles, moment, people_names
from runtime.screens.plans import locale_of
from runtime.screens.shell import show
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["conflict_page"]


def conflict_page(
    state: RequestState, record: Record, modes: Mapping[str, Mode], posted: Posted, version: int, rows: Container[str] = (),
) -> Response:
    """409 with the choice. `version` is the one that the form was made of, the record is as it stands now. What was typed into `rows`
    (items with rows) goes along unseen: rows have versions of their own."""
    _ = words(state.language)
    locale = locale_of(state.release, state.language)
    entries = state.records.history(record.object.name, record.row.id, state.who, state.release) or ()
    later = [entry for entry in entries if entry.version > version]
    base = _before(later)
    titles = link_titles(state, later)
    by = people_names(state, [entry.by for entry in later[:1]])
    path = f"/o/{record.object.name}/{record.row.id}"
    conflict: dict[str, Any] = {
        "title": record.row.title or f"#{record.row.id[-6:]}", "action": f"{path}/edit", "version": record.row.version,
        "release": state.release.hash, "record_url": path, "rows": [], "mine_only": [], "theirs_only": [],
        "carried": [(name, text) for name, text in request.form.items(multi=True) if name == "_draft" or name.partition(".")[0] in rows],
        "who": by.get(later[0].by, _("System")) if later else _("Someone"), "when_text": moment(later[0].at, locale) if later else "",
    }
    for name, mode in modes.items():
        if mode is Mode.WRITE:
            _sort_out(record, name, posted, base, titles, locale, conflict)
    return show("conflict.html", 409, conflict=conflict, current=record.object.name)


def _before(later: list[HistoryEntry]) -> dict[str, Any]:
    """Field name → what it held at the version that the form was made of, for fields that changed since."""
    found: dict[str, Any] = {}
    for entry in later:  # newest first, so that the oldest entry has the last word
        for change in entry.changes:
            if change.sight is Sight.VALUE:
                found[change.field.name] = change.old
    return found


def _sort_out(
    record: Record, name: str, posted: Posted, base: Mapping[str, Any], titles: Mapping[str, str], locale: Locale, into: dict[str, Any],
) -> None:
    """Puts a field under: both changed it, only I did, only they did. `posted.sent` holds what differs from what stands now."""
    field = record.object.fields[name]
    theirs = record.values.get(name)
    label = field.label(locale.language)
    mine_text = _mine_text(field, posted, name, locale)
    values = _values(posted.sent.get(name))
    if name not in base:
        if name in posted.sent:
            into["mine_only"].append({"name": name, "label": label, "text": mine_text, "values": values})
        return
    base_text = _base_text(field, base[name], titles, locale)
    theirs_text = shown_text(field, theirs, locale)
    if name in posted.sent and not _is_base(field, posted.sent[name], base[name], locale):
        into["rows"].append({
            "name": name, "label": label, "base": base_text, "theirs_text": theirs_text, "mine_text": mine_text, "mine": values,
            "choice": "mine",
        })
    elif not _equal(theirs, base[name]):
        into["theirs_only"].append({"label": label, "base": base_text, "text": theirs_text})


def _values(sent: object) -> list[str]:
    """What a hidden input posts back; several for lists, an empty one for nothing."""
    if isinstance(sent, list):
        return ["", *map(str, sent)]
    return ["" if sent is None else str(sent)]


def _is_base(field: Field, sent: object, base: Any, locale: Locale) -> bool:
    """Whether what was sent is what stood there when the form was opened: then it was not touched."""
    try:
        value = field.type.parse_text(sent, locale) if isinstance(sent, str) else field.type.parse(sent)
    except Invalid:
        return False
    return bool(value == base)


def _equal(value: Any, base: Any) -> bool:
    return bool((value.id if isinstance(value, LinkRef | FileRef) else value) == base)


def _mine_text(field: Field, posted: Posted, name: str, locale: Locale) -> str | None:
    """What I typed, for reading: the label of an option, the title of a link; as typed where it cannot be read."""
    shown = posted.shown[name]
    if isinstance(shown, dict):
        return posted.typed[name] or str(shown.get("title") or shown.get("name") or "–")
    sent = posted.sent.get(name)
    try:
        value = field.type.parse_text(sent, locale) if isinstance(sent, str) else field.type.parse(sent)
    except Invalid:
        return str(sent)
    return None if value is None else field.type.text(value, locale)


def _base_text(field: Field, value: Any, titles: Mapping[str, str], locale: Locale) -> str | None:
    if value is None:
        return None
    if field.type.link_to:
        return titles.get(value, "–")
    return "…" if isinstance(field.type, Attachment) else field.type.text(value, locale)


