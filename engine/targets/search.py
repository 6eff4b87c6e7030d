"""Which fields the search box looks in, and by what texts their values are found."""

from __future__ import annotations

from typing import Any

from engine.expressions import Node, refs
from engine.model import Field, Object
from engine.targets.grams import grams

__all__ = ["field_grams", "searched"]


def searched(object: Object) -> tuple[Field, ...]:
    """Fields that say `search: true`, and without a word the texts of the title, phones, addresses of e-mail and numbers."""
    titled = {path[0] for part in object.title.parts if isinstance(part, Node) for path in refs(part) if len(path) == 1}
    return tuple(
        field for field in object.fields.values() if field.formula is None and field.type.searchable
        and (field.searched if field.searched is not None else field.type.searched or field.name in titled)
    )


def field_grams(field: Field, value: Any) -> frozenset[str]:
    """What a value of the field is found by."""
    return frozenset() if value is None else grams(field.type.search_texts(value))
