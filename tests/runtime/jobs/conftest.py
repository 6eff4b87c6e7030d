"""A published clinic with a table that a kind of jobs writes into."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runtime.jobs.kinds import Workplace
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.jobs.sinks import note, workplace_of
from tests.runtime.store.publishing import VISIT, Clinic


def build(url: str) -> None:
    """The clinic, once per run."""
    opened = Store.open(url)
    Clinic(opened).publish({"objects/visit.yaml": VISIT})
    with opened.write() as connection:
        note.create(connection)
        connection.execute(system.job.delete())  # what the publish itself leaves to be done
    opened.close()


@pytest.fixture
def workplace(prepared_database: Callable[..., str], clock: FixedClock, new_id: Callable[[], str]) -> Iterator[Workplace]:
    """The clinic at a clock that stands still."""
    store = Store.open(prepared_database("jobs", build), clock=clock)
    yield workplace_of(store, clock, new_id)
    store.close()
