"""A small chain whose records are random and whose roles can be: what the tests of access run against."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from engine.model import Model
from engine.targets.tables import Layout, tables
from runtime.identity.actor import Actor, Membership, TokenScope
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.builders import model_of

TODAY = datetime.date(2026, 3, 2)
NOW = datetime.datetime(2026, 3, 2, 2, 0, tzinfo=datetime.UTC)

OBJECTS: Mapping[str, str] = {
    "pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nlabel: Test\n",
    "objects/clinic.yaml": "name: clinic\nbelongs_to: organisation\nclinic: true\nfields:\n  name: {type: text}\n",
    "objects/staff.yaml": """
name: staff
belongs_to: organisation
account: true
fields:
  name: {type: text}
  level: {type: integer}
  home: {type: link, to: clinic}
  phone: {type: phone}
""",
    "objects/team.yaml": "name: team\nbelongs_to: clinic\nfields:\n  name: {type: text}\n",
    "objects/member.yaml": """
name: member
belongs_to: {via: team}
roster: {team: team, person: person}
fields:
  team: {type: link, to: team}
  person: {type: link, to: staff}
""",
    "objects/patient.yaml": """
name: patient
belongs_to: clinics
subject: self
fields:
  name: {type: text}
  team: {type: link, to: team}
  doctor: {type: link, to: staff}
  level: {type: integer}
  vip: {type: boolean}
  born: {type: date}
  phone: {type: phone}
  income: {type: decimal, places: 2, restricted: true}
  note: {type: text}
  twice: {type: integer, formula: "level * 2"}
  reach: {type: text, formula: "note ?? phone", restricted: false}
  deeper: {type: integer, formula: "twice + 1"}
  pains: {type: integer, formula: "tasks.sum(t, t.pain)", stored: true}
  busy: {type: integer, formula: "tasks.count(t, t.assignee.level > 1)", stored: true}
  stars: {type: integer, formula: "tasks.sum(t, t.stars)", stored: true}
  worst: {type: integer, formula: "tasks.max(t, t.pain)"}
  told: {type: boolean, formula: "tasks.exists(t, t.secret == 's') || pains > 3"}
""",
    "objects/task.yaml": """
name: task
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, inverse: tasks}
  assignee: {type: link, to: staff}
  due: {type: date}
  pain: {type: integer}
  secret: {type: text, restricted: true}
  caller: {type: text, formula: "patient.phone"}
  stars: {type: integer, formula: "remarks.sum(r, r.stars)", stored: true}
  others: {type: integer, formula: "patient.tasks.count(t, t.pain > 1)", stored: true}
  siblings: {type: integer, formula: "patient.tasks.count()"}
  burden: {type: integer, formula: "patient.pains"}
""",
    "workflows/task.yaml": """
object: task
field: status
initial: planned
states: {planned: {}, done: {category: done}}
transitions:
  finish: {from: planned, to: done}
""",
    "objects/remark.yaml": """
name: remark
belongs_to: {via: task}
subject: task.patient
fields:
  task: {type: link, to: task, inverse: remarks}
  text: {type: text}
  stars: {type: integer}
""",
    "objects/room.yaml": """
name: room
belongs_to: clinic
fields:
  name: {type: text}
  beds: {type: integer}
  keys: {type: text, restricted: true}
