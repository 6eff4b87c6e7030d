"""The benchmark stays alive and honest.

1. The hand-written application imports nothing of Carework.
2. Both applications say the same: cells of the list, items of the JSON, facts and related rows of the record.
3. With eight writers at once every row holds what was sent for it, in both.
4. The hand-written application's SQL is printed whole on both databases.
5. The masks hold in both: no phone of a contact leaves either of them.
6. The condition that is timed means the same compiled, by hand and to cel-python; the lists under row rules are full pages.
"""

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import expressions, rules
from tests.benchmarks.databases import Sqlite, open_access
from tests.benchmarks.load import Connection, Request, hammer
from tests.benchmarks.operations import OPERATIONS, choose
from tests.benchmarks.run import Pair, compare_contents
from tests.benchmarks.server import CONNECTIONS, PRODUCT, TWIN, serve
from tests.benchmarks.twin.__main__ import sql
from tests.benchmarks.verify import verify
from tests.fixtures.databases import Backend

TWIN_FOLDER = Path(__file__).parent / "twin"
PRODUCT_PACKAGES = {"engine", "runtime", "designer", "plugins"}
PATIENTS = 400


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A small clinic chain on SQLite."""
    with Sqlite() as place:
        yield place.copy(PATIENTS)


@pytest.fixture(scope="module")
def pair(database: str) -> Iterator[Pair]:
    """Both applications over it."""
    entry = open_access(database)
    with serve(PRODUCT, database) as product, serve(TWIN, database) as twin:
        yield Pair(product, twin, choose(database, entry))


def test_the_twin_imports_nothing_of_carework():
    """1: neither packages of the product nor anything of the tests but itself."""
    for path in TWIN_FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in PRODUCT_PACKAGES, (path, name)
                assert not name.startswith("tests") or name.startswith("tests.benchmarks.twin"), (path, name)


def test_both_say_the_same(pair: Pair):
    """2: and not by both being empty."""
    compare_contents(pair)
    for operation in OPERATIONS[:3]:
        with Connection(pair.twin.port) as connection:
            answer = connection.ask(next(operation.requests(TWIN, pair.chosen, 0, 1)))
        assert len(str(operation.content(answer))) > 700, operation.name


def test_no_phone_leaves_unmasked(pair: Pair):
    """5: the raw numbers of the database stand in no answer."""
    for server, operation in itertools.product(pair, OPERATIONS[:3]):
        with Connection(server.port) as connection:
            body = connection.ask(next(operation.requests(server.application, pair.chosen, 0, 1))).body.decode()
        assert "****" in body
        assert "+8613" not in body


def test_every_operation_answers_under_load(pair: Pair):
    """Each operation runs for a moment over all connections; an answer other than 200 fails."""
    for server, operation in itertools.product(pair, OPERATIONS):
        sources = [operation.requests(server.application, pair.chosen, n, CONNECTIONS) for n in range(CONNECTIONS)]
        assert hammer(server.connect(), sources, 0.1).rps > 0
    assert hammer(pair.twin.connect(), [itertools.repeat(Request("GET", "/empty"))] * CONNECTIONS, 0.1).rps > 0


def test_every_row_holds_what_was_sent(pair: Pair, database: str):
    """3"""
    for server in pair:
        assert verify(server, database, pair.chosen, rounds=4) == []


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_twins_sql_is_printed(dialect: str):
    """4"""
    text = sql(dialect)
    assert text.count("-- ") >= 12
    for part in ("o_followup_task", "cw_record_clinic", "INSERT INTO cw_audit", "INSERT INTO cw_history", "INSERT INTO cw_view"):
        assert part in text


def test_the_condition_means_the_same_everywhere():
    """6: where cel-python has an answer; it knows no null."""
    run, theirs = expressions.closure(), expressions.cel()
    assert [run(row) for row in expressions.ROWS] == [expressions.by_hand(row) for row in expressions.ROWS] == [True, True, False, False, None]
    assert [bool(theirs(place)) for place in (0, 2, 3)] == [True, False, False]


def test_lists_under_rules_are_pages(backend: Backend):
    """6: every line is there; figures of so few rows are not judged."""
    lines, _ = rules.report("sqlite" if backend.name == "sqlite" else "postgresql", 1_000, 2_000, times=1)
    assert len(lines) == 7 and all("ms" in line or "plan" in line or "cost" in line for line in lines)
