"""The short form of `make proof-time`, and the faults that it must catch.

F-01, F-02, F-17, F-32: three workers, `kill -9` and clocks a day off: none missed, none doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.durability.timers import storm
from tests.fixtures.databases import Backend
from tests.runtime.jobs.conftest import build


def test_a_short_storm(backend: Backend, prepared_database: Callable[..., str], tmp_path: Path):
    """A few hundred timers, two workers, some kills and jumps."""
    found = storm(
        prepared_database("jobs", build), tmp_path, count=300, spread=1.5, trouble=1.5, seed=7, workers=2, patience=60, between=(0.2, 0.5))
    assert (found.missed, found.doubled) == ([], []) and found.kills + found.jumps >= 2


@pytest.mark.parametrize("fault", ["no-cas", "done-first"])
def test_the_storm_catches(sqlite_backend: Backend, tmp_path: Path, fault: str):
    """Workers without the compare-and-set double some; with the mark before the effect those that are killed lose some.

    A kill must fall between the two, so more than one storm may be needed.
    """
    for seed in (3, 5, 7, 11):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = storm(
            sqlite_backend.prepared("jobs", build), folder, count=400, spread=1.5, trouble=1.5, seed=seed, workers=2, patience=5,
            between=(0.2, 0.5), fault=fault, share_sent=1.0 if fault == "done-first" else 0.1)
        if found.doubled if fault == "no-cas" else found.missed:
            return
    raise AssertionError("the storm finds nothing wrong with faulty workers")
