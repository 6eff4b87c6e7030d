"""The fields of the record: those that the panel names, else all of them under the headings of its form."""

from __future__ import annotations

from engine.model import Panel
from runtime.records.single import Record
from runtime.screens.facts import Facts, seen_fields
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.plans import cached, locale_of
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None where none of the fields is seen."""
    if record is None:
        return None
    seen = seen_fields(record)
    if panel.fields:
        seen = tuple(name for name in panel.fields if name in seen)
    if not seen:
        return None
    key = ("facts panel", record.object.name, state.language, seen)
    locale = locale_of(state.release, state.language)
    facts: Facts = cached(state.release).get(key, lambda: Facts(state.release.model, record.object.name, seen, locale, bare=True))
    _ = words(state.language)
    assert facts.stencil is not None
    return Drawn(id=panel.name, title=titled(state, panel, _("Details")), body=facts.stencil.fill(*facts.texts(record)), icon="list")
