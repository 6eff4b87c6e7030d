"""What stands in each input: from a stored value, a default or what was typed, in the shape that its widget takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from engine.fields.base import Locale
from engine.model import Field
from engine.targets.screens import Mode
from runtime.access import Sight
from runtime.records.rows import FileRef, LinkRef
from runtime.records.single import Record
from runtime.screens.cells import file_size

__all__ = ["Blank", "shown_of_default", "shown_of_record", "shown_text", "stored_input"]

Value = TypeVar("Value")
HIDDEN_TITLE = "–"


class Blank(dict[str, Value | None]):
    """A mapping that gives None for what it lacks, as generated forms expect."""

    def __missing__(self, name: str) -> None:
        return None


def stored_input(field: Field, value: Any, locale: Locale) -> Any:
    """An in-memory value in the shape of the field's widget."""
    if value is None:
        return None
    return _SHAPES.get(field.type.widget, _as_typed)(field, value, locale)


def _as_typed(field: Field, value: Any, locale: Locale) -> object:
    return field.type.input_text(value, locale)


def _as_name(field: Field, value: Any, locale: Locale) -> object:
    return field.type.dump(value)


def _as_is(field: Field, value: Any, locale: Locale) -> object:
    return value


def _as_link(field: Field, value: Any, locale: Locale) -> object:
    if isinstance(value, LinkRef):
        return {"id": value.id, "title": HIDDEN_TITLE if value.title is None else value.title or value.id[-6:]}
    return {"id": value, "title": ""}


def _as_file(field: Field, value: Any, locale: Locale) -> object:
    if not isinstance(value, FileRef):
        return {"id": value, "name": "", "size_text": "", "url": ""}
    return {"id": value.id, "name": value.name, "size_text": file_size(value.size), "url": ""}


_SHAPES: Mapping[str, Callable[[Field, Any, Locale], object]] = {
    "choice": _as_name, "choices": _as_name, "boolean": _as_is, "link": _as_link, "attachment": _as_file,
}


def shown_text(field: Field, value: Any, locale: Locale) -> str | None:
    """A value as read-only text, None for none."""
    if value is None:
        return None
    if isinstance(value, LinkRef):
        return HIDDEN_TITLE if value.title is None else value.title
    return value.name if isinstance(value, FileRef) else field.type.text(value, locale)


def shown_of_record(record: Record, modes: Mapping[str, Mode], locale: Locale) -> Blank[Any]:
    """What the inputs hold when the form is opened."""
    found: Blank[Any] = Blank()
    for column, value, sight in zip(record.columns, record.row.values, record.row.sights, strict=True):
        mode = modes.get(column.key)
        if mode is None or sight is Sight.ABSENT:
            continue
        if mode is Mode.WRITE and sight is Sight.VALUE and column.field.typed:
            shown = stored_input(column.field, value, locale)
            if isinstance(value, FileRef):
                shown["url"] = f"/o/{record.object.name}/{record.row.id}/files/{column.key}"
            found[column.key] = shown
        elif mode is not Mode.WRITE:
            found[column.key] = value if sight is Sight.MASK else shown_text(column.field, value, locale)
    return found


def shown_of_default(fields: Mapping[str, Field], modes: Mapping[str, Mode], values: Mapping[str, Any], locale: Locale) -> Blank[Any]:
    """What the inputs of a new record hold; `values` are its defaults, links left to whoever may look up their titles."""
    return Blank({name: stored_input(fields[name], values[name], locale) for name in modes if name in values and not fields[name].type.link_to})
