"""Who asks: sessions and tokens by hash, the person kept until somebody's rights change."""

import dataclasses
import datetime
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.benchmarks.twin import statements
from tests.benchmarks.twin.store import Store

__all__ = ["People", "Person"]

ZONE = ZoneInfo("Asia/Shanghai")
IDLE = datetime.timedelta(minutes=30)
MINUTE = datetime.timedelta(minutes=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """A nurse with her clinics; `binds` are the values that every statement about rows takes."""

    id: str
    name: str
    clinics: dict[str, str]
    teams: tuple[int, ...]
    binds: dict[str, Any]
    today: datetime.date


class People:
    """Finds the person of a secret."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[object, ...], Person] = {}

    def by_session(self, connection: sa.Connection, secret: str, now: datetime.datetime) -> Person | None:
        hashed = hashlib.sha256(secret.encode()).hexdigest()
        row = connection.execute(statements.SESSION, {"hash": hashed}).one_or_none()
        if row is None or row.disabled_at is not None or now >= row.expires_at or now - row.seen_at >= IDLE:
            return None
        if now - row.seen_at >= MINUTE:
            self._touch(statements.TOUCH_SESSION, hashed, now)
        return self._person(connection, row.user_id, row.generation, now)

    def by_token(self, connection: sa.Connection, secret: str, now: datetime.datetime) -> Person | None:
        hashed = hashlib.sha256(secret.encode()).hexdigest()
        row = connection.execute(statements.TOKEN, {"hash": hashed}).one_or_none()
        if row is None or row.disabled_at is not None or row.revoked_at is not None or (row.expires_at and now >= row.expires_at):
            return None
        if row.last_used_at is None or now - row.last_used_at >= MINUTE:
            self._touch(statements.TOUCH_TOKEN, hashed, now)
        return self._person(connection, row.user_id, row.generation, now)

    def _touch(self, statement: sa.Update, hashed: str, now: datetime.datetime) -> None:
        with self._store.write() as connection:
            connection.execute(statement, {"hash": hashed, "at": now})

    def _person(self, connection: sa.Connection, user: str, generation: str | None, now: datetime.datetime) -> Person | None:
        today = now.astimezone(ZONE).date()
        key = (user, generation, today)
        found = self._known.get(key)
        if found is None:
            found = self._load(connection, user, today)
            if found is not None:
                self._known[key] = found
        return found

    def _load(self, connection: sa.Connection, user: str, today: datetime.date) -> Person | None:
        rows = connection.execute(statements.MEMBERSHIPS, {"user": user, "today": today}).all()
        if not rows:
            return None
        teams: dict[str, list[str]] = {}
        for clinic, team in connection.execute(statements.TEAMS, {"user": user}):
            teams.setdefault(clinic, []).append(team)
        clinics = {row.clinic_id: row.clinic for row in rows if row.clinic_id in teams}
        binds: dict[str, Any] = {"today": today}
        for place, id in enumerate(clinics):
            binds[f"clinic_{place}"] = id
            binds.update({f"team_{place}_{n}": team for n, team in enumerate(teams[id])})
        return Person(user, rows[0].name, clinics, tuple(len(teams[id]) for id in clinics), binds, today)
