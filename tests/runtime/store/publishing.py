"""A store and a way to publish files written in a test: `clinic.publish({path: text})`."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping
from uuid import uuid4

import sqlalchemy as sa

from engine.targets.plan import ReleasePlan
from engine.text import read_bytes
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, system_actor
from runtime.records.seeding import Seeding
from runtime.store import publish as publishing
from runtime.store.database import Store
from runtime.store.publish import Incoming, Published
from tests.builders import files_of

VISIT = """
name: visit
label: {en: Visit, zh: 就诊}
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  note: {type: text, max: 80}
"""
BY = "f" * 32


class Clinic:
    """One database; publishes always from the release that is live unless told otherwise."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.actor: Actor = system_actor(datetime.date(2026, 3, 2))
        self._ids = (uuid4().hex for _ in itertools.count())

    @property
    def live(self) -> str:
        with self.store.read() as connection:
            return connection.scalar(sa.text("SELECT hash FROM cw_live_release")) or ""

    def incoming(self, files: Mapping[str, str], base: str | None = None, **more: object) -> Incoming:
        return Incoming(source=read_bytes(files_of(files)), base=self.live if base is None else base, **more)  # type: ignore[arg-type]

    def plan(self, files: Mapping[str, str], base: str | None = None, **more: object) -> ReleasePlan:
        return publishing.plan(self.store, self.incoming(files, base, **more))

    def publish(self, files: Mapping[str, str], base: str | None = None, **more: object) -> Published:
        return self.send(self.incoming(files, base, **more))

    def send(self, incoming: Incoming, **more: object) -> Published:
        more.setdefault("actor", self.actor)
        seed = Seeding(self.store.clock, self.new_id, Keys(bytes(32)))
        return publishing.publish(self.store, incoming, new_id=self.new_id, seed=seed, **more)  # type: ignore[arg-type]

    def new_id(self) -> str:
        return next(self._ids)

    def put(self, object_name: str, id: str, **values: object) -> None:
        """A row, as the records service would write it, without its history."""
        now = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
        table = self.store.releases.refresh().tables.object(object_name)
        runtime = {"id": id, "version": 1, "created_at": now, "created_by": BY, "updated_at": now, "updated_by": BY}
        row = {table.table.c[n].name: v for n, v in runtime.items()}
        row |= {table.column(name).name: value for name, value in values.items()}
        with self.store.write() as connection:
            connection.execute(table.table.insert(), row)

    def values(self, object_name: str, field: str) -> list[object]:
        """The values of a field by row id."""
        table = self.store.releases.refresh().tables.object(object_name)
        with self.store.read() as connection:
            return list(connection.execute(sa.select(table.column(field)).order_by(table.table.c.id)).scalars())


def kinds(plan: ReleasePlan) -> list[str]:
    """Class names of a plan's operations, in its order."""
    return [type(operation).__name__ for operation in plan.operations]


def codes(plan: ReleasePlan) -> list[str]:
    return [problem.code.code for problem in plan.problems]
