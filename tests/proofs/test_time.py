"""`make proof-time`: nothing that is due is missed or doubled while workers are killed and clocks jump; many at once are soon done.

F-01, F-02, F-17, F-32. The seed is chosen by chance and printed; CAREWORK_SEED gives one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.durability.timers import drain, storm
from tests.fixtures.databases import Backend
from tests.runtime.jobs.conftest import build

pytestmark = pytest.mark.proof
SEED = int(os.environ.get("CAREWORK_SEED", "") or secrets.randbelow(1_000_000))
COUNT = int(os.environ.get("CAREWORK_COUNT", "") or 20_000)
TIMERS = {"sqlite": 20_000, "postgres": 100_000}


def test_a_hundred_thousand_timers(backend: Backend, prepared_database: Callable[..., str], tmp_path: Path):
    """Three workers, `kill -9` at random, the clock a day ahead or behind: none missed, none doubled."""
    count = TIMERS[backend.name]
    found = storm(prepared_database("jobs", build), tmp_path, count=count, spread=90.0, trouble=100.0, seed=SEED, patience=1800)
    print(f"{backend.name}, seed {SEED}: {count:,} timers, 3 workers: {found}")
    assert (found.missed, found.doubled) == ([], [])
    assert found.kills > 20 and found.jumps > 5


@pytest.mark.parametrize(("share_sent", "workers"), [(0.0, 1), (0.1, 3), (1.0, 3)])
def test_twenty_thousand_at_once(
    backend: Backend, prepared_database: Callable[..., str], tmp_path: Path, share_sent: float, workers: int,
):
    """All due at one moment: done within a minute, the start of the processes included."""
    found = drain(prepared_database("jobs", build), tmp_path, count=COUNT, workers=workers, share_sent=share_sent)
    print(f"{backend.name}: {COUNT:,} at once, {share_sent:.0%} sent outside, {workers} workers: {COUNT / found.seconds:,.0f}/s; {found}")
    assert (found.missed, found.doubled, found.repeats) == ([], [], 0)
    assert found.seconds < 60
