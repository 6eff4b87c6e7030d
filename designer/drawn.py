"""What a form was drawn from: so that what somebody else changed since is neither overwritten in silence nor taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from designer.edits.refused import EditRefused

__all__ = ["mark", "mine"]


def mark(value: Mapping[str, Any]) -> str:
    """What a form's hidden input `drawn` holds of the value that it shows: a digest for each key."""
    return json.dumps({key: _digest(held) for key, held in value.items() if held is not None}, separators=(",", ":"))


def mine(changes: Mapping[str, Any], now: Mapping[str, Any], drawn: str | None) -> dict[str, Any]:
    """Those of the changes that the person made who saw a value as it is told by `drawn`; a key that was not touched and that somebody else
    changed meanwhile stays as it is now. Without `drawn` all are hers. Raises EditRefused for a key that both changed."""
    seen = _seen(drawn)
    if seen is None:
        return dict(changes)
    found = {}
    for key, new in changes.items():
        if _digest(now.get(key)) == seen.get(key, _NOTHING):
            found[key] = new
        elif _digest(new) != seen.get(key, _NOTHING):
            raise EditRefused("stale_form")
    return found


def _digest(value: object) -> str:
    text = json.dumps(value, default=lambda number: f"decimal {number}", ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


_NOTHING = _digest(None)


def _seen(drawn: str | None) -> dict[str, str] | None:
    if not drawn:
        return None
    try:
        found = json.loads(drawn)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise EditRefused("bad_edit", why="'drawn'")
    return found
