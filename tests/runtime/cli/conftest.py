"""The command line in this process, on a database where the example chain is live."""

from __future__ import annotations

import base64
import dataclasses
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import argon2
import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main
from runtime.identity.passwords import Passwords
from tests.fixtures.databases import PostgresBackend, SqliteBackend

ROOT = Path(__file__).resolve().parents[3]
HEXIN = ROOT / "examples" / "hexin"


@dataclasses.dataclass
class Cli:
    """`cli("plan", path)` runs a command and fails when its exit code is not the expected one."""

    url: str
    keys: Path

    @property
    def env(self) -> dict[str, str]:
        return {"CAREWORK_DATABASE_URL": self.url, "CAREWORK_KEYS": str(self.keys), "COLUMNS": "200"}

    def __call__(self, *args: object, code: int = 0, typed: str | None = None) -> Result:
        result = CliRunner().invoke(main, [str(arg) for arg in args], env=self.env, input=typed)
        assert result.exit_code == code, f"{result.exit_code}: {result.output}\n{result.exception!r}"
        assert result.exception is None or isinstance(result.exception, SystemExit), "it would have ended with a traceback"
        return result


def key_file(folder: Path) -> Path:
    """A key file that is the same in every test, so that copies of one database fit it."""
    path = folder / "carework.keys"
    path.write_text(f"carework-keys 1\n{base64.b64encode(b'k' * 32).decode()}\n")
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id with the least costs: what is tested here is who may set a password, not how long it takes to guess."""
    cheap = Passwords(hasher=argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr("runtime.cli.people._passwords", lambda profile: cheap)


@pytest.fixture
def hexin(tmp_path: Path) -> Path:
    """A copy of the example organisation's definitions, based on nothing."""
    return shutil.copytree(HEXIN, tmp_path / "hexin", ignore=shutil.ignore_patterns(".carework-base"))


@pytest.fixture
def fresh(database_url: str, tmp_path: Path) -> Cli:
    """On an empty database."""
    return Cli(database_url, key_file(tmp_path))


def _published(url: str) -> None:
    """A database in which the example chain is live and has its three clinics."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(HEXIN, folder / "hexin", ignore=shutil.ignore_patterns(".carework-base"))
        Cli(url, key_file(folder))("publish", folder / "hexin")


@pytest.fixture
def cli(prepared_database: Callable[..., str], tmp_path: Path) -> Cli:
    """On a database in which the example chain is live."""
    return Cli(prepared_database("cli-hexin", _published), key_file(tmp_path))


@pytest.fixture
def postgres_cli(postgres_server: PostgresBackend, tmp_path: Path) -> Cli:
    """The same on PostgreSQL alone."""
    return Cli(postgres_server.prepared("cli-hexin", _published), key_file(tmp_path))


@pytest.fixture
def sqlite_cli(sqlite_backend: SqliteBackend, tmp_path: Path) -> Cli:
    """The same on SQLite alone, for what does not touch the store's differences."""
    return Cli(sqlite_backend.prepared("cli-hexin", _published), key_file(tmp_path))
