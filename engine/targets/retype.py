"""When a field's values keep their columns through a change of type, and what becomes of the columns when not."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Choices, Field, Model
from engine.targets.layout import Layout

__all__ = ["abandon", "same_storage", "type_words"]

# Types whose values the other takes as they are.
_WIDER = frozenset({("text", "long_text")})


def same_storage(before: Field, old: Model | None, after: Field, new: Model) -> bool:
    """Whether the stored values of `before` are values of `after`: same columns, same target, same choice set.

    What people typed is no value of a formula; what a formula gave is one of the field that it becomes.
    """
    if before.formula is None and not before.kept and after.formula is not None:
        return False
    if not after.stored or before.type.columns != after.type.columns:
        return False
    if before.type.name != after.type.name and (before.type.name, after.type.name) not in _WIDER:
        return False
    return _target(before, old) == _target(after, new) and _set(before) == _set(after)


def _target(field: Field, model: Model | None) -> str:
    """The id of the object that a link points to; the name where only retired ones have it."""
    name = field.type.link_to
    found = model.objects.get(name) if model else None
    return found.id if found else name


def _set(field: Field) -> str:
    choices = getattr(field.type, "choices", None)
    return choices.id if isinstance(choices, Choices) else ""


def type_words(field: Field) -> str:
    """The type as a person would name it."""
    if field.formula is not None:
        return f"formula ({field.type.name})"
    target = field.type.link_to or _set(field)
    return f"{field.type.name} ({target})" if target and target != field.id else field.type.name


def abandon(layout: Layout, fields: Mapping[str, Field]) -> Layout:
    """The layout in which some fields have no columns any more; their old columns stay taken for ever."""
    names = dict(layout.names)
    for id_, field in fields.items():
        for spec in field.type.columns:
            key = f"field {id_} {spec.part}".rstrip()
            physical = names.pop(key, None)
            if physical is not None:
                names[_free_key(names, id_)] = physical
    return Layout(names)


def _free_key(names: Mapping[str, str], id_: str) -> str:
    count = 1
    while f"field {id_} left_{count}" in names:
        count += 1
    return f"field {id_} left_{count}"
