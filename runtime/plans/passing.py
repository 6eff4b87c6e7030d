"""An enrolment on its way through one pass: what it stands at, and what is to be written of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from engine.model import Plan
from runtime.plans.enrolment import Enrolment, StepRow, StepState
from runtime.plans.made import Made
from runtime.plans.values import Read
from runtime.store.compiled import Release

__all__ = ["Progress"]


@dataclasses.dataclass(slots=True)
class Progress:
    """An enrolment on its way through one pass. Without `plan` or `read` the plan, or the record that began it, is gone."""

    enrolment: Enrolment
    release: Release
    plan: Plan | None
    read: Read | None
    rows: dict[tuple[str, int], StepRow]
    made: Mapping[str, Made]
    kept: dict[tuple[str, int], StepRow] = dataclasses.field(default_factory=dict)
    """Rows to be written."""
    gone: list[StepRow] = dataclasses.field(default_factory=list)
    """Rows to be removed."""
    shifted: list[tuple[StepRow, Made]] = dataclasses.field(default_factory=list)
    """Open records of which the time moved."""
    times: dict[tuple[str, int], tuple[Any, ...]] = dataclasses.field(default_factory=dict)
    """What the rows of those said before: their time, day and end."""
    anchor: str | None = None
    """What was counted from before this pass."""
    unwanted: list[tuple[StepRow, Made]] = dataclasses.field(default_factory=list)
    """Open records that nobody waits for any more."""
    waiting: bool = False
    """Whether some step's time is not known yet."""
    was: Enrolment = dataclasses.field(init=False)
    """As its row says."""

    def __post_init__(self) -> None:
        self.was = dataclasses.replace(self.enrolment)

    def keep(self, row: StepRow) -> None:
        self.kept[row.step, row.n] = self.rows[row.step, row.n] = row

    def drop(self, row: StepRow) -> None:
        self.kept.pop((row.step, row.n), None)
        self.gone.append(self.rows.pop((row.step, row.n)))

    @property
    def next(self) -> datetime.datetime | None:
        """When there is something to do again."""
        times = [row.due_at for row in self.rows.values() if row.state is StepState.PLANNED]
        times += [row.until for row in self.rows.values() if row.state is StepState.CREATED and row.until is not None]
        return min(times, default=None)

    @property
    def over(self) -> bool:
        """Whether nothing is to come and nothing open."""
        return not self.waiting and all(row.state.settled for row in self.rows.values())
