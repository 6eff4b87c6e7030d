"""What a publish means for timers: those whose time or state differs are made anew for the records that are there."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from sqlalchemy import Connection

from engine.targets.operations import Operation, SetTimers
from runtime.jobs.queue import schedule
from runtime.store.compiled import Release
from runtime.timers.renewing import renewal

__all__ = ["released"]


def released(
    connection: Connection, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """See `runtime.store.released`."""
    objects = sorted({operation.object for operation in operations if isinstance(operation, SetTimers)})
    schedule(connection, [renewal(object, release.hash, now) for object in objects], now=now, new_id=new_id, release=release)
