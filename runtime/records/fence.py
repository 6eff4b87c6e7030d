"""What a publish between reading and writing means for a command: nothing, or which of its fields changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.model import Model, Object, Rule
from runtime.records.commands import Command

__all__ = ["changed_parts"]

_IGNORED = frozenset({"place", "label", "plural", "help", "former"})
"""What may differ without touching what a value means."""


def changed_parts(command: Command, before: Model, now: Model) -> tuple[str, ...]:
    """Names of the fields, or of the transition, that the command names and whose definition differs; () when it still fits."""
    name = getattr(command, "object", "")
    if not name:
        return ()
    old, new = before.objects.get(name), now.objects.get(name)
    if old is None or new is None or old.id != new.id:
        return (name,)
    found = [field for field in getattr(command, "values", ()) if _differs(field, old, new)]
    transition = getattr(command, "name", "")
    if transition and _transition(before, name, transition) != _transition(now, name, transition):
        found.append(transition)
    return tuple(found)


def _differs(name: str, old: Object, new: Object) -> bool:
    one, two = old.fields.get(name), new.fields.get(name)
    return bool(_essence(one) != _essence(two))


def _transition(model: Model, object_name: str, name: str) -> object:
    workflow = model.workflows.get(object_name)
    transition = workflow.transitions.get(name) if workflow else None
    form = model.forms.get(transition.ask) if transition else None
    return _essence(transition), _essence(form)


def _essence(value: Any) -> Any:
    """A value of the Model without places, labels and helps, for comparing two releases."""
    if isinstance(value, Rule):
        return value.text
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = ((f.name, _essence(getattr(value, f.name))) for f in dataclasses.fields(value) if f.name not in _IGNORED)
        return (type(value).__name__, *parts)
    if isinstance(value, Mapping):
        return tuple((key, _essence(item)) for key, item in value.items())
    if isinstance(value, tuple | list):
        return tuple(_essence(item) for item in value)
    return value
