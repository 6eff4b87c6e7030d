"""A published clinic with messages of every sort, two people who sign in, and a channel that writes down what it was given."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from runtime.audit.keys import Keys
from runtime.channels import Channel, Delivered, Letter, Reach
from runtime.composition import records_for
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.identity.loading import load_actor
from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.messages.jobs import MessageJobs
from runtime.messages.sending import queue_message
from runtime.records.commands import Command, Create, Update
from runtime.records.outcomes import Written
from runtime.settings import Settings
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import START, FixedClock
from tests.runtime.store.publishing import Clinic

NORTH, SOUTH = f"{0xA:032x}", f"{0xB:032x}"
LI, WANG = f"{0xC:032x}", f"{0xD:032x}"
BASE_URL = "https://care.example.org"

FILES = {
    "base/objects/staff.yaml": """
name: staff
title: "{name}"
belongs_to: organisation
account: true
contact: {email: email, refuses: quiet, refused_channels: ways}
fields:
  name: {type: text, required: true, max: 60}
  email: {type: email, restricted: false}
  quiet: {type: boolean}
  ways: {type: choices, options: {email: {}, inbox: {}}}
""",
    "base/objects/patient.yaml": """
name: patient
label: {en: Patient, zh: 患者}
title: "{name}"
belongs_to: clinics
subject: self
contact: {email: email, phone: phone, language: language, refuses: no_contact, refused_channels: ways, marketing: offers}
fields:
  offers: {type: boolean}
  name: {type: text, required: true, max: 60, label: {en: Name, zh: 姓名}}
  email: {type: email}
  phone: {type: phone}
  id_number: {type: text, max: 30, restricted: true}
  language: {type: text, max: 20}
  no_contact: {type: boolean}
  ways: {type: choices, options: {email: {}, sms: {}}}
  doctor: {type: link, to: staff, on_delete: clear}
""",
    "objects/visit.yaml": """
name: visit
label: {en: Visit, zh: 就诊}
title: "{patient.name} · {kind}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true, on_delete: cascade}
  kind: {type: choice, options: {check: {label: {en: Check-up, zh: 复查}}, other: {}}, label: {en: Kind, zh: 类型}}
  day: {type: date}
  pain: {type: integer, min: 0, max: 10, label: {en: Pain, zh: 疼痛}}
  well: {type: boolean, label: {en: Well, zh: 良好}}
  secret: {type: text, max: 80, restricted: true}
  doctor: {type: link, to: staff, on_delete: clear, label: {en: Doctor, zh: 医生}}
  comment: {type: long_text, label: {en: Comment, zh: 补充}}
""",
    "workflows/visit.yaml": """
object: visit
field: status
initial: planned
states: {planned: {label: {en: Planned, zh: 计划中}}, answered: {label: {en: Answered, zh: 已答复}, category: done}}
transitions:
  answer: {from: planned, to: answered, ask: how_are_you, label: {en: Answer, zh: 答复}}
""",
    "forms/how_are_you.yaml": """
name: how_are_you
object: visit
label: {en: How are you?, zh: 您的恢复情况}
items:
  head: {heading: {en: Today, zh: 今天}}
  day: {read_only: true, label: {en: Day of the visit, zh: 就诊日期}}
  pain: {required: true, help: {en: 0 none, zh: 0 为无痛}}
  well: {}
  secret: {read_only: true}
  doctor: {}
  comment: {}
""",
    "forms/live.yaml": """
name: live
object: visit
label: {en: Live}
items:
  pain: {required: true}
  comment: {show: "pain >= 5", required: true}
  well: {show: "pain < 5"}
""",
    "forms/watching.yaml": """
name: watching
object: visit
label: {en: Watching}
items:
  pain: {required: true}
  comment: {show: "patient.name == '王芳' && secret != 'zq-secret'"}
""",
    "messages/reminder.yaml": """
name: reminder
label: {en: Reminder, zh: 提醒}
object: visit
channels: [email]
subject: {en: "Visit of {patient.name}", zh: "{patient.name}的{kind}"}
body:
  en: "Dear {patient.name}, {kind} on {day}. {pain == null ? 'Welcome' : 'Pain ' + string(pain)}{well}"
  zh: "{patient.name}，{kind}，{day}。{well}"
""",
    "messages/questions.yaml": """
name: questions
label: {en: Questions, zh: 问卷}
object: visit
channels: [email]
subject: {en: A few questions, zh: 几个问题}
body: {en: "Please answer: {link}", zh: "请填写：{link}"}
link: {form: how_are_you, transition: answer, days: 3}
""",
    "messages/alert.yaml": """
name: alert
label: {en: Alert, zh: 预警}
object: visit
channels: [inbox]
urgent: true
subject: {en: "{patient.name}: pain {pain}", zh: "{patient.name}：疼痛 {pain}"}
body: {en: "Secret {secret}; number {patient.id_number}; {secret == null ? 'none' : secret}", zh: "{secret}"}
""",
    "messages/offer.yaml": """
name: offer
object: visit
channels: [email]
purpose: marketing
subject: {en: Offer, zh: 优惠}
body: {en: Text, zh: 文本}
""",
    "messages/two_ways.yaml": """
