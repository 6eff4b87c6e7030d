"""The clinic of `world`, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.plans.world import ClinicWeb, World, build, build_web


@pytest.fixture
def world(prepared_database: Callable[[str, Callable[[str], object]], str], clock: FixedClock) -> Iterator[World]:
    """A clinic of this test's own at a clock that stands still."""
    store = Store.open(prepared_database("plans", build), clock=clock)
    yield World(store, clock)
    store.close()


@pytest.fixture
def web(prepared_database: Callable[[str, Callable[[str], object]], str], tmp_path: Path) -> Iterator[ClinicWeb]:
    """The application over a clinic with people."""
    opened = ClinicWeb.open(prepared_database("plans-web", build_web), tmp_path)
    yield opened
    opened.close()
