"""What a request may hold for an object: marshmallow schemas for the API's edge, closures of the same fields for bulk.

Both leave every value to the field's type, so neither has rules of its own; a test holds them to the same answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import marshmallow as ma

from engine.fields.base import FieldType, Invalid, Locale
from engine.fields.messages import say
from engine.model import Field, Form, Object
from engine.problems import suggest

__all__ = ["Checked", "FieldError", "Payload", "checker", "load", "schema", "text_checker"]

_SHOWN = 60
"""Characters of an unknown name that are said back."""
_SUGGESTIONS = 10


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """Why one value is refused; the same codes as in `engine.fields.messages`."""

    code: str
    words: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def text(self, language: str) -> str:
        return say(self.code, self.words, language)


Errors = Mapping[str, FieldError]


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """In-memory values of the fields that were given, and per name what is wrong; '' is the payload itself."""

    values: Mapping[str, object]
    errors: Errors


Check = Callable[[object], Checked]
REQUIRED = FieldError("required")
NOT_OBJECT = FieldError("not_object")


@dataclasses.dataclass(frozen=True)
class Payload:
    """Which fields a request may set. An update gives some of them (`partial`); what is required may not become null."""

    fields: Mapping[str, FieldType]
    required: frozenset[str] = frozenset()
    """Must hold a value when given."""
    needed: frozenset[str] = frozenset()
    """Of `required`, those that must be given."""
    former: Mapping[str, str] = dataclasses.field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    """Fields of the system, which are told so when a request names them."""

    @classmethod
    def create(cls, obj: Object, names: Iterable[str] | None = None) -> Payload:
        """All that a new record may be given; `names` limits it to fields the caller may write, others are unknown."""
        fields = _allowed(obj, names)
        required = frozenset(name for name, field in fields.items() if field.required)
        needed = frozenset(name for name in required if not fields[name].filled)
        return cls._of(obj, fields, required, needed, names)

    @classmethod
    def update(cls, obj: Object, names: Iterable[str] | None = None) -> Payload:
        """Any of the fields, with null only for those that are not required."""
        fields = _allowed(obj, names)
        return cls._of(obj, fields, frozenset(n for n, f in fields.items() if f.required), frozenset(), names)

    @classmethod
    def form(cls, obj: Object, form: Form, names: Iterable[str] | None = None) -> Payload:
        """What is filled with a transition: the form's fields, required where the field or the form says so."""
        items = {item.field: item for item in form.items.values() if item.field and not item.read_only}
        fields = {name: field for name, field in _allowed(obj, names).items() if name in items}
        asked = frozenset(name for name in fields if items[name].required and form.unconditional(items[name]))
        required = asked | frozenset(name for name, field in fields.items() if field.required)
        return cls._of(obj, fields, required, asked, names)

    @classmethod
    def _of(
        cls, obj: Object, fields: Mapping[str, Field], required: frozenset[str], needed: frozenset[str],
        names: Iterable[str] | None,
    ) -> Payload:
        former = {was: name for name, field in fields.items() for was in field.former if was not in fields}
        visible = obj.fields if names is None else fields
        kept = frozenset(name for name, field in visible.items() if not field.typed)
        return cls({name: field.type for name, field in fields.items()}, required, needed, former, kept)

    def strange(self, names: Iterable[object]) -> dict[str, FieldError]:
        """Why names are refused that are not among `fields`; only the first get a suggestion, which takes time to find."""
        return {name: self._strange(name, place < _SUGGESTIONS) for place, name in enumerate(names)}  # type: ignore[misc]

    def _strange(self, name: object, suggesting: bool) -> FieldError:
        if name in self.kept:
            return FieldError("read_only_field", {"name": name})
        if isinstance(name, str) and name in self.former:
            return FieldError("former_field", {"name": name, "current": self.former[name]})
        shown = "".join(c if c.isprintable() else "\ufffd" for c in str(name)[:_SHOWN])
        near = suggest(shown, self.fields).partition("'")[2].partition("'")[0] if suggesting else ""
        if near:
            return FieldError("unknown_field_near", {"name": shown, "suggestion": near})
        return FieldError("unknown_field", {"name": shown})


