"""A clinic in which things happen by themselves: tasks with effects and timers, followed by everybody who follows."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from runtime.audit.keys import Keys
from runtime.composition import records_for
from runtime.identity.actor import Actor, Membership, system_actor
from runtime.jobs.kinds import Workplace, kinds_of
from runtime.jobs.runner import Runner
from runtime.records.commands import Command, Create
from runtime.records.outcomes import Outcome, Written
from runtime.records.service import Records
from runtime.settings import Settings
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import START
from tests.runtime.store.publishing import Clinic

NORTH, SOUTH = f"{0xA:032x}", f"{0xB:032x}"
LI, WANG = f"{0xC:032x}", f"{0xD:032x}"
KEYS = Keys(b"k" * 32)

FILES = {
    "objects/task.yaml": """
name: task
title: "{step}"
belongs_to: {via: patient}
subject: patient
task: {due: due, assignee: assignee, label: step}
fields:
  patient: {type: link, to: patient, required: true}
  step: {type: text, required: true, max: 40}
  due: {type: date}
  remind: {type: date, formula: "due - days(1)"}
  at: {type: datetime}
  pain: {type: integer, min: 0, max: 10}
  assignee: {type: link, to: staff, on_delete: clear}
  next: {type: link, to: task, on_delete: clear}
  other: {type: link, to: patient, on_delete: clear, inverse: mentions}
""",
    "objects/note.yaml": """
name: note
title: "{text}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  task: {type: link, to: task, on_delete: clear}
  text: {type: text, required: true, max: 40}
  pain: {type: integer, min: 0, max: 9}
""",
    "workflows/patient.yaml": """
object: patient
field: standing
initial: calm
states: {calm: {}, alarmed: {}, closed: {}}
transitions:
  alarm: {from: [calm, alarmed], to: alarmed, reason: optional}
  close: {from: [calm, alarmed], to: closed}
""",
    "messages/alert.yaml": """
name: alert
object: task
channels: [inbox]
subject: {en: "Pain {pain}", zh: "疼痛 {pain}"}
body: {en: "{step}", zh: "{step}"}
""",
    "plans/care.yaml": """
name: care
subject: patient
anchor: task.due
steps:
  again: {at: "anchor + days(7)", create: task, values: {step: "'again'"}}
""",
    "forms/outcome.yaml": "name: outcome\nobject: task\nitems: {pain: {}}\n",
    "workflows/task.yaml": """
object: task
field: status
initial: planned
states: {planned: {}, due: {}, lost: {}, running: {}, done: {}, over: {}}
transitions:
  become_due: {from: planned, to: due}
  lose: {from: due, to: lost}
  start: {from: [planned, due, lost], to: running, then: {mine: {do: assign, to: user}}}
  finish:
    from: running
    to: done
    ask: outcome
    then:
      log: {do: create, object: note, values: {text: "step", pain: pain}}
      escalate: {if: "pain >= 7", do: transition, on: patient, name: alarm}
      tell: {if: "pain >= 7", do: notify, message: alert, to: patient.doctor}
      follow: {if: "has(next)", do: set, on: next, values: {step: "'after ' + step"}}
  spill: {from: running, to: done, then: {mark: {do: set, on: other, values: {name: step}}}}
  circle: {from: [running, done], to: done, then: {on: {do: transition, on: next, name: circle}}}
  care: {from: done, to: over, then: {care: {do: enrol, plan: care}}}
  reopen: {from: [done, lost], to: due}
timers:
  become_due: {in: planned, at: due, fire: become_due}
  give_up: {in: due, at: "due + days(2)", fire: lose}
  minute: {in: running, at: at, fire: finish}
""",
    "roles/nurse.yaml": """
name: nurse
grants:
  people: {object: patient, can: [read, create]}
  tasks: {object: task, can: [read, create, update, delete, start, finish, spill, circle, reopen]}
  staff: {object: staff, can: [read]}
