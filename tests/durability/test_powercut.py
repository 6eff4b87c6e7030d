"""F-05: a power cut at any moment loses no acknowledged write, no audited view and leaves no half release on SQLite.

The same replay must find losses when the database is forced to `synchronous=NORMAL`, else it proves nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.store.database import Store
from runtime.store.errors import StoreError
from tests.durability import powercut, workload
from tests.durability.surviving import faults

ROOT = Path(__file__).resolve().parents[2]
STATES = int(os.environ.get("CAREWORK_POWERCUT_STATES", "80"))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first release published and its files synced: what was there before the recording."""
    folder = tmp_path_factory.mktemp("powercut")
    workload.prepare(f"sqlite:///{folder / 'clinic.sqlite3'}")
    return folder


def recorded(prepared: Path, folder: Path, synchronous: str) -> tuple[list[powercut.Event], dict[str, bytes]]:
    """The events of one run of the workload, with a publish in the middle, and the files before it."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    shutil.copytree(prepared, folder)
    base = powercut.snapshot(folder)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CAREWORK_TESTING": "1", "CAREWORK_SQLITE_SYNCHRONOUS": synchronous}
    journal, trace = folder / "journal.txt", folder.parent / f"{folder.name}.trace"
    command = [
        sys.executable, "-m", "tests.durability.workload", f"sqlite:///{folder / 'clinic.sqlite3'}", str(journal), "14", "7", "4096",
    ]
    done = powercut.record(command, folder, trace, environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return powercut.events(trace, folder, journal), base


def outcomes(events: list[powercut.Event], base: dict[str, bytes], folder: Path, count: int) -> Iterator[list[str]]:
    """For each cut what went wrong."""
    target = folder.parent / "after"
    for _, acknowledged, files in powercut.cuts(events, count, seed=20261122, base=base):
        powercut.restore(files, folder, target)
        try:
            store = Store.open(f"sqlite:///{target / 'clinic.sqlite3'}")
        except StoreError as error:
            yield [f"cannot open: {error}"]
            continue
        try:
            yield faults(store, acknowledged)
        finally:
            store.close()


def test_no_acknowledged_write_is_lost(prepared: Path, tmp_path: Path) -> None:
    """At random moments over writes and a publish every acknowledged word holds and every invariant stands."""
    events, base = recorded(prepared, tmp_path / "full", "FULL")
    assert sum(isinstance(event, powercut.Acknowledge) for event in events) == 1 + 14 * 6 + 1
    bad = [found for found in outcomes(events, base, tmp_path / "full", STATES) if found]
    assert bad == []


def test_the_replay_sees_what_normal_loses(prepared: Path, tmp_path: Path) -> None:
    """The planted fault: with `synchronous=NORMAL` the same replay finds lost writes."""
    events, base = recorded(prepared, tmp_path / "normal", "NORMAL")
    bad = [found for found in outcomes(events, base, tmp_path / "normal", 20) if found]
    assert any(word.startswith("lost ") for found in bad for word in found)
