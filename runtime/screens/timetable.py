"""From the rows of a calendar to what its page shows of each day."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from engine.expressions import Node, refs
from engine.fields.base import Locale, StorageKind
from engine.model import CalendarView, Field, Object, StateCategory
from runtime.access import Sight
from runtime.records.query import MAX_LIMIT, ListQuery
from runtime.records.rows import Column, Row
from runtime.screens.agenda import Entry, Placed, Span, entry_of
from runtime.screens.cards import Cards, card_title
from runtime.screens.plans import scope_of
from runtime.web.state import RequestState

__all__ = ["Found", "Timetable", "period"]

MOST = 1000
"""So many records a calendar shows at once; more are told of, not drawn."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """The entries of a span with their rows; `more` tells that there are others."""

    entries: Sequence[Entry]
    rows: Mapping[str, Row]
    columns: Sequence[Column]
    more: bool


def period(view: CalendarView, field: Field, span: Span, locale: Locale) -> str:
    """The filter that keeps what touches the span."""
    def at(day: date) -> str:
        if field.type.columns[0].storage.kind is not StorageKind.INSTANT:
            return f'date("{day.isoformat()}")'
        return f'timestamp("{datetime.combine(day, time(), locale.zone).isoformat()}")'

    since = f"{view.start} >= {at(span.first)}"
    return f"{view.start} < {at(span.until)} && " + (f"({since} || {view.end} >= {at(span.first)})" if view.end else since)


class Timetable:
    """Reads and draws one calendar for one reader."""

    def __init__(self, state: RequestState, object: Object, view: CalendarView, locale: Locale) -> None:
        self._state, self._object, self._view, self._locale = state, object, view, locale
        scope = scope_of(state, object.name)
        seen = [name for name in (view.start, view.end, view.minutes, view.color_by) if name and scope.field((name,)) is not None]
        # When it begins stands in the calendar itself: the place of an entry says it.
        listed = [c.path for c in view.columns.values() if c.path != (view.start,)]
        card = [".".join(path) for path in listed if (scope.visible(path[0]) if len(path) == 1 else scope.field(path))]
        self._fields = tuple(dict.fromkeys([*seen, *card]))
        self._card = card
        self._usable = set(seen)

    def find(self, filter: str, linked: tuple[str, str] | None) -> Found:
        """The entries that a filter leaves, in the order of their times. Raises BadQuery."""
        state, rows, after = self._state, list[Row](), None
        columns: Sequence[Column] = ()
        while True:
            query = ListQuery(
                object=self._object.name, view=self._view.name, fields=self._fields, filter=filter, sort=self._view.start, limit=MAX_LIMIT,
                after=after, linked=linked,
            )
            page = state.records.list(query, state.who, state.release)
            columns, after = page.columns, page.next
            rows += page.rows
            if after is None or len(rows) >= MOST:
                break
        places = {column.key: place for place, column in enumerate(columns)}
        entries = [entry for row in rows if (entry := self._entry(row, places)) is not None]
        return Found(entries, {row.id: row for row in rows}, columns, after is not None)

    def _entry(self, row: Row, places: Mapping[str, int]) -> Entry | None:
        """None for a row whose time is not shown."""
        start, end, minutes = (self._value(row, places, name) for name in (self._view.start, self._view.end, self._view.minutes))
        return None if start is None else entry_of(row.id, start, end, minutes, self._locale.zone)

    @staticmethod
    def _value(row: Row, places: Mapping[str, int], name: str) -> Any:
        place = places.get(name)
        return row.values[place] if place is not None and row.sights[place] is Sight.VALUE else None

    def drawer(self, found: Found) -> Drawer:
        """What draws these entries."""
        places = {column.key: place for place, column in enumerate(found.columns)}
        card = [places[name] for name in self._card if name in places]
        cards = Cards(self._state.release.model, self._object, [found.columns[place] for place in card], self._locale)
        place = places.get(self._view.color_by) if self._view.color_by in self._usable else None
        named = {path for part in self._object.title.parts if isinstance(part, Node) for path in refs(part)}
        start = places.get(self._view.start) if (self._view.start,) in named else None
        return Drawer(self._object, found, cards, card, place, self._looks(), self._locale, start)

    def _looks(self) -> Mapping[str, tuple[str, str, bool]]:
        """Stored value → classes, label and whether it is over, of what gives the colours."""
        model, name, language = self._state.release.model, self._view.color_by, self._state.language
        over = (StateCategory.DONE, StateCategory.CANCELLED)
        if name and name == self._object.workflow:
            return {
                s.stored: (f"color-{s.color}" if s.color else f"is-{s.category.value}", s.label(language), s.category in over)
                for s in model.workflows[self._object.name].states.values()
            }
        choices = getattr(self._object.fields[name].type, "choices", None) if name in self._object.fields else None
        options = choices.options.values() if choices else ()
        return {o.stored: (f"color-{o.color}" if o.color else "is-plain", o.label(language), False) for o in options}


@dataclasses.dataclass(frozen=True, slots=True)
class Drawer:
    """Draws entries as what the templates of the calendar take."""

    object: Object
    found: Found
    cards: Cards
    card: Sequence[int]
    color: int | None
    looks: Mapping[str, tuple[str, str, bool]]
    locale: Locale
    start: int | None
    """The place of the column that says when it begins, where the title says it too."""

    def entry(self, entry: Entry) -> dict[str, Any]:
        """Title, address, time, colour and the fields below."""
        row = self.found.rows[entry.id]
        value = row.values[self.color] if self.color is not None else None
        look, said, over = self.looks.get(value, ("is-plain", "", False)) if isinstance(value, str) else ("is-plain", "", False)
        shown = dataclasses.replace(
            row, values=tuple(row.values[place] for place in self.card), sights=tuple(row.sights[place] for place in self.card))
        url = f"/o/{self.object.name}/{row.id}"
        return {
            "id": row.id, "title": self._title(row), "url": url, "when_url": f"{url}/when", "version": row.version, "look": look,
            "said": said, "over": over, "time": entry.start.strftime("%H:%M") if isinstance(entry.start, datetime) else "",
            "until": entry.end.strftime("%H:%M") if isinstance(entry.end, datetime) else "", "facts": self.cards.facts(shown),
        }

    def _title(self, row: Row) -> str:
        """The title without the time, which stands in front of it."""
        title, place = card_title(row), self.start
        if place is None or row.values[place] is None or row.sights[place] is not Sight.VALUE:
            return title
        said = self.found.columns[place].field.type.text(row.values[place], self.locale)
        return title.replace(said, "").strip(" ·-–—,|:") or title

    def placed(self, one: Placed, first_hour: int) -> dict[str, Any]:
        """The same with the classes that put it into a grid which begins with this hour."""
        part = f" part-{one.part}-{one.parts}" if one.parts > 1 else ""
        return self.entry(one.entry) | {"slot": f"at-{one.at - first_hour * 4} for-{one.quarters}{part}", "short": one.quarters < 3}
