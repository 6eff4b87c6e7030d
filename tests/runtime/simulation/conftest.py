"""Simulated clinics of the tests of this folder."""

from collections.abc import Iterator

import pytest

from runtime.simulation.houses import Houses


@pytest.fixture(scope="session")
def houses() -> Iterator[Houses]:
    """Databases that are thrown away at the end."""
    with Houses() as found:
        yield found
