"""One simulated clinic: the real store, records service and runner, under a clock that is moved from outside."""

from __future__ import annotations

import datetime
import secrets
import time
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from engine.expressions.values import add_months
from engine.fields.base import Locale
from engine.model import Object
from engine.model.scenario import Span
from runtime.audit.keys import Keys
from runtime.composition import records_for
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.identity.loading import load_actor
from runtime.jobs.kinds import Workplace, kinds_of
from runtime.jobs.runner import Runner
from runtime.messages.jobs import MessageJobs
from runtime.records.commands import Command, Create, RequestInfo
from runtime.records.ids import Ids
from runtime.records.outcomes import Outcome, Refused
from runtime.records.query import MAX_LIMIT, ListQuery
from runtime.records.serializer import Serializer
from runtime.settings import Settings
from runtime.simulation.post import Post
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["BEYOND", "MOST_TURNS", "PATIENCE", "NotPossible", "World", "placeholders", "told"]

MOST_TURNS = 20_000
"""So often the clock is moved to something that is due, before a simulation is taken for endless."""
PATIENCE = 60.0
"""So many seconds a simulation may take altogether: definitions that somebody is just writing may do anything."""
BEYOND = "the time lies beyond the calendar"
_BASE_URL = "http://simulation.invalid"


class NotPossible(Exception):
    """What a simulation needs is refused; `why` says what, in words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class World:
    """See `runtime.simulation.houses`. `now` is in UTC; moments of scenarios are by the clinics' clocks."""

    def __init__(
        self, url: str, release: Release, keys: Keys, starts: datetime.datetime, environment: Mapping[str, str], patience: float | None = None,
    ) -> None:
        self.release = release
        self.zone = zoneinfo.ZoneInfo(release.model.organisation.timezone)
        self.now = self.instant(starts)
        self.post = Post()
        self._patience = PATIENCE if patience is None else patience
        self._give_up = time.monotonic() + self._patience
        self.store = Store.open(url, clock=self._clock, environment=environment, pool_size=2)
        self.store.releases.adopt(release)
        self.new_id = Ids(lambda: int(self.now.timestamp() * 1000), secrets.randbits)
        self.records = records_for(self.store, self._clock, self.new_id, keys=keys)
        workplace = Workplace(
            store=self.store, records=self.records, keys=keys, clock=self._clock, new_id=self.new_id,
            settings=Settings(database_url=url, keys_path=Path(), base_url=_BASE_URL))
        messages = MessageJobs(workplace, self.post.channels())
        self._runner = Runner(workplace, "simulation", kinds={**kinds_of(workplace), messages.name: messages}, chance=lambda: 0.5)
        self._clinic: str | None = None

    @property
    def job_kinds(self) -> frozenset[str]:
        """The kinds of jobs that are done here."""
        return frozenset(self._runner.kinds)

    def close(self) -> None:
        self.store.close()

    def _clock(self) -> datetime.datetime:
        return self.now

    # Time

    def instant(self, moment: datetime.datetime) -> datetime.datetime:
        """The instant of a moment by the clinics' clocks. Raises NotPossible."""
        try:
            return moment.replace(tzinfo=self.zone).astimezone(datetime.UTC)
        except OverflowError:
            raise NotPossible(BEYOND) from None

    def local(self, at: datetime.datetime) -> datetime.datetime:
        """A moment by the clinics' clocks, without a zone."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def after(self, span: Span) -> datetime.datetime:
        """The instant so long after now: months and days by the clinics' clocks, minutes as they pass. Raises NotPossible."""
        here = self.local(self.now)
        day = add_months(here.date(), span.months)
        if day is None:
            raise NotPossible(BEYOND)
        try:
            moment = datetime.datetime.combine(day, here.time()) + datetime.timedelta(days=span.days)
            return self.instant(moment) + datetime.timedelta(minutes=span.minutes)
        except OverflowError:
            raise NotPossible(BEYOND) from None

    def go_to(self, end: datetime.datetime, meanwhile: Callable[[], bool] = lambda: False) -> None:
        """Let time pass: whatever comes due is done at its time. Raises NotPossible when there is no end to it.

        `meanwhile` is asked each time something was due, and says whether it did something itself.
        """
        tried: datetime.datetime | None = None
        for _ in range(MOST_TURNS):
            if meanwhile():
                continue
            due = self._next()
            if due is None or due > end:
                self.now = max(self.now, end)
                return
            if time.monotonic() > self._give_up:
                raise NotPossible(f"after {self._patience:.0f} seconds it has come to {self.local(self.now):%Y-%m-%d %H:%M}: let fewer days pass")
            # What stays due although it was tried waits a second, as it would for the next look of a runner.
            self.now = max(due, self.now + datetime.timedelta(seconds=1) if tried == self.now else self.now)
            tried = self.now
            self._runner.run_due(self.now)
        raise NotPossible(f"after {MOST_TURNS} turns there is still more to do at {self.local(self.now):%Y-%m-%d %H:%M}")

    def _next(self) -> datetime.datetime | None:
        job = system.job
        with self.store.read() as connection:
            found: datetime.datetime | None = connection.scalar(sa.select(sa.func.min(job.c.due_at)).where(job.c.state == "waiting"))
        return found

    # Who acts

    @property
    def today(self) -> datetime.date:
        return clinic_day(self.release, self.now)

    @property
    def everybody(self) -> Actor:
        """The built-in account."""
        return system_actor(self.today)

    @property
    def clinic(self) -> str | None:
        """The clinic of everything that says nothing else: the first one, which is made where there is none."""
        clinic = self.release.model.clinic
        if clinic is not None and self._clinic is None:
            with self.store.read() as connection:
                table = self.release.tables.object(clinic.name).table
                self._clinic = connection.scalar(sa.select(table.c.id).order_by(table.c.id).limit(1))
            if self._clinic is None:
                self._clinic = self.create(clinic.name, placeholders(clinic, "simulation"))
        return self._clinic

    def person(self, role: str, record: str | None = None, clinic: str | None = None) -> str:
        """Let somebody sign in: the id of the account of a record, or of a new person with a role."""
        account = self.release.model.account
        if account is None:
            raise NotPossible("the definitions have no object of people who sign in (account: true)")
        id = record or self.create(account.name, placeholders(account, role))
        held = self.release.model.roles[role]
        with self.store.write() as connection:
            connection.execute(sa.insert(system.user).values(id=id, login=id, created_at=self.now, failed=0))
            connection.execute(sa.insert(system.membership).values(
                id=self.new_id(), user_id=id, role=held.id, clinic_id=clinic or self.clinic, from_date=None, until_date=None))
        return id

    def actor(self, id: str) -> Actor:
        """A person as she is today, with her teams."""
        with self.store.read() as connection:
            found = load_actor(connection, self.release, id, self.today)
        if found is None:
            raise NotPossible("the person's own record is gone")
        return found

    # Records

    def carry_out(self, command: Command, actor: Actor | None = None) -> Outcome:
        """Do something now."""
        return self.records.execute([command], actor or self.everybody, release=self.release, request=RequestInfo(channel="service"))[0]

    def create(self, object_name: str, values: Mapping[str, Any], clinic: str | None = None) -> str:
        """A new record as the built-in account; its id. Raises NotPossible."""
        made = self.release.model.objects[object_name]
        place = (clinic or self.clinic) if made.belongs_to.scope in ("clinic", "clinics") and not made.clinic else None
        outcome = self.carry_out(Create(object_name, values, clinic=place))
        if isinstance(outcome, Refused):
            raise NotPossible(told(outcome))
        return outcome.id

    def rows(self, object_name: str, ids: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """The records of an object as JSON by id, the oldest first; every field, for the built-in account."""
        made = self.release.model.objects[object_name]
        found: dict[str, dict[str, Any]] = {}
        after: str | None = None
        while True:
            query = ListQuery(
                object=object_name, fields=tuple(made.fields), limit=MAX_LIMIT, after=after,
                ids=tuple(ids) if ids is not None else None)
            page = self.records.list(query, self.everybody, self.release)
            serializer = Serializer(page.columns, self.locale)
            for row, item in zip(page.rows, serializer.items(page.rows), strict=True):
                found[row.id] = {**item, "": row.title or ""}
            after = page.next
            if after is None:
                return dict(sorted(found.items()))

    @property
    def locale(self) -> Locale:
        organisation = self.release.model.organisation
        return Locale(organisation.timezone, organisation.country, organisation.languages[0])


def told(refused: Refused) -> str:
    """Why something was refused, in words."""
    fields = "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in refused.errors)
    return fields or refused.message or refused.kind.value


def placeholders(made: Object, word: str, given: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Required texts that are not given, filled with a word. Raises NotPossible where that is not enough."""
    found = {}
    for field in made.fields.values():
        if field.required and field.stored and not field.filled and field.type.writable and field.name not in given:
            if field.type.name not in ("text", "long_text"):
                raise NotPossible(f"a record of '{made.name}' is needed, and its '{field.name}' has no value: write one under 'given'")
            found[field.name] = word
    return found
