"""Kinds of jobs: what each does, and the promises that differ between an effect in our database and one elsewhere."""

from __future__ import annotations

import abc
import dataclasses
import datetime
import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from runtime.audit.keys import Keys
from runtime.jobs.job import Job, NewJob
from runtime.settings import Settings
from runtime.store.compiled import Release
from runtime.store.database import Store

if TYPE_CHECKING:
    from runtime.records.service import Records

__all__ = [
    "KINDS", "Apart", "Aside", "Finished", "Inside", "Kind", "Later", "Outside", "Retry", "Sending", "Sent", "Workplace", "kinds_of",
]

KINDS = ("runtime.timers.jobs", "runtime.effects.jobs", "runtime.plans.jobs", "runtime.messages.jobs", "runtime.search.jobs")
"""Modules with `job_kinds(workplace) -> tuple[Kind, ...]`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What kinds work with."""

    store: Store
    records: Records
    keys: Keys
    clock: Callable[[], datetime.datetime]
    new_id: Callable[[], str]
    settings: Settings


@dataclasses.dataclass(frozen=True, slots=True)
class Later:
    """Not now but at `at`; that is no failure."""

    at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Retry:
    """It failed and may succeed later. `problem` is for operators: ids and codes, no value of a record."""

    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class Aside:
    """It will never succeed by itself. `problem` is for operators: ids and codes, no value of a record."""

    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class Apart:
    """Nothing was written for this one of several: it is run by itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """There is nothing to send (any more); `note` says why, for operators."""

    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Sending:
    """What `send` needs, made in `prepare`; it stays in this process."""

    content: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """The far side took it; `receipt` is its name for it."""

    receipt: str = ""


class _Common(abc.ABC):
    name: str
    """The `kind` of its jobs."""
    attempts: int
    """After so many failures in a row a job is set aside."""
    seconds: float
    """So long one job may take before it counts as hanging; at most 300."""

    def standing(self, release: Release, now: datetime.datetime) -> Sequence[NewJob]:
        """Jobs that must always be there, whose keys say what they are for: runners look for them every hour."""
        return ()


class Inside(_Common):
    """A kind whose whole effect is in our database: it happens exactly once."""

    attempts = 10
    seconds = 30.0

    @abc.abstractmethod
    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        """Write the effect. The job is marked done in the same transaction, which has passed the release's fence.

        What a Later wrote is kept; what a Retry, an Aside or an exception wrote is not. Other jobs may share the transaction,
        so use `connection.begin_nested()` and never commit.
        """

    def run_together(
        self, connection: Connection, jobs: Sequence[Job], release: Release, now: datetime.datetime,
    ) -> Sequence[None | Later | Apart]:
        """The effects of several jobs, of different records, at once: an answer for each. For kinds with many small jobs.

        After an exception all that was written is taken back and each of the jobs is run by itself.
        """
        raise NotImplementedError


class Outside(_Common):
    """A kind with an effect elsewhere: it happens at least once, with `job.key` as its idempotency key.

    An attempt that may have had its effect makes the job doubtful, which the next attempt is told. While sending is quick, several
    are prepared, sent and recorded at a time: a process that dies leaves as many in doubt.
    """

    attempts = 24
    seconds = 60.0
    together = 4
    """So many of its jobs may be sent at a time by one process."""

    @abc.abstractmethod
    def prepare(
        self, connection: Connection, job: Job, release: Release, now: datetime.datetime,
    ) -> Sending | Finished | Later | Retry | Aside:
        """Check again what must hold at sending, and make what is sent; in the transaction that marks the job as being sent."""

    @abc.abstractmethod
    def send(self, sending: Sending, *, key: str, doubtful: bool) -> Sent | Retry | Aside:
        """Have the effect; no transaction is open. Use time limits: a thread cannot be ended from outside.

        Retry and Aside promise that there was no effect; an exception leaves that in doubt.
        """

    def record(self, connection: Connection, job: Job, result: Sent | Retry | Aside, now: datetime.datetime) -> None:
        """Write what became of it, in the transaction that marks the job; also after a Retry and after the last one's Aside."""


Kind = Inside | Outside


def kinds_of(workplace: Workplace, modules: tuple[str, ...] = KINDS) -> Mapping[str, Kind]:
    """The kinds of this program by name."""
    found: dict[str, Kind] = {}
    for module in modules:
        package = module.rpartition(".")[0]
        if importlib.util.find_spec(package) is None or importlib.util.find_spec(module) is None:
            continue
        for kind in importlib.import_module(module).job_kinds(workplace):
            if kind.name in found:
                raise ValueError(f"two kinds of jobs are named '{kind.name}'; the second is of {module}")
            found[kind.name] = kind
    return MappingProxyType(found)
