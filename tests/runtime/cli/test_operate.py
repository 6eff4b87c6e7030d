"""`backup`, `restore` and `doctor`.

1. A backup brings back every row and the audit store, at one instant, without the key file.
2. What was tampered with, or would overwrite something, is refused and changes nothing.
3. `doctor` is green on a good database and exits 1 on each breach.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import shutil
import sqlite3
import tarfile
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.audit.keys import Keys
from runtime.identity.actor import system_actor
from runtime.records.commands import Create
from runtime.records.outcomes import Written
from runtime.records.service import Records
from runtime.store.database import Store, audit_path
from tests.runtime.cli.conftest import Cli


def _file(cli: Cli) -> Path:
    return Path(cli.url.removeprefix("sqlite:///"))


def _clinics(url: str) -> int:
    store = Store.open(url)
    with store.read() as connection:
        found = connection.scalar(sa.select(sa.func.count()).select_from(store.release().tables.object("clinic").table))
    store.close()
    return found or 0


def test_backup_and_restore(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 1."""
    archive = tmp_path / "copies" / "monday.tar"
    output = sqlite_cli("backup", archive).output
    assert "is not in it" in output and str(sqlite_cli.keys) in output
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as found:
        assert found.getnames() == ["manifest.json", "main.sqlite3", "audit.sqlite3"]
        assert b"carework-keys" not in archive.read_bytes()
    target = tmp_path / "new" / "carework.sqlite3"
    there = dataclasses.replace(sqlite_cli, url=f"sqlite:///{target}")
    output = there("restore", archive).output
    assert "ok" in output and "BREACH" not in output
    assert _clinics(there.url) == 3 and audit_path(target).exists()
    assert "match their history" in there("doctor", "--deep").output


