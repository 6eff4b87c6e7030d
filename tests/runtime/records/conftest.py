"""The clinic chain of `world`, on both databases."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from runtime.store.compiled import Release
from tests.fixtures.databases import Backend
from tests.runtime.records.world import World, build, model, release_of


@functools.cache
def release(backend: str) -> Release:
    """The chain's release for one database, compiled once; tests share what it caches."""
    return release_of(model())


@pytest.fixture
def world(backend: Backend, prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    """A chain of this test's own."""
    opened = World.open(prepared_database("records-chain", build), release(backend.name))
    yield opened
    opened.store.close()
