"""Instants in the system tables: whatever year the calendar has comes back as it was written, and sorts by time (A-60)."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from runtime.store import system
from runtime.store.database import Store

MOMENTS = tuple(dt.datetime(year, 2, 3, 4, 5, 6, 7, tzinfo=dt.UTC) for year in (1, 33, 999, 1000, 2026, 9999))


def test_every_year_comes_back_and_sorts(store: Store) -> None:
    """A row with a mistyped year must not keep anybody from reading any other."""
    table = system.idempotency
    with store.write() as connection:
        for n, at in enumerate(reversed(MOMENTS)):
            connection.execute(sa.insert(table).values(user_id="u", route="r", key=str(n), digest="d", at=at))
    with store.read() as connection:
        assert tuple(connection.scalars(sa.select(table.c.at).order_by(table.c.at))) == MOMENTS
        assert connection.scalar(sa.select(sa.func.count()).where(table.c.at < MOMENTS[4])) == 4


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    """It would be another time on another machine."""
    with store.read() as connection, pytest.raises(sa.exc.StatementError):
        connection.execute(sa.select(system.idempotency.c.key).where(system.idempotency.c.at < dt.datetime(2026, 1, 1)))
