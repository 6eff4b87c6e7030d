"""What failed behind the scenes of a simulation: jobs that were set aside, which in a clinic nobody but operators would see."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator

import sqlalchemy as sa

from engine.model import Model
from runtime.simulation.world import World
from runtime.store import system

__all__ = ["Failed", "failed"]

_STEP = re.compile(r"plan (?P<plan>\S+), step (?P<step>\S+), (?P<n>\d+): ")


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """One job that was set aside. `plan`, `step` and `n` say of which time of which step, where it was one of a plan's."""

    id: str
    at: datetime.datetime
    kind: str
    problem: str
    record: str
    plan: str = ""
    step: str = ""
    n: int = 0


def failed(world: World) -> Iterator[Failed]:
    """All until now, in the order in which they were due."""
    job = system.job
    with world.store.read() as connection:
        found = connection.execute(sa.select(job).where(job.c.state == "aside").order_by(job.c.due_at, job.c.id)).all()
    for row in found:
        one = Failed(row.id, row.due_at, row.kind, row.problem or "", row.record_id or "")
        yield _of_step(world.release.model, one)


def _of_step(model: Model, one: Failed) -> Failed:
    """Plans say by ids which step it was; people know it by its name."""
    said = _STEP.match(one.problem)
    plan = next((each for each in model.plans.values() if each.id == said["plan"]), None) if said else None
    name = next((name for name, step in plan.steps.items() if step.id == said["step"]), None) if said and plan else None
    if said is None or plan is None or name is None:
        return one
    return dataclasses.replace(one, problem=one.problem[said.end():], plan=plan.name, step=name, n=int(said["n"]))