def test_restore_to_another_place(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 1: `--to` takes a file; the keys are looked for beside it."""
    sqlite_cli("backup", tmp_path / "a.tar")
    target = tmp_path / "elsewhere" / "b.sqlite3"
    target.parent.mkdir()
    shutil.copy(sqlite_cli.keys, target.with_suffix(".keys"))
    assert str(target) in sqlite_cli("restore", tmp_path / "a.tar", "--to", target).output
    assert _clinics(f"sqlite:///{target}") == 3


def test_nothing_is_overwritten(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 2: neither a backup nor a database."""
    sqlite_cli("backup", tmp_path / "a.tar")
    before = (tmp_path / "a.tar").read_bytes()
    assert "is there already" in sqlite_cli("backup", tmp_path / "a.tar", code=1).output
    assert (tmp_path / "a.tar").read_bytes() == before
    assert "is there already" in sqlite_cli("restore", tmp_path / "a.tar", code=1).output


@pytest.mark.parametrize("damage", ["byte", "cut", "member", "text"])
def test_damaged_backups_are_refused(sqlite_cli: Cli, tmp_path: Path, damage: str) -> None:
    """Requirement 2: one changed byte, a torn file, a missing member, something else altogether."""
    archive = tmp_path / "a.tar"
    sqlite_cli("backup", archive)
    content = bytearray(archive.read_bytes())
    if damage == "byte":
        content[len(content) // 2] ^= 1
    elif damage == "cut":
        del content[len(content) // 2:]
    elif damage == "member":
        content = bytearray(_only_the_manifest(archive))
    else:
        content = bytearray(b"a letter to the clinic" * 100)
    archive.write_bytes(content)
    target = tmp_path / "new" / "c.sqlite3"
    there = dataclasses.replace(sqlite_cli, url=f"sqlite:///{target}")
    there("restore", archive, code=1)
    assert not target.exists() and not audit_path(target).exists()


def _only_the_manifest(archive: Path) -> bytes:
    into = io.BytesIO()
    with tarfile.open(archive) as found, tarfile.open(fileobj=into, mode="w") as made:
        member = found.getmember("manifest.json")
        made.addfile(member, found.extractfile(member))
    return into.getvalue()


def test_doctor_finds_a_row_that_was_changed_by_hand(sqlite_cli: Cli) -> None:
    """Requirement 3: a version without its history."""
    sqlite_cli("doctor", "--deep")
    with sqlite3.connect(_file(sqlite_cli)) as connection:
        connection.execute("UPDATE o_clinic SET version = 7 WHERE rowid = 1")
    result = sqlite_cli("doctor", "--deep", code=1)
    assert "BREACH" in result.output and "has version 7" in result.output


def test_doctor_finds_history_that_was_changed_by_hand(sqlite_cli: Cli) -> None:
    """Requirement 3: the keyed hash in the audit does not fit any more."""
    with sqlite3.connect(_file(sqlite_cli)) as connection:
        connection.execute("UPDATE cw_history SET changes = '{}' WHERE rowid = 1")
    assert "history was changed behind the program's back" in sqlite_cli("doctor", code=1).output


def test_doctor_finds_the_wrong_and_the_missing_key_file(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 3."""
    sqlite_cli.keys.write_text("carework-keys 1\n" + "QUJD" * 10 + "QUI=\n")
    result = sqlite_cli("doctor", code=1)
    assert "of another installation" in result.output or "not a key file" in result.output
    sqlite_cli.keys.unlink()
    assert "is not there" in sqlite_cli("doctor", code=1).output


def test_doctor_finds_a_lost_audit_store(sqlite_cli: Cli) -> None:
    """Requirement 3: it is not made anew in silence."""
    path = audit_path(_file(sqlite_cli))
    path.unlink()
    assert "is not there" in sqlite_cli("doctor", code=1).output
    assert not path.exists()


def test_doctor_on_both_databases(cli: Cli) -> None:
    """Requirement 3: green after a publish."""
    output = cli("doctor", "--deep").output
    assert "BREACH" not in output and "all rows and files read" in output


def test_backup_of_postgresql_names_the_program_it_needs(
    postgres_cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirement 2: without pg_dump a clear text with the command, and no file."""
    monkeypatch.setenv("PATH", str(tmp_path))
    output = postgres_cli("backup", tmp_path / "a.tar", code=1).output
    assert "pg_dump is not on the PATH" in output and "pg_dump --format=custom" in output
    assert not (tmp_path / "a.tar").exists()


def _treatments(store: Store, count: int) -> None:
    """A patient with treatments, written as the built-in account."""
    now = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
    records = Records(store, lambda: now, lambda: uuid.uuid4().hex, keys=Keys(b"k" * 32))
    with store.read() as connection:
        clinic = connection.scalar(sa.select(store.release().tables.object("clinic").table.c.id).limit(1))
    actor = system_actor(now.date())
    who = records.execute([Create("patient", {"name": "Chen"}, clinic=clinic)], actor)[0]
    given = {"patient": who.id, "name": "Implant", "started_on": "2026-03-01"}
    done = records.execute([Create("treatment", given) for _ in range(count)], actor)
    assert all(isinstance(outcome, Written) for outcome in done)


def test_stored_formulas_are_examined_and_put_right(cli: Cli) -> None:
    """Requirement 3: a stored value that was tampered with is a breach that `--deep` finds, and `recompute --all` corrects it."""
    store = Store.open(cli.url)
    _treatments(store, 3)
    assert "stored values are what their formulas give" in cli("doctor", "--deep").output
    table = store.release().tables.object("treatment")
    with store.write() as connection:
        changed = connection.execute(sa.update(table.table).values({table.column("implant_count").name: 77})).rowcount
    store.close()
    assert changed == 3
    assert "BREACH" not in cli("doctor").output
    output = cli("doctor", "--deep", code=1).output
    assert "dental_implant:treatment.implant_count does not hold what it gives" in output and "recompute --all" in output
    assert "computed" in cli("recompute").output and "BREACH" in cli("doctor", "--deep", code=1).output
    assert f"computed {changed:,} values" in cli("recompute", "--all").output
    assert "BREACH" not in cli("doctor", "--deep").output
