"""An example of the job that fills the search index, for what must hold for every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from runtime.jobs.kinds import Kind, Workplace
from runtime.search.filling import FillKind, begin
from runtime.store import system
from tests.runtime.jobs.conftest import build
from tests.runtime.jobs.examples import Example
from tests.runtime.store.publishing import Clinic

ONE = f"{0x77:032x}"


def _kinds(workplace: Workplace, folder: Path) -> dict[str, Kind]:
    return {"search": FillKind(workplace)}


def _begin(workplace: Workplace) -> None:
    """A patient of whom the index knows nothing, and the order to fill the index of patients."""
    release = workplace.store.release()
    Clinic(workplace.store).put("patient", ONE, name="王芳")
    with workplace.store.write() as connection:
        begin(connection, release, now=workplace.clock(), new_id=workplace.new_id, also={release.model.objects["patient"].id})


def _found(workplace: Workplace, folder: Path) -> Sequence[Any]:
    with workplace.store.read() as connection:
        found = sa.select(system.search.c.record_id).where(system.search.c.record_id == ONE, system.search.c.field.like("%name"))
        return connection.execute(found).scalars().all()


EXAMPLES = (Example(kind="search", build=build, begin=_begin, effects=_found, kinds=_kinds),)
