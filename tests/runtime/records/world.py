"""A small clinic chain to write into: two clinics, people with different roles, patients, visits and tasks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from engine.model import Model
from engine.targets.layout import Layout
from engine.targets.tables import tables
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, Membership, system_actor
from runtime.records.commands import Command, Create
from runtime.records.outcomes import Outcome, Refused, Written
from runtime.records.service import Records
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.builders import files_of, model_of

NOW = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)

FILES = {
    "base/objects/patient.yaml": """
name: patient
label: {en: Patient, zh: 患者}
plural: {en: Patients, zh: 患者}
title: "{name}"
belongs_to: clinics
subject: self
fields:
  name: {type: text, required: true, max: 60, label: {en: Name, zh: 姓名}}
  sex: {type: choice, of: sex}
  born: {type: date}
  phone: {type: phone}
  wages: {type: decimal, places: 2, restricted: true}
  team: {type: link, to: team, on_delete: clear}
  doctor: {type: link, to: staff, on_delete: clear}
  card: {type: text, max: 20}
  number: {type: sequence, pattern: "P-{yyyy}-{0000}"}
unique:
  by_card: [card]
""",
    "objects/visit.yaml": """
name: visit
label: {en: Visit, zh: 就诊}
plural: {en: Visits, zh: 就诊}
title: "{patient.name} · {kind}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  kind: {type: text, max: 40}
  day: {type: date}
  fee: {type: decimal, places: 2, min: 0}
  tags: {type: choices, options: {urgent: {}, first: {}}}
  late: {type: boolean, formula: "day < today"}
checks:
  fee_kind: {rule: "fee == null || kind != null", message: {en: A fee needs a kind, zh: 收费需要类别}, field: kind}
""",
    "objects/task.yaml": """
name: task
label: {en: Task, zh: 任务}
plural: {en: Tasks, zh: 任务}
title: "{step}"
belongs_to: {via: visit}
subject: visit.patient
fields:
  visit: {type: link, to: visit, required: true, on_delete: cascade}
  step: {type: text, max: 40, required: true}
  due: {type: date}
  rank: {type: integer}
  pain: {type: integer, min: 0, max: 10}
  assignee: {type: link, to: staff, on_delete: clear}
""",
    "forms/outcome.yaml": "name: outcome\nobject: task\nitems: {pain: {required: true}}\n",
    "workflows/task.yaml": """
object: task
field: status
initial: planned
states: {planned: {label: {en: Planned, zh: 计划}}, running: {}, done: {category: done}}
transitions:
  start: {from: planned, to: running}
  finish: {from: running, to: done, ask: outcome, when: "has(pain) && pain < 10", reason: optional}
  drop: {from: [planned, running], to: done, reason: required}
""",
    "roles/nurse.yaml": """
name: nurse
grants:
  people: {object: patient, can: [read, create, update], show: [phone]}
  visits: {object: visit, can: [read, create, update, delete]}
  tasks: {object: task, can: [read, create, update, delete, start, finish]}
  staff: {object: staff, can: [read]}
  clinics: {object: clinic, can: [read]}
""",
    "roles/giver.yaml": """
name: giver
grants:
  people: {object: patient, can: [read]}
  visits: {object: visit, can: [read]}
  tasks: {object: task, can: [read, update], rows: "assignee == user.id"}
  staff: {object: staff, can: [read]}
""",
    "roles/desk.yaml": """
name: desk
grants:
  people: {object: patient, can: [read, update, export], mask: [phone], hide: [born]}
  own: {object: patient, can: [read, update], rows: "doctor == user.id", show: [phone], hide: [born]}
  visits: {object: visit, can: [read]}
""",
    "roles/caller.yaml": """
name: caller
grants:
  tasks: {object: task, can: [read, start], rows: "assignee == user.id"}
""",
    "roles/ranker.yaml": """
name: ranker
grants:
  first: {object: task, can: [read, export], rows: "rank == 1"}
  named: {object: task, can: [read, export], rows: "step == 's2'"}
denials:
  never: {object: task, can: [read], rows: "step == 's6'"}
""",
    "roles/manager.yaml": """
