"""Field types: one file per family. A new file that defines a FieldType is found here by itself."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator, Mapping

from engine.fields.base import FieldType

__all__ = ["FIELD_TYPES"]


def _types() -> Iterator[type[FieldType]]:
    """The concrete types that the modules of this folder define, in the order of their definition."""
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{__name__}.{found.name}")
        for member in vars(module).values():
            if not inspect.isclass(member) or member.__module__ != module.__name__:
                continue
            if issubclass(member, FieldType) and not inspect.isabstract(member):
                yield member


def _register() -> Mapping[str, type[FieldType]]:
    found: dict[str, type[FieldType]] = {}
    for kind in _types():
        if kind.name in found:
            raise TypeError(f"field type '{kind.name}' is defined by {found[kind.name]} and by {kind}")
        found[kind.name] = kind
    return types.MappingProxyType(found)


FIELD_TYPES: Mapping[str, type[FieldType]] = _register()
"""Every field type by the name that definitions use."""
