"""Two databases that differ only in what one reader may not see, and everything she may ask of them."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runtime.records.commands import Create, Delete, Transition, Update
from tests.attacks.matrix import Address, addresses
from tests.runtime.api.world import FILES, NORTH, SOUTH, Caller, Web, build
from tests.runtime.web.test_gate import csrf_of

READER = "watcher"
TWIN_FILES: Mapping[str, str] = {
    "base/objects/patient.yaml": FILES["base/objects/patient.yaml"].replace(
        "  card:", """\
  rich: {type: boolean, formula: "wages > 100.00"}
  friend: {type: link, to: patient, on_delete: clear, inverse: friends}
  liked: {type: integer, formula: "friends.count()"}
  known: {type: integer, formula: "friends.count()", stored: true}
  spent: {type: decimal, places: 2, formula: "visits.sum(v, v.fee)", stored: true}
  dear: {type: boolean, formula: "visits.exists(v, v.fee > 2.0)"}
  idle: {type: integer, formula: "visits.sum(v, v.idle)", stored: true}
  stays: {type: integer, formula: "visits.count(v, v.kind != 'x')", stored: true}
  card:"""),
    "objects/visit.yaml": FILES["objects/visit.yaml"].replace("required: true}", "required: true, inverse: visits}").replace(
        "  late:", "  idle: {type: integer, formula: \"tasks.count(t, t.status == 'running')\", stored: true}\n  late:"),
    "objects/task.yaml": FILES["objects/task.yaml"].replace("on_delete: cascade}", "on_delete: cascade, inverse: tasks}"),
    "objects/note.yaml": """
name: note
title: "{text} {patient.phone} {patient.born}"
belongs_to: {via: patient}
fields:
  patient: {type: link, to: patient, required: true}
  text: {type: text, required: true}
  grown: {type: boolean, formula: "patient.born < today"}
""",
    "objects/call.yaml": """
name: call
title: "{patient.name} {day}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  day: {type: date, required: true}
  worth: {type: decimal, places: 2}
""",
    "workflows/call.yaml": "object: call\nfield: status\ninitial: open\nstates: {open: {}, rung: {category: done}}\n"
                           "transitions: {ring: {from: open, to: rung}, undo: {from: rung, to: open, when: 'worth > 5.0'}}\n",
    "views/dear_calls.yaml": "name: dear_calls\nobject: call\nkind: board\ncard: {day: {}, worth: {}}\nfilter: \"worth > 5.0\"\nsort: [worth]\n",
    "views/call_board.yaml": "name: call_board\nobject: call\nkind: board\ndefault: true\ncard: {day: {}, worth: {}, phone: {path: patient.phone}}\n"
                             "sort: [worth]\nlimit: 1\n",
    "views/births.yaml": "name: births\nobject: patient\nkind: calendar\nstart: born\n",
    "pages/patient.yaml": """
name: patient
object: patient
head: [name, phone, born, wages, known]
panels:
  calls: {kind: rows, object: call, alert: true}
  visits: {kind: rows, object: visit, fields: [kind, fee, patient.wages]}
  friends: {kind: rows, object: patient, link: friend}
  notes: {kind: rows, object: note}
  facts: {kind: facts}
  stream: {kind: stream, limit: 10}
""",
    "views/rich.yaml": "name: rich\nobject: patient\nkind: list\ndefault: true\ncolumns: {name: {}, phone: {}, born: {}, wages: {}}\n"
                       "filter: \"wages > 100.00\"\nsort: [-born, name]\n",
    "views/visits.yaml": "name: visits\nobject: visit\nkind: list\ndefault: true\ncolumns: {kind: {}, born: {path: patient.born}}\n"
                         "sort: [patient.wages]\n",
    "roles/watcher.yaml": """
name: watcher
grants:
  people: {object: patient, can: [read, update, delete, export], mask: [phone], hide: [born, card, doctor]}
  own: {object: patient, can: [read], rows: "doctor == user.id", show: [phone], hide: [card]}
  visits: {object: visit, can: [read, create, update, export], hide: [fee]}
  tasks: {object: task, can: [read, update, start, export], hide: [status, assignee]}
  notes: {object: note, can: [read, create, update, delete, export]}
  calls: {object: call, can: [read, update, ring, undo], hide: [worth]}
