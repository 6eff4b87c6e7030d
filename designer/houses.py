"""The clinics in which drafts are tried: made once for a process, few at a time, thrown away with it."""

from __future__ import annotations

import atexit
import contextlib
import datetime
import threading
from collections.abc import Iterator

from designer.drafts.draft import Draft
from engine.model.scenario import Scenario
from engine.text import read_bytes
from runtime.simulation.houses import Houses
from runtime.simulation.scenarios import Ran, run_scenario
from runtime.simulation.timeline import Case, Timeline, simulate

__all__ = ["MOST_DAYS", "Busy", "run", "try_plan"]

MOST_DAYS = 3660
_SECONDS = 20.0
"""A simulation may not keep a process from its work: definitions that somebody is just writing may do anything."""
_WAIT = 15.0
_turn = threading.BoundedSemaphore(1)
_lock = threading.Lock()
_houses: list[Houses] = []


class Busy(Exception):
    """Others are simulating."""


def try_plan(draft: Draft, plan: str, case: Case, starts: datetime.datetime, days: int, language: str) -> Timeline:
    """A patient on a plan of the draft. Raises Busy, and what `simulate` raises."""
    with _turns():
        return simulate(_opened(), read_bytes(draft.as_bytes()), plan, case, starts, min(days, MOST_DAYS), language=language, patience=_SECONDS)


def run(files: dict[str, bytes], scenario: Scenario) -> Ran:
    """A scenario of definitions. Raises Busy, and the store's Refused for broken ones."""
    with _turns():
        return run_scenario(_opened(), read_bytes(files), scenario, patience=_SECONDS)


@contextlib.contextmanager
def _turns() -> Iterator[None]:
    if not _turn.acquire(timeout=_WAIT):
        raise Busy
    try:
        yield
    finally:
        _turn.release()


def _opened() -> Houses:
    with _lock:
        if not _houses:
            made = Houses()
            atexit.register(made.close)
            _houses.append(made)
        return _houses[0]
