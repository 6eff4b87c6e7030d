"""The clinic chain of `world`, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runtime.store.compiled import Release
from tests.runtime.records.world import World, build, model, release_of


@pytest.fixture(scope="session")
def chain_release() -> Release:
    """The chain's release, compiled once; tests share what it caches."""
    return release_of(model())


@pytest.fixture
def world(prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    """A chain of this test's own."""
    opened = World.open(prepared_database("records-chain", build), release_of(model()))
    yield opened
    opened.store.close()
