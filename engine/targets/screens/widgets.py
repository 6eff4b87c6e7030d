"""The constant parameters of each input widget, read off the field's type: what a template in `fields/` takes beside the common ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.fields.number import LARGEST_INTEGER
from engine.model import Field
from engine.targets.screens.emit import quoted

__all__ = ["FIXED", "SHORT_LISTS", "WIDE", "parameters"]

SHORT_LISTS = 4
"""Up to so many options are drawn as radio buttons."""
WIDE = frozenset({"long_text", "choices", "attachment"})
"""Widgets that take a whole line unless a form says otherwise."""
FIXED = frozenset({"read_only", "masked"})
"""Widgets that post nothing."""

Parameters = Mapping[str, str]
"""Parameter → template expression."""


def parameters(field: Field, language: str) -> Parameters:
    """The parameters of the field's own widget beside the common ones, as template expressions."""
    make = _WIDGETS.get(field.type.widget)
    return make(field.type, language, field) if make else {}


def _text(kind: Any, language: str, field: Field) -> Parameters:
    return {"max": str(kind.max)}


def _number(kind: Any, language: str, field: Field) -> Parameters:
    found = {}
    if places := getattr(kind, "places", 0):
        found["scale"] = str(places)
    if kind.min is not None and kind.min > -LARGEST_INTEGER:
        found["min"] = str(int(kind.min))
    if kind.unit:
        found["unit"] = quoted(kind.unit)
    return found


def _choice(kind: Any, language: str, field: Field) -> Parameters:
    found = {"options": _options(kind, language), "kept": f"kept[{quoted(field.name)}]"}
    if len(kind.choices.current) <= SHORT_LISTS:
        found["look"] = '"radio"'
    return found


def _choices(kind: Any, language: str, field: Field) -> Parameters:
    return {"options": _options(kind, language), "kept": f"kept[{quoted(field.name)}]"}


def _options(kind: Any, language: str) -> str:
    options = (f'{{"value": {quoted(o.name)}, "label": {quoted(o.label(language))}}}' for o in kind.choices.current)
    return f"[{', '.join(options)}]"


def _boolean(kind: Any, language: str, field: Field) -> Parameters:
    return {"nullable": "false" if field.required or field.filled else "true"}


def _link(kind: Any, language: str, field: Field) -> Parameters:
    name = quoted(field.name)
    return {"lookup_url": quoted(f"/o/{kind.to}/lookup"), "matches": f"matches[{name}]", "typed": f"typed[{name}]"}


def _attachment(kind: Any, language: str, field: Field) -> Parameters:
    return {"accept": quoted(",".join(kind.accept))} if kind.accept else {}


_WIDGETS: Mapping[str, Callable[[Any, str, Field], Parameters]] = {
    "text": _text, "long_text": _text, "number": _number, "choice": _choice, "choices": _choices, "boolean": _boolean,
    "link": _link, "attachment": _attachment,
}
