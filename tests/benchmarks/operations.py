"""The operations: what is asked of each application, and what an answer says, so that both can be compared."""

import abc
import dataclasses
import html.parser
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa

from tests.benchmarks.databases import Entry
from tests.benchmarks.load import Answer, Request
from tests.benchmarks.server import PRODUCT, Application

__all__ = ["OPERATIONS", "Chosen", "Operation", "choose"]

COLUMNS = "patient,step,due,status,overdue,priority,channel,pain,contact_phone,contact_email"
OUTCOMES = ("恢复良好", "轻微肿胀，嘱冰敷", "已约复查时间", "疼痛缓解，按时服药")
PRIORITIES = ("low", "normal", "high")


@dataclasses.dataclass(slots=True)
class Chosen:
    """Records to work on, all of them in the nurse's own teams; the two applications write to different ones."""

    entry: Entry
    clinic: str
    looked_at: Sequence[str]
    """Tasks with ten contacts."""
    written: dict[str, list[str]]
    """Application → tasks to update; any state."""
    moved: dict[str, list[str]]
    """Application → tasks that wait for `pick_up`."""
    versions: dict[str, int]
    patients: Sequence[str] = ()
    """With tasks and contacts."""


def choose(url: str, entry: Entry, each: int = 64) -> Chosen:
    """Pick the records from a database."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        clinic = entry.clinics[0]
        hers = "t.clinic_id = :clinic AND p.team IN (SELECT team FROM o_team_member)"
        joined = "FROM o_followup_task t JOIN o_patient p ON p.id = t.patient"
        looked = connection.execute(sa.text(
            f"SELECT t.id {joined} WHERE {hers} AND (SELECT count(*) FROM o_contact_log c WHERE c.task = t.id) = 10 ORDER BY t.id DESC LIMIT 40"
        ), {"clinic": clinic}).scalars().all()
        states = {
            state: connection.execute(sa.text(f"SELECT t.id {joined} WHERE {hers} AND t.status = :state ORDER BY t.id LIMIT :n"),
                                      {"clinic": clinic, "state": state, "n": each * 2}).scalars().all()
            for state in ("done", "due")
        }
        versions = dict(connection.execute(sa.text("SELECT id, version FROM o_followup_task WHERE status IN ('done', 'due')")).all())
        patients = connection.execute(sa.text(
            "SELECT id FROM o_patient WHERE id IN (SELECT t.patient FROM o_followup_task t JOIN o_patient p ON p.id = t.patient "
            f"WHERE {hers}) ORDER BY id DESC LIMIT 40"), {"clinic": clinic}).scalars().all()
    engine.dispose()
    half = {state: len(ids) // 2 for state, ids in states.items()}
    names = ("carework", "handwritten")
    split = {state: {names[0]: list(ids[:half[state]]), names[1]: list(ids[half[state]:])} for state, ids in states.items()}
    return Chosen(entry, clinic, looked, split["done"], split["due"], versions, patients)


class Operation(abc.ABC):
    """One thing that is measured."""

    name: str

    @abc.abstractmethod
    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        """The endless requests of one connection."""

    def content(self, answer: Answer) -> object:
        """What an answer says, without how it looks; None where there is nothing to compare."""
        return None


def _cookie(chosen: Chosen) -> dict[str, str]:
    return {"Cookie": f"carework={chosen.entry.session}"}


def _token(chosen: Chosen) -> dict[str, str]:
    return {"Authorization": f"Bearer {chosen.entry.token}"}


class ListScreen(Operation):
    """50 rows of 10 columns, one clinic, one state, newest first."""

    name = "list_html"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        path = f"/tasks?clinic={chosen.clinic}&status=due"
        if application is PRODUCT:
            path = f"/o/followup_task?view=bench_tasks&f.status=due&f.clinic_id={chosen.clinic}"
        return itertools.repeat(Request("GET", path, _cookie(chosen)))

    def content(self, answer: Answer) -> object:
        return _tables(answer.body)


class ListJson(Operation):
    """The same rows as JSON."""

    name = "list_json"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        path = f"/tasks.json?clinic={chosen.clinic}&status=due"
        if application is PRODUCT:
            wanted = quote(f'clinic_id == "{chosen.clinic}" && status == "due"')
            path = f"/api/v1/followup_task?filter={wanted}&fields={COLUMNS}"
        return itertools.repeat(Request("GET", path, _token(chosen)))

    def content(self, answer: Answer) -> object:
        found = orjson.loads(answer.body)
        return found["items"], found["next"] is not None


class RecordForm(Operation):
    """One task with its ten contacts."""

    name = "form_html"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        folder = "/o/followup_task" if application is PRODUCT else "/tasks"
        made = [Request("GET", f"{folder}/{id}", _cookie(chosen)) for id in chosen.looked_at]
        return itertools.cycle(made)

    def content(self, answer: Answer) -> object:
        return _tables(answer.body), _facts(answer.body)


class Board(Operation):
    """Tasks of one clinic in five columns, twenty cards each at most."""

    name = "board"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        path = f"/board?clinic={chosen.clinic}"
        if application is PRODUCT:
            path = f"/o/followup_task/board?view=bench_board&f.clinic_id={chosen.clinic}"
        return itertools.repeat(Request("GET", path, _cookie(chosen)))

    def content(self, answer: Answer) -> object:
        return _parts(answer.body, "li", "tile")


class PatientPage(Operation):
    """A patient with her open tasks, her contacts, her facts and one stream of what happened."""

    name = "patient"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        folder = "/o/patient" if application is PRODUCT else "/patients"
        made = [Request("GET", f"{folder}/{id}", _cookie(chosen)) for id in chosen.patients]
        return itertools.cycle(made)

    def content(self, answer: Answer) -> object:
        return _tables(answer.body), _facts(answer.body), _parts(answer.body, "time", "")


class Update(Operation):
    """Three fields with validation, history and an audit row."""

    name = "update"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        folder = "/api/v1/followup_task" if application is PRODUCT else "/tasks"
        mine = chosen.written[application.name][connection::connections]
        for count in itertools.count():
            id = mine[count % len(mine)]
            # Every value differs from the one before, so that all three fields are written each time.
            values = {"priority": PRIORITIES[count // len(mine) % 3], "pain": count // len(mine) % 11,
                      "outcome": f"{OUTCOMES[count % 4]} {connection}-{count}"}
            version = chosen.versions[id]
            chosen.versions[id] = version + 1
            yield Request("PATCH", f"{folder}/{id}", {**_token(chosen), "If-Match": f'"{version}"'}, orjson.dumps(values))

    def content(self, answer: Answer) -> object:
        return sorted(orjson.loads(answer.body))


class Move(Operation):
    """A transition with a guard; each task goes there and back."""

    name = "transition"

    def requests(self, application: Application, chosen: Chosen, connection: int, connections: int) -> Iterator[Request]:
        product = application is PRODUCT
        mine = chosen.moved[application.name][connection::connections]
        while True:
            # The whole group goes there, then the whole group comes back.
            for name in ("pick_up", "put_back"):
                for id in mine:
                    chosen.versions[id] += 1
                    path = f"/api/v1/followup_task/{id}/transitions/{name}" if product else f"/tasks/{id}/{name}"
                    yield Request("POST", path, _token(chosen), b"{}")

    def content(self, answer: Answer) -> object:
        return sorted(orjson.loads(answer.body))


OPERATIONS: tuple[Operation, ...] = (ListScreen(), RecordForm(), ListJson(), Board(), PatientPage(), Update(), Move())


class _Texts(html.parser.HTMLParser):
    """The texts of elements of one name and class, blanks joined."""

    def __init__(self, tag: str, look: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._tag, self._look, self._depth = tag, look, 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, Any]]) -> None:
        if tag == self._tag and (self._depth or not self._look or self._look in str(dict(attributes).get("class")).split()):
            self._depth += 1
            if self._depth == 1:
                self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._tag and self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.found[-1] = re.sub(r"\s+", " ", self.found[-1] + data).strip()


def _parts(body: bytes, tag: str, look: str) -> list[str]:
    text = body.decode()
    parser = _Texts(tag, look)
    parser.feed(text[text.index("<main"):text.index("</main>")])
    return parser.found


class _Cells(html.parser.HTMLParser):
    """Texts of table cells and of facts, blanks joined."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.facts: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, Any]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self._into = self.rows[-1]
            self._into.append("")
        elif tag in ("dt", "dd", "h1"):
            self._into = self.facts
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "dt", "dd", "h1"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] = re.sub(r"\s+", " ", self._into[-1] + data).strip()


def _read(body: bytes) -> _Cells:
    text = body.decode()
    parser = _Cells()
    # Dialogs stand after the content.
    parser.feed(text[text.index("<main"):text.index("</main>")])
    return parser


def _tables(body: bytes) -> list[list[str]]:
    return _read(body).rows


def _facts(body: bytes) -> list[str]:
    return _read(body).facts
