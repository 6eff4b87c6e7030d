"""The shared fixtures do what they promise.

1. Both databases answer, each test has an empty one of its own, and the address is SQLAlchemy's.
2. A prepared database is built once in a run and copied for each test that asks.
3. A server of its own can be killed and comes back with what was committed.
4. The clock stands still until told; ids count.
5. The browser is a real one.
6. Under CAREWORK_CI=1 a skip fails the run.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from tests.fixtures.clock import FixedClock
from tests.fixtures.databases import Backend
from tests.fixtures.postgres import PostgresServer

OLDEST_SQLITE = (3, 35, 0)  # RETURNING


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_an_empty_database_of_its_own(database_url: str, turn: int) -> None:
    """Requirement 1: the table made in one turn is not there in the other."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE patient (id TEXT PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO patient VALUES ('a')"))
        assert connection.scalar(sa.text("SELECT count(*) FROM patient")) == 1
    engine.dispose()


def test_sqlite_is_new_enough(sqlite_backend: Backend) -> None:
    """Requirement 1: a real SQLite file, of a version with RETURNING."""
    url = sqlite_backend.fresh()
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        version = connection.scalar(sa.text("SELECT sqlite_version()"))
        connection.execute(sa.text("CREATE TABLE patient (id TEXT)"))
    engine.dispose()
    assert tuple(int(part) for part in str(version).split(".")) >= OLDEST_SQLITE
    file = sa.make_url(url).database
    assert file is not None and Path(file).exists()


@pytest.mark.postgres
def test_postgres_is_a_real_one(postgres_server: Backend) -> None:
    """Requirement 1: the server says that it is PostgreSQL, and dropping cuts open connections."""
    url = postgres_server.fresh()
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert str(connection.scalar(sa.text("SELECT version()"))).startswith("PostgreSQL ")
        postgres_server.drop(url)
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.text("SELECT 1"))
    engine.dispose()


def test_prepared_database_is_built_once_and_copied(prepared_database: Callable[..., str], backend: Backend) -> None:
    """Requirement 2: the second copy does not build again and does not see what the first one's test wrote."""
    builds: list[str] = []

    def build(url: str) -> None:
        builds.append(url)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE patient (id TEXT)"))
        engine.dispose()

    for _ in range(2):
        engine = sa.create_engine(prepared_database("fixture-check", build))
        with engine.begin() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM patient")) == 0
            connection.execute(sa.text("INSERT INTO patient VALUES ('a')"))
        engine.dispose()
    assert len(builds) == 1, f"built {len(builds)} times on {backend.name}"


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server with PostgreSQL's own durability settings."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.mark.postgres
def test_killed_server_comes_back_with_what_was_committed(own_server: PostgresServer) -> None:
    """Requirement 3: fsync is on, and a committed row survives `kill -9` and `pg_ctl -m immediate`."""
    engine = sa.create_engine(own_server.url(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SHOW fsync")) == "on"
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"
        connection.execute(sa.text("CREATE TABLE patient (id TEXT)"))
    for stop in (own_server.kill, lambda: own_server.stop("immediate")):
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO patient VALUES ('a')"))
        stop()
        with pytest.raises(RuntimeError):
            assert own_server.pid
        own_server.start()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM patient")) == 2


def test_clock_moves_only_when_told(clock: FixedClock, new_id: Callable[[], str]) -> None:
    """Requirement 4."""
    assert clock() == clock() == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    clock.advance(days=1, minutes=30)
    assert clock() == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2026, 3, 4))
    assert [new_id(), new_id()] == ["0" * 31 + "1", "0" * 31 + "2"]


@pytest.mark.browser
def test_browser_is_real_and_reports_errors(page: Page, phone_page: Page, page_errors: list[str]) -> None:
    """Requirement 5: it lays out Chinese text, has the phone's width, and script errors reach the test."""
    for opened, width in ((page, 1280), (phone_page, 390)):
        opened.set_content("<meta name=viewport content='width=device-width'><h1>随访任务</h1>")
        assert opened.evaluate("window.innerWidth") == width
        box = opened.locator("h1").bounding_box()
        assert box is not None and box["height"] > 10
    assert page_errors == []
    page.evaluate("setTimeout(() => { throw new Error('planted') }, 0)")
    page.wait_for_timeout(500)
    assert page_errors == ["planted"]


PLANTED_SKIPS = """
    import pytest
    def test_runs(): pass
    @pytest.mark.skip(reason="planted")
    def test_left_out(): pass
    @pytest.mark.xfail(reason="planted too")
    def test_known_to_fail(): assert False
"""


@pytest.mark.parametrize(("ci", "failed", "status"), [("1", 2, 1), ("", 0, 0)])
def test_skip_fails_the_run_under_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, failed: int, status: int
) -> None:
    """Requirement 6: with CAREWORK_CI=1 a skip and an expected failure fail the run and are named; without, not."""
    monkeypatch.setenv("CAREWORK_CI", ci)
    pytester.makepyfile(PLANTED_SKIPS)
    result = pytester.runpytest_inprocess("-p", "tests.fixtures.no_skips", "-p", "no:xdist")
    counts = result.parseoutcomes()
    assert (result.ret, counts.get("passed"), counts.get("failed", 0) + counts.get("errors", 0)) == (status, 1, failed)
    assert ("no test may be skipped under CAREWORK_CI=1" in result.stdout.str()) is bool(failed)


def test_skipped_module_fails_the_run_under_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 6: a module that skips itself is no way out."""
    monkeypatch.setenv("CAREWORK_CI", "1")
    pytester.makepyfile("import pytest; pytest.importorskip('no_such_distribution')\ndef test_never(): pass")
    result = pytester.runpytest_inprocess("-p", "tests.fixtures.no_skips", "-p", "no:xdist")
    assert result.ret != 0
    assert result.parseoutcomes().get("errors") == 1
