"""Checks payloads at the edge with the schemas generated from the fields; the records service checks again behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from engine.model import Object
from engine.targets.payload import Payload, load, schema
from runtime.access import Sight
from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.state import RequestState

__all__ = ["check_payload", "writable"]

_NAMES = ("unknown_field", "unknown_field_near", "former_field", "read_only_field")


def check_payload(state: RequestState, object: Object, action: str, values: Mapping[str, Any], pointer: str = "#") -> None:
    """Raise HttpProblem 400 with every value that its field does not take.

    Names are left to the service, which alone can tell a masked field of one row from a field that nobody may know of.
    """
    rights = state.access.object(object.name)
    if not rights.allows(action):
        return
    checked = load(_schema(state, object, action), values)
    errors = {name: error for name, error in checked.errors.items() if error.code not in _NAMES}
    if errors:
        found = [
            ProblemError(error.code, error.text(state.language), pointer=f"{pointer}/{escaped(name)}" if name else pointer)
            for name, error in errors.items()
        ]
        raise HttpProblem("invalid", errors=found)


def _schema(state: RequestState, object: Object, action: str) -> ma.Schema:
    key = ("api.payload", object.name, action, state.who.shape)
    found: ma.Schema | None = state.release.cache.get(key)
    if found is None:
        names = writable(state, object, action)
        payload = Payload.create(object, names) if action == "create" else Payload.update(object, names)
        found = state.release.cache[key] = schema(payload, object.name)
    return found


def writable(state: RequestState, object: Object, action: str) -> tuple[str, ...]:
    """Names of the fields that the caller may set in some row by an action."""
    rights = state.access.object(object.name)
    return tuple(
        name for name, field in object.fields.items() if field.typed and rights.field(action, name).fixed in (None, Sight.VALUE)
    )


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
