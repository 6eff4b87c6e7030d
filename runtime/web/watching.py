"""What a process does beside serving: it watches releases, computes stored formulas and does jobs, in threads begun after a fork."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable

from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.records.service import Records
from runtime.records.upkeep.working import Worker
from runtime.search.released import catch_up
from runtime.store.database import Store
from runtime.store.errors import NoRelease, StoreBusy
from runtime.store.processes import Watch

__all__ = ["Watching"]


class Watching:
    """One watch per process, one worker on stored formulas, and with a workplace one runner of jobs.

    `here` costs one comparison once they run. With `threads`, so many do jobs of each kind at a time.
    """

    def __init__(
        self, store: Store, records: Records, new_id: Callable[[], str], workplace: Workplace | None = None, *, threads: int = 1,
    ) -> None:
        self._store = store
        self._records = records
        self._new_id = new_id
        self._workplace = workplace
        self._threads = threads
        self._process = 0
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._worker: Worker | None = None
        self._runner: Runner | None = None

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
                self._runner = self._begun()
                self._process = process

    def _begun(self) -> Runner | None:
        if self._workplace is None:
            return None
        with contextlib.suppress(NoRelease, StoreBusy):
            catch_up(self._store, self._new_id)
        runner = Runner(self._workplace, self._new_id(), threads=self._threads)
        runner.start()
        return runner

    def stop(self) -> None:
        """End what this process began: each thread after what it is at."""
        if self._process != os.getpid():
            return
        if self._runner is not None:
            self._runner.stop()
        if self._worker is not None:
            self._worker.stop()
        if self._watch is not None:
            self._watch.stop()
        self._process = 0
