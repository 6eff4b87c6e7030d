"""A process that writes records, looks at them and publishes, and notes in a journal what was acknowledged to it.

Journal words: `c:<id>` created, `u:<id>:<version>` updated, `t:<id>:<state>` moved, `v:<view id>` view audited,
`p:<hash>` published. Run as a program: URL, journal, number of rounds, which round publishes (0 for none), first number.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import sys
import threading
from pathlib import Path

from runtime.audit.keys import Keys
from runtime.audit.views import View, ViewWriter
from runtime.identity.actor import system_actor
from runtime.records.commands import Create, Transition, Update
from runtime.records.outcomes import Written
from runtime.records.service import Records
from runtime.store.database import Store
from runtime.store.views import store_views
from tests.runtime.records.world import FILES, NOW, TODAY
from tests.runtime.store.publishing import Clinic

NEW_FIELD = FILES["objects/task.yaml"].replace("  rank:", "  room: {type: text, index: true}\n  rank:")


def prepare(url: str) -> None:
    """Publish the clinic's first release."""
    store = Store.open(url)
    Clinic(store).publish(FILES)
    store.close()


class Journal:
    """Appends a word per acknowledged write; one `write` call each, so that the order is what the process saw."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def note(self, word: str) -> None:
        os.write(self._file, f"{word} ".encode())


class Worker:
    """Makes patients, visits and tasks, and moves the tasks through their states."""

    def __init__(self, url: str, journal: Path, first: int) -> None:
        self.store = Store.open(url)
        self.journal = Journal(journal)
        numbers = itertools.count(first)
        lock = threading.Lock()

        def new_id() -> str:
            with lock:
                return f"{next(numbers):032x}"

        self.new_id = new_id
        self.records = Records(self.store, lambda: NOW, new_id, keys=Keys(b"k" * 32))
        self.views = ViewWriter(store_views(self.store))

    def send(self, *commands: Create | Update | Transition) -> list[Written]:
        outcomes = self.records.execute(commands, system_actor(TODAY))
        written = [outcome for outcome in outcomes if isinstance(outcome, Written)]
        assert len(written) == len(outcomes), outcomes
        return written

    def make(self, object_name: str, **values: object) -> str:
        made = self.send(Create(object_name, values, clinic=self.clinic if object_name == "patient" else None))[0].id
        self.journal.note(f"c:{made}")
        return made

    def begin(self) -> None:
        made = self.send(Create("clinic", {"name": "North"}))[0]
        self.clinic = made.id
        self.journal.note(f"c:{made.id}")

    def round(self, number: int) -> None:
        patient = self.make("patient", name=f"Patient {number}", phone="13800138000")
        visit = self.make("visit", patient=patient, kind="first", fee="120.50")
        task = self.make("task", visit=visit, step="call", due=dt.date(2026, 3, 3).isoformat())
        changed = self.send(Update("patient", patient, {"name": f"Patient {number} (called)"}, 1))[0]
        self.journal.note(f"u:{patient}:{changed.version}")
        self.send(Transition("task", task, "start"))
        self.journal.note(f"t:{task}:running")
        seen = self.new_id()
        self.views.record([View(id=seen, at=NOW, actor="0" * 32, kind="record", object="task", ids=(task,))])
        self.journal.note(f"v:{seen}")

    def publish(self) -> None:
        clinic = Clinic(self.store)
        done = clinic.send(clinic.incoming({**FILES, "objects/task.yaml": NEW_FIELD}), wait=0.0)
        self.journal.note(f"p:{done.hash}")


def main(url: str, journal: str, rounds: str, publishes: str, first: str) -> None:
    """Run the load from start to end, or until somebody stops it."""
    worker = Worker(url, Path(journal), int(first))
    worker.begin()
    for number in range(int(rounds)):
        worker.round(number)
        if number + 1 == int(publishes):
            worker.publish()
    worker.store.close()


if __name__ == "__main__":
    main(*sys.argv[1:6])
