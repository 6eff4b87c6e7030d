"""Tells those who keep work for records that another release goes live, in the transaction of the flip."""

from __future__ import annotations

import datetime
import importlib
import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from engine.model import Model
from engine.targets.layout import Layout
from engine.targets.operations import Operation
from runtime.store.compiled import Release

if TYPE_CHECKING:
    from runtime.store.database import Store

__all__ = ["AHEAD", "COUNTING", "TOLD", "count_people", "look_ahead", "tell"]

TOLD = ("runtime.timers.released", "runtime.plans.released", "runtime.search.released")
"""Modules with `released(connection, operations, release, *, now, new_id)`: they schedule jobs, which have all the time they need."""


AHEAD = ("runtime.plans.released",)
"""Modules with `look_ahead(store, operations, release, *, now, new_id)`: in transactions of their own; the publish may still fail."""

COUNTING = ("runtime.plans.impact",)
"""Modules with `counted(connection, operations, model, layout, now)`: the operations with what they do to people, in numbers."""


def count_people(
    connection: Connection, operations: tuple[Operation, ...], model: Model, layout: Layout, now: datetime.datetime,
) -> tuple[Operation, ...]:
    """What publishing the model would do, counted by everybody who can."""
    for name in COUNTING:
        operations = importlib.import_module(name).counted(connection, operations, model, layout, now)
    return operations


def look_ahead(
    store: Store, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """Let everybody who wants to look at many records do so before the flip, beside people at work."""
    for name in AHEAD:
        importlib.import_module(name).look_ahead(store, operations, release, now=now, new_id=new_id)


def tell(
    connection: Connection, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """Tell everybody what the publish does. The modules are found by name: they stand above the store."""
    for name in TOLD:
        if importlib.util.find_spec(name.rpartition(".")[0]) is not None and importlib.util.find_spec(name) is not None:
            importlib.import_module(name).released(connection, operations, release, now=now, new_id=new_id)
