"""Backups: the main database first, then the audit store, each at one instant, in one archive with hashes.

SQLite is copied by its online backup, so a clinic goes on working; PostgreSQL by its own `pg_dump`. The key file is never
in an archive: whoever steals a backup must not have the keys.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from runtime.store import system
from runtime.store.database import Store, audit_path
from runtime.store.errors import StoreError

__all__ = ["BadArchive", "Manifest", "back_up", "read_manifest", "restore"]

FORMAT = 1
MANIFEST = "manifest.json"
MAIN, AUDIT, DUMP = "main.sqlite3", "audit.sqlite3", "database.pgdump"
_BLOCK = 1 << 20


class BadArchive(StoreError):
    """The file is no backup of Carework, or not the one that was written."""


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself; `files` maps the member's name to (bytes, SHA-256)."""

    dialect: str
    made_at: str
    release: str
    files: Mapping[str, tuple[int, str]]


def back_up(url: str, target: Path, now: datetime.datetime, *, environment: Mapping[str, str] = os.environ) -> Manifest:
    """Write an archive that was not there before, complete and synced, or nothing. Raises StoreError."""
    if target.exists():
        raise StoreError(f"{target} is there already; backups are never written over one another")
    target.parent.mkdir(parents=True, exist_ok=True)
    address = make_url(url)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as place:
        folder = Path(place)
        copies = _copy_sqlite(address, folder) if address.get_backend_name() == "sqlite" else [_dump(address, folder, environment)]
        files = {copy.name: (copy.stat().st_size, _sha256(copy)) for copy in copies}
        manifest = Manifest(address.get_backend_name(), now.isoformat(), _live_release(url), files)
        part = folder / "archive.tar"
        _write(part, manifest, copies)
        part.rename(target)
    return manifest


def _live_release(url: str) -> str:
    store = Store.open(url)
    try:
        with store.read() as connection:
            return connection.scalar(sa.select(system.live_release.c.hash)) or ""
    finally:
        store.close()


def _copy_sqlite(address: URL, folder: Path) -> list[Path]:
    main = Path(str(address.database))
    return [_copy(source, folder / name) for source, name in ((main, MAIN), (audit_path(main), AUDIT))]


def _copy(source: Path, target: Path) -> Path:
    """A checked copy as of one instant. Writers wait at most for their turn; readers not at all."""
    try:
        with contextlib.closing(_open(source)) as original, contextlib.closing(sqlite3.connect(target)) as copy:
            original.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
            wrong = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied: {error}") from error
    if wrong:
        raise StoreError(f"{source} is damaged: {wrong[0]}; keep it as it is and restore the last good backup elsewhere")
    return target


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)


def _dump(address: URL, folder: Path, environment: Mapping[str, str]) -> Path:
    """PostgreSQL's own dump, which is one snapshot by itself. Raises StoreError without `pg_dump`."""
    target = folder / DUMP
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"]
    _run(command, {**environment, **_connection(address)}, "pg_dump --format=custom --file=carework.pgdump \"$CAREWORK_DATABASE_URL\"")
    return target


