"""The head of a record's page: its most important fields, and the ways to records of hers that no panel shows."""

from __future__ import annotations

from typing import Any

from engine.model import Page
from runtime.access import Sight
from runtime.records.scope import ReaderScope
from runtime.records.single import Record
from runtime.screens.cells import drawing, masked
from runtime.screens.list_state import LINKED
from runtime.screens.plans import cached, locale_of
from runtime.screens.shell import object_icon, readable_objects
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["head_of", "others"]


def head_of(state: RequestState, record: Record, page: Page) -> list[dict[str, Any]]:
    """The fields in the head that have a value, as far as the reader sees them."""
    locale, model = locale_of(state.release, state.language), state.release.model
    places = {column.key: place for place, column in enumerate(record.columns)}
    hint = words(state.language)("(masked)")
    found = []
    for name in page.head:
        place = places.get(name)
        value = record.row.values[place] if place is not None else None
        if place is None or value is None or record.row.sights[place] is Sight.ABSENT:
            continue
        field = record.object.fields[name]
        draw = masked(hint) if record.row.sights[place] is Sight.MASK else drawing(field, model, record.object.name, locale, linked=True)
        found.append({"label": field.label(state.language), "value": draw(value)})
    return found


def others(state: RequestState, record: Record, page: Page) -> list[dict[str, str]]:
    """Lists of records that link to this one and stand in no panel."""
    object = record.object
    key = ("others", object.name, state.who.shape, state.language)

    def make() -> list[tuple[str, str, str, str]]:
        shown = {(panel.object, panel.link) for panel in page.panels.values() if panel.kind == "rows"}
        found = []
        for other in readable_objects(state):
            scope = ReaderScope(state.release, state.access, other.name)
            leading = [f for f in other.links if f.type.link_to == object.name and scope.field((f.name,)) is not None]
            for field in leading:
                if (other.name, field.name) not in shown:
                    label = other.plural(state.language)
                    text = f"{label} ({field.label(state.language)})" if len(leading) > 1 or other is object else label
                    found.append((text, other.name, field.name, object_icon(other)))
        return found

    made: list[tuple[str, str, str, str]] = cached(state.release).get(key, make)
    return [{"label": label, "url": f"/o/{name}?{LINKED}{field}={record.row.id}&all=yes", "icon": icon} for label, name, field, icon in made]
