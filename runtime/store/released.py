"""Tells those who keep work for records that another release goes live, in the transaction of the flip."""

from __future__ import annotations

import datetime
import importlib
import importlib.util
from collections.abc import Callable

from sqlalchemy import Connection

from engine.targets.operations import Operation
from runtime.store.compiled import Release

__all__ = ["TOLD", "tell"]

TOLD = ("runtime.timers.released", "runtime.plans.released", "runtime.search.released")
"""Modules with `released(connection, operations, release, *, now, new_id)`: they schedule jobs, which have all the time they need."""


def tell(
    connection: Connection, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """Tell everybody what the publish does. The modules are found by name: they stand above the store."""
    for name in TOLD:
        if importlib.util.find_spec(name.rpartition(".")[0]) is not None and importlib.util.find_spec(name) is not None:
            importlib.import_module(name).released(connection, operations, release, now=now, new_id=new_id)
