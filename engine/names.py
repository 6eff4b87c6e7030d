"""Names and ids: what a name may be, which names are reserved, and how an id is put together (semantics, Names and ids)."""

from __future__ import annotations

import re

from engine.expressions.scope import RESERVED_ROOTS, RESERVED_WORDS

__all__ = ["ACTIONS", "NAME", "RUNTIME_FIELDS", "SYSTEM_RIGHTS", "is_name", "reserved", "split_id"]

NAME = "^[a-z][a-z0-9_]{0,40}$"

RUNTIME_FIELDS = frozenset(
    {"id", "version", "clinic_id", "subject_id", "created_at", "created_by", "updated_at", "updated_by"}
)
"""Columns that the runtime keeps on every row."""

ACTIONS = ("create", "read", "update", "delete", "export")
"""What may be done with rows of any object; transitions add their names."""

SYSTEM_RIGHTS = ("design", "grant", "audit", "operate")

_NAME = re.compile(NAME[:-1] + r"\Z")
_ID = re.compile(r"([a-z][a-z0-9_]{0,40}):([a-z][a-z0-9_]{0,40}(?:\.[a-z][a-z0-9_]{0,40}){0,2})\Z")


def is_name(text: str) -> bool:
    return _NAME.match(text) is not None


def reserved(name: str) -> str:
    """Why a name is reserved, '' when it is free."""
    if name in RUNTIME_FIELDS:
        return "the runtime keeps a field of that name on every row"
    if name in RESERVED_ROOTS:
        return "expressions use it for a root"
    if name in RESERVED_WORDS:
        return "it is a word of the expression language"
    return "names that end in __ are the runtime's" if name.endswith("__") else ""


def split_id(text: str) -> tuple[str, str] | None:
    """The pack and the local part of `core:patient.phone`, None when the text is no id."""
    found = _ID.match(text)
    return (found[1], found[2]) if found else None
