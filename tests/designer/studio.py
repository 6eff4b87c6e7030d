"""The example organisation behind the real application, with people who design: one who may grant as well, one who may not."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from designer.drafts.draft import Draft
from designer.drafts.keeping import Drafts
from designer.edits.edit import Edit
from engine.text import read_folder
from runtime.audit.keys import Keys
from runtime.identity.actor import system_actor
from runtime.identity.own import set_language
from runtime.identity.sessions import Sessions
from runtime.records.commands import Create
from runtime.records.outcomes import Written
from runtime.records.seeding import Seeding
from runtime.settings import Settings
from runtime.store import publish, system
from runtime.store.database import Store
from runtime.store.publish import Incoming
from runtime.web.app import create_app
from runtime.web.limits import Limits
from runtime.web.site import Site, site_of
from runtime.web.state import LANGUAGE_COOKIE
from tests.fixtures.clock import FixedClock

EXAMPLE = Path(__file__).parents[2] / "examples" / "hexin"
HEAD, DESIGNER, NURSE = f"{0x61:032x}", f"{0x62:032x}", f"{0x63:032x}"
PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    HEAD: ("王 head", ("core:designer", "core:security_officer")), DESIGNER: ("李 designer", ("core:designer",)),
    NURSE: ("赵 nurse", ("core:nurse",)),
}


def build(url: str) -> None:
    """The example published, and the people."""
    clock = FixedClock()
    store = Store.open(url, clock=clock)
    ids = (f"{n:032x}" for n in itertools.count(0x900))
    seed = Seeding(clock, lambda: next(ids), Keys(bytes(32)))
    publish.publish(store, Incoming(source=read_folder(EXAMPLE), base=""), system_actor(clock().date()), new_id=lambda: next(ids), seed=seed,
                    wait=0)
    store.close()


@dataclasses.dataclass
class Studio:
    """The application and its drafts."""

    site: Site
    client: FlaskClient
    clock: FixedClock

    @classmethod
    def open(cls, url: str, folder: Path) -> Studio:
        clock = FixedClock()
        settings = Settings(database_url=url, keys_path=folder / "carework.keys")
        app = create_app(settings, store=Store.open(url, clock=clock), clock=clock, limits=Limits({}))
        made = cls(site_of(app), app.test_client(), clock)
        made._people()
        return made

    def _people(self) -> None:
        for id, (name, roles) in PEOPLE.items():
            [outcome] = self.site.records.execute([Create("staff", {"name": name}, id=id)], system_actor(self.clock().date()))
            if not isinstance(outcome, Written):
                continue
            with self.site.store.write() as connection:
                connection.execute(sa.insert(system.user).values(id=id, login=f"user{id[-2:]}", created_at=self.clock()))
                for number, role in enumerate(roles):
                    connection.execute(sa.insert(system.membership).values(id=f"{number + 1:04x}{id[4:]}", user_id=id, role=role))

    @property
    def store(self) -> Store:
        return self.site.store

    @property
    def drafts(self) -> Drafts:
        return Drafts(self.store, self.site.new_id)

    def draft(self, name: str = "Test") -> str:
        return self.drafts.create(name, HEAD, self.clock(), base=self.store.release().hash)

    def edit(self, id: str, edit: Edit, **more: Any) -> Draft:
        return self.drafts.edit(id, edit, HEAD, self.clock(), **more)

    def session(self, person: str = HEAD) -> str:
        with self.store.write() as connection:
            return Sessions(self.store).start(connection, person, self.clock())

    def sign_in(self, person: str = HEAD, language: str = "en") -> None:
        self.client.set_cookie(self.site.cookie, self.session(person))
        self.client.set_cookie(LANGUAGE_COOKIE, language)
        set_language(self.store, person, language)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, /, **fields: str) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def json(self, path: str, body: object) -> TestResponse:
        return self.client.post(path, json=body, headers={"X-CSRFToken": self.token(), "Accept": "application/json"})

    def token(self) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', self.client.get("/me").get_data(as_text=True))
        assert found is not None
        return found[1]

    def close(self) -> None:
        self.store.close()
