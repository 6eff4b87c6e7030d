"""Starts a process's watch over releases when it first serves: a thread begun before a fork would not be there after it."""

from __future__ import annotations

import os
import threading

from runtime.store.database import Store
from runtime.store.processes import Watch

__all__ = ["Watching"]


class Watching:
    """One watch per process. `here` costs one comparison once it runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._process = 0
        self._lock = threading.Lock()
        self._watch: Watch | None = None

    def here(self) -> None:
        """Make sure that this process watches."""
        process = os.getpid()
        if process == self._process:
            return
        with self._lock:
            if process != self._process:
                self._watch = Watch(self._store)
                self._watch.start()
                self._process = process

    def stop(self) -> None:
        """End the watch of this process."""
        if self._watch is not None and self._process == os.getpid():
            self._watch.stop()