name: two_ways
object: visit
channels: [inbox, email]
subject: {en: Both, zh: 两种}
body: {en: Text, zh: 文本}
""",
    "roles/nurse.yaml": """
name: nurse
label: {en: Nurse, zh: 护士}
grants:
  people: {object: patient, can: [read, create, update], show: [phone]}
  visits: {object: visit, can: [read, create, update, answer], show: [secret]}
""",
    "roles/desk.yaml": """
name: desk
grants:
  people: {object: patient, can: [read]}
  visits: {object: visit, can: [read]}
""",
}
ORGANISATION = """
name: house
label: {en: Good House, zh: 好诊所}
packs: [base, test]
timezone: Asia/Shanghai
languages: [zh, en]
quiet_hours: "21:00-08:00"
"""


def build(url: str) -> None:
    """The clinic, once per run."""
    store = Store.open(url)
    clinic = Clinic(store)
    clinic.publish({**FILES, "organisation.yaml": ORGANISATION})
    for name, id, title in (("clinic", NORTH, "North"), ("clinic", SOUTH, "South"), ("staff", LI, "Li"), ("staff", WANG, "Wang")):
        clinic.put(name, id, name=title)
    with store.write() as connection:
        for id, role, where in ((LI, "test:nurse", NORTH), (WANG, "test:desk", NORTH)):
            login = {LI: "li", WANG: "wang"}[id]
            connection.execute(sa.insert(system.user).values(id=id, login=login, language="en", created_at=START))
            connection.execute(sa.insert(system.membership).values(id=id[::-1], user_id=id, role=role, clinic_id=where))
    store.close()


class Recording(Channel):
    """Writes letters down; `answer` may answer or raise instead."""

    name = "email"
    label = {"en": "E-mail", "zh": "邮件"}

    def __init__(self, answer: Callable[[Letter], Any] | None = None, name: str = "email") -> None:
        self.sent: list[tuple[str, Letter, str, bool]] = []
        self.answer = answer
        self.name = name  # type: ignore[misc]

    def address(self, reach: Reach) -> str:
        return reach.email

    def send(self, letter: Letter, address: str, *, key: str, doubtful: bool) -> Any:
        found = self.answer(letter) if self.answer else None
        if found is not None:
            return found
        self.sent.append((address, letter, key, doubtful))
        return Delivered("r1")


@dataclasses.dataclass
class World:
    """The clinic at a clock that stands still, with a runner for messages alone."""

    place: Workplace
    clock: FixedClock
    channel: Recording

    @classmethod
    def open(cls, url: str, clock: FixedClock, new_id: Callable[[], str], base_url: str = BASE_URL) -> World:
        store, keys = Store.open(url, clock=clock), Keys(b"k" * 32)
        place = Workplace(
            store=store, records=records_for(store, clock, new_id, keys=keys), keys=keys, clock=clock, new_id=new_id,
            settings=Settings(base_url=base_url))
        return cls(place, clock, Recording())

    def runner(self, *others: Channel) -> Runner:
        from plugins.inbox import Inbox

        channels = {"inbox": Inbox(), "email": self.channel, **{one.name: one for one in others}}
        self.jobs = MessageJobs(self.place, channels)
        return Runner(self.place, "one", kinds={"message": self.jobs}, chance=lambda: 0.5)

    @property
    def system(self) -> Actor:
        return system_actor(clinic_day(self.place.store.release(), self.clock()))

    def actor(self, id: str) -> Actor:
        with self.place.store.read() as connection:
            found = load_actor(connection, self.place.store.release(), id, self.system.today)
        assert found is not None
        return found

    def ok(self, command: Command, actor: Actor | None = None) -> str:
        [outcome] = self.place.records.execute([command], actor or self.system)
        assert isinstance(outcome, Written), outcome
        return outcome.id

    def patient(self, clinic: str = NORTH, **values: object) -> str:
        return self.ok(Create("patient", {"name": "王芳", "email": "fang@example.org", "doctor": LI, **values}, clinic=clinic))

    def visit(self, patient: str, **values: object) -> str:
        return self.ok(Create("visit", {"patient": patient, "kind": "check", "day": "2026-03-05", **values}))

    def change(self, object: str, id: str, **values: object) -> None:
        self.ok(Update(object, id, values, None))

    def queue(self, message: str, visit: str, to: tuple[str, str], key: str = "k1") -> None:
        release = self.place.store.release()
        with self.place.store.write() as connection:
            queue_message(
                connection, release, release.model.messages[message], ("visit", visit), to, key=key, now=self.clock(), new_id=self.place.new_id)

    def row(self, key: str = "k1") -> dict[str, Any]:
        with self.place.store.read() as connection:
            return dict(connection.execute(sa.select(system.message).where(system.message.c.key == key)).mappings().one())

    def job(self, key: str = "k1") -> dict[str, Any]:
        with self.place.store.read() as connection:
            return dict(connection.execute(sa.select(system.job).where(system.job.c.key == f"message:{key}")).mappings().one())

    def at(self, hours: float) -> datetime.datetime:
        """The clinic's day at an hour: 10 is two o'clock in UTC."""
        return self.clock.set(START + datetime.timedelta(hours=hours - 10))
