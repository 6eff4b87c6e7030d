"""A runner: does the jobs that are due, in threads of this process, beside any number of others on the same database."""

from __future__ import annotations

import contextlib
import datetime
import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import event

from runtime.jobs.catching_up import Downtime, catch_up
from runtime.jobs.claiming import LEASE, earliest
from runtime.jobs.inside import InsideLane
from runtime.jobs.kinds import Inside, Kind, Workplace, kinds_of
from runtime.jobs.lane import Hanging, Lane, Shift, nothing
from runtime.jobs.outside import OutsideLane
from runtime.jobs.purging import purge
from runtime.jobs.queue import SCHEDULED
from runtime.jobs.standing import keep_standing
from runtime.jobs.times import Moment, at, database_time, process_time
from runtime.store.errors import NoRelease, StoreError

__all__ = ["LOOK_SECONDS", "Runner"]

LOOK_SECONDS = 0.8
"""So often, at least, a runner looks for what other processes have scheduled."""
TIDY_SECONDS = 3600.0
CATCH_UP_SECONDS = 15.0
STAND_INS = 8
"""At most so many lanes of a kind take the place of others whose jobs hang."""

_log = structlog.get_logger("carework.jobs")


class Runner:
    """`name` is this one's among all that ever ran on the database. `kinds`, `chance`, `reached` and `lease` are for tests."""

    def __init__(
        self, workplace: Workplace, name: str, *, kinds: Mapping[str, Kind] | None = None, threads: int = 1,
        chance: Callable[[], float] = lambda: secrets.randbits(24) / 2**24,
        reached: Callable[[str, str], None] = nothing, lease: datetime.timedelta = LEASE,
    ) -> None:
        self._workplace = workplace
        self._name = name
        self.kinds = kinds_of(workplace) if kinds is None else kinds
        self._threads = threads
        self._chance = chance
        self._reached = reached
        self._lease = lease
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._lanes: list[_Working] = []
        self._thread: threading.Thread | None = None
        self._downtime = Downtime()
        self._tidied = self._caught_up = -math.inf
        self._made = 0

    def run_due(self, now: datetime.datetime | None = None) -> int:
        """Do everything that is due at `now` (by default what the workplace's clock says), in this thread; how many jobs were taken.

        What that leads to and is due as well is done too. For tests, simulations and commands. Raises the errors of the store.
        """
        moment = at(now) if now is not None else process_time(self._workplace.clock)
        shift = self._shift(moment)
        lanes = [self._lane(kind, shift) for kind in self.kinds.values()]
        count = 0
        while not self._stopping.is_set():
            now = self._now(moment)
            with self._workplace.store.read() as connection:
                self._downtime.look(connection, now)
            self._catch_up(moment)
            self._downtime.settle(now)
            taken = sum(lane.work() for lane in lanes)
            count += taken
            if not taken and self._downtime.awake(self._now(moment)):
                break
        return count

    def start(self) -> None:
        """Work in threads of this process until `stop`."""
        store = self._workplace.store
        moment = database_time if store.dialect == "postgresql" else process_time(self._workplace.clock)
        for kind in self.kinds.values():
            together = self._threads if isinstance(kind, Inside) else kind.together
            for _ in range(together):
                self._add(kind, moment)
        event.listen(store.main.writes, "checkin", self._given_back)
        self._thread = threading.Thread(target=self._serve, args=(moment,), name="carework-jobs", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    def stop(self, seconds: float = 30.0) -> bool:
        """End the threads after the jobs they are at; whether all ended within some seconds."""
        self._stopping.set()
        self._woken.set()
        give_up = time.monotonic() + seconds
        if self._thread is not None:
            with contextlib.suppress(Exception):  # it was never listened to, or the engine is gone
                event.remove(self._workplace.store.main.writes, "checkin", self._given_back)
            self._thread.join(seconds)
        return all(lane.end(give_up) for lane in self._lanes)

    def _now(self, moment: Moment) -> datetime.datetime:
        with self._workplace.store.read() as connection:
            return moment(connection)

    def _shift(self, moment: Moment) -> Shift:
        return Shift(
            workplace=self._workplace, moment=moment, chance=self._chance, stopping=self._stopping.is_set,
            awake=self._downtime.awake, reached=self._reached, lease=self._lease)

    def _lane(self, kind: Kind, shift: Shift) -> Lane:
        self._made += 1
        name = f"{self._name}.{self._made}"
        return InsideLane(kind, shift, name) if isinstance(kind, Inside) else OutsideLane(kind, shift, name)

    def _add(self, kind: Kind, moment: Moment) -> None:
        working = _Working(self._lane(kind, self._shift(moment)), self._stopping)
        self._lanes.append(working)
        working.start()

    def _given_back(self, connection: Any, record: Any) -> None:
        """A connection came back to the pool: its transaction is over."""
        if record.info.pop(SCHEDULED, None):
            self._woken.set()

    def _serve(self, moment: Moment) -> None:
        while not self._stopping.is_set():
            wait = LOOK_SECONDS
            try:
                wait = self._look(moment)
            except (StoreError, NoRelease):
                pass  # a database that is away or busy for a while comes back
            except Exception:
                _log.exception("jobs.look")
            self._replace_hanging(moment)
            self._woken.wait(max(0.005, min(wait, LOOK_SECONDS)))
            self._woken.clear()

    def _look(self, moment: Moment) -> float:
        """Wake the lanes that have something to do; seconds until the next one has."""
        with self._workplace.store.read() as connection:
            now = moment(connection)
            due = earliest(connection, self.kinds, now)
            slept = self._downtime.look(connection, now)
        if slept:
            self._caught_up = -math.inf
        before = self._downtime.before(now)
        late = before is not None and any(when < before for when in due.values())
        if late and time.monotonic() > self._caught_up + CATCH_UP_SECONDS:
            self._catch_up(moment)
            self._caught_up = time.monotonic()
        self._downtime.settle(now)
        for kind in (name for name, when in due.items() if when <= now):
            self._wake_lanes([lane for lane in self._lanes if lane.lane.kind.name == kind and not lane.given_up])
        if time.monotonic() > self._tidied + TIDY_SECONDS:
            self._tidied = time.monotonic()
            if made := keep_standing(self._workplace.store, self.kinds.values(), now, self._workplace.new_id):
                _log.info("jobs.standing", made=made)
            purge(self._workplace.store, now)
        return min(((when - now).total_seconds() for when in due.values() if when > now), default=LOOK_SECONDS)

    @staticmethod
    def _wake_lanes(lanes: list[_Working]) -> None:
        """The first, and the others where they are of use."""
        for place, lane in enumerate(lanes):
            if place == 0 or any(each.lane.wide for each in lanes):
                lane.woken.set()

    def _catch_up(self, moment: Moment) -> None:
        with self._workplace.store.read() as connection:
            now = moment(connection)
            before = self._downtime.before(now)
            if before is None:
                return
            late = [kind for kind, when in earliest(connection, self.kinds, now).items() if when < before]
        for kind in late:
            if gone := catch_up(self._workplace.store, kind, now, before):
                _log.warning("jobs.missed", kind=kind, left_out=gone)

    def _replace_hanging(self, moment: Moment) -> None:
        """A lane whose job does not end, although it was told to, gets a stand-in, so that its kind goes on."""
        for lane in tuple(self._lanes):
            share = lane.lane.check()
            kind = lane.lane.kind
            if share > 2 and not lane.given_up:
                lane.given_up = True
                _log.error("jobs.hanging", kind=kind.name, seconds=round(share * kind.seconds))
                if sum(each.given_up for each in self._lanes if each.lane.kind is kind) <= STAND_INS:
                    self._add(kind, moment)


class _Working:
    """A lane with its thread."""

    def __init__(self, lane: Lane, stopping: threading.Event) -> None:
        self.lane = lane
        self.woken = threading.Event()
        self.given_up = False
        self._stopping = stopping
        self._thread = threading.Thread(target=self._serve, name=f"carework-jobs-{lane.kind.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self, give_up: float) -> bool:
        self.woken.set()
        self._thread.join(max(0.0, give_up - time.monotonic()))
        return not self._thread.is_alive()

    def _serve(self) -> None:
        while not self._stopping.is_set() and not self.given_up:
            self.woken.wait()
            self.woken.clear()
            try:
                self.lane.work()
            except (StoreError, Hanging):  # a database that is away comes back; a job that hung was told so late that it had ended
                self._stopping.wait(LOOK_SECONDS)
            except Exception:
                _log.exception("jobs.lane", kind=self.lane.kind.name)
                self._stopping.wait(LOOK_SECONDS)
