"""The reference page of field types, written from the types themselves; `docs/language/fields.md` is this text."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.fields.base import FieldType
from engine.fields.number import LARGEST_INTEGER

__all__ = ["field_reference"]

_HEAD = """# Field types

For everybody who writes objects. This page is written from the field types in `engine/fields`; a test keeps it fresh.

A field is an entry of an object's `fields`: its name, and the settings of the field. Besides the settings of its type it may have
`label`, `help`, `required`, `restricted`, `search`, `index`, `default`, `formula`, `after`, `hidden`, `retired`, `was` and `id`.

`default` is the value of a new record: a constant, or `{formula: …}`, which may read `user`, `today` and `now`. The form shows it
before anything is typed.

```yaml
due: {type: date, default: {formula: "today + workdays(3)"}}
assignee: {type: link, to: staff, default: {formula: user.id}}
```
"""


def field_reference(field_types: Mapping[str, type[FieldType]]) -> str:
    """The page as Markdown: one section per type, in the order of their names."""
    return _HEAD + "".join("\n" + "\n".join(_section(field_types[name])) + "\n" for name in sorted(field_types))


def _section(kind: type[FieldType]) -> Iterator[str]:
    yield f"## {kind.name}"
    yield ""
    yield inspect.cleandoc(kind.__doc__ or "")
    yield ""
    yield "```yaml"
    yield f"a_field: {kind.example}"
    yield "```"
    if kind.settings:
        yield ""
        yield "| setting | values | meaning |"
        yield "|---|---|---|"
        for key, schema in kind.settings.items():
            needed = " Must be given." if key in kind.needs else ""
            yield f"| `{key}` | {_values(schema)} | {schema['description']}{needed} |"
    notes = list(_notes(kind))
    if notes:
        yield ""
        yield " ".join(notes)


def _values(schema: Mapping[str, Any]) -> str:
    """What a setting may be, in a few words."""
    if "enum" in schema:
        found = ", ".join(f"`{value}`" for value in schema["enum"])
    elif "$ref" in schema:
        found = {"reference": "a name", "name": "a new name", "options": "options by name"}[schema["$ref"].rpartition("/")[2]]
    elif schema["type"] == "array":
        found = "a list"
    else:
        found = "a number" if "number" in schema["type"] else {"integer": "a whole number", "string": "text"}[schema["type"]]
    if "maximum" in schema and abs(schema["maximum"]) < LARGEST_INTEGER:
        found += f", {schema['minimum']} to {schema['maximum']}"
    return found + (f"; `{json.dumps(schema['default'])}` when left out".replace('"', "") if "default" in schema else "")


def _notes(kind: type[FieldType]) -> Iterator[str]:
    if kind.personal:
        yield "Restricted unless the file says `restricted: false`."
    if not kind.writable:
        yield "People and clients cannot set it."
    if not kind.sortable:
        yield "Lists cannot be sorted by it."
