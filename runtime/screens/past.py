"""The history of a record in words: who did what when, each field's value before and after."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.fields.attachment import Attachment
from engine.fields.base import Locale
from engine.fields.link import RECORD_ID
from engine.model import Field, Model, Object
from runtime.access import Sight
from runtime.records.past import FieldChange, HistoryEntry
from runtime.records.query import ListQuery
from runtime.screens.words import Say, words
from runtime.web.state import RequestState

__all__ = ["history_lines", "link_titles", "moment", "people_names", "stamps"]


def history_lines(
    state: RequestState, object: Object, entries: Sequence[HistoryEntry], locale: Locale, who: Mapping[str, str],
) -> list[dict[str, Any]]:
    """What parts/history.html takes. `who` are the names of those who made the entries (see `people_names`)."""
    _ = words(state.language)
    titles = link_titles(state, entries)
    return [
        {
            "who": who.get(entry.by, _("System")), "at": entry.at.isoformat(), "at_text": moment(entry.at, locale),
            "what": _action(state.release.model, object, entry.action, state.language), "note": entry.reason,
            # Before a record was made there was nothing: its first values stand in the facts or in the changes after.
            "changes": [_change(change, titles, locale, _) for change in entry.changes] if entry.action != "create" else [],
        }
        for entry in entries
    ]


def stamps(state: RequestState, entries: Sequence[HistoryEntry], locale: Locale, who: Mapping[str, str]) -> str:
    """Who made the record and who changed it last, in one line; '' without a history. `who` as for `history_lines`."""
    if not entries:
        return ""
    _ = words(state.language)
    first, last = entries[-1], entries[0]
    texts = []
    if first.action == "create":
        texts.append(_("Created %(when)s by %(who)s") % {"when": moment(first.at, locale), "who": who.get(first.by, _("System"))})
    if last is not first:
        texts.append(_("last changed %(when)s by %(who)s") % {"when": moment(last.at, locale), "who": who.get(last.by, _("System"))})
    return " · ".join(texts)


def moment(at: Any, locale: Locale) -> str:
    """An instant in the clinics' time, to the minute."""
    return str(at.astimezone(locale.zone).isoformat(" ", "minutes")[:16])  # three times as quick as strftime


def people_names(state: RequestState, ids: Iterable[str]) -> dict[str, str]:
    """Id → name of people, as far as the reader may read them; her own always."""
    wanted = set(ids) - {state.who.id}
    found = {state.who.id: state.who.name}
    account = state.release.model.account
    if wanted and account is not None and state.access.object(account.name).allows("read"):
        found |= _titles(state, account.name, wanted)
    _ = words(state.language)
    return {**dict.fromkeys((id for id in wanted if RECORD_ID.fullmatch(id)), _("Someone")), **found}


def _titles(state: RequestState, object_name: str, ids: Iterable[str]) -> dict[str, str]:
    # The runtime's own accounts have names for ids; a query for records takes none of them.
    wanted = sorted(id for id in ids if RECORD_ID.fullmatch(id))[:200]
    if not wanted:
        return {}
    query = ListQuery(object=object_name, fields=(), ids=tuple(wanted), limit=200)
    page = state.records.list(query, state.who, state.release)
    return {row.id: row.title for row in page.rows if row.title}


def link_titles(state: RequestState, entries: Sequence[HistoryEntry]) -> Mapping[str, str]:
    """Titles of the records that changed links name; one query per object."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        for change in entry.changes if entry.action != "create" else ():
            if change.field.type.link_to and change.sight is Sight.VALUE:
                wanted.setdefault(change.field.type.link_to, set()).update(v for v in (change.old, change.new) if v)
    found: dict[str, str] = {}
    for object_name, ids in wanted.items():
        if state.access.object(object_name).allows("read"):
            found |= _titles(state, object_name, ids)
    return found


def _action(model: Model, object: Object, action: str, language: str) -> str:
    workflow = model.workflows.get(object.name)
    if workflow is not None and action in workflow.transitions:
        return workflow.transitions[action].label(language)
    said = _said(language).get(action)
    return action if said is None else said


@functools.cache
def _said(language: str) -> Mapping[str, str]:
    """What is said of the actions that every object has."""
    _ = words(language)
    return {"create": _("created"), "update": _("changed"), "delete": _("deleted"), "restore": _("restored"), "undo": _("taken back")}


def _change(change: FieldChange, titles: Mapping[str, str], locale: Locale, _: Say) -> dict[str, Any]:
    old, new = (_text(change.field, value, change.sight, titles, locale, _) for value in (change.old, change.new))
    return {"label": change.field.label(locale.language), "old": old, "new": new, "masked": change.sight is Sight.MASK}


def _text(field: Field, value: Any, sight: Sight, titles: Mapping[str, str], locale: Locale, _: Say) -> str | None:
    if value is None or sight is Sight.MASK:
        return value if value is None else str(value)
    if field.type.link_to:
        return titles.get(value, "–")
    if isinstance(field.type, Attachment):
        return _("a file")
    return field.type.text(value, locale)