""",
}

RULES: Mapping[str, tuple[str, ...]] = {
    "patient": (
        "team in user.teams", "!(team in user.teams)", "doctor == user.id", "level > 2", "vip", "!vip", "level == user.level",
        "born < today && level > 1", "'helper' in user.roles || vip", "!('helper' in user.roles)", "phone != null",
        "has(note) && level < 4",
        "team in user.teams || doctor == user.id", "clinic_id in user.clinics", "income > 10.5", "clinic_id == user.home",
    ),
    "task": (
        "assignee == user.id", "patient.team in user.teams", "pain >= 3", "due < today", "patient.vip", "status == 'planned'",
        "assignee == user.id || patient.doctor == user.id", "!(patient.team in user.teams)", "patient.twice > 4", "secret == null",
    ),
    "remark": ("task.assignee == user.id", "stars > 1", "task.patient.team in user.teams", "task.pain > 3", "!(stars > 3)"),
    "room": ("beds > 1", "!('helper' in user.roles)", "beds != user.level", "created_by == user.id"),
    "staff": ("id == user.id", "level < user.level", "'helper' in user.roles", "home in user.clinics", "'t1' == phone", "level > 1"),
}
FIELDS: Mapping[str, tuple[str, ...]] = {
    "patient": ("name", "level", "phone", "income", "note", "twice", "reach", "deeper", "pains", "busy", "stars", "worst", "told"),
    "task": ("due", "pain", "secret", "caller", "status", "patient", "stars", "others", "siblings", "burden"),
    "remark": ("text", "stars"),
    "room": ("name", "beds", "keys"),
    "staff": ("name", "level", "phone"),
}
ACTIONS: Mapping[str, tuple[str, ...]] = {
    name: ("read", "update", "delete", "export", *(("finish",) if name == "task" else ())) for name in FIELDS
}
CLINICS = tuple(f"c{n}".rjust(32, "0") for n in range(1, 4))
TEAMS = tuple(f"7{n}".rjust(32, "0") for n in range(1, 7))
PEOPLE = tuple(f"5{n}".rjust(32, "0") for n in range(1, 6))
ROLES = ("helper", "boss", "guest", "auditor")


def id_of(kind: str, number: int) -> str:
    return f"{kind}{number:x}".rjust(32, "0")


def random_roles(chance: random.Random) -> dict[str, str]:
    """Files of four roles with random grants and denials."""
    return {f"roles/{role}.yaml": _role(chance, role) for role in ROLES}


def _role(chance: random.Random, role: str) -> str:
    """One in six may read everything, so that what needs all rows of an object is seen by somebody."""
    if chance.random() < 1 / 6:
        shown = {"patient": "income, phone", "task": "secret", "staff": "phone", "room": "keys"}
        return f"name: {role}\ngrants:\n" + "".join(
            f"  g{n}: {{object: {name}, can: [read, export, update], show: [{shown.get(name, '')}]}}\n" for n, name in enumerate(FIELDS))
    grants = {f"g{n}": _clause(chance, name, deny=False) for n, name in enumerate(FIELDS) for _ in (0,) if chance.random() < 0.75}
    grants |= {f"h{n}": _clause(chance, name, deny=False) for n, name in enumerate(FIELDS) if chance.random() < 0.5}
    denials = {f"d{n}": _clause(chance, name, deny=True) for n, name in enumerate(FIELDS) if chance.random() < 0.25}
    body = "".join(f"  {name}: {text}\n" for name, text in grants.items())
    refused = "".join(f"  {name}: {text}\n" for name, text in denials.items())
    return f"name: {role}\n" + (f"grants:\n{body}" if body else "grants: {}\n") + (f"denials:\n{refused}" if refused else "")


def _clause(chance: random.Random, name: str, *, deny: bool) -> str:
    actions = chance.sample(ACTIONS[name], chance.randint(0 if deny else 1, len(ACTIONS[name]) - (2 if deny else 0)))
    fields = list(FIELDS[name])
    chance.shuffle(fields)
    cuts = sorted(chance.choices(range(len(fields) + 1), k=3))
    parts = {"show": fields[: cuts[0]], "mask": fields[cuts[0]: cuts[1]], "hide": fields[cuts[1]: cuts[2]]}
    if deny:
        parts.pop("show")
    found = [f"object: {name}"]
    if actions or not deny:
        found.append(f"can: [{', '.join(actions)}]")
    elif not any(parts.values()):
        parts = {"hide": [chance.choice(fields)]}
    if chance.random() < 0.7:
        found.append(f'rows: "{chance.choice(RULES[name])}"')
    found += [f"{key}: [{', '.join(names)}]" for key, names in parts.items() if names]
    return "{" + ", ".join(found) + "}"


def model_with(roles: Mapping[str, str]) -> Model:
    return model_of({**OBJECTS, **roles}, base=False)


def released(model: Model) -> Release:
    layout = Layout().extend(model)
    return Release(model.hash, model, layout, tables(model, layout), {})


def random_actor(chance: random.Random) -> Actor:
    """A person with up to four memberships, sometimes in the whole organisation, teams here and there, sometimes a token."""
    held = {(chance.choice(ROLES), None if chance.random() < 0.2 else chance.choice(CLINICS)) for _ in range(chance.randint(0, 4))}
    memberships = tuple(Membership(f"test:{role}", clinic) for role, clinic in sorted(held, key=str))
    teams = {clinic: tuple(sorted(chance.sample(TEAMS, chance.randint(1, 3)))) for clinic in CLINICS if chance.random() < 0.5}
    if chance.random() < 0.2:
        teams[""] = (chance.choice(TEAMS),)
    named = sorted({m.clinic_id for m in memberships if m.clinic_id})
    record = {"level": chance.choice((None, 1, 2, 3)), "home": chance.choice((None, *CLINICS)), "name": "x"}
    return Actor(
        id=chance.choice(PEOPLE), today=TODAY, memberships=memberships, record=record, teams=teams,
        clinics=CLINICS if len(named) < len({m.clinic_id for m in memberships}) else tuple(named), scope=_scope(chance),
    )


def _scope(chance: random.Random) -> TokenScope | None:
    if chance.random() < 0.75:
        return None
    return TokenScope(
        objects=chance.choice((None, frozenset({"test:patient", "test:task"}))),
        actions=chance.choice((None, frozenset({"read", "export"}))),
        clinics=chance.choice((None, frozenset(chance.sample(CLINICS, chance.randint(0, 2))))),
    )


def fill(store: Store, release: Release, chance: random.Random, patients: int = 14) -> dict[str, list[str]]:
    """Makes the objects' tables and random records with nulls and shared patients; returns ids by object."""
    rows = _rows(chance, patients)
    with store.write() as connection:
        release.tables.metadata.create_all(connection)
        for name, several in rows.items():
            table = release.tables.object(name)
            for values in several:
                columns = {table.column(key): value for key, value in {**_runtime(), **values}.items()}
                connection.execute(sa.insert(table.table).values(columns))
        stays = list(_stays(chance, rows["patient"]))
        connection.execute(sa.insert(system.record_clinic), stays)
    return {name: [str(values["id"]) for values in several] for name, several in rows.items()}


