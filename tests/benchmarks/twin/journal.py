"""The audit: views by group commit, changes with their history in the same transaction."""

import datetime
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from tests.benchmarks.twin import statements
from tests.benchmarks.twin.store import Store

__all__ = ["RELEASE", "Views", "new_id", "note_change"]

RELEASE = "hand-written"
OBJECT = "core:followup_task"


def new_id() -> str:
    """A UUIDv7 as 32 hex digits."""
    return f"{time.time_ns() // 1_000_000 << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62):032x}"


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def note_change(
    connection: sa.Connection, key: bytes, *, actor: str, now: datetime.datetime, action: str, task: Any, version: int,
    changes: Mapping[str, list[object]], request_id: str,
) -> None:
    """The history row and the audit row of one change of a task."""
    digest = hmac.digest(key, orjson.dumps([task.id, version, action, changes, None], option=orjson.OPT_SORT_KEYS), hashlib.sha256).hex()
    connection.execute(statements.INSERT_HISTORY, {
        "id": new_id(), "record_id": task.id, "object": OBJECT, "version": version, "at": now, "by": actor, "action": action,
        "release": RELEASE, "changes": _json(changes), "reason": None,
    })
    connection.execute(statements.AUDIT, {
        "id": new_id(), "at": now, "actor": actor, "action": action, "object": OBJECT, "record_id": task.id, "clinic_id": task.clinic_id,
        "subject_id": task.subject_id, "release": RELEASE, "request_id": request_id, "outcome": "done",
        "detail": _json({"version": version, "fields": sorted(changes), "channel": "api"}), "digest": digest,
    })


class Views:
    """Writes who looked at what. The first who finds the writer free writes for all who wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[list[dict[str, Any]], list[Exception | None]]] = []
        self._list = threading.Lock()
        self._writer = threading.Lock()

    def record(self, actor: str, kind: str, ids: Sequence[str], now: datetime.datetime, request_id: str) -> None:
        """Return when the entry is durable."""
        self.record_all(actor, [(kind, OBJECT, ids)], now, request_id)

    def record_all(self, actor: str, seen: Sequence[tuple[str, str, Sequence[str]]], now: datetime.datetime, request_id: str) -> None:
        """The same for a page that shows records of several objects: (kind, object, ids), an entry for each."""
        rows = [{
            "id": new_id(), "at": now, "actor": actor, "kind": kind, "object": object, "request_id": request_id, "release": RELEASE,
            "ids": _json(ids), "detail": None,
        } for kind, object, ids in seen]
        outcome: list[Exception | None] = []
        with self._list:
            self._waiting.append((rows, outcome))
        with self._writer:
            if not outcome:
                self._write()
        if outcome[0] is not None:
            raise outcome[0]

    def _write(self) -> None:
        with self._list:
            batch, self._waiting = self._waiting, []
        error: Exception | None = None
        try:
            with self._store.write_audit() as connection:
                found = [row for rows, _ in batch for row in rows]
                connection.execute(statements.VIEW, found[0] if len(found) == 1 else found)
        except Exception as caught:
            error = caught
        for _, outcome in batch:
            outcome.append(error)