""",
}


@dataclasses.dataclass
class Automated:
    """The published clinic with the records service, everybody who follows, and the runner of jobs."""

    store: Store
    records: Records
    clock: Callable[[], datetime.datetime]
    workplace: Workplace

    @classmethod
    def open(cls, url: str, clock: Callable[[], datetime.datetime], new_id: Callable[[], str]) -> Automated:
        store = Store.open(url, clock=clock)
        return cls.over(store, clock, new_id)

    @classmethod
    def over(cls, store: Store, clock: Callable[[], datetime.datetime], new_id: Callable[[], str]) -> Automated:
        def ids() -> str:  # apart from the ids above
            return f"e{new_id()[1:]}"

        records = records_for(store, clock, ids, keys=KEYS)
        workplace = Workplace(store=store, records=records, keys=KEYS, clock=clock, new_id=ids, settings=Settings())
        return cls(store, records, clock, workplace)

    @property
    def system(self) -> Actor:
        return system_actor(START.date())

    def nurse(self, id: str = LI, clinic: str | None = NORTH) -> Actor:
        return Actor(id=id, name="Li", today=START.date(), memberships=(Membership("test:nurse", clinic),), clinics=(NORTH,),
                     record={"name": "Li"})

    def run(self, *commands: Command, actor: Actor | None = None) -> list[Outcome]:
        return self.records.execute(commands, actor or self.system)

    def ok(self, *commands: Command, actor: Actor | None = None) -> Written:
        outcomes = self.run(*commands, actor=actor)
        assert all(isinstance(one, Written) for one in outcomes), outcomes
        return outcomes[0]  # type: ignore[return-value]

    def make(self, object_name: str, clinic: str | None = None, **values: Any) -> str:
        return self.ok(Create(object_name, values, clinic)).id

    def task(self, patient: str | None = None, **values: Any) -> str:
        return self.make("task", patient=patient or self.patient(), **{"step": "call", **values})

    def patient(self, clinic: str = NORTH, **values: Any) -> str:
        return self.make("patient", clinic, **{"name": "A", **values})

    def value(self, object_name: str, id: str, field: str) -> Any:
        table = self.store.release().tables.object(object_name)
        with self.store.read() as connection:
            return connection.scalar(sa.select(table.column(field)).where(table.table.c.id == id))

    def count(self, object_name: str) -> int:
        with self.store.read() as connection:
            table = self.store.release().tables.object(object_name).table
            return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def jobs(self, **where: Any) -> list[Any]:
        condition = [system.job.c[name] == value for name, value in where.items()]
        with self.store.read() as connection:
            return list(connection.execute(sa.select(system.job).where(*condition).order_by(system.job.c.due_at, system.job.c.key)).all())

    def audited(self, record_id: str) -> list[tuple[str, str, str | None]]:
        """(action, actor, acting for) of a record's changes, in order."""
        audit = system.audit
        with self.store.read() as connection:
            found = connection.execute(sa.select(audit).where(audit.c.record_id == record_id).order_by(audit.c.id)).all()
        return [(row.action, row.actor, row.acting_for) for row in found]

    def run_due(self, *kinds: str) -> int:
        """Work off what is due at the clock's time; of all kinds, or some."""
        known = kinds_of(self.workplace)
        chosen = {name: kind for name, kind in known.items() if not kinds or name in kinds}
        return Runner(self.workplace, "one", kinds=chosen, chance=lambda: 0.5).run_due(self.clock())


def publish(store: Store, files: Mapping[str, str] | None = None) -> Clinic:
    """Make the clinic's release live, with some files replaced."""
    clinic = Clinic(store)
    clinic.publish({**FILES, **(files or {})})
    return clinic


def build(url: str) -> None:
    """The clinic, once per run: two clinics, two people."""
    store = Store.open(url, clock=lambda: START)
    clinic = publish(store)
    for id, title in ((NORTH, "North"), (SOUTH, "South")):
        clinic.put("clinic", id, name=title)
    for id, title in ((LI, "Li"), (WANG, "Wang")):
        clinic.put("staff", id, name=title)
    store.close()
