"""A clinic with treatments and follow-up plans, its clock and its runner."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from runtime.audit.keys import Keys
from runtime.composition import records_for
from runtime.identity.actor import Actor, Membership, system_actor
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.records.commands import Command, Create, Transition, Update
from runtime.records.outcomes import Outcome, Refused, Written
from runtime.settings import Settings
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import START, FixedClock
from tests.runtime.api.world import Web
from tests.runtime.store.publishing import Clinic

NORTH, SOUTH = f"{0xA:032x}", f"{0xB:032x}"
LI = f"{0xC:032x}"

TREATMENT = """
name: treatment
label: {en: Treatment, zh: 治疗}
plural: {en: Treatments, zh: 治疗}
title: "{kind}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true, on_delete: cascade}
  kind: {type: text, max: 40}
  day: {type: date}
  finished: {type: boolean, default: false}
"""
CALL = """
name: call
label: {en: Call, zh: 电话}
plural: {en: Calls, zh: 电话}
title: "{step}"
belongs_to: {via: patient}
subject: patient
task: {due: due, assignee: assignee, label: step}
fields:
  patient: {type: link, to: patient, required: true, on_delete: cascade}
  treatment: {type: link, to: treatment, on_delete: cascade}
  step: {type: text, max: 60, required: true}
  due: {type: date, required: true}
  pain: {type: integer, min: 0, max: 10}
  note: {type: text, max: 40}
  assignee: {type: link, to: staff, on_delete: clear}
"""
FLOW = """
object: call
field: status
initial: planned
states:
  planned: {}
  running: {}
  done: {category: done}
  cancelled: {category: cancelled}
transitions:
  start: {from: planned, to: running}
  finish: {from: [planned, running], to: done, ask: outcome}
  cancel: {from: [planned, running], to: cancelled, reason: required}
  reopen: {from: [done, cancelled], to: planned}
"""
RECOVERY = """
name: recovery
label: {en: Recovery, zh: 术后随访}
subject: patient
anchor: treatment.day
enrol_when: "finished && kind == 'implant'"
stop_when: "subject.phone == '999'"
running: move_at_next_step
steps:
  day1: {label: First day, at: "anchor + days(1)", create: call, form: wound, window: days(2)}
  week1: {label: One week, at: "anchor + days(7)", create: call, skip_when: "answers.day1.pain == 0",
          values: {note: "kind"}}
  recall: {label: Recall, every: months(6), from: "anchor + months(6)", times: 2, create: call}
"""
HELLO = """
name: hello
object: treatment
channels: [inbox]
subject: {en: Hello, zh: 您好}
body: {en: "Soon", zh: "即将"}
"""
TELLING = RECOVERY[:RECOVERY.index("  day1")] + "  say: {at: 'anchor + days(1)', message: hello, to: patient}\n"
FILES: Mapping[str, str] = {
    "objects/treatment.yaml": TREATMENT,
    "objects/call.yaml": CALL,
    "workflows/call.yaml": FLOW,
    "forms/outcome.yaml": "name: outcome\nobject: call\nitems: {note: {}}\n",
    "forms/wound.yaml": "name: wound\nobject: call\nitems: {pain: {required: true}}\n",
    "plans/recovery.yaml": RECOVERY,
    "roles/nurse.yaml": """
name: nurse
grants:
  people: {object: patient, can: [read, create, update, delete], show: [phone]}
  treatments: {object: treatment, can: [read, create, update, delete]}
  calls: {object: call, can: [read, create, update, delete, start, finish, cancel, reopen]}
  staff: {object: staff, can: [read]}
  clinics: {object: clinic, can: [read]}
""",
    "roles/desk.yaml": """
name: desk
grants:
  people: {object: patient, can: [read], show: [phone]}
  treatments: {object: treatment, can: [read]}
  calls: {object: call, can: [read]}
""",
    "roles/clerk.yaml": """
name: clerk
grants:
  people: {object: patient, can: [read]}
  treatments: {object: treatment, can: [read, update]}
  calls: {object: call, can: [read]}
