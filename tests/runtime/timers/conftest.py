"""The automated clinic, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.clock import FixedClock
from tests.runtime.effects.automated import Automated, build


@pytest.fixture
def clinic(prepared_database: Callable[..., str], clock: FixedClock, new_id: Callable[[], str]) -> Iterator[Automated]:
    """A clinic of this test's own, at a clock that stands still."""
    opened = Automated.open(prepared_database("automated", build), clock, new_id)
    yield opened
    opened.store.close()
