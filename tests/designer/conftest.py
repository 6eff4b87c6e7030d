"""The example organisation with people who design, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.designer.studio import Studio, build
from tests.fixtures.databases import Backend


@pytest.fixture(scope="module")
def studio(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One application per module and database."""
    url = backend.prepared("designer-example", build)
    opened = Studio.open(url, tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()
    backend.drop(url)


@pytest.fixture(scope="module")
def shared_studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One per module with somebody signed in, for what does not depend on the database."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    opened.sign_in()
    yield opened
    opened.close()


@pytest.fixture
def own_studio(backend: Backend, tmp_path: Path) -> Iterator[Studio]:
    """One of this test's own, for tests that publish."""
    url = backend.prepared("designer-example", build)
    opened = Studio.open(url, tmp_path)
    yield opened
    opened.close()
    backend.drop(url)
