"""Names of the language for the ids and texts of a questionnaire."""

from __future__ import annotations

import re
from collections.abc import Container

from engine.names import is_name, reserved

__all__ = ["Names", "slug"]

_LONGEST = 40
_OPAQUE = re.compile(r"[0-9a-f]{8}[-_]?[0-9a-f]{4}|^[0-9._/-]+$|^/")
"""Ids that say nothing to people: UUIDs, numbers, codes behind slashes."""


def slug(text: str) -> str:
    """A text as a name: lower case letters, digits and _; '' when nothing of it can stand in one."""
    found = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", text).lower()).strip("_")
    found = re.sub(r"^[0-9_]+", "", found)
    if len(found) > _LONGEST:
        found = found[:_LONGEST].rpartition("_")[0] or found[:_LONGEST]
    return found.strip("_")


class Names:
    """Gives each id a name of its own."""

    def __init__(self, taken: Container[str] = ()) -> None:
        self._taken = taken
        self._given: set[str] = set()

    def give(self, id: str, text: str, fallback: str) -> str:
        """A name made of the id, or of the text where the id says nothing."""
        wanted = ("" if _OPAQUE.search(id) else slug(id)) or slug(text) or slug(id) or fallback
        if reserved(wanted) or not is_name(wanted):
            wanted = f"{fallback}_{wanted}"[:_LONGEST].rstrip("_")
        name, number = wanted, 2
        while name in self._given or name in self._taken or not is_name(name):
            name = f"{wanted[:_LONGEST - 4]}_{number}"
            number += 1
        self._given.add(name)
        return name
