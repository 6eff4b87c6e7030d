"""Change entries of the audit: who changed which record when, under which release, with a keyed hash of what changed."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["change_digest", "change_entry"]


def change_digest(key: bytes, *, record_id: str, version: int, action: str, changes: Mapping[str, Any], reason: str | None) -> str:
    """HMAC-SHA-256 in hex over the change as canonical JSON; tells whether a history row is the one that was audited."""
    body = orjson.dumps([record_id, version, action, changes, reason], option=orjson.OPT_SORT_KEYS)
    return hmac.digest(key, body, hashlib.sha256).hex()


def change_entry(
    *, id: str, at: datetime.datetime, actor: str, release: str, request_id: str, channel: str, action: str, object: str,
    record_id: str, version: int, clinic_id: str | None, subject_id: str | None, changes: Mapping[str, Any], reason: str | None,
    key: bytes, acting_for: str = "",
) -> dict[str, Any]:
    """The row of `cw_audit`. It names fields by their ids and never holds a value."""
    return {
        "id": id, "at": at, "actor": actor, "acting_for": acting_for or None, "action": action, "object": object, "record_id": record_id,
        "clinic_id": clinic_id, "subject_id": subject_id, "release": release, "request_id": request_id or None,
        "outcome": "done", "detail": {"version": version, "fields": sorted(changes), "channel": channel},
        "digest": change_digest(key, record_id=record_id, version=version, action=action, changes=changes, reason=reason),
    }