def _run(command: list[str], environment: Mapping[str, str], by_hand: str) -> None:
    program = shutil.which(command[0], path=environment.get("PATH", ""))
    if program is None:
        raise StoreError(f"{command[0]} is not on the PATH; install PostgreSQL's client programs, or run where they are: {by_hand}")
    done = subprocess.run([program, *command[1:]], env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise StoreError(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _connection(address: URL) -> dict[str, str]:
    """libpq's environment variables, so that no password stands in a list of processes."""
    query = {key: value for key, value in address.query.items() if isinstance(value, str)}
    known = {
        "PGHOST": address.host or query.get("host"), "PGPORT": str(address.port or query.get("port") or "") or None,
        "PGUSER": address.username, "PGPASSWORD": address.password, "PGDATABASE": address.database, "PGSSLMODE": query.get("sslmode"),
    }
    return {name: value for name, value in known.items() if value}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(target: Path, manifest: Manifest, copies: list[Path]) -> None:
    described = {**dataclasses.asdict(manifest), "format": FORMAT, "program": "carework"}
    text = json.dumps(described, indent=1, sort_keys=True).encode()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            member = tarfile.TarInfo(MANIFEST)
            member.size, member.mode = len(text), 0o600
            archive.addfile(member, io.BytesIO(text))
            for copy in copies:
                archive.add(copy, copy.name, recursive=False)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _archive(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive, _manifest(archive, path)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadArchive(f"{path} cannot be read as a backup: {error}") from error


def read_manifest(path: Path) -> Manifest:
    """What an archive holds. Raises BadArchive."""
    with _archive(path) as (_, manifest):
        return manifest


def _manifest(archive: tarfile.TarFile, path: Path) -> Manifest:
    try:
        file = archive.extractfile(MANIFEST)
        found: Any = json.loads(file.read(_BLOCK)) if file else None
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in found["files"].items()}
        wanted = {MAIN, AUDIT} if found["dialect"] == "sqlite" else {DUMP}
        if found["format"] != FORMAT or set(files) != wanted:
            raise ValueError
        return Manifest(found["dialect"], str(found["made_at"]), str(found["release"]), files)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadArchive(f"{path} is not a backup that this version of Carework can read") from error


def restore(path: Path, url: str, *, environment: Mapping[str, str] = os.environ) -> Manifest:
    """Bring an archive back into an empty place: a SQLite file that is not there, or a PostgreSQL database without our tables.

    Every byte is checked before anything is put in place. Raises BadArchive and StoreError.
    """
    address = make_url(url)
    with _archive(path) as (archive, manifest):
        if manifest.dialect != address.get_backend_name():
            raise StoreError(f"the backup is of {manifest.dialect}, but --to names {address.get_backend_name()}; they cannot be mixed")
        if manifest.dialect == "sqlite":
            _restore_files(archive, manifest, Path(str(address.database)))
        else:
            _restore_dump(archive, manifest, address, environment)
    return manifest


def _restore_files(archive: tarfile.TarFile, manifest: Manifest, main: Path) -> None:
    targets = {AUDIT: audit_path(main), MAIN: main}
    for target in (*targets.values(), *(there.with_name(there.name + "-wal") for there in targets.values())):
        if target.exists():
            raise StoreError(f"{target} is there already; a backup is restored into an empty place, name one with --to FILE")
    main.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=main.parent) as place:
        copies = {name: _extract(archive, manifest, name, Path(place)) for name in targets}
        for name, target in targets.items():  # the main database last: without it nothing counts as restored
            copies[name].rename(target)


def _restore_dump(archive: tarfile.TarFile, manifest: Manifest, address: URL, environment: Mapping[str, str]) -> None:
    engine = sa.create_engine(address.set(drivername="postgresql+psycopg"))
    try:
        there = sa.inspect(engine).has_table("cw_live_release")
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(f"the database to restore into does not answer: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()
    if there:
        raise StoreError("the database holds Carework's tables already; restore into an empty one, named with --to")
    with tempfile.TemporaryDirectory(prefix="carework-restore-") as place:
        dump = _extract(archive, manifest, DUMP, Path(place))
        command = ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={address.database}", str(dump)]
        by_hand = "pg_restore --single-transaction --no-owner --dbname=\"$CAREWORK_DATABASE_URL\" carework.pgdump"
        _run(command, {**environment, **_connection(address)}, by_hand)


def _extract(archive: tarfile.TarFile, manifest: Manifest, name: str, folder: Path) -> Path:
    """One member, checked against the manifest, synced. Names come from us, never from the archive."""
    size, digest = manifest.files[name]
    member = next((found for found in archive.getmembers() if found.name == name), None)
    source = archive.extractfile(member) if member is not None and member.isfile() else None
    if source is None or member is None or member.size != size:
        raise BadArchive(f"{name} in the backup is not what its manifest says")
    target = folder / name
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        _pour(source, file)
    if _sha256(target) != digest:
        raise BadArchive(f"{name} in the backup was changed after it was made: its SHA-256 differs")
    return target


def _pour(source: IO[bytes], file: IO[bytes]) -> None:
    shutil.copyfileobj(source, file, _BLOCK)
    file.flush()
    os.fsync(file.fileno())
