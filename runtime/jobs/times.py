"""When it is, for runners: the database's time where several machines share one, and how long to wait after a failure."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable

from sqlalchemy import Connection, func, select

__all__ = ["Moment", "at", "back_off", "database_time", "elapsed", "process_time"]

Moment = Callable[[Connection], datetime.datetime]

_SLEEP_COUNTS = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
FIRST_SECONDS = 2.0
LONGEST_SECONDS = 12 * 3600.0


def database_time(connection: Connection) -> datetime.datetime:
    """PostgreSQL's clock: machines whose own clocks differ agree on what is due and whose lease is over."""
    moment: datetime.datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(datetime.UTC)


def process_time(clock: Callable[[], datetime.datetime]) -> Moment:
    """The process's clock, for SQLite, whose processes are all on one machine."""
    return lambda connection: clock()


def elapsed() -> float:
    """Seconds since some moment; nobody sets this clock, and it goes on while the machine sleeps (`time.monotonic` does not, on Linux)."""
    return time.clock_gettime(_SLEEP_COUNTS)


def at(now: datetime.datetime) -> Moment:
    """One moment for everything, for tests and simulations."""
    return lambda connection: now


def back_off(attempts: int, chance: float) -> datetime.timedelta:
    """How long to wait after so many failures: twice as long each time, 12 hours at most, up to a fifth more or less.

    `chance` is from 0 to 1. Twenty-four attempts span more than three days.
    """
    seconds = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempts - 1, 40))
    return datetime.timedelta(seconds=seconds * (0.8 + 0.4 * chance))
