"""How often an address may call before it has said who it is: a fixed window per address and class, kept in memory.

It keeps floods away from the database. What protects accounts is the throttle of `runtime.identity`, which all processes share.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from runtime.web.routes import Rate

__all__ = ["Limits"]

WINDOW_SECONDS = 60.0
ANONYMOUS: Mapping[Rate, int] = {Rate.READ: 600, Rate.WRITE: 120, Rate.SIGN_IN: 60, Rate.LINK: 60}
"""Calls per window and address; a clinic's whole desk shares one address."""
_KEPT = 20_000


class Limits:
    """Counts calls. `monotonic` gives seconds; `most` are the calls per window, a class without one is free."""

    def __init__(
        self, most: Mapping[Rate, int] = ANONYMOUS, *, window: float = WINDOW_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._window = window
        self._monotonic = monotonic
        self._counts: OrderedDict[tuple[str, Rate, int], int] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str, rate: Rate) -> int:
        """Count one call; 0 when it may go on, else the whole seconds until the next window."""
        most = self._most.get(rate)
        if most is None:
            return 0
        number, into = divmod(self._monotonic(), self._window)
        key = (address, rate, int(number))
        with self._lock:
            count = self._counts.pop(key, 0) + 1
            self._counts[key] = count
            while len(self._counts) > _KEPT:
                self._counts.popitem(last=False)
        return 0 if count <= most else int(self._window - into) + 1
