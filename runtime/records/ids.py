"""Record ids: UUIDv7 (RFC 9562, 5.7) as 32 hex digits, growing within a process even when the clock stands or steps back."""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Callable, Iterable, Iterator

from runtime.identity.standing import padded

__all__ = ["Ids", "chunks", "first_id_at", "is_id"]

_RANDOM_BITS = 62
_COUNTER_BITS = 12
_CHUNK = 512
_ID = re.compile("[0-9a-f]{32}").fullmatch


class Ids:
    """Gives ids that grow. Callable without arguments; safe to share between threads.

    `milliseconds` gives the Unix time in milliseconds, `random_bits(n)` n random bits.
    """

    def __init__(self, milliseconds: Callable[[], int], random_bits: Callable[[int], int]) -> None:
        self._milliseconds = milliseconds
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._last = 0
        self._counter = 0

    def __call__(self) -> str:
        return self.take(1)[0]

    def take(self, count: int) -> list[str]:
        """`count` ids in ascending order under one lock, for imports."""
        with self._lock:
            return [self._next() for _ in range(count)]

    def _next(self) -> str:
        now = self._milliseconds()
        if now > self._last:
            # Half of the counter's range is left free, so that one millisecond holds at least 2,048 ids.
            self._last, self._counter = now, self._random_bits(_COUNTER_BITS - 1)
        else:
            self._counter += 1
            if self._counter >> _COUNTER_BITS:
                self._last, self._counter = self._last + 1, 0
        value = self._last << 80 | 7 << 76 | self._counter << 64 | 2 << 62 | self._random_bits(_RANDOM_BITS)
        return f"{value:032x}"


def first_id_at(moment: datetime.datetime) -> str:
    """The smallest id of a moment: ids that were given from then on are not smaller."""
    return f"{int(moment.timestamp() * 1000) << 80:032x}"


def is_id(text: object) -> bool:
    """Whether a value has the form of a record id: 32 lower-case hex digits."""
    return isinstance(text, str) and _ID(text) is not None


def chunks(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The ids, each once, in groups that fill up to a power of two, so that few statement texts serve all lengths."""
    found = tuple(dict.fromkeys(ids))
    for start in range(0, len(found), _CHUNK):
        yield padded(found[start:start + _CHUNK])
