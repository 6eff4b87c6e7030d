"""Examples of the jobs of effects and timers, for what must hold for every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.jobs.kinds import Workplace
from runtime.records.commands import Transition, Update
from tests.runtime.effects.automated import Automated, build
from tests.runtime.jobs.examples import Example


def _refused_at_first(workplace: Workplace) -> None:
    """A task whose note takes no pain of 10, corrected before the job comes."""
    clinic = Automated.over(workplace.store, workplace.clock, workplace.new_id)
    task = clinic.task()
    clinic.ok(Transition("task", task, "start"))
    clinic.ok(Transition("task", task, "finish", {"pain": 10}))
    clinic.ok(Update("task", task, {"pain": 1}, None))


def _notes(workplace: Workplace, folder: Path) -> Sequence[Any]:
    table = workplace.store.release().tables.object("note").table
    with workplace.store.read() as connection:
        return connection.execute(table.select()).all()


EXAMPLES = (Example(kind="effects", build=build, begin=_refused_at_first, effects=_notes),)