def _runtime() -> dict[str, Any]:
    return {"version": 1, "created_at": NOW, "created_by": PEOPLE[0], "updated_at": NOW, "updated_by": PEOPLE[0], "clinic_id": None}


def _rows(chance: random.Random, patients: int) -> dict[str, list[dict[str, Any]]]:
    pick = chance.choice
    home = [pick((*CLINICS, *CLINICS, None)) for _ in range(patients)]
    people = [id_of("a", n) for n in range(patients)]
    days = (None, TODAY, TODAY - datetime.timedelta(days=9), TODAY + datetime.timedelta(days=9))
    tasks = [pick((*range(patients), None)) for _ in range(patients)]
    return {
        "clinic": [{"id": id, "name": id[-2:]} for id in CLINICS],
        "staff": [
            {"id": id, "name": "N", "level": pick((None, 1, 2, 3)), "home": pick((None, *CLINICS)), "phone": pick((None, "t1"))}
            for id in PEOPLE
        ],
        "team": [{"id": id, "name": "T", "clinic_id": pick(CLINICS)} for id in TEAMS],
        "patient": [
            {
                "id": id, "clinic_id": home[n], "name": f"P{n}", "team": pick((None, *TEAMS)), "doctor": pick((None, *PEOPLE)),
                "level": pick((None, 1, 2, 3, 4)), "vip": pick((None, True, False)), "born": pick(days),
                "phone": pick((None, "13800000000")), "income": pick((None, Decimal("10.50"), Decimal("99.99"))), "note": pick((None, "n")),
            }
            for n, id in enumerate(people)
        ],
        "task": [
            {
                "id": id_of("e", n), "clinic_id": None if of is None else home[of], "patient": None if of is None else people[of],
                "assignee": pick((None, *PEOPLE)), "due": pick(days), "pain": pick((None, 1, 3, 5)), "secret": pick((None, "s")),
                "status": pick(("planned", "done")),
            }
            for n, of in enumerate(tasks)
        ],
        "remark": [
            {
                "id": id_of("f", n), "clinic_id": None if of is None else home[of], "task": id_of("e", n), "text": pick((None, "r")),
                "stars": pick((None, 1, 2, 5)),
            }
            for n, of in enumerate(tasks)
        ],
        "room": [
            {"id": id_of("b", n), "clinic_id": pick((*CLINICS, None)), "name": "R", "beds": pick((None, 1, 2)), "created_by": pick(PEOPLE)}
            for n in range(patients // 2)
        ],
    }


def _stays(chance: random.Random, patients: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """Stays that run today, ended yesterday, begin tomorrow, begin or end today, and open ones."""
    day = datetime.timedelta(days=1)
    spans = [
        (None, None), (TODAY, None), (None, TODAY), (TODAY + day, None), (None, TODAY - day), (TODAY - day, TODAY + day), (TODAY, TODAY),
    ]
    for patient in patients:
        for clinic in chance.sample(CLINICS, chance.randint(0, 2)):
            since, until = chance.choice(spans)
            yield {"record_id": patient["id"], "clinic_id": clinic, "object": "test:patient", "from_date": since, "until_date": until,
                   "first": clinic == patient["clinic_id"]}
