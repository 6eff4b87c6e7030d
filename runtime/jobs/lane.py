"""What the lanes of a runner share: one kind's due jobs, claimed and done one after another by one thread."""

from __future__ import annotations

import abc
import contextlib
import ctypes
import dataclasses
import datetime
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from runtime.jobs.claiming import BATCH, LEASE, claim
from runtime.jobs.job import Job
from runtime.jobs.kinds import Kind, Workplace
from runtime.jobs.times import Moment
from runtime.store.errors import FenceMoved, StoreBusy

__all__ = ["FAILURES", "POINTS", "Hanging", "Lane", "Shift", "nothing", "told"]

POINTS = ("claimed", "before_effect", "after_effect", "before_commit", "after_commit")
"""Where a process may die, for tests: `Shift.reached(point, kind)` is called there."""
_PATIENCE = 10
_PAUSE_SECONDS = 0.2
_T = TypeVar("_T")
_ROOT = Path(__file__).parents[2]


class Hanging(BaseException):
    """Raised in a thread whose job takes longer than it may."""


FAILURES = (Exception, SystemExit, Hanging)
"""What a kind may raise without ending the runner."""


def told(error: BaseException) -> str:
    """An error for operators: its class and the place, and not its text, in which there may be values of records."""
    if isinstance(error, Hanging):
        return "it took longer than it may"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)]
    place = f" at {Path(frames[-1].filename).relative_to(_ROOT)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def nothing(point: str, kind: str) -> None:
    """Nobody waits for a point."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What all lanes of a runner work with."""

    workplace: Workplace
    moment: Moment
    chance: Callable[[], float]
    """Gives numbers from 0 to 1."""
    stopping: Callable[[], bool] = lambda: False
    awake: Callable[[datetime.datetime], bool] = lambda now: True
    """Whether the runner knows of what was missed until now."""
    reached: Callable[[str, str], None] = nothing
    lease: datetime.timedelta = LEASE


class Lane(abc.ABC):
    """One kind in one thread. `name` is this lane's among all processes."""

    def __init__(self, kind: Kind, shift: Shift, name: str) -> None:
        self.kind = kind
        self._shift = shift
        self._name = name
        self._claims = 0
        self._holder = ""
        self._guard = threading.Lock()
        self._begun: tuple[float, int] | None = None
        self._told = False

    def work(self) -> int:
        """Do what is due until nothing is; how many jobs were taken. Raises the errors of the store."""
        count = 0
        while not self._shift.stopping() and (jobs := self._claim()):
            self._shift.reached("claimed", self.kind.name)
            count += len(jobs)
            self._do(jobs)
        return count

    @property
    def wide(self) -> bool:
        """Whether other lanes of the kind are of use."""
        return True

    @abc.abstractmethod
    def _do(self, jobs: list[Job]) -> None:
        """Do claimed jobs."""

    def _limit(self) -> int:
        return BATCH

    def _claim(self) -> list[Job]:
        self._claims += 1
        self._holder = f"{self._name}.{self._claims}"

        def attempt() -> list[Job]:
            with self._shift.workplace.store.write() as connection:
                now = self._shift.moment(connection)
                if not self._shift.awake(now):  # the machine slept: the runner looks first, and wakes its lanes again
                    return []
                return claim(connection, self.kind, self._holder, now, self._limit(), self._shift.lease)

        return self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], _T], patience: int = _PATIENCE) -> _T:
        """Try again what met a busy database or a new release."""
        for _ in range(patience - 1):
            try:
                return attempt()
            except (FenceMoved, StoreBusy):
                time.sleep(_PAUSE_SECONDS * (0.5 + self._shift.chance()))
        return attempt()

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Within the block the thread is told when it takes longer than the kind allows."""
        with self._guard:
            self._begun, self._told = (time.monotonic(), threading.get_ident()), False
        try:
            yield
        finally:
            with self._guard:
                self._begun = None

    def check(self) -> float:
        """Called by another thread: tell this one when its job hangs; how many times its limit the job has taken."""
        with self._guard:
            if self._begun is None:
                return 0.0
            begun, thread = self._begun
            share = (time.monotonic() - begun) / self.kind.seconds
            if share > 1 and not self._told:  # takes effect once the thread runs Python again
                self._told = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Hanging))
            return share

