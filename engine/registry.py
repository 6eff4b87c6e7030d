"""What the compiler is told of from outside: field types and channels, each with who registered it; frozen once made."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Iterable, Mapping

from engine.fields import FIELD_TYPES
from engine.fields.base import FieldType

__all__ = ["Registry", "builtin"]

CHANNELS: Mapping[str, str] = types.MappingProxyType({"email": "plugins.email", "inbox": "plugins.inbox"})
"""The channels that ship, and who brings each."""


@dataclasses.dataclass(frozen=True, eq=False)
class Registry:
    """Field types by the name that definitions use; `by` says which module each came from."""

    field_types: Mapping[str, type[FieldType]]
    by: Mapping[str, str]
    channels: Mapping[str, str] = dataclasses.field(default_factory=lambda: CHANNELS)
    """The names of channels of messages and who registered each. `inbox` is the one that reaches people who sign in alone."""

    def with_field_types(self, found: Iterable[type[FieldType]], by: str) -> Registry:
        """A registry with more types. Raises ValueError, naming both, when a name is taken."""
        field_types, origin = dict(self.field_types), dict(self.by)
        for kind in found:
            if kind.name in field_types:
                raise ValueError(f"field type '{kind.name}' is registered by {origin[kind.name]} and by {by}")
            field_types[kind.name], origin[kind.name] = kind, by
        return dataclasses.replace(self, field_types=types.MappingProxyType(field_types), by=types.MappingProxyType(origin))

    def with_channels(self, found: Iterable[str], by: str) -> Registry:
        """A registry with more channels. Raises ValueError, naming both, when a name is taken."""
        channels = dict(self.channels)
        for name in found:
            if name in channels:
                raise ValueError(f"the channel '{name}' is registered by {channels[name]} and by {by}")
            channels[name] = by
        return dataclasses.replace(self, channels=types.MappingProxyType(channels))


@functools.cache
def builtin() -> Registry:
    """The field types of `engine.fields`."""
    by = {name: kind.__module__ for name, kind in FIELD_TYPES.items()}
    return Registry(types.MappingProxyType(dict(FIELD_TYPES)), types.MappingProxyType(by))
