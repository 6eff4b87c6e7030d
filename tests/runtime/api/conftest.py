"""The chain of `world` behind the application, on both databases; shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.databases import Backend
from tests.runtime.api.world import Web, build


@pytest.fixture(scope="module")
def web(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One application per module and database."""
    url = backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()
    backend.drop(url)
