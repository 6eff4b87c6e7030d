"""The few records that a filter or a form offers to pick from: people of the clinic, teams, departments, clinics."""

from __future__ import annotations

import time

from runtime.screens.plans import cached
from runtime.web.state import RequestState

__all__ = ["choices_of"]

MOST = 100
_SECONDS = 20.0


def choices_of(state: RequestState, object_name: str) -> list[tuple[str, str]]:
    """(id, title) of the records the actor may read, by title; at most 100, at most 20 seconds old for this very person."""
    key = ("choices", object_name, state.who.id, state.who.shape, state.language)
    kept: list[object] = cached(state.release).get(key, lambda: [0.0, []])
    if kept[0] < time.monotonic():  # type: ignore[operator]
        kept[1] = _read(state, object_name)
        kept[0] = time.monotonic() + _SECONDS
    found: list[tuple[str, str]] = list(kept[1])  # type: ignore[call-overload]
    return found


def _read(state: RequestState, object_name: str) -> list[tuple[str, str]]:
    if not state.access.object(object_name).allows("read"):
        return []
    rows = state.records.lookup(object_name, "", state.who, state.release, limit=MOST)
    state.seen("lookup", state.release.model.objects[object_name].id, [row.id for row in rows])
    return sorted(((row.id, row.title) for row in rows if row.title), key=lambda pair: pair[1])