def _allowed(obj: Object, names: Iterable[str] | None) -> Mapping[str, Field]:
    chosen = None if names is None else frozenset(names)
    return {n: f for n, f in obj.fields.items() if f.typed and (chosen is None or n in chosen)}


class _Delegate(ma.fields.Field[Any]):
    """A marshmallow field that leaves the value to a field type."""

    def __init__(self, kind: FieldType, *, filled: bool, needed: bool) -> None:
        super().__init__(
            required=needed, allow_none=not filled,
            error_messages={"required": [REQUIRED], "null": [REQUIRED]},
        )
        self.kind = kind
        self.filled = filled

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        try:
            read = self.kind.parse(value)
        except Invalid as refused:
            raise ma.ValidationError([FieldError(refused.code, refused.words)]) from None
        if read is None and self.filled:
            raise ma.ValidationError([REQUIRED])
        return read

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return None if value is None else self.kind.dump(value)


class _PayloadSchema(ma.Schema):
    """The base of generated schemas; refuses what it does not know."""

    class Meta:
        unknown = ma.RAISE

    payload: Payload


def schema(payload: Payload, name: str = "Payload") -> ma.Schema:
    """The marshmallow schema of a payload; `load` reads with it. Making one takes some 80 µs per field: keep it."""
    declared: dict[str, Any] = {
        field: _Delegate(kind, filled=field in payload.required, needed=field in payload.needed)
        for field, kind in payload.fields.items()
    }
    made: ma.Schema = type(name, (_PayloadSchema,), {**declared, "payload": payload})()
    return made


def load(made: ma.Schema, raw: object) -> Checked:
    """Read a payload with a schema of `schema`; gives what `checker` gives."""
    if not isinstance(raw, Mapping):
        return Checked({}, {"": NOT_OBJECT})
    payload: Payload = made.payload  # type: ignore[attr-defined]
    try:
        return Checked(_dict(made.load(raw)), {})
    except ma.ValidationError as refused:
        strange = payload.strange(name for name in raw if name not in payload.fields)
        found = {name: errors[0] for name, errors in refused.messages_dict.items() if name not in strange}
        return Checked(_dict(refused.valid_data), {**found, **strange})


def _dict(loaded: object) -> dict[str, object]:
    return loaded if isinstance(loaded, dict) else {}


def checker(payload: Payload) -> Check:
    """A closure that reads JSON values: what `schema` does at a tenth of the time."""
    return _closure(payload, {name: kind.parse for name, kind in payload.fields.items()})


def text_checker(payload: Payload, locale: Locale) -> Check:
    """A closure that reads typed texts (forms, CSV); several texts of one name (multiple choice) come as a list."""
    def reads(kind: FieldType) -> Callable[[object], object]:
        parse = kind.parse_text

        def read(value: object) -> object:
            if isinstance(value, str):
                return parse(value, locale)
            if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
                return parse("\n".join(value), locale)
            raise Invalid("not_text")

        return read

    return _closure(payload, {name: reads(kind) for name, kind in payload.fields.items()})


def _closure(payload: Payload, reads: Mapping[str, Callable[[object], object]]) -> Check:
    known, required, needed = reads.get, payload.required, payload.needed

    def check(raw: object) -> Checked:
        if not isinstance(raw, Mapping):
            return Checked({}, {"": NOT_OBJECT})
        values: dict[str, object] = {}
        errors: dict[str, FieldError] = {}
        strange: list[object] = []
        for name, value in raw.items():
            read = known(name)
            if read is None:
                strange.append(name)
                continue
            try:
                found = None if value is None else read(value)
            except Invalid as refused:
                errors[name] = FieldError(refused.code, refused.words)
                continue
            if found is None and name in required:
                errors[name] = REQUIRED
            else:
                values[name] = found
        for name in needed:
            if name not in raw:
                errors[name] = REQUIRED
        if strange:
            errors.update(payload.strange(strange))
        return Checked(values, errors)

    return check
