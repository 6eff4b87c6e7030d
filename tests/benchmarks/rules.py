"""`python -m tests.benchmarks.rules`: the statements of lists under row rules, beside the same queries written by hand.

The statements alone are timed, in alternating runs, on a table of tasks of which each person has a few. Of two rules joined by OR the
list is compared with the lists of each rule by itself, and with itself on ten times as many rows.
"""

import argparse
import contextlib
import dataclasses
import datetime
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from engine.text import read_bytes
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, Membership, system_actor
from runtime.records.query import ListQuery
from runtime.records.service import Records
from runtime.store.database import Store
from runtime.store.publish import Incoming, publish
from runtime.web.app import new_ids
from tests.builders import files_of
from tests.fixtures.postgres import PostgresServer

__all__ = ["Rules", "main", "report"]

FILES = {
    "objects/task.yaml": """
name: task
label: Task
title: "{step}"
belongs_to: clinic
fields:
  step: {type: text, max: 40}
  due: {type: date}
  status: {type: choice, options: {planned: {}, due: {}, done: {}}}
  assignee: {type: link, to: staff, on_delete: clear}
  reviewer: {type: link, to: staff, on_delete: clear}
""",
    "views/tasks.yaml": "name: tasks\nobject: task\ndefault: true\ncolumns: {step: {}, due: {}, status: {}}\nsort: [-due]\n",
    "roles/caller.yaml": """
name: caller
grants: {own: {object: task, can: [read], rows: 'assignee == user.id && status in ["planned", "due"]'}}
""",
    "roles/reviewer.yaml": "name: reviewer\ngrants: {seen: {object: task, can: [read], rows: reviewer == user.id}}\n",
}
CLINIC, HER = f"{0xA:032x}", f"{0xC:032x}"
PEOPLE, ROUNDS = 2_000, 7
OF_BY_HAND, OF_BRANCHES, OF_GROWTH = 1.2, 1.3, 1.3
STAFF = "INSERT INTO o_staff (id, version, created_at, created_by, updated_at, updated_by, name) VALUES ({marks})"
STAMP = "2026-03-02 02:00:00.000000"


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """A statement as it leaves for the driver."""

    text: str
    binds: Any


class Rules:
    """The table in one database with so many rows."""

    def __init__(self, url: str, rows: int) -> None:
        self._store = Store.open(url)
        source = read_bytes(files_of(FILES))
        publish(self._store, Incoming(source=source), system_actor(datetime.date.today()), new_id=new_ids())
        release = self._store.release()
        self._columns = {name: release.tables.object("task").column(name).name for name in release.model.objects["task"].fields}
        self._fill(url, rows)
        self._records = Records(self._store, self._store.clock, new_ids(), keys=Keys(b"k" * 32))
        self._open = contextlib.ExitStack()
        self.connection = self._open.enter_context(self._store.read())
        self.sqlite = self.connection.dialect.name == "sqlite"

    def close(self) -> None:
        """Leave the database."""
        self._open.close()
        self._store.close()

    def _fill(self, url: str, rows: int) -> None:
        names = ["id", "version", "created_at", "created_by", "updated_at", "updated_by", "clinic_id"]
        names += [self._columns[name] for name in ("step", "due", "status", "assignee", "reviewer")]
        columns = ", ".join(f'"{name}"' for name in names)
        people = [HER, *(f"{0x1000 + n:032x}" for n in range(PEOPLE - 1))]
        staff = [(id, 1, STAMP, "bench", STAMP, "bench", "Somebody") for id in people]
        made = _made(rows, people)
        if url.startswith("sqlite"):
            connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN")
            connection.executemany(STAFF.format(marks="?,?,?,?,?,?,?"), staff)
            connection.executemany(f"INSERT INTO o_task ({columns}) VALUES ({', '.join('?' * len(names))})", made)
            connection.execute("COMMIT")
            connection.execute("ANALYZE")
            connection.close()
            return
        with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True) as connection:
            with connection.transaction():
                connection.execute("SET LOCAL session_replication_role = replica")
                connection.cursor().executemany(STAFF.format(marks="%s,%s,%s,%s,%s,%s,%s").encode(), staff)
                with connection.cursor().copy(f"COPY o_task ({columns}) FROM STDIN".encode()) as copy:
                    for row in made:
                        copy.write_row(row)
            connection.execute("VACUUM ANALYZE")

    def listed(self, *roles: str) -> Query:
        """What the list of somebody with these roles asks."""
        actor = Actor(id=HER, name="Li", language="en", today=datetime.date(2026, 3, 2), clinics=(CLINIC,),
                      memberships=tuple(Membership(f"test:{role}", CLINIC) for role in roles))
        caught: list[Query] = []

        def take(connection: Any, cursor: Any, text: str, binds: Any, context: Any, many: bool) -> None:
            caught.append(Query(text, binds))

        engine = self.connection.engine
        sa.event.listen(engine, "before_cursor_execute", take)
        try:
            page = self._records.list(ListQuery(object="task", view="tasks"), actor)
        finally:
            sa.event.remove(engine, "before_cursor_execute", take)
        if len(page.rows) != 50:
            raise RuntimeError(f"the list of {roles} has {len(page.rows)} rows")
        return next(query for query in caught if "o_task" in query.text)

    def by_hand(self) -> Query:
        """The caller's list as one would write it."""
        mark = "?" if self.sqlite else "%s"
        names = {name: f't."{column}"' for name, column in self._columns.items()}
        late = "" if self.sqlite else " NULLS LAST"
        text = (
            f"SELECT t.id, t.version, {names['step']}, {names['due']}, {names['status']} FROM o_task t "
            f"WHERE {names['assignee']} = {mark} AND {names['status']} IN ('planned', 'due') AND t.clinic_id = {mark} "
            f"ORDER BY {names['due']} DESC{late}, t.id DESC LIMIT 51"
        )
        return Query(text, (HER, CLINIC))

    def run(self, query: Query, times: int) -> float:
        """Milliseconds of one execution with all its rows."""
        start = time.perf_counter()
        for _ in range(times):
            self.connection.exec_driver_sql(query.text, query.binds).fetchall()
        return (time.perf_counter() - start) / times * 1000

    def plan(self, query: Query) -> list[str]:
        """The class of the plan: how each table is reached, and whether rows are sorted afterwards."""
        explain = "EXPLAIN QUERY PLAN " if self.sqlite else "EXPLAIN (COSTS OFF) "
        lines = [str(row[-1]).strip() for row in self.connection.exec_driver_sql(explain + query.text, query.binds)]
        if self.sqlite:
            kinds = (line.split(" (")[0] for line in lines)
            return sorted(kind.replace(" t0 ", " t ") for kind in kinds)
        nodes = (line.removeprefix("->").strip() for line in lines)
        return sorted(node.split(" on ")[0] for node in nodes if node.split(" ")[0] in ("Index", "Seq", "Bitmap", "Sort", "Incremental"))


