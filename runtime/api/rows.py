"""Rows and history as JSON, by the one serializer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.fields.base import Locale
from engine.model import Field
from runtime.access import Sight
from runtime.records.past import HistoryEntry
from runtime.records.prepared import lru_of
from runtime.records.rows import Column, Page
from runtime.records.serializer import Serializer
from runtime.web.state import RequestState

__all__ = ["history_json", "instant_json", "locale_of", "serializer_of"]


def locale_of(state: RequestState) -> Locale:
    """Where and for whom texts of this request are written."""
    organisation = state.release.model.organisation
    return Locale(organisation.timezone, organisation.country, state.language)


def serializer_of(state: RequestState, page: Page) -> Serializer:
    """The serializer of a page's columns, kept while the compiled list that made them is."""
    kept = lru_of(state.release.cache, "web.serializers", 512)
    columns = page.columns
    found: tuple[tuple[Column, ...], Serializer] = kept.get(
        (id(columns), state.language), lambda: (columns, Serializer(columns, locale_of(state)))
    )
    if found[0] is not columns:  # the id of another tuple that is gone
        return Serializer(columns, locale_of(state))
    return found[1]


def history_json(entries: Sequence[HistoryEntry]) -> list[dict[str, object]]:
    """What happened to a record, newest first; links and files by id alone, masks in place of masked values."""
    return [
        {
            "at": instant_json(entry.at), "by": entry.by, "action": entry.action, "version": entry.version, "reason": entry.reason,
            "changes": {change.field.name: _change(change.field, change.old, change.new, change.sight) for change in entry.changes},
        }
        for entry in entries
    ]


def instant_json(at: Any) -> str:
    """RFC 3339 in UTC with `Z`."""
    return str(at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def _change(field: Field, old: Any, new: Any, sight: Sight) -> dict[str, object]:
    if sight is Sight.MASK:
        return {"old": old, "new": new, "masked": True}
    return {"old": _dumped(field, old), "new": _dumped(field, new), "masked": False}


def _dumped(field: Field, value: Any) -> object:
    return None if value is None else field.type.dump(value)
