"""A form out of the JSON Schema of a kind: one input for each key that a form can hold, so every kind and field type can be edited
without its text; what is more than a form can hold is told of and left alone."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from designer.edits.refused import EditRefused
from designer.said_types import TYPES
from engine.registry import builtin
from engine.text.kinds import KINDS
from engine.text.schemas import schemas

__all__ = ["Input", "beside", "definition_schema", "element_schema", "field_types", "inputs", "posted"]

Schema = Mapping[str, Any]
_IDENTITY = frozenset({"was", "id", "retired", "hidden", "after", "name", "extend"})
_MULTILINE = frozenset({"help", "body", "message", "note", "text"})


@dataclasses.dataclass(frozen=True, slots=True)
class Input:
    """One key. `kind`: text, expression, label, flag, integer, number, choice, names, mixed (a truth value or an expression), cells
    (an input for each of `options`) or more (only as text). `value` is what stands there, by language for a label."""

    key: str
    kind: str
    value: Any
    help: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    long: bool = False
    usual: bool = False
    """What a flag is where nothing is written."""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Option → what people call it, where that is known."""


def field_types() -> tuple[str, ...]:
    """What a field may hold, by the name of the type, what is wanted most first; states come with workflows."""
    found = [name for name in builtin().field_types if name != "state"]
    usual = list(TYPES)
    return tuple(sorted(found, key=lambda name: usual.index(name) if name in usual else len(usual)))


@functools.cache
def _schema(folder: str) -> Schema:
    found: Schema = schemas(builtin())[KINDS[folder].schema]
    return found


def definition_schema(folder: str) -> Mapping[str, Schema]:
    """The keys of a definition, without its maps of elements."""
    found: Mapping[str, Schema] = _schema(folder)["$defs"]["whole"]["properties"]
    return found


def element_schema(folder: str, section: Sequence[str], value: Mapping[str, Any]) -> tuple[Mapping[str, Schema], frozenset[str]]:
    """The keys of an element of a map, and those that it must have; the keys of a field are those of its type."""
    if folder == "objects" and tuple(section) == ("fields",):
        found = _schema(folder)["$defs"].get(f"field.{value.get('type')}", {})
        return found.get("properties", {}), frozenset(found.get("required", ()))
    node: Any = {"properties": definition_schema(folder)}
    for key in section:
        node = _resolved(folder, node)
        node = node.get("properties", {}).get(key) or node.get("additionalProperties") or {}
    node = _resolved(folder, node)
    inner = _resolved(folder, node.get("additionalProperties") or {})
    for branch in (inner, *(_resolved(folder, b) for b in inner.get("anyOf", inner.get("oneOf", ())))):
        if isinstance(branch, Mapping) and branch.get("properties"):
            return branch["properties"], frozenset(branch.get("required", ()))
    return {}, frozenset()


