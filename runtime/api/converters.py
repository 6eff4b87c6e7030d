"""What may stand in an address: names of the language and record ids; anything else is no address at all."""

from __future__ import annotations

from werkzeug.routing import BaseConverter

__all__ = ["NameConverter", "RecordIdConverter"]


class NameConverter(BaseConverter):
    """A name as definitions have it (semantics, "Names and ids")."""

    regex = "[a-z][a-z0-9_]{0,40}"


class RecordIdConverter(BaseConverter):
    """A record id: 32 lower-case hex digits."""

    regex = "[0-9a-f]{32}"
