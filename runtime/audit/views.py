"""Who looked at what: one entry per page with the ids seen, durable before the response leaves.

Group commit: the first request that finds the writer free writes its own entry and those of everybody who waits, in one
transaction with one sync; the others find theirs done. No thread of its own, so it survives a fork.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

__all__ = ["View", "ViewWriter", "ViewsNotWritten"]


class ViewsNotWritten(Exception):
    """The entry could not be made durable, so the page must not be shown (503)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page that was looked at; `kind` is list, record, related, lookup, history, export, attachment …; never a value."""

    id: str
    at: datetime
    actor: str
    kind: str
    ids: Sequence[str] = ()
    detail: Mapping[str, Any] | None = None
    request_id: str | None = None
    release: str | None = None
    object: str | None = None


class _Ticket:
    __slots__ = ("done", "error", "views")

    def __init__(self, views: Sequence[View]) -> None:
        self.views = views
        self.done = False
        self.error: Exception | None = None


class ViewWriter:
    """Writes entries by `commit(views)`, which must return only when they are durable."""

    def __init__(self, commit: Callable[[Sequence[View]], None], *, wait: float = 10.0) -> None:
        self._commit = commit
        self._wait = wait
        self._waiting: list[_Ticket] = []
        self._list = threading.Lock()
        self._writer = threading.Lock()

    def record(self, views: Sequence[View]) -> None:
        """Return when the entries are durable. Raises ViewsNotWritten."""
        if not views:
            return
        ticket = _Ticket(views)
        with self._list:
            self._waiting.append(ticket)
        if not self._writer.acquire(timeout=self._wait):
            self._give_up(ticket)
            raise ViewsNotWritten("the audit store is busy")
        try:
            if not ticket.done:
                self._lead()
        finally:
            self._writer.release()
        if ticket.error is not None:
            raise ViewsNotWritten("the audit store did not take the entry") from ticket.error

    def _lead(self) -> None:
        """Write everything that waits, in the order in which it came."""
        with self._list:
            batch, self._waiting = self._waiting, []
        try:
            self._commit([view for ticket in batch for view in ticket.views])
        except Exception as error:
            for ticket in batch:
                ticket.error = error
        for ticket in batch:
            ticket.done = True

    def _give_up(self, ticket: _Ticket) -> None:
        with self._list:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
