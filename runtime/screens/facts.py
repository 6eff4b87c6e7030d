"""The facts of a record page: which fields stand there in which order, and their ready texts."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Template
from markupsafe import Markup

from engine.fields.attachment import Attachment
from engine.fields.base import Locale
from engine.model import Field, Model
from engine.targets.screens import Cell, fact_order, facts_source, record_source
from runtime.access import Sight
from runtime.records.single import Record
from runtime.screens.cells import Draw, drawing, file_size, masked
from runtime.screens.environment import environment
from runtime.screens.stencil import Stencil
from runtime.screens.words import words

__all__ = ["Facts", "seen_fields"]

_EMPTY = "–"


def seen_fields(record: Record) -> tuple[str, ...]:
    """Names of the fields of which the reader sees something, the state left out."""
    pairs = zip(record.columns, record.row.sights, strict=True)
    return tuple(c.key for c, sight in pairs if sight is not Sight.ABSENT and c.key != record.object.workflow)


class Facts:
    """The compiled page of records of one object of which the same fields are seen."""

    def __init__(self, model: Model, object_name: str, seen: Sequence[str], locale: Locale, *, bare: bool = False) -> None:
        """`bare` leaves the page around the facts out; then `stencil` holds them."""
        object = model.objects[object_name]
        shown: list[str | Cell] = []
        names: list[str] = []
        for part in fact_order(model, object):
            if not isinstance(part, str):
                shown.append(part.label(locale.language))
            elif part in seen:
                shown.append(Cell(part, object.fields[part].label, object.fields[part]))
                names.append(part)
        self.template: Template = environment(locale.language).from_string((facts_source if bare else record_source)(shown, locale.language))
        self.stencil = Stencil(lambda texts: f'<dl class="facts">{self.template.render(f=texts)}</dl>', len(names)) if bare else None
        self._names = tuple(names)
        self._draws = {name: _fact(object.fields[name], model, object_name, locale) for name in names}
        _ = words(locale.language)
        self._masked = masked(_("(masked)"))

    def texts(self, record: Record) -> list[object]:
        """The ready text of each fact, in order."""
        places = {column.key: place for place, column in enumerate(record.columns)}
        found: list[object] = []
        for name in self._names:
            place = places[name]
            value = record.row.values[place]
            draw = self._masked if record.row.sights[place] is Sight.MASK else self._draws[name]
            found.append(_EMPTY if value is None else self._file(record, name, value) if _is_file(record, name, place) else draw(value))
        return found

    def _file(self, record: Record, name: str, value: object) -> Markup:
        link = Markup('<a href="/o/{}/{}/files/{}" download>{}</a> <span class="file-size">{}</span>')
        return link.format(record.object.name, record.row.id, name, value.name, file_size(value.size))  # type: ignore[attr-defined]


def _is_file(record: Record, name: str, place: int) -> bool:
    return isinstance(record.object.fields[name].type, Attachment) and record.row.sights[place] is Sight.VALUE


def _fact(field: Field, model: Model, owner: str, locale: Locale) -> Draw:
    return drawing(field, model, owner, locale, linked=True)
