"""The clinic of `world`, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.plans.world import World, build


@pytest.fixture
def world(prepared_database: Callable[[str, Callable[[str], object]], str], clock: FixedClock) -> Iterator[World]:
    """A clinic of this test's own at a clock that stands still."""
    store = Store.open(prepared_database("plans", build), clock=clock)
    yield World(store, clock)
    store.close()
