"""The example organisation served for tests in a browser: a clinic with two people, two patients, a task and today's appointment."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page

from engine.text import read_folder
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, system_actor
from runtime.identity.own import set_language
from runtime.identity.sessions import Sessions
from runtime.links.making import NewLink, make_link, token_of
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
from tests.fixtures.clock import FixedClock
from tests.runtime.screens.serving import served

__all__ = ["MANAGER", "NURSE", "Clinic", "opened"]

EXAMPLE = Path(__file__).parents[3] / "examples" / "hexin"
MANAGER, NURSE = f"{0x51:032x}", f"{0x52:032x}"


@dataclasses.dataclass
class Clinic:
    """The example served: a clinic, a manager, a nurse, two patients and a task."""

    origin: str
    site: Site
    ids: dict[str, str]

    def sign_in(self, page: Page, language: str = "zh") -> None:
        with self.site.store.write() as connection:
            secret = Sessions(self.site.store).start(connection, MANAGER, self.site.clock())
        set_language(self.site.store, MANAGER, language)
        page.context.add_cookies([{"name": self.site.cookie, "value": secret, "url": self.origin}])

    def make(self, object: str, values: dict[str, object], clinic: str | None = None, id: str | None = None) -> str:
        [outcome] = self.site.records.execute([Create(object, values, clinic=clinic, id=id)], self.system)
        assert isinstance(outcome, Written), outcome
        return outcome.id

    def patient(self, name: str, **values: object) -> str:
        return self.make("patient", {"name": name, **values}, self.ids["home"])

    @property
    def system(self) -> Actor:
        return system_actor(self.site.clock().date())


@contextmanager
def opened(url: str, keys: Path) -> Iterator[Clinic]:
    """The example published into an empty database and served."""
    clock = FixedClock()
    store = Store.open(url, clock=clock)
    settings = Settings(database_url=url, keys_path=keys / "keys")
    ids = (f"{n:032x}" for n in itertools.count(0x900))
    seeding = Seeding(clock, lambda: next(ids), Keys.load_or_make(settings.keys_path))
    incoming = Incoming(source=read_folder(EXAMPLE), base="")
    publish.publish(store, incoming, system_actor(clock().date()), new_id=lambda: next(ids), seed=seeding, wait=0)
    app = create_app(settings, store=store, clock=clock, limits=Limits({}))
    with served(app) as origin:
        made = Clinic(origin, site_of(app), {})
        _populate(made)
        yield made
    store.close()


def _populate(clinic: Clinic) -> None:
    table = clinic.site.store.release().tables.object("clinic").table
    with clinic.site.store.read() as connection:
        home = str(connection.execute(sa.select(table.c.id).limit(1)).scalar_one())
    for id, name in ((MANAGER, "高明"), (NURSE, "林静")):
        clinic.make("staff", {"name": name}, id=id)
    with clinic.site.store.write() as connection:
        connection.execute(sa.insert(system.user).values(id=MANAGER, login="gao", created_at=clinic.site.clock()))
        connection.execute(sa.insert(system.membership).values(id=f"{0x61:032x}", user_id=MANAGER, role="core:manager", clinic_id=home))
    ids = clinic.ids
    ids["home"] = home
    ids["patient"] = clinic.patient("欧阳明月", phone="13812345678", birth_date="1968-03-14")
    clinic.patient("阿卜杜拉·买买提艾力·吾斯曼江·阿不都热合曼")
    clinic.make("allergy", {"patient": ids["patient"], "substance": "青霉素", "severity": "severe"})
    ids["appointment"] = clinic.make(
        "appointment", {"patient": ids["patient"], "starts_at": "2026-03-02T01:30:00Z", "doctor": MANAGER, "purpose": "复诊"}, home)
    task = {"patient": ids["patient"], "step": "术后第 7 天电话随访", "due": "2026-02-20", "assignee": MANAGER}
    ids["task"] = clinic.make("followup_task", task)
    ids["token"] = _link(clinic, ids["task"])


def _link(clinic: Clinic, task: str) -> str:
    """What a patient is sent to answer the task's questions; the end of its address."""
    model, now = clinic.site.store.release().model, clinic.site.clock()
    made = NewLink(
        form=model.forms["self_report"].id, transition=model.workflows["followup_task"].transitions["answer"].id,
        object=model.objects["followup_task"].id, record_id=task, created_by=MANAGER, subject_id=clinic.ids["patient"],
        clinic_id=clinic.ids["home"], expires_at=now + datetime.timedelta(days=30))
    with clinic.site.store.write() as connection:
        return token_of(make_link(connection, made, clinic.site.keys, now=now, new_id=clinic.site.new_id), clinic.site.keys)
