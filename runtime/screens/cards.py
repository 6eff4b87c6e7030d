"""Rows as cards: the title, and below it what a board or a calendar shows of each, ready as HTML."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.fields.base import Locale
from engine.model import Model, Object
from engine.targets.screens import due_field, late_states
from runtime.access import Sight
from runtime.records.rows import Column, Row
from runtime.screens.cells import drawing, is_before, masked_html, ready
from runtime.screens.words import words

__all__ = ["Cards", "card_title"]


def card_title(row: Row) -> str:
    """What the row is called; the end of its id where its title is hidden or empty."""
    return row.title or f"#{row.id[-6:]}"


class Cards:
    """Draws the cards of one object for rows with these columns."""

    def __init__(self, model: Model, object: Object, columns: Sequence[Column], locale: Locale) -> None:
        _ = words(locale.language)
        self.object = object
        self._draws = [ready(c.field, drawing(c.field, model, c.owner, locale, linked=False), locale) for c in columns]
        self._heads = [f"<div><dt>{html.escape(c.label(locale.language))}</dt><dd>" for c in columns]
        self._masked = masked_html(_("(masked)"))
        due = due_field(object)
        self._due = next((place for place, c in enumerate(columns) if due is not None and c.path == (due.name,)), None)
        self._late_states = late_states(model, object)

    def late(self, row: Row, today: date) -> bool:
        """Whether it waits for somebody since a day before today, as far as the cards say when it is due."""
        return self._due is not None and row.state in self._late_states and is_before(row.values[self._due], today)

    def facts(self, row: Row, *, late: bool = False) -> str:
        """The fields that have a value, as a list of terms; '' without any."""
        found = []
        for place, (value, sight) in enumerate(zip(row.values, row.sights, strict=True)):
            if value is None:
                continue
            text = self._masked(value) if sight is Sight.MASK else self._draws[place](value)
            if late and place == self._due:
                text = f'<span class="late">{text}</span>'
            found.append(f"{self._heads[place]}{text}</dd></div>")
        return f'<dl class="tile-facts">{"".join(found)}</dl>' if found else ""

    def tiles(self, rows: Sequence[Row], today: date, moving: Mapping[str, bool], around: Callable[[str], str]) -> str:
        """The cards of a column. `moving` says of which states something leads on; `around(title)` is the label of the button that
        moves a card."""
        return "".join([self._tile(row, today, moving, around) for row in rows])

    def _tile(self, row: Row, today: date, moving: Mapping[str, bool], around: Callable[[str], Any]) -> str:
        title = html.escape(card_title(row))
        late = self.late(row, today)
        address = f"/o/{self.object.name}/{row.id}"
        movable = moving.get(row.state, False)
        drag = ' draggable="true"' if movable else ""
        move = f'<a class="tile-move" href="{address}/moves" data-ask aria-label="{around(title)}">{_DOTS}</a>' if movable else ""
        return (
            f'<li class="tile{" tile-late" if late else ""}" id="card-{row.id}" data-card="{address}" data-state="{row.state}"{drag}>'
            f'<a class="tile-title" href="{address}" draggable="false">{title}</a>{self.facts(row, late=late)}{move}</li>'
        )


_DOTS = '<span class="tile-dots" aria-hidden="true"></span>'