""",
    "roles/porter.yaml": "name: porter\ngrants:\n  people: {object: patient, can: [read]}\n",
}


def build(url: str) -> None:
    """The clinic with its first release, once per run."""
    clock = FixedClock()
    store = Store.open(url, clock=clock)
    Clinic(store).publish(dict(FILES))
    world = World(store, clock)
    for object, id in (("clinic", NORTH), ("clinic", SOUTH), ("staff", LI)):
        world.ok(Create(object, {"name": object}, id=id))
    store.close()


@dataclasses.dataclass
class World:
    """The store with everything over it."""

    store: Store
    clock: FixedClock

    def __post_init__(self) -> None:
        self.new_id = lambda: uuid4().hex
        self.records = records_for(self.store, self.clock, self.new_id, keys=Keys(bytes(32)))
        self.clinic = Clinic(self.store)

    @property
    def workplace(self) -> Workplace:
        return Workplace(
            store=self.store, records=self.records, keys=Keys(bytes(32)), clock=self.clock, new_id=self.new_id,
            settings=Settings())

    def runner(self) -> Runner:
        return Runner(self.workplace, uuid4().hex, chance=lambda: 0.5)

    def run_due(self) -> int:
        return self.runner().run_due()

    def days(self, count: float) -> None:
        """Let days pass, and do what comes due at its time."""
        end = self.clock() + dt.timedelta(days=count)
        runner = self.runner()
        while self.clock() < end:
            with self.store.read() as connection:
                due = connection.scalar(sa.select(sa.func.min(system.job.c.due_at)).where(system.job.c.state == "waiting"))
            self.clock.set(min(end, max(due or end, self.clock() + dt.timedelta(seconds=1))))
            runner.run_due()

    def publish(self, files: Mapping[str, str]) -> None:
        self.clinic.publish({**FILES, **files})
        self.store.releases.refresh()

    def run(self, *commands: Command, actor: Actor | None = None) -> list[Outcome]:
        return self.records.execute(commands, actor or system_actor(START.date()))

    def ok(self, command: Command, actor: Actor | None = None) -> Written:
        (outcome,) = self.run(command, actor=actor)
        assert isinstance(outcome, Written), outcome
        return outcome

    def no(self, command: Command, actor: Actor | None = None) -> Refused:
        (outcome,) = self.run(command, actor=actor)
        assert isinstance(outcome, Refused), outcome
        return outcome

    def patient(self, **values: Any) -> str:
        return self.ok(Create("patient", {"name": "Wang", **values}, clinic=NORTH)).id

    def treatment(self, patient: str | None = None, **values: Any) -> str:
        """A finished implant of today."""
        given = {"patient": patient or self.patient(), "kind": "implant", "day": "2026-03-02", "finished": True, **values}
        return self.ok(Create("treatment", given)).id

    def update(self, object: str, id: str, **values: Any) -> Written:
        return self.ok(Update(object, id, values, None))

    def fire(self, id: str, name: str, actor: Actor | None = None, reason: str | None = None, **values: Any) -> Outcome:
        return self.run(Transition("call", id, name, values, None, reason), actor=actor or person("nurse"))[0]

    def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> Sequence[Any]:
        with self.store.read() as connection:
            return connection.execute(sa.select(table).where(*where).order_by(*table.primary_key.columns)).all()

    def enrolments(self, record: str) -> list[Any]:
        return list(self.rows(system.enrolment, system.enrolment.c.record_id == record))

    def steps(self, record: str) -> dict[str, tuple[str, str]]:
        """`day1.1` → state and day, of the latest enrolment that a record began."""
        latest = self.enrolments(record)[-1]
        rows = self.rows(system.enrolment_step, system.enrolment_step.c.enrolment_id == latest.id)
        return {f"{row.step.rpartition('.')[2]}.{row.n}": (row.state, str(row.due_date or row.due_at)) for row in rows}

    def calls(self, treatment: str) -> dict[str, dict[str, Any]]:
        """The calls of a treatment by their label, with the latest of each."""
        table = self.store.release().tables.object("call")
        names = ("id", "status", "due", "note", "step")
        with self.store.read() as connection:
            rows = connection.execute(
                sa.select(*(table.column(name).label(name) for name in names)).where(table.column("treatment") == treatment)
                .order_by(table.column("due"))).all()
        return {row.step: row._asdict() for row in rows}


def telling(world: World) -> dict[str, str]:
    """The files that let plans tell patients something."""
    patient = world.clinic.incoming({}).source.files["base/objects/patient.yaml"].decode()
    return {"base/objects/patient.yaml": patient + "  email: {type: email}\ncontact: {email: email}\n", "messages/hello.yaml": HELLO}


def person(role: str, clinic: str | None = NORTH, **more: Any) -> Actor:
    """Somebody with a role in a clinic."""
    return Actor(id=LI, name="Li", language="en", today=START.date(), memberships=(Membership(f"test:{role}", clinic),),
                 clinics=(clinic,) if clinic else (NORTH, SOUTH), **more)


PEOPLE = {"nurse": NORTH, "desk": NORTH, "clerk": NORTH, "porter": NORTH, "southern": SOUTH}
"""Those who sign in: the role, or of `southern` the nurse's, and the clinic."""


def login_id(login: str) -> str:
    return f"{0xC0 + list(PEOPLE).index(login):032x}"


class ClinicWeb(Web):
    """The application over a clinic with people."""

    def token(self, login: str, scope: Any = None, **more: Any) -> str:
        return Tokens(self.store, self.site.new_id).issue(login_id(login), self.clock(), scope=scope, **more)[1]

    def session(self, login: str) -> str:
        with self.store.write() as connection:
            return Sessions(self.store).start(connection, login_id(login), self.clock())

    def release(self, files: Mapping[str, str]) -> None:
        Clinic(self.store).publish({**FILES, **files})
        self.store.releases.refresh()


def build_web(url: str) -> None:
    """The clinic with people who sign in."""
    build(url)
    store = Store.open(url, clock=FixedClock())
    world = World(store, FixedClock())
    for login, clinic in PEOPLE.items():
        world.ok(Create("staff", {"name": login}, id=login_id(login)))
        with store.write() as connection:
            connection.execute(sa.insert(system.user).values(id=login_id(login), login=login, created_at=START))
            role = "nurse" if login == "southern" else login
            connection.execute(sa.insert(system.membership).values(
                id=uuid4().hex, user_id=login_id(login), role=f"test:{role}", clinic_id=clinic))
    store.close()