def _resolved(folder: str, schema: Any) -> Any:
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = _schema(folder)["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, Mapping) else {}


_FORM_ITEMS: Mapping[str, frozenset[str]] = {
    "heading": frozenset({"heading", "show"}), "note": frozenset({"note", "show"}), "step": frozenset({"step", "show"}),
    "rows": frozenset({"rows", "label", "help", "show", "read_only", "when_hidden", "min", "max", "order"}),
}
_OF_OTHERS = frozenset({"heading", "note", "step", "rows", "min", "max", "order"})


def beside(folder: str, section: Sequence[str], value: Mapping[str, Any]) -> frozenset[str]:
    """Keys that only another sort of element has: an item of a form is a field, a heading, a note, a page or rows."""
    if folder != "forms" or section[-1:] != ("items",):
        return frozenset()
    sort = next((key for key in _FORM_ITEMS if key in value), "")
    every = frozenset(element_schema(folder, section, value)[0])
    unused = _OF_OTHERS | (frozenset() if "field" in value else frozenset({"field"}))
    return every - _FORM_ITEMS[sort] if sort else frozenset(key for key in unused if key not in value)


def inputs(folder: str, keys: Mapping[str, Schema], value: Mapping[str, Any], *, required: frozenset[str] = frozenset(),
           leave: Sequence[str] = (), names: Mapping[str, Sequence[str]] | None = None) -> list[Input]:
    """The inputs for these keys with their values; `names` are the names that a key can take, such as objects for `to`."""
    found = []
    for key, schema in keys.items():
        if key in _IDENTITY or key in leave:
            continue
        kind, options = _kind(folder, key, schema)
        known = tuple((names or {}).get(key, ()))
        if known and kind == "text":
            kind, options = "choice", known
        held = value.get(key)
        if not _fits(kind, held):
            kind = "more"
        told = str(schema.get("description", "") or _resolved(folder, schema).get("description", ""))
        found.append(Input(key, kind, held, told, key in required, options, key in _MULTILINE, _usual(key, value)))
    return found


def _usual(key: str, value: Mapping[str, Any]) -> bool:
    """Fields that tell who somebody is are restricted unless the text says otherwise."""
    kind = builtin().field_types.get(str(value.get("type")))
    return key == "restricted" and kind is not None and kind.personal


def _kind(folder: str, key: str, schema: Schema) -> tuple[str, tuple[str, ...]]:
    if key == "range":
        return "text", ()
    ref = str(schema.get("$ref", "")).rpartition("/")[2]
    if ref in ("label", "expression"):
        return ref, ()
    whole = _resolved(folder, schema)
    if "enum" in whole and all(isinstance(item, str) for item in whole["enum"]):
        return "choice", tuple(whole["enum"])
    kind = whole.get("type")
    if kind in ("boolean", "integer", "number", "string"):
        return {"boolean": "flag", "string": "text"}.get(str(kind), str(kind)), ()
    if kind == "array" and _worded(_resolved(folder, whole.get("items") or {})):
        return "names", ()
    branches: Sequence[Any] = whole.get("anyOf") or whole.get("oneOf") or ()
    kinds = [_kind(folder, key, branch)[0] for branch in branches]
    if (number := next((kind for kind in kinds if kind in ("integer", "number")), None)) and "expression" not in kinds:
        return number, ()
    if "label" in kinds or any(branch.get("additionalProperties", {}) == branches[0] for branch in branches[1:] if isinstance(branch, Mapping)):
        return "label", ()
    if set(kinds) == {"flag", "expression"}:
        return "mixed", ()
    if kinds and set(kinds) <= {"text", "choice", "names", "expression"}:
        return ("names" if "names" in kinds else "text"), ()
    return "more", ()


def _worded(items: Schema) -> bool:
    """Whether a list is one of words."""
    return items.get("type", "string") == "string" and "properties" not in items


def _fits(kind: str, value: Any) -> bool:
    if value is None or kind == "more":
        return True
    if kind == "label":
        return isinstance(value, str) or isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if kind == "names":
        return isinstance(value, str) or isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind == "flag":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    return isinstance(value, str | int) and not isinstance(value, bool) or kind == "mixed" and isinstance(value, bool)


def posted(inputs: Sequence[Input], form: Mapping[str, str], languages: Sequence[str]) -> dict[str, Any]:
    """What was changed: key → value, None for one that is emptied. Keys that were not sent stay as they are. Raises EditRefused."""
    changes: dict[str, Any] = {}
    for one in inputs:
        if one.kind == "label":
            sent = {code: form[f"{one.key}.{code}"].strip() for code in languages if f"{one.key}.{code}" in form}
            if sent:
                old = one.value if isinstance(one.value, dict) else {languages[0]: one.value} if one.value else {}
                texts = {code: text for code, text in {**old, **sent}.items() if text}
                value: Any = texts or None
                if isinstance(one.value, str) and set(texts.values()) == {one.value}:
                    value = one.value
            else:
                continue
        elif one.key in form and one.kind != "more":
            value = _read(one, _last(form, one.key).strip())
        else:
            continue
        if value != one.value and not (value is None and one.value is None):
            changes[one.key] = value
    return changes


def _last(form: Mapping[str, str], key: str) -> str:
    """A switch sends its "false" and, when it is on, "true" behind it."""
    return form.getlist(key)[-1] if isinstance(form, MultiDict) else form[key]


def _read(one: Input, text: str) -> Any:
    if one.kind == "flag":
        wanted = text == "true"
        return one.value if wanted == (one.usual if one.value is None else one.value) else None if wanted == one.usual else wanted
    if not text:
        return None
    if one.kind in ("integer", "number"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise EditRefused("bad_edit", why=f"{one.key}: {text[:40]}") from None
        if not number.is_finite() or (one.kind == "integer" and number != number.to_integral_value()):
            raise EditRefused("bad_edit", why=f"{one.key}: {text[:40]}")
        return int(number) if number == number.to_integral_value() else number
    if one.kind == "names":
        listed = [part for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
        names = [part.strip() for part in listed]
        return names[0] if len(names) == 1 and not isinstance(one.value, list) and one.key != "can" else names
    if isinstance(one.value, int) and str(one.value) == text:
        return one.value
    if one.kind == "mixed" and text in ("true", "false"):
        return text == "true"
    return text.replace("\r\n", "\n")
