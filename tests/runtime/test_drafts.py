"""Drafts are bounded: of a form, of a person, and in time.

1. A sixth of one form, and one too many of one person, take the place of the oldest.
2. Old ones are not found, and go with the hourly purge; keeping a draft deletes nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from runtime.drafts import KEPT, DraftPlace, keep, newest
from runtime.jobs.kinds import Workplace
from runtime.jobs.purging import purge
from runtime.store import system
from tests.fixtures.clock import FixedClock
from tests.runtime.jobs.conftest import workplace  # noqa: F401


def kept(workplace: Workplace, user: str) -> int:  # noqa: F811
    draft = system.draft
    with workplace.store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(draft).where(draft.c.user_id == user)) or 0


def place(user: str, record: int) -> DraftPlace:
    return DraftPlace(user, "test:visit", f"{record:032x}", "test:visit")


def test_bounds(workplace: Workplace, clock: FixedClock, new_id: Callable[[], str]):  # noqa: F811
    """1., 2."""
    def write(at: DraftPlace, text: str) -> str:
        clock.advance(seconds=1)
        return keep(workplace.store, at, [("note", text)], id="", release="r", version=1, now=clock(), new_id=new_id())

    with workplace.store.write() as connection:
        connection.execute(sa.insert(system.user), [{"id": id, "login": id, "created_at": clock()} for id in ("li", "wang")])
    write(place("wang", 1), "hers")
    for n in range(7):
        write(place("li", 1), str(n))
    assert kept(workplace, "li") == 5
    for n in range(60):
        write(place("li", n + 2), str(n))
    assert (kept(workplace, "li"), kept(workplace, "wang")) == (50, 1)
    assert newest(workplace.store, place("li", 1), clock()) is None
    last = newest(workplace.store, place("li", 61), clock())
    assert last is not None and list(last.inputs) == [("note", "59")]
    clock.advance(seconds=(KEPT + timedelta(minutes=1)).total_seconds())
    write(place("li", 1), "new")
    assert newest(workplace.store, place("wang", 1), clock()) is None and kept(workplace, "wang") == 1
    assert purge(workplace.store, clock()) == 50
    assert (kept(workplace, "li"), kept(workplace, "wang")) == (1, 0)
