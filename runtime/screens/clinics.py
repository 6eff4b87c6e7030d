"""Names of the clinics, which stand in the frame and on the forms of people who work there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping

from runtime.identity.actor import system_actor
from runtime.records.query import ListQuery
from runtime.web.state import RequestState

__all__ = ["clinic_names", "named"]

_SECONDS = 30.0
_KEY = "runtime.screens.clinics"
_LOCK = threading.Lock()


def clinic_names(state: RequestState) -> Mapping[str, str]:
    """Id → title of every clinic, at most half a minute old. Callers show only clinics that the person may know of."""
    release = state.release
    kept: tuple[float, dict[str, str]] | None = release.cache.get(_KEY)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    with _LOCK:
        kept = release.cache.get(_KEY)
        if kept is None or kept[0] <= time.monotonic():
            kept = release.cache[_KEY] = (time.monotonic() + _SECONDS, _read(state))
    return kept[1]


def _read(state: RequestState) -> dict[str, str]:
    clinic = state.release.model.clinic
    if clinic is None:
        return {}
    query = ListQuery(object=clinic.name, fields=(), limit=200)
    page = state.records.list(query, system_actor(state.now.date()), state.release)
    return {row.id: row.title or row.id[-6:] for row in page.rows}


def named(state: RequestState, ids: Iterable[str]) -> list[tuple[str, str]]:
    """(id, name) of these clinics, in the order of names' ids as given, without those that are gone."""
    names = clinic_names(state)
    return [(id, names[id]) for id in ids if id in names]
