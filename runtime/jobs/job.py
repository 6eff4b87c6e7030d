"""A job as its row in `cw_job` says it, and one that is still to be written."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any

from engine.model.effect import Missed

__all__ = ["Job", "NewJob", "State", "job_of"]


class State(enum.Enum):
    """Where a job stands."""

    WAITING = "waiting"
    """For its time, for its next attempt, or in the hands of a runner (`holder`)."""
    SENDING = "sending"
    """Its effect outside our database was begun; whoever finds it so after a crash cannot know whether it took place."""
    DONE = "done"
    CANCELLED = "cancelled"
    """Before it was begun: by whoever scheduled it, because its time was missed, or dropped by an operator."""
    ASIDE = "aside"
    """It failed too often, or for good: an operator looks at `problem` and runs it again or drops it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to be scheduled. `key` names the one effect that it has: scheduled twice, it is there once."""

    kind: str
    key: str
    due_at: datetime.datetime
    payload: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """JSON with ids and names, never values of records: operators and backups see it."""
    object: str | None = None
    """The element id of the object of `record_id`."""
    record_id: str | None = None
    subject_id: str | None = None
    clinic_id: str | None = None
    missed: Missed = Missed.RUN_LATE
    merge: str = ""
    """With `Missed.MERGE`, the jobs of a kind of which the latest alone runs; by default those of the record."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that somebody holds, or that is looked at."""

    id: str
    kind: str
    key: str
    due_at: datetime.datetime
    payload: Mapping[str, Any]
    object: str | None
    record_id: str | None
    subject_id: str | None
    clinic_id: str | None
    release: str
    """The hash of the release it was scheduled under; it runs under the live one."""
    missed: Missed
    merge: str
    state: State
    attempts: int
    """How often it was claimed, the present time included."""
    doubtful: bool
    """Whether an earlier attempt may have had its effect outside."""
    holder: str | None
    held_until: datetime.datetime | None
    problem: str | None
    created_at: datetime.datetime
    done_at: datetime.datetime | None


def job_of(row: Mapping[str, Any]) -> Job:
    """The job of a row's mapping."""
    return Job(**{**row, "missed": Missed(row["missed"]), "state": State(row["state"])})
