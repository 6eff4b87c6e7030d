"""What a command names, checked against the fields: unknown names, texts and JSON values, required, warnings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.fields.base import Invalid, Locale
from engine.model import Field, Model, Object
from engine.problems import suggest
from runtime.records.commands import Encoding
from runtime.records.messages import text
from runtime.records.outcomes import FieldError

__all__ = ["Inputs"]


class Inputs:
    """Reads the values of commands on one object into in-memory values. Made once per release and language."""

    def __init__(self, model: Model, object: Object, language: str) -> None:
        organisation = model.organisation
        self.locale = Locale(organisation.timezone, organisation.country, language)
        self.object = object
        self._former = {was: f.name for f in object.fields.values() for was in f.former if was not in object.fields}

    def name_error(self, name: str, visible: Collection[str]) -> FieldError | None:
        """The refusal of a name that is not a field the actor may know of; None for one that is.

        What is hidden reads like what does not exist, and is never suggested.
        """
        if name in visible:
            return None
        current = self._former.get(name)
        if current in visible:
            return self.error(name, "former_field", {"name": name, "current": current})
        shown = "".join(c if c.isprintable() else "\ufffd" for c in name[:60])
        near = suggest(shown, visible).partition("'")[2].partition("'")[0]
        if near:
            return self.error(name, "unknown_field_near", {"name": shown, "suggestion": near})
        return self.error(name, "unknown_field", {"name": shown})

    def read(self, field: Field, value: object, encoding: Encoding, country: str = "") -> tuple[Any, tuple[FieldError, ...]]:
        """The in-memory value with its warnings; `country` of phones, '' for the organisation's. Raises Invalid."""
        kind = field.type
        if encoding is Encoding.TEXT and isinstance(value, str):
            found = kind.parse_text(value, self.locale)
        else:
            found = kind.parse(value)
        doubts = kind.warnings(found, country or self.locale.country) if found is not None else ()
        return found, tuple(self.error(field.name, doubt.code, doubt.words) for doubt in doubts)

    def read_all(
        self, values: Mapping[str, object], encoding: Encoding, country: str = "",
    ) -> tuple[dict[str, Any], list[FieldError], list[FieldError]]:
        """In-memory values, errors and warnings of all named fields, which must exist."""
        typed: dict[str, Any] = {}
        errors: list[FieldError] = []
        warnings: list[FieldError] = []
        for name, value in values.items():
            try:
                typed[name], doubts = self.read(self.object.fields[name], value, encoding, country)
                warnings += doubts
            except Invalid as refused:
                errors.append(self.error(name, refused.code, refused.words))
        return typed, errors, warnings

    def error(self, field: str, code: str, words: Mapping[str, object]) -> FieldError:
        """An error or warning with its text in the actor's language."""
        return FieldError(field, code, text(code, self.locale.language, **words), words)

    def missing(self, field: Field) -> FieldError:
        """The refusal of an empty required field."""
        return self.error(field.name, "required", {})
