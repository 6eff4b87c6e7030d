"""A breaker per channel: after some failures in a row nobody tries for a while, so that a dead server holds up nobody else."""

from __future__ import annotations

import datetime
import threading

__all__ = ["Breaker"]

FAILURES = 3
FIRST_PAUSE = datetime.timedelta(seconds=60)
LONGEST_PAUSE = datetime.timedelta(minutes=10)


class Breaker:
    """Of one channel and process; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until: datetime.datetime | None = None

    def closed_until(self, now: datetime.datetime) -> datetime.datetime | None:
        """Until when nobody tries; None when it may be tried. After the pause one failure begins the next."""
        with self._lock:
            return self._until if self._until is not None and now < self._until else None

    def failed(self, now: datetime.datetime) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                pause = min(FIRST_PAUSE * 2 ** min(self._failures - FAILURES, 8), LONGEST_PAUSE)
                self._until = now + pause

    def worked(self) -> None:
        with self._lock:
            self._failures, self._until = 0, None
