"""What a new record holds before anybody has typed: literals, and what `default: {formula: …}` computes for the person who makes it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Container
from typing import Any

from engine.expressions import to_python
from engine.fields.base import Invalid
from engine.model import Field, Object
from runtime.identity.actor import Actor
from runtime.records.writing.checks import row_values
from runtime.records.writing.loading import prepared_once
from runtime.store.compiled import Release

__all__ = ["defaults"]

_Made = tuple[tuple[Field, Callable[[Any], Any] | None], ...]


def defaults(
    release: Release, object: Object, actor: Actor, now: datetime.datetime, clinic: str | None = None, given: Container[str] = (),
) -> dict[str, Any]:
    """In-memory values by field name, without the fields in `given`; the user's teams and roles are those of the clinic.

    A computed value that the field does not take, such as a text that is too long, is left out.
    """
    made: _Made = prepared_once(release, ("defaults", object.name), lambda: _made(object))
    found: dict[str, Any] = {}
    env = None
    for field, compute in made:
        if field.name in given:
            continue
        if compute is None:
            found[field.name] = field.default
            continue
        env = env or row_values(actor, now, release, object, {("clinic_id",): clinic})
        value = _taken(field, compute(env))
        if value is not None:
            found[field.name] = value
    return found


def _made(object: Object) -> _Made:
    filled = (field for field in object.fields.values() if field.stored and field.filled)
    return tuple((field, to_python(field.initial.tree) if field.initial else None) for field in filled)


def _taken(field: Field, value: Any) -> Any:
    if value is None:
        return None
    try:
        return field.type.parse(field.type.dump(value))
    except Invalid:
        return None
