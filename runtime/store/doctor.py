"""Everything `carework doctor` looks at: the invariants, the audit store beside the main one, keys, versions, free space."""

from __future__ import annotations

import dataclasses
import enum
import hmac
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from runtime.audit.changes import change_digest
from runtime.audit.keys import BadKeys, Keys
from runtime.jobs.examining import doubts as job_doubts
from runtime.jobs.examining import faults as job_faults
from runtime.messages.examining import faults as message_faults
from runtime.plans.examining import faults as plan_faults
from runtime.records.upkeep.examining import stale, wrong
from runtime.store import system
from runtime.store.database import Store
from runtime.store.invariants import breaches
from runtime.store.migrations import AUDIT, MAIN

__all__ = ["Finding", "Grade", "examine"]

LOW_SPACE = 200_000_000
"""Bytes on the database's disk below which writes may soon fail."""
LOOKED_AT = 200
"""So many of the newest audit entries are compared with the history, all of them with `deep`."""


class Grade(enum.Enum):
    """How a check went."""

    GOOD = "ok"
    DOUBT = "warning"
    BREACH = "BREACH"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    check: str
    grade: Grade
    text: str


def examine(store: Store, keys_path: Path, *, files: tuple[Path, ...] = (), deep: bool = False) -> Iterator[Finding]:
    """Every check with its result; `files` are the SQLite files of the store."""
    yield from _versions(store)
    yield _release(store)
    found = breaches(store, deep=deep)
    for breach in found:
        yield Finding(f"invariant {breach.invariant}", Grade.BREACH, breach.message)
    if not found:
        yield Finding("invariants", Grade.GOOD, "all rows and files read" if deep else "tables and pointers; --deep reads every row")
    yield from _formulas(store, deep=deep)
    yield from _jobs(store)
    yield from _plans(store)
    yield from _messages(store)
    yield from _audit_store(store)
    yield from _keys(store, keys_path, deep=deep)
    for file in files[:1]:
        yield _space(file)


def _versions(store: Store) -> Iterator[Finding]:
    for database, migrations, name in ((store.main, MAIN, "main"), (store.audit, AUDIT, "audit")):
        with database.read() as connection:
            version = migrations.version(connection)
        grade = Grade.GOOD if version == migrations.newest else Grade.BREACH
        yield Finding(f"{name} schema", grade, f"version {version}, this program's is {migrations.newest}")


def _release(store: Store) -> Finding:
    live = store.releases.poll()
    if live is None:
        return Finding("release", Grade.DOUBT, "nothing is published yet")
    return Finding("release", Grade.GOOD, f"{live.hash[:12]} with {len(live.model.objects)} objects")


def _formulas(store: Store, *, deep: bool) -> Iterator[Finding]:
    """Stored formulas that wait to be computed in many rows; with `deep` all of them computed again and compared."""
    late = stale(store)
    for field, count in late.items():
        text = f"{field} waits to be computed anew ({count} jobs); `carework serve` and `carework recompute` work on it"
        yield Finding("formulas", Grade.DOUBT, text)
    found = list(wrong(store)) if deep else []
    for field, ids in found:
        text = f"{field} does not hold what it gives, among others in {', '.join(ids)}; `carework recompute --all` puts it right"
        yield Finding("formulas", Grade.BREACH, text)
    if not late and not found:
        yield Finding("formulas", Grade.GOOD, "all stored values are what their formulas give" if deep else "none waits")


def _jobs(store: Store) -> Iterator[Finding]:
    """Timers and effects: none forgotten, none done twice, none set aside without anybody knowing."""
    with store.read() as connection:
        wrong_jobs = list(job_faults(connection, store.clock()))
        late = list(job_doubts(connection, store.clock()))
    for number, text in wrong_jobs:
        yield Finding(f"invariant {number}", Grade.BREACH, text)
    for text in late:
        yield Finding("jobs", Grade.DOUBT, text)
    if not wrong_jobs and not late:
        yield Finding("jobs", Grade.GOOD, "none is late, none set aside")