name: manager
grants:
  people: {object: patient, can: [read, create, update, delete, export], show: [phone, wages]}
  visits: {object: visit, can: [read, create, update, delete, export]}
  tasks: {object: task, can: [read, create, update, delete, start, finish, drop]}
  staff: {object: staff, can: [read, create, update, delete]}
""",
}
NORTH, SOUTH = f"{0xA:032x}", f"{0xB:032x}"
LI, WANG = f"{0xC:032x}", f"{0xD:032x}"


def model(files: dict[str, str] | None = None) -> Model:
    """The chain's Model, with some files replaced."""
    return model_of({**FILES, **(files or {})})


def release_of(made: Model, layout: Layout | None = None) -> Release:
    """A release as a process holds it."""
    extended = (layout or Layout()).extend(made)
    return Release(made.hash, made, extended, tables(made, extended), files_of(FILES))


def build(url: str) -> None:
    """A database with the chain's release live, two clinics and two staff members."""
    store = Store.open(url)
    release = release_of(model())
    put(store, release)
    store.close()


def put(store: Store, release: Release) -> None:
    """Make a release live without the publisher: its tables as they are, and the pointer."""
    with store.write() as connection:
        release.tables.metadata.create_all(connection)
        row = {"hash": release.hash, "base": None, "layout": dict(release.layout.names), "plugins": {}, "state": "published",
               "created_at": NOW, "created_by": "test", "published_at": NOW}
        connection.execute(sa.insert(system.release).values(row))
        live = system.live_release
        connection.execute(sa.update(live).values(hash=release.hash, generation=live.c.generation + 1))
        for name, id, title in (("clinic", NORTH, "North"), ("clinic", SOUTH, "South"), ("staff", LI, "Li"), ("staff", WANG, "Wang")):
            table = release.tables.object(name).table
            if connection.execute(sa.select(table.c.id).where(table.c.id == id)).first() is None:
                stamps = {"created_at": NOW, "created_by": "test", "updated_at": NOW, "updated_by": "test"}
                connection.execute(sa.insert(table).values(id=id, version=1, name=title, **stamps))


@dataclasses.dataclass
class World:
    """The store with the service over it; `release` is what the store says is live."""

    store: Store
    release: Release
    records: Records

    @classmethod
    def open(cls, url: str, release: Release) -> World:
        store = Store.open(url)
        world = cls(store, release, None)  # type: ignore[arg-type]
        store.release = lambda: world.release  # type: ignore[method-assign]
        count = itertools.count(0x1000)
        world.records = Records(store, lambda: NOW, lambda: f"{next(count):032x}", keys=Keys(b"k" * 32))
        return world

    @property
    def system(self) -> Actor:
        return system_actor(TODAY)

    def run(self, *commands: Command, actor: Actor | None = None, atomic: bool = True) -> list[Outcome]:
        return self.records.execute(commands, actor or self.system, atomic=atomic)

    def one(self, command: Command, actor: Actor | None = None) -> Outcome:
        return self.run(command, actor=actor)[0]

    def make(self, object: str, clinic: str | None = None, actor: Actor | None = None, **values: object) -> str:
        """The id of a new record; fails when it is refused."""
        return self.ok(Create(object, values, clinic=clinic), actor).id

    def ok(self, command: Command, actor: Actor | None = None) -> Written:
        outcome = self.one(command, actor)
        assert isinstance(outcome, Written), outcome
        return outcome

    def no(self, command: Command, actor: Actor | None = None) -> Refused:
        outcome = self.one(command, actor)
        assert isinstance(outcome, Refused), outcome
        return outcome

    def scalars(self, statement: sa.Select[object]) -> Sequence[object]:
        with self.store.read() as connection:
            return connection.execute(statement).scalars().all()

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        with self.store.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()


def person(*memberships: tuple[str, str | None], id: str = LI, language: str = "en", **more: object) -> Actor:
    """Somebody with roles (`nurse`, …) in clinics."""
    held = tuple(Membership(f"test:{role}", clinic) for role, clinic in memberships)
    clinics = tuple(dict.fromkeys(clinic for _, clinic in memberships if clinic)) or (NORTH, SOUTH)
    return Actor(id=id, name="Li", language=language, today=TODAY, memberships=held, clinics=clinics, **more)  # type: ignore[arg-type]


Opener = Callable[[], World]
