"""The head of a record's page: its most important fields, and the ways to records of hers that no panel shows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from engine.model import Object, Page
from runtime.access import Sight
from runtime.records.single import Record
from runtime.screens.cells import Draw, drawing, masked
from runtime.screens.list_state import LINKED
from runtime.screens.plans import cached, locale_of, scope_of
from runtime.screens.shell import object_icon, readable_objects
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["fields_of", "head_of", "others"]


def fields_of(state: RequestState, object: Object, page: Page) -> tuple[str, ...] | None:
    """The fields that the page shows and the reader may know of; None for all, as where a panel of facts names none."""
    key = ("page fields", object.name, state.who.shape)

    def make() -> tuple[tuple[str, ...] | None]:
        facts = [panel.fields for panel in page.panels.values() if panel.kind == "facts"]
        if not all(facts):
            return (None,)
        scope = scope_of(state, object.name)
        return (tuple(name for name in dict.fromkeys((*page.head, *chain.from_iterable(facts))) if scope.visible(name) is not None),)

    found: tuple[tuple[str, ...] | None] = cached(state.release).get(key, make)
    return found[0]


def head_of(state: RequestState, record: Record, page: Page) -> list[dict[str, Any]]:
    """The fields in the head that have a value, as far as the reader sees them."""
    draws = _draws(state, record.object, page)
    places = {column.key: place for place, column in enumerate(record.columns)}
    found = []
    for name, (label, draw, hidden) in draws.items():
        place = places.get(name)
        value = record.row.values[place] if place is not None else None
        if place is None or value is None or record.row.sights[place] is Sight.ABSENT:
            continue
        found.append({"label": label, "value": (hidden if record.row.sights[place] is Sight.MASK else draw)(value)})
    return found


def _draws(state: RequestState, object: Object, page: Page) -> Mapping[str, tuple[str, Draw, Draw]]:
    """By field: its label, and how its value and its mask are drawn."""
    def make() -> dict[str, tuple[str, Draw, Draw]]:
        locale, model, hidden = locale_of(state.release, state.language), state.release.model, masked(words(state.language)("(masked)"))
        return {
            name: (object.fields[name].label(state.language), drawing(object.fields[name], model, object.name, locale, linked=True), hidden)
            for name in page.head
        }

    found: dict[str, tuple[str, Draw, Draw]] = cached(state.release).get(("head", object.name, state.language), make)
    return found


def others(state: RequestState, record: Record, page: Page) -> list[dict[str, str]]:
    """Lists of records that link to this one and stand in no panel."""
    object = record.object
    key = ("others", object.name, state.who.shape, state.language)

    def make() -> list[tuple[str, str, str, str]]:
        shown = {(panel.object, panel.link) for panel in page.panels.values() if panel.kind == "rows"}
        found = []
        for other in readable_objects(state):
            scope = scope_of(state, other.name)
            leading = [f for f in other.links if f.type.link_to == object.name and scope.field((f.name,)) is not None]
            for field in leading:
                if (other.name, field.name) not in shown:
                    label = other.plural(state.language)
                    text = f"{label} ({field.label(state.language)})" if len(leading) > 1 or other is object else label
                    found.append((text, other.name, field.name, object_icon(other)))
        return found

    made: list[tuple[str, str, str, str]] = cached(state.release).get(key, make)
    return [{"label": label, "url": f"/o/{name}?{LINKED}{field}={record.row.id}&all=yes", "icon": icon} for label, name, field, icon in made]
