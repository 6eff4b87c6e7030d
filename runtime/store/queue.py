"""The queue of writers of one SQLite file, across threads and processes.

SQLite makes writers poll in its busy loop, which starves some of them for hundreds of milliseconds; standing in line before
`BEGIN IMMEDIATE` does not. Threads of a process line up in order of arrival. Processes meet at two file locks: the first in
line of each process waits for `next`, its holder for `main`; so a process with many writers cannot keep the others out.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor

from runtime.store.errors import StoreBusy

__all__ = ["WriterQueue"]

_POLL_SECONDS = 0.0005


class _FileTurn:
    """An exclusive lock on a file that stays open; opened anew in a child process, which must not share its parent's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._pid = 0

    def try_take(self) -> bool:
        """Take the lock if nobody has it."""
        if self._pid != os.getpid():
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._pid = os.getpid()
        return lock_descriptor(self._descriptor, blocking=False)

    def take(self, give_up: float) -> bool:
        """Take the lock, waiting until the monotonic time `give_up`."""
        while not self.try_take():
            if time.monotonic() >= give_up:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def give(self) -> None:
        """Let the next one take it."""
        unlock_descriptor(self._descriptor)

    def close(self) -> None:
        """Close the file."""
        if self._pid == os.getpid():
            os.close(self._descriptor)
        self._pid = 0


class WriterQueue:
    """`with queue.turn(seconds):` holds the one right to write; raises StoreBusy when the turn does not come in time."""

    def __init__(self, path: Path) -> None:
        self._main = _FileTurn(path)
        self._next = _FileTurn(path.with_name(path.name + ".next"))
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._pid = os.getpid()

    @contextlib.contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Wait at most `seconds` for the turn, hold it for the block."""
        give_up = time.monotonic() + seconds
        queued = self._line_up(give_up)
        try:
            self._take_file(give_up, polite=queued)
        except BaseException:
            self._pass_on()
            raise
        try:
            yield
        finally:
            self._main.give()
            self._pass_on()

    def close(self) -> None:
        """Close the lock files; call it when nobody writes any more."""
        self._main.close()
        self._next.close()

    def _line_up(self, give_up: float) -> bool:
        """Become the process's first in line; returns whether that meant waiting."""
        with self._guard:
            if self._pid != os.getpid():  # a child process starts with an empty line
                self._pid, self._taken = os.getpid(), False
                self._waiting.clear()
            if not self._taken:
                self._taken = True
                return False
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(max(0.0, give_up - time.monotonic())):
            return True
        with self._guard:
            if called in self._waiting:
                self._waiting.remove(called)
                raise _busy()
        return True  # called at the very last moment

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _take_file(self, give_up: float, *, polite: bool) -> None:
        """`polite` waits at `next` first: who comes straight after a writer of the same process must not overtake others."""
        if not polite and self._main.try_take():
            return
        if not self._next.take(give_up):
            raise _busy()
        try:
            if not self._main.take(give_up):
                raise _busy()
        finally:
            self._next.give()


def _busy() -> StoreBusy:
    return StoreBusy("other writers kept the database busy for too long; nothing was written, try again")
