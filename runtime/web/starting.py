"""Begins a process's own threads soon after its start, where nobody says whether it will serve or only fork those that do."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable

__all__ = ["begin_soon"]

SECONDS = 4.0
"""A server that builds the application before it forks has forked by then."""


def begin_soon(begin: Callable[[], None], end: Callable[[], None], seconds: float = SECONDS) -> None:
    """Call `begin` in this process, unless it forks first: then in each process that it forks. `end` when such a process ends.

    A thread that were begun before a fork would not be there after it, and locks that it holds would stay taken for ever.
    """
    forked = threading.Event()

    def wait() -> None:
        if not forked.wait(seconds):
            atexit.register(end)
            begin()

    def start() -> None:
        threading.Thread(target=wait, name="carework-begin", daemon=True).start()

    def in_child() -> None:
        nonlocal forked
        forked = threading.Event()
        start()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_parent=lambda: forked.set(), after_in_child=in_child)
    start()
