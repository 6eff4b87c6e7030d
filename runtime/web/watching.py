"""Starts a process's watch over releases when it first serves: a thread begun before a fork would not be there after it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from runtime.records.service import Records
from runtime.records.upkeep.working import Worker
from runtime.store.database import Store
from runtime.store.processes import Watch

__all__ = ["Watching"]


class Watching:
    """One watch per process, and one worker on stored formulas. `here` costs one comparison once they run."""

    def __init__(self, store: Store, records: Records, new_id: Callable[[], str]) -> None:
        self._store = store
        self._records = records
        self._new_id = new_id
        self._process = 0
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._worker: Worker | None = None

    def here(self) -> None:
        """Make sure that this process watches."""
        process = os.getpid()
        if process == self._process:
            return
        with self._lock:
            if process != self._process:
                self._store.limit_reads()
                self._watch = Watch(self._store)
                self._watch.start()
                self._worker = Worker(self._store, self._new_id, self._new_id())
                self._records.recorded = self._worker.wake
                self._worker.start()
                self._process = process

    def stop(self) -> None:
        """End the watch of this process."""
        if self._process != os.getpid():
            return
        if self._worker is not None:
            self._worker.stop()
        if self._watch is not None:
            self._watch.stop()
