"""The seam to the records service, which stands above the store: who writes the records that packs ship."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import sqlalchemy as sa

from engine.model import DataSet
from runtime.identity.actor import Actor
from runtime.store.compiled import Release

__all__ = ["Seed"]


class Seed(Protocol):
    """Writes the records of data sets inside the publish's transaction, before the flip: `runtime.records.seeding.Seeding`."""

    def __call__(
        self, connection: sa.Connection, release: Release, datasets: Sequence[DataSet], actor: Actor
    ) -> None:
        """Create what is missing and treat what is there by each set's `upgrade`. Any error undoes the whole publish."""

