"""A publish that is killed at any point leaves the old release or the new one whole, and needs no hand work afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.store.database import Store
from runtime.store.invariants import breaches
from tests.runtime.store.publishing import VISIT, Clinic

ROOT = Path(__file__).resolve().parents[3]
POINTS = ["announced", "prepared", "indexed", "expanded", "computed", "seeded", "flipped", "committed"]
NEW = {
    "objects/visit.yaml": VISIT
    + "  fee: {type: integer, index: true}\n  doctor: {type: link, to: staff}\nunique: {one: [patient, note]}\n",
    "objects/bill.yaml": "name: bill\nbelongs_to: {via: visit}\nfields: {visit: {type: link, to: visit}}\n",
}


def main(url: str, point: str) -> None:
    """The publisher that dies: kills itself at the named point."""
    import os

    def reached(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    clinic = Clinic(Store.open(url))
    clinic.send(clinic.incoming(NEW), reached=reached)


@pytest.mark.parametrize("point", POINTS)
def test_old_or_new_but_whole(clinic: Clinic, point: str):
    """After the kill the invariants hold, the release is one of the two, and publishing again succeeds."""
    old = clinic.live
    new = clinic.plan(NEW).hash
    url = clinic.store.main.writes.url.render_as_string(hide_password=False)
    program = "import sys; from tests.runtime.store.test_crash import main; main(*sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", program, url, point], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    fresh = Clinic(Store.open(url))
    assert breaches(fresh.store, deep=True) == []
    assert fresh.live == (new if point == "committed" else old)
    if point != "committed":
        assert fresh.publish(NEW).hash == new
    assert breaches(fresh.store, deep=True) == []
    fresh.store.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
