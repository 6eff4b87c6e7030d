"""The seam to the records service: a publish hands it the data sets whose records shall be there afterwards."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, cast

import sqlalchemy as sa

from engine.model import DataSet
from runtime.identity.actor import Actor
from runtime.store.compiled import Release

__all__ = ["Seed", "records_seed"]


class Seed(Protocol):
    """Writes the records of data sets inside the publish's transaction, before the flip."""

    def __call__(
        self, connection: sa.Connection, release: Release, datasets: Sequence[DataSet], actor: Actor
    ) -> None:
        """Create what is missing and treat what is there by each set's `upgrade`. Any error undoes the whole publish."""


def records_seed() -> Seed:
    """The records service's own; it stands above the store, so it is looked up when needed."""
    return cast(Seed, importlib.import_module("runtime.records.seeding").seed)