""",
}
PATIENT, VISIT, TASK, NOTE, GONE, CALL = (f"{n:032x}" for n in range(0x1001, 0x1007))
FAR = {"patient": f"{0x2001:032x}", "visit": f"{0x2002:032x}", "task": f"{0x2003:032x}", "note": f"{0x2004:032x}", "gone": f"{0x2005:032x}",
       "call": f"{0x2006:032x}"}
NEAR = {"patient": PATIENT, "visit": VISIT, "task": TASK, "note": NOTE, "call": CALL}
OBJECTS = ("patient", "visit", "task", "note", "call")


@dataclasses.dataclass(frozen=True)
class Hidden:
    """What differs between the worlds: fields that the reader may not see, digits behind a mask, rows of another clinic."""

    phone: str
    born: str
    wages: tuple[str, str]
    card: str
    fee: str
    far: int
    moved: bool


ONE = Hidden("13811115678", "1950-01-02", ("10.00", "20.00"), "11", "1.00", 1, False)
TWO = Hidden("13899995678", "2024-12-31", ("500.00", "900.00"), "99", "8.00", 4, True)


def make(url: Path, folder: Path) -> None:
    """The chain with the reader's role, before the worlds part."""
    build(f"sqlite:///{url}")
    web = Web.open(f"sqlite:///{url}", folder)
    web.publish(TWIN_FILES)
    web.close()


def fill(web: Web, hidden: Hidden) -> None:
    """The same visible rows in the north; what is hidden by the world."""
    def create(object: str, id: str, clinic: str | None = None, **values: object) -> None:
        web.run(Create(object, values, clinic=clinic, id=id))

    before, after = hidden.wages
    create("patient", PATIENT, NORTH, name="Near", phone=hidden.phone, born=hidden.born, wages=before, card=hidden.card)
    web.run(Update("patient", PATIENT, {"wages": after, "card": f"{hidden.card}0"}, 1))
    create("patient", f"{0x1010:032x}", NORTH, name="Next", phone="13700005678", born="1990-01-01", wages="50.00", card="50")
    create("visit", VISIT, patient=PATIENT, kind="check", fee=hidden.fee)
    create("visit", f"{0x1011:032x}", patient=f"{0x1010:032x}", kind="check", fee="4.00")
    create("task", TASK, visit=VISIT, step="call")
    create("note", NOTE, patient=PATIENT, text="n")
    create("call", CALL, patient=PATIENT, day="2026-03-02", worth=hidden.fee)
    create("call", f"{0x1012:032x}", patient=PATIENT, day="2026-03-03", worth="4.00")
    create("note", GONE, patient=PATIENT, text="gone")
    web.run(Delete("note", GONE, 1))
    web.run(Transition("task", TASK, "start" if hidden.moved else "drop", reason=None if hidden.moved else "x"))
    for n in range(hidden.far):
        far = {name: f"{int(id, 16) + 0x100 * n:032x}" for name, id in FAR.items()}
        create("patient", far["patient"], SOUTH, name=f"Far {n}", card=f"{hidden.card}-{n}", friend=PATIENT)
        create("visit", far["visit"], patient=far["patient"], kind="far")
        create("task", far["task"], visit=far["visit"], step="far")
        create("note", far["note"], patient=far["patient"], text="far")
        create("call", far["call"], patient=far["patient"], day="2026-03-02")
        create("note", far["gone"], patient=far["patient"], text="far gone")
    for n in range(hidden.far if hidden.moved else 0):
        web.run(Delete("note", f"{int(FAR['gone'], 16) + 0x100 * n:032x}", 1))


@dataclasses.dataclass(frozen=True)
class Question:
    """One request."""

    method: str
    path: str
    parameters: tuple[tuple[str, str], ...] = ()
    body: Any = None
    version: str = "*"


