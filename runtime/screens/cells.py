"""From a value of the records service to what stands in a cell: one closure per column, no type switch per cell."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, repeat
from typing import Any

from markupsafe import Markup, escape

from engine.fields.attachment import Attachment
from engine.fields.base import Locale, StorageKind
from engine.fields.choice import Choice, State
from engine.fields.text import Text
from engine.model import Field, Model, Object
from engine.targets.screens import due_field, late_states
from runtime.access import Sight
from runtime.records.rows import Column, FileRef, LinkRef, Row

__all__ = ["Draw", "RowDrawing", "badges", "drawing", "file_size", "is_before", "masked", "masked_html", "ready"]

Draw = Callable[[Any], "str | Markup"]
"""The ready text of a value that is not None."""


def drawing(field: Field, model: Model, owner: str, locale: Locale, *, linked: bool) -> Draw:
    """How a field's value stands in a cell; with `linked` links lead on, else they are plain text (inside another link)."""
    if field.type.link_to:
        return _link if linked else _link_title
    if isinstance(field.type, Attachment):
        return _file_name
    if isinstance(field.type, State):
        return badges(model, owner, locale.language).__getitem__
    text = field.type.text
    tags = _tags(field, locale.language)
    if tags and isinstance(field.type, Choice):
        return lambda value: tags[value] if value in tags else text(value, locale)
    if tags:
        return lambda value: Markup('<span class="tags">{}</span>').format(Markup("").join(tags.get(one, one) for one in value))
    return lambda value: text(value, locale)


def _tags(field: Field, language: str) -> Mapping[str, Markup]:
    """The badge of each option by stored name; none for a set of options without a colour."""
    choices = getattr(field.type, "choices", None)
    if choices is None or not any(option.color for option in choices.options.values()):
        return {}
    return {
        option.stored: Markup('<span class="hue color-{}">{}</span>').format(option.color or "gray", option.label(language))
        for option in choices.options.values()
    }


def badges(model: Model, object_name: str, language: str) -> Mapping[str, Markup]:
    """The badge of each state by stored name."""
    states = model.workflows[object_name].states.values()
    return {
        state.stored: Markup('<span class="state state-{}{}">{}</span>').format(
            state.category.value, f" color-{state.color}" if state.color else "", state.label(language))
        for state in states
    }


def masked(hint: str) -> Draw:
    """How a mask is shown; `hint` says what it is to those who cannot see the pattern."""
    made = masked_html(hint)
    return lambda value: Markup(made(value))


def masked_html(hint: str) -> Callable[[Any], str]:
    """The HTML of a mask."""
    after = f'<span class="visually-hidden"> {html.escape(hint)}</span></span>'
    return lambda value: f'<span class="masked">{_escaped(value)}{after}'


def _link(value: LinkRef) -> str | Markup:
    return Markup(_link_html(value))


def _link_html(value: LinkRef) -> str:
    if value.title is None:  # not this reader's to open, and its id tells nothing
        return "–"
    return f'<a href="/o/{value.object}/{value.id}">{_escaped(value.title or value.id[-6:])}</a>'


def _link_title(value: LinkRef) -> str:
    return "–" if value.title is None else value.title or value.id[-6:]


def _file_name(value: FileRef) -> str:
    return value.name


def file_size(size: int) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def ready(field: Field, draw: Draw, locale: Locale) -> Callable[[Any], str]:
    """The HTML of what `draw` gives: looked up for the few values of options and answers, else escaped."""
    kind = field.type
    if isinstance(kind, State):
        return draw
    if draw is _link:
        return _link_html
    if draw is _link_title:
        return lambda value: _escaped(_link_title(value))
    if isinstance(kind, Choice):
        known = {stored: str(escape(draw(stored))) for stored in kind.table.by_stored}
        return lambda value: known[value] if value in known else _html(draw(value))
    if kind.columns[0].storage.kind is StorageKind.BOOLEAN:
        return {value: _html(draw(value)) for value in (True, False)}.__getitem__
    if kind.columns[0].storage.kind in _HARMLESS:
        return draw
    if isinstance(kind, Text):
        return _escaped
    return lambda value: _html(draw(value))


