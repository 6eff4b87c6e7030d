"""CPU time of work that must be quick: of this thread, the best of a few tries, so that neither a busy machine nor a sweep of the
garbage collector over the heap of a whole test run counts."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["quick"]

_Found = TypeVar("_Found")


def quick(work: Callable[[], _Found], below: float, tries: int = 4, clock: Callable[[], float] = time.thread_time) -> _Found:
    """What the work gives; fails unless one of its tries takes less than `below` seconds of the clock."""
    spent = []
    for _ in range(tries):
        start = clock()
        found = work()
        spent.append(clock() - start)
        if spent[-1] < below:
            return found
    raise AssertionError(f"no try took less than {below} s: {spent}")
