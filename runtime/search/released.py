"""What a publish means for the search box: objects whose searched fields differ, or that packs ship records of, are indexed anew."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from sqlalchemy import Connection

from engine.targets.operations import Operation, SeedRecords
from runtime.search.filling import begin, begun_for, wanted
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["catch_up", "released"]


def released(
    connection: Connection, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """See `runtime.store.released`."""
    shipped = {operation.object for operation in operations if isinstance(operation, SeedRecords)}
    also = {object.id for object in release.model.objects.values() if {object.id, object.name} & shipped}
    begin(connection, release, now=now, new_id=new_id, also=also)


def catch_up(store: Store, new_id: Callable[[], str]) -> None:
    """At the start of a process: a database from before there was an index gets one."""
    release = store.release()
    with store.read() as connection:
        if begun_for(connection) == wanted(release.model):
            return
    with store.write() as connection:
        begin(connection, release, now=store.clock(), new_id=new_id)