def questions(web: Web, whole: bool = False) -> Iterator[Question]:
    """Every route for every object, near and far; every field, through links too, in every place of a query; and writes.

    Each field is compared with every second literal, unless the `whole` is asked for. What tells a planted weakness soonest comes first.
    """
    for test in ROWS:
        yield Question("GET", "/patient", (("filter", test),))
        yield Question("GET", "/visit", (("filter", test.replace("visits.", "patient.visits.").replace("friends.", "patient.friends.")),))
    yield from dict.fromkeys(_routes(web))
    model = web.store.release().model
    for object in OBJECTS:
        names = [field.name for field in model.objects[object].fields.values()]
        paths = [*names, *(f"{link.name}.{name}" for link in model.objects[object].links
                           for name in model.objects[link.type.link_to].fields)]
        for number, path in enumerate((*paths, "nonsense")):
            yield from _about(object, path, TESTS if whole else TESTS[number % 2::2])
    yield from _views()
    yield from _writes()


ROWS = (
    "friends.count() > 1", "friends.exists(f, has(f.card))", "friends.all(f, f.name == 'Near')", "friends.max(f, f.name) == 'Far 3'",
    "visits.exists(v, v.fee > 2.0)", "visits.sum(v, v.fee) > 2.0", "visits.exists(v, v.kind == 'check')", "visits.count() == 1",
    "visits.exists(v, v.idle > 0)", "visits.exists(v, v.patient.card == '110')", "size(friends) == 0",
)
"""Rows of another clinic, hidden fields of rows, and what may be seen."""


def _routes(web: Web) -> Iterator[Question]:
    model = web.store.release().model
    for address in addresses(web.app, model):
        if address.method == "GET" and "static" not in address.endpoint and address.object in ("", *OBJECTS):
            for ids in (NEAR, FAR):
                yield Question("GET", f"/{_path(web, address, ids)}")
        if address.object == "task" and address.method == "GET" and "name" in address.rule.arguments:
            for ids in (NEAR, FAR):
                yield Question("GET", f"/{_path(web, dataclasses.replace(address, object='note'), ids)}")
    for typed in ("138", "1381111", "13899995678", "Near", "Far", "n", "1950"):
        for object in OBJECTS:
            yield Question("GET", f"//o/{object}", (("q", typed),))
        for path in ("//search", "//search/box", "/search"):
            yield Question("GET", path, (("q", typed),))


def _views() -> Iterator[Question]:
    """Boards, calendars and streams beyond their plain addresses."""
    for more in ((), (("view", "dear_calls"),), (("n.open", "50"),), (("f.worth", "8.00"),), (("q", "Near"),), (("f.patient", PATIENT),)):
        yield Question("GET", "//o/call/board", more)
    for more in ((("scale", "month"), ("date", "2026-03-02")), (("scale", "day"), ("date", "2026-03-02")), (("date", "nonsense"),)):
        yield Question("GET", "//o/call/calendar", more)
    for born in ("1950-01-02", "2024-12-31"):
        yield Question("GET", "//o/patient/calendar", (("view", "births"), ("date", born)))
    for id in (PATIENT, FAR["patient"]):
        yield Question("GET", f"//o/patient/{id}/stream", (("after", "nonsense"),))


def _path(web: Web, address: Address, ids: Mapping[str, str]) -> str:
    return address.path(web.app, dict(ids))


TESTS = ("{0} == null", "{0} >= '1'", "{0} > 100.00", "{0} < today", "contains({0}, '9')", "{0} in ['running', '11', '99']", "not {0}",
         "{0} == user.id")
"""A literal of every kind; those that do not fit the field are refused alike."""


def _about(object: str, path: str, tests: Sequence[str]) -> Iterator[Question]:
    far = "." in path
    for test in TESTS[:2] if far else tests:
        yield Question("GET", f"/{object}", (("filter", test.format(path)),))
    for name, value in (("sort", f"-{path}"), ("fields", path)) if far else (("sort", path), ("sort", f"-{path},id"), ("fields", path)):
        yield Question("GET", f"/{object}", ((name, value), ("limit", "1")))
    if not far:
        yield Question("GET", f"/{object}/export.csv", (("fields", path), ("sort", f"-{path}")))


