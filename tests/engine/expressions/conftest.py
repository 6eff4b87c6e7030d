"""Databases for expressions: what a test makes there is gone when it ends, so that the tests of a module share one."""

from collections.abc import Iterator

import pytest

from tests.fixtures.databases import Backend


@pytest.fixture(scope="module")
def expressions_url(backend: Backend) -> Iterator[str]:
    """A database for `clinic.opened`: SQLite in memory, PostgreSQL where everything is rolled back."""
    if backend.name == "sqlite":
        yield "sqlite://"
        return
    url = backend.fresh()
    yield url
    backend.drop(url)
