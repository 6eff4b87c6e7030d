"""All edits by their name in JSON: what a browser or a test may send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from designer.edits import definitions, elements, files, flowing, granting, primitive, renaming, retiring
from designer.edits.edit import Edit
from designer.edits.refused import EditRefused
from designer.starting import CreateDefinition, CreatePack

__all__ = ["EDITS", "edit_of", "parse"]

EDITS: Mapping[str, type[Edit]] = {
    kind.kind: kind
    for kind in (
        primitive.AddEntry, primitive.RemoveEntry, primitive.MoveEntry, primitive.RenameKey, primitive.SetValue, files.CreateFile,
        files.DeleteFile, files.ReplaceText, elements.AddElement, elements.ChangeElement, definitions.ChangeDefinition,
        elements.MoveElement, retiring.RemoveElement, retiring.RetireElement, retiring.RestoreElement, definitions.SetLabel,
        renaming.RenameElement, renaming.RenameDefinition, granting.SetGrant, flowing.AddTransition,
        flowing.RemoveTransition, flowing.RemoveState, CreateDefinition, CreatePack,
    )
}


def parse(text: str | bytes) -> dict[str, Any]:
    """JSON with exact numbers. Raises EditRefused."""
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=lambda name: _refuse(name))
    except (ValueError, RecursionError) as error:
        raise EditRefused("bad_edit", why=type(error).__name__) from None
    if not isinstance(found, dict):
        raise EditRefused("bad_edit", why="{}")
    return found


def _refuse(name: str) -> Any:
    raise EditRefused("bad_edit", why=name)


def edit_of(found: Mapping[str, Any]) -> Edit:
    """The edit that a JSON object describes. Raises EditRefused."""
    kind = EDITS.get(str(found.get("kind", "")))
    if kind is None:
        raise EditRefused("bad_edit", why=str(found.get("kind", ""))[:40])
    return kind.of_json(found)