def _made(rows: int, people: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Tasks of which each person has a few hundred, whatever the table's size: the first people have none."""
    chance = random.Random(7)
    hers = set(chance.sample(range(rows), 400))
    first = datetime.date(2025, 1, 1)
    for place in range(rows):
        due = (first + datetime.timedelta(days=chance.randrange(700))).isoformat()
        assignee, reviewer = chance.choice(people[1:]), chance.choice(people[1:])
        if place in hers:
            assignee, reviewer = (HER, reviewer) if place % 2 else (assignee, HER)
        yield (f"{0x100000 + place:032x}", 1, STAMP, "bench", STAMP, "bench", CLINIC, f"step {place % 9}", due,
               chance.choice(("planned", "due", "done")), assignee, reviewer)


@contextlib.contextmanager
def opened(database: str, rows: int) -> Iterator[Rules]:
    """The table in a database of its own."""
    if database == "sqlite":
        folder = Path(tempfile.mkdtemp(prefix="carework-rules-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            rules = Rules(f"sqlite:///{folder / 'rules.sqlite3'}", rows)
            stack.callback(rules.close)
            yield rules
        return
    server = PostgresServer({"shared_buffers": "256MB"})
    server.start()
    try:
        rules = Rules(server.url(), rows)
        try:
            yield rules
        finally:
            rules.close()
    finally:
        server.remove()


def _alternating(asked: Sequence[tuple[Rules, Query]], times: int) -> list[float]:
    """The median of each query's runs."""
    for rules, query in asked:
        rules.run(query, 10)
    found: list[list[float]] = [[] for _ in asked]
    for _ in range(ROUNDS):
        for place, (rules, query) in enumerate(asked):
            found[place].append(rules.run(query, times))
    return [statistics.median(times) for times in found]


def report(database: str, small: int, large: int, times: int = 40) -> tuple[list[str], list[str]]:
    """Lines to print, and those of them that are not as wanted."""
    lines: list[tuple[bool, str]] = []
    with contextlib.ExitStack() as stack:
        tables = [stack.enter_context(opened(database, rows)) for rows in (small, large)]
        asked = [(rules, query) for rules in tables for query in (
            rules.listed("caller"), rules.by_hand(), rules.listed("reviewer"), rules.listed("caller", "reviewer"))]
        found = _alternating(asked, times)
        for place, (rules, rows) in enumerate(zip(tables, (small, large), strict=True)):
            ours, by_hand, other, both = found[4 * place : 4 * place + 4]
            plans = [rules.plan(query) for _, query in asked[4 * place : 4 * place + 2]]
            where = f"{database}, {rows:,} rows"
            lines.append((plans[0] == plans[1], f"{where}: the rule's plan {', '.join(plans[0])}; by hand {', '.join(plans[1])}"))
            lines.append((ours <= OF_BY_HAND * by_hand, f"{where}: list under a rule {ours:.3f} ms, by hand {by_hand:.3f} ({ours / by_hand:.2f} ×)"))
            share = both / (ours + other)
            said = f"two rules joined by OR {both:.3f} ms, {share:.2f} × the sum of {ours:.3f} and {other:.3f}"
            lines.append((share <= OF_BRANCHES, f"{where}: {said}"))
    growth = found[7] / found[3]
    lines.append((growth <= OF_GROWTH, f"{database}: two rules joined by OR at {large:,} rows cost {growth:.2f} × those at {small:,}"))
    return [text for _, text in lines], [text for held, text in lines if not held]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    options = parser.parse_args()
    for database in options.database or ("sqlite", "postgresql"):
        lines, missed = report(database, options.small, options.large)
        print("\n".join([*lines, *(f"not reached: {line}" for line in missed)]), flush=True)


if __name__ == "__main__":
    main()
