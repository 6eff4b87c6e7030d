"""Stores with nothing in them, and with the small base pack published."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runtime.store.database import Store
from tests.runtime.store.publishing import VISIT, Clinic


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on an empty database."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clinic(prepared_database: Callable[..., str]) -> Iterator[Clinic]:
    """A database in which the base pack and an object `visit` are live."""
    def build(url: str) -> None:
        opened = Store.open(url)
        Clinic(opened).publish({"objects/visit.yaml": VISIT})
        opened.close()

    opened = Store.open(prepared_database("store-visit", build))
    yield Clinic(opened)
    opened.close()
