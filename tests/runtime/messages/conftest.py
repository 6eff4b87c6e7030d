"""The clinic of `world`, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.clock import FixedClock
from tests.runtime.messages.world import World, build


@pytest.fixture
def world(prepared_database: Callable[..., str], clock: FixedClock, new_id: Callable[[], str]) -> Iterator[World]:
    """A clinic of this test's own."""
    opened = World.open(prepared_database("messages", build), clock, new_id)
    yield opened
    opened.place.store.close()
