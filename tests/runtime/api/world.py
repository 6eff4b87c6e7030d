"""A published clinic chain behind the real application: people with sessions and tokens, and a client that speaks JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.text import read_bytes
from runtime.identity.actor import TokenScope, system_actor
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.records.commands import Command, Create
from runtime.records.outcomes import Written
from runtime.settings import Settings
from runtime.store import publish, system
from runtime.store.database import Store
from runtime.store.publish import Incoming
from runtime.web.app import create_app
from runtime.web.limits import Limits
from runtime.web.site import Site, site_of
from tests.builders import files_of
from tests.fixtures.clock import START, FixedClock
from tests.runtime.records.world import FILES as RECORDS

TODAY = dt.date(2026, 3, 2)
FILES: Mapping[str, str] = {
    **RECORDS,
    "base/objects/patient.yaml": RECORDS["base/objects/patient.yaml"].replace(
        "  card:", "  photo: {type: attachment, max_size: 300000, accept: [image/png, text/plain]}\n  card:"),
    "roles/nurse.yaml": RECORDS["roles/nurse.yaml"].replace("can: [read, create, update], show: [phone]",
                                                             "can: [read, create, update, delete], show: [phone]"),
    "roles/operator.yaml": "name: operator\nsystem: [operate]\ngrants: {}\n",
    "roles/watcher.yaml": "name: watcher\ngrants:\n  people: {object: patient, can: [read]}\n",
}
PEOPLE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "nurse": (("nurse", "north"),), "desk": (("desk", "north"),), "caller": (("caller", "north"),), "manager": (("manager", "north"),),
    "watcher": (("watcher", "north"),), "elsewhere": (("nurse", "south"),), "mixed": (("nurse", "north"), ("desk", "south")),
    "operator": (("operator", "north"),), "nobody": (),
}
"""Login → (role, clinic) of the memberships."""
_CLINICS = {"north": f"{0xA0:032x}", "south": f"{0xB0:032x}"}
NORTH, SOUTH = _CLINICS["north"], _CLINICS["south"]


def person_id(login: str) -> str:
    return f"{0xC0 + list(PEOPLE).index(login):032x}"


def build(url: str) -> None:
    """The chain published, with clinics and people."""
    clock = FixedClock()
    store = Store.open(url, clock=clock)
    ids = (f"{n:032x}" for n in itertools.count(0x500))
    incoming = Incoming(source=read_bytes(files_of(FILES)), base="")
    publish.publish(store, incoming, system_actor(TODAY), new_id=lambda: next(ids), wait=0)
    release = store.release()
    with store.write() as connection:
        for name, id in _CLINICS.items():
            _insert(connection, release.tables.object("clinic").table, id=id, name=name.title())
        for login, memberships in PEOPLE.items():
            _insert(connection, release.tables.object("staff").table, id=person_id(login), name=login.title())
            connection.execute(sa.insert(system.user).values(id=person_id(login), login=login, created_at=START))
            for role, clinic in memberships:
                connection.execute(sa.insert(system.membership).values(
                    id=next(ids), user_id=person_id(login), role=f"test:{role}", clinic_id=_CLINICS[clinic]))
    store.close()


def _insert(connection: sa.Connection, table: sa.Table, **values: object) -> None:
    stamps = {"version": 1, "created_at": START, "created_by": "test", "updated_at": START, "updated_by": "test"}
    connection.execute(sa.insert(table).values(**stamps, **values))


@dataclasses.dataclass
class Web:
    """The application over one database."""

    app: Flask
    clock: FixedClock
    folder: Path

    @property
    def site(self) -> Site:
        return site_of(self.app)

    @property
    def store(self) -> Store:
        return self.site.store

    @classmethod
    def open(cls, url: str, folder: Path, **settings: Any) -> Web:
        clock = FixedClock()
        made = Settings(database_url=url, keys_path=folder / "carework.keys", **settings)
        return cls(create_app(made, store=Store.open(url, clock=clock), clock=clock, limits=Limits({})), clock, folder)

    def token(self, login: str, scope: TokenScope | None = None, **more: Any) -> str:
        return Tokens(self.store, self.site.new_id).issue(person_id(login), self.clock(), scope=scope, **more)[1]

    def session(self, login: str) -> str:
        with self.store.write() as connection:
            return Sessions(self.store).start(connection, person_id(login), self.clock())

    def as_(self, login: str, **more: Any) -> Caller:
        return Caller(self.app.test_client(), {"Authorization": f"Bearer {self.token(login, **more)}", "Accept-Language": "en"})

    def anonymous(self) -> Caller:
        return Caller(self.app.test_client(), {"Accept-Language": "en"})

    def make(self, object: str, clinic: str | None = None, **values: object) -> str:
        """A record written by the built-in account."""
        return self.run(Create(object, values, clinic=clinic)).id

    def run(self, command: Command) -> Written:
        (outcome,) = self.site.records.execute([command], system_actor(TODAY))
        assert isinstance(outcome, Written), outcome
        return outcome

    def patient(self, clinic: str = NORTH, **values: object) -> str:
        return self.make("patient", clinic, **{"name": "欧阳明月", "phone": "13812345678", **values})

    def task(self, **values: object) -> str:
        visit = self.make("visit", None, patient=self.patient())
        return self.make("task", None, **{"visit": visit, "step": "call", **values})

    def publish(self, files: Mapping[str, str]) -> str:
        with self.store.read() as connection:
            base = connection.scalar(sa.select(system.live_release.c.hash)) or ""
        incoming = Incoming(source=read_bytes(files_of({**FILES, **files})), base=base)
        return publish.publish(self.store, incoming, system_actor(TODAY), new_id=self.site.new_id, wait=0).hash

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        with self.store.read() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)

    def views(self, **where: object) -> list[Any]:
        """Entries of the view audit, oldest first."""
        table = system.view
        with self.store.audit.read() as connection:
            return list(connection.execute(sa.select(table).where(*(table.c[n] == v for n, v in where.items())).order_by(table.c.id)))

    def close(self) -> None:
        self.store.close()


@dataclasses.dataclass
class Caller:
    """Somebody with a client; paths are below `/api/v1` unless they begin with `//`."""

    client: FlaskClient
    headers: Mapping[str, str]

    def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> TestResponse:
        where = path[1:] if path.startswith("//") else f"/api/v1{path}"
        return self.client.open(where, method=method, headers={**self.headers, **(headers or {})}, **more)

    def get(self, path: str, **parameters: Any) -> TestResponse:
        return self.send("GET", path, query_string=parameters or None)

    def post(self, path: str, body: object = None, **more: Any) -> TestResponse:
        return self.send("POST", path, json=body if body is not None else {}, **more)

    def patch(self, path: str, body: object, version: int | None = None) -> TestResponse:
        return self.send("PATCH", path, json=body, headers={} if version is None else {"If-Match": f'"{version}"'})

    def delete(self, path: str, version: int | None = None) -> TestResponse:
        return self.send("DELETE", path, headers={} if version is None else {"If-Match": f'"{version}"'})