def _writes() -> Iterator[Question]:
    """Refusals, conflicts and replays; none makes a row, whose id would differ."""
    hidden: tuple[dict[str, object], ...] = (
        {"wages": "1.00"}, {"born": "2000-01-01"}, {"card": "990"}, {"phone": "138****5678"}, {"rich": True}, {"nonsense": 1},
        {"name": "Near", "version": 3}, {"clinic_id": SOUTH}, {"created_by": "x"}, {"number": "x"})
    for values in hidden:
        yield Question("PATCH", f"/patient/{PATIENT}", body=values)
        yield Question("PATCH", f"/patient/{FAR['patient']}", body=values)
        yield Question("POST", "/patient/batch", body={"commands": [{"update": {"id": PATIENT, "version": 2, **values}}], "atomic": False})
    for version in ('"1"', '"2"', '"9"', "*"):
        yield Question("PATCH", f"/patient/{PATIENT}", body={"name": "Near"}, version=version)
        yield Question("DELETE", f"/patient/{PATIENT}", version=version)
    for id in (TASK, FAR["task"], "f" * 32):
        for step in ("start", "finish", "drop", "nonsense"):
            for more in ({}, {"version": 1}, {"version": 2}, {"reason": "x"}):
                if (id, step) != (TASK, "start"):
                    yield Question("POST", f"/task/{id}/transitions/{step}", body=more)
    for link in (FAR["patient"], "f" * 32):
        yield Question("POST", "/visit", body={"patient": link})
        yield Question("PATCH", f"/visit/{VISIT}", body={"patient": link})
        yield Question("PATCH", f"/task/{TASK}", body={"assignee": link})
    for id in (FAR["gone"], FAR["note"], "f" * 32):
        yield Question("POST", f"/note/{id}/restore")
        yield Question("DELETE", f"/note/{id}", version='"1"')


_NOISE = re.compile(r'"[A-Za-z0-9_-]{50,70}="|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,27}')
"""Page tokens, which are masked anew each time, and ids of requests."""
_HEADERS = ("date", "x-request-id", "set-cookie", "content-length")


@dataclasses.dataclass
class Reader:
    """The reader in one world, by session, so that pages and API are hers alike."""

    web: Web
    caller: Caller

    @classmethod
    def of(cls, web: Web) -> Reader:
        headers = {"Cookie": f"carework={web.session(READER)}", "Accept-Language": "en"}
        caller = Caller(web.app.test_client(use_cookies=False), headers)
        return cls(web, Caller(caller.client, {**headers, "X-CSRFToken": csrf_of(caller)}))

    def answer(self, question: Question) -> tuple[object, ...]:
        """Status, headers and body, without what differs from request to request anyway."""
        more: dict[str, Any] = {} if question.body is None and question.method == "GET" else {"json": question.body or {}}
        found = self.caller.send(
            question.method, question.path, query_string=dict(question.parameters) or None, headers={"If-Match": question.version}, **more)
        request = found.headers.get("X-Request-Id", "none")
        text = _NOISE.sub("", found.get_data(as_text=True).replace(request, ""))
        headers = sorted((name, value) for name, value in found.headers.items() if name.lower() not in _HEADERS)
        return found.status_code, headers, text


def twins(folder: Path, prepared: Path) -> tuple[Reader, Reader]:
    """A reader in each of two copies of what `make` prepared; the keys are the same, so that cursors can be compared."""
    readers = []
    for name, hidden in (("one", ONE), ("two", TWO)):
        shutil.copytree(prepared, folder / name)
        web = Web.open(f"sqlite:///{folder / name / 'carework.sqlite3'}", prepared.parent)
        fill(web, hidden)
        readers.append(Reader.of(web))
    return readers[0], readers[1]


def differences(
    one: Reader, two: Reader, *, most: int = 20, statuses: set[object] | None = None, whole: bool = False,
) -> list[tuple[Question, object, object]]:
    """Questions that the worlds answer differently, with both answers; `statuses` gathers what was answered."""
    found: list[tuple[Question, object, object]] = []
    for question in questions(one.web, whole):
        first, second = one.answer(question), two.answer(question)
        if statuses is not None:
            statuses.add(first[0])
        if first != second:
            found.append((question, first, second))
            if len(found) >= most:
                break
    return found