def _plans(store: Store) -> Iterator[Finding]:
    """Whoever is on a follow-up plan is waited for by something."""
    with store.read() as connection:
        wrong_plans = list(plan_faults(connection, store.releases.poll()))
    for text in wrong_plans:
        yield Finding("invariant I9", Grade.BREACH, text)
    if not wrong_plans:
        yield Finding("follow-up plans", Grade.GOOD, "everybody who is on one is waited for")


def _messages(store: Store) -> Iterator[Finding]:
    with store.read() as connection:
        found = list(message_faults(connection, store.clock()))
    for text in found:
        yield Finding("messages", Grade.BREACH, text)
    if not found:
        yield Finding("messages", Grade.GOOD, "none waits for nobody, every link stands in the audit")


def _audit_store(store: Store) -> Iterator[Finding]:
    """An audit store may be ahead of the main database (a newer copy of it was kept), never behind."""
    view, release, session = system.view, system.release, system.session
    with store.audit.read() as connection:
        seen = set(connection.execute(sa.select(view.c.release).distinct()).scalars()) - {None}
        newest = connection.scalar(sa.select(sa.func.max(view.c.at)).select_from(view))
    with store.read() as connection:
        known = set(connection.execute(sa.select(release.c.hash)).scalars())
        used = connection.scalar(sa.select(sa.func.max(session.c.seen_at)).select_from(session))
    if seen - known:
        yield Finding("audit store", Grade.DOUBT, f"is ahead: it names {len(seen - known)} releases that the main database lacks")
    elif used is not None and (newest is None or (used - newest).days >= 1):
        text = f"may be behind: people worked until {used:%F %T}, its last entry is of {newest or 'never'}"
        yield Finding("audit store", Grade.DOUBT, text)
    else:
        yield Finding("audit store", Grade.GOOD, f"last entry {newest:%F %T}" if newest else "no page was looked at yet")


def _keys(store: Store, path: Path, *, deep: bool) -> Iterator[Finding]:
    """The key file is there, private, and the one that the audit's keyed hashes were made with."""
    try:
        keys = Keys.load(path)
    except FileNotFoundError:
        grade = Grade.DOUBT if _digests(store, 1) == [] else Grade.BREACH
        yield Finding("keys", grade, f"{path} is not there; bring it back from its safe copy (it is in no backup)")
        return
    except BadKeys as error:
        yield Finding("keys", Grade.BREACH, str(error))
        return
    wrong = total = 0
    for row in _digests(store, None if deep else LOOKED_AT):
        total += 1
        changes = row.changes if isinstance(row.changes, dict) else {}
        made = change_digest(
            keys.derive("audit"), record_id=row.record_id, version=row.version, action=row.action, changes=changes, reason=row.reason)
        wrong += not hmac.compare_digest(made, row.digest)
    if wrong:
        why = "the key file is of another installation" if wrong == total else "history was changed behind the program's back"
        yield Finding("keys and audit", Grade.BREACH, f"{wrong} of {total} audit entries do not match their history: {why}")
    else:
        yield Finding("keys and audit", Grade.GOOD, f"{total} audit entries match their history")


def _digests(store: Store, limit: int | None) -> list[Any]:
    """The newest changes with the keyed hash in their audit entry."""
    history, audit = system.history, system.audit
    statement = (
        sa.select(history.c.record_id, history.c.version, history.c.action, history.c.changes, history.c.reason, audit.c.digest)
        .select_from(audit.join(history, sa.and_(
            history.c.record_id == audit.c.record_id, history.c.at == audit.c.at, history.c.action == audit.c.action)))
        .where(audit.c.digest.is_not(None)).order_by(audit.c.id.desc())
    )
    with store.read() as connection:
        return list(connection.execute(statement if limit is None else statement.limit(limit)).all())


def _space(file: Path) -> Finding:
    free = shutil.disk_usage(file.absolute().parent).free
    size = file.stat().st_size if file.exists() else 0
    enough = free > max(LOW_SPACE, size)
    grade = Grade.GOOD if enough else Grade.BREACH if free < LOW_SPACE // 4 else Grade.DOUBT
    return Finding("disk", grade, f"{free // 1_000_000:,} MB free, the database has {size // 1_000_000:,} MB")