_MEANS_MARKUP = re.compile("[&<>\"']").search
"""What `html.escape` replaces."""
_HARMLESS = frozenset({StorageKind.DATE, StorageKind.INSTANT, StorageKind.TIME})
"""Figures, blanks and colons."""


def _escaped(text: str) -> str:
    """Most names and texts of a clinic hold nothing to escape, which is quicker to see than five searches."""
    return text if text.isalnum() or _MEANS_MARKUP(text) is None else html.escape(text)


def _html(text: str | Markup) -> str:
    return text if isinstance(text, Markup) else _escaped(text)


class RowDrawing:
    """Turns rows of one list into the HTML of its table's body, with what `row_pieces` gives around its cells (plain and overdue).

    `skip` is the place of a column that is left out, because the page around says it.
    """

    def __init__(
        self, model: Model, object: Object, columns: Sequence[Column], locale: Locale, mask_hint: str,
        around: Sequence[Sequence[str]], skip: int | None = None,
    ) -> None:
        first = 1 if skip == 0 else 0
        self._columns = [place for place in range(len(columns)) if place != skip]
        self._around = list(zip(*around, strict=True))
        self._draws = [
            ready(c.field, drawing(c.field, model, c.owner, locale, linked=place > first), locale) for place, c in enumerate(columns)
        ]
        self._masked = masked_html(mask_hint)
        self._by_sights: dict[tuple[Sight, ...], list[Callable[[Any], str]]] = {}
        due = due_field(object)
        self._due = next((n for n, c in enumerate(columns) if due is not None and c.path == (due.name,)), None)
        self._late_states = late_states(model, object)

    def rows(self, rows: Sequence[Row], now: date) -> Markup:
        """All rows, a column at a time. Rows that are seen alike share one list of closures."""
        alike: dict[int, list[int]] = {}
        for place, row in enumerate(rows):  # a page has one tuple for each way of seeing a row, so it need not be read
            alike.setdefault(id(row.sights), []).append(place)
        if len(alike) == 1:
            return Markup("".join(chain.from_iterable(self._pieces(rows, now))))
        found = [""] * len(rows)
        for places in alike.values():
            for place, pieces in zip(places, self._pieces([rows[place] for place in places], now), strict=True):
                found[place] = "".join(pieces)
        return Markup("".join(found))

    def _pieces(self, rows: Sequence[Row], now: date) -> Iterator[tuple[str, ...]]:
        """The texts that make each row; all are seen alike."""
        late = self._late(rows, now)
        draws = self._of(rows[0].sights)
        values = list(zip(*[row.values for row in rows], strict=True))
        texts: list[Iterable[str]] = [[row.id for row in rows]]
        for place in self._columns:
            draw = draws[place]
            texts.append(["" if value is None else draw(value) for value in values[place]])
        texts[1] = [text or html.escape(row.title or row.id[-6:]) for text, row in zip(texts[1], rows, strict=True)]
        around = [repeat(plain) if plain == other or not any(late) else [other if is_late else plain for is_late in late]
                  for plain, other in self._around]
        # Text and what stands around it take turns; what stands around is one more.
        columns: list[Iterable[str]] = [around[0]]
        for text, after in zip(texts, around[1:], strict=True):
            columns += (text, after)
        return zip(*columns, strict=False)

    def _of(self, sights: tuple[Sight, ...]) -> list[Callable[[Any], str]]:
        found = self._by_sights.get(sights)
        if found is None:
            pairs = zip(self._draws, sights, strict=True)
            found = self._by_sights[sights] = [self._masked if sight is Sight.MASK else draw for draw, sight in pairs]
        return found

    def _late(self, rows: Sequence[Row], now: date) -> list[bool]:
        """Of each row, whether it waits for somebody since a day before today."""
        place, states = self._due, self._late_states
        if place is None:
            return [False] * len(rows)
        return [row.state in states and is_before(row.values[place], now) for row in rows]


def is_before(due: Any, now: date) -> bool:
    """Whether a date or an instant lies on a day before; what is masked or empty does not."""
    if due is None or isinstance(due, str):  # a mask
        return False
    return bool((due.date() if isinstance(due, datetime) else due) < now)
