"""`make proof-powercut`: the replay of tests/durability/test_powercut.py at 1,000 moments; the seed is fixed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability import workload
from tests.durability.test_powercut import outcomes, recorded

pytestmark = pytest.mark.proof


def test_a_thousand_power_cuts(tmp_path: Path) -> None:
    """F-05: no acknowledged write lost, no half release, at 1,000 random moments."""
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    workload.prepare(f"sqlite:///{prepared / 'clinic.sqlite3'}")
    events, base = recorded(prepared, tmp_path / "full", "FULL")
    bad = [found for found in outcomes(events, base, tmp_path / "full", 1000) if found]
    print(f"1000 states, {len(bad)} with a fault")
    assert bad == []
