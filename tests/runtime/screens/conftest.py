"""The clinic chain of the API's tests behind the real screens, on both databases; shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixtures.databases import Backend
from tests.runtime.api.world import Web, build
from tests.runtime.screens.example import Clinic, opened
from tests.runtime.screens.surfing import Surfer


@pytest.fixture(scope="module")
def web(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One application per module and database."""
    url = backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()
    backend.drop(url)


@pytest.fixture
def own_web(backend: Backend, tmp_path: Path) -> Iterator[Web]:
    """An application of this test's own, for tests that publish."""
    url = backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path)
    yield opened
    opened.close()
    backend.drop(url)


@pytest.fixture
def surf(web: Web) -> Callable[..., Surfer]:
    """`surf("nurse")`: somebody's browser; `surf("nurse", "zh")` in Chinese."""
    return lambda login, language="en": Surfer.of(web, login, language)


@pytest.fixture(scope="module")
def clinic(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The example in a browser. What screens look like does not depend on the database."""
    with opened(sqlite_backend.fresh(), tmp_path_factory.mktemp("keys")) as made:
        yield made
