"""Loading an actor: the user, the memberships that hold today, the own record and the teams; and keeping it for a generation."""

from __future__ import annotations

import datetime
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.expressions import to_python
from engine.model import Object
from runtime.identity.actor import Actor, Membership, TokenScope
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Actors", "load_actor", "objects_of_actors"]

KEPT = 4096


def load_actor(
    connection: Connection, release: Release, user_id: str, today: datetime.date, scope: TokenScope | None = None,
) -> Actor | None:
    """The actor as of a day; None for a user who is unknown or disabled or whose own record was deleted.

    Three small statements; `Actors` keeps the answer.
    """
    user, member = system.user, system.membership
    statement = (
        sa.select(
            user.c.login, user.c.language, user.c.disabled_at, member.c.role, member.c.clinic_id, member.c.from_date, member.c.until_date,
        )
        .select_from(user.outerjoin(member, member.c.user_id == user.c.id))
        .where(user.c.id == user_id)
    )
    found = connection.execute(statement).all()
    if not found or found[0].disabled_at is not None:
        return None
    memberships = tuple(sorted({Membership(m.role, m.clinic_id) for m in found if m.role and _holds(m, today)}, key=_order))
    record = _own_record(connection, release, user_id)
    if record is None:
        return None
    return Actor(
        id=user_id, name=_title(release, record) or found[0].login, language=found[0].language or "", today=today, memberships=memberships,
        record=record, teams=_teams(connection, release, user_id), clinics=_clinics(connection, release, memberships), scope=scope,
    )


def _holds(membership: Any, today: datetime.date) -> bool:
    """The first and the last day count."""
    since, until = membership.from_date, membership.until_date
    return (since is None or since <= today) and (until is None or today <= until)


def _order(membership: Membership) -> tuple[str, str]:
    return (membership.role, membership.clinic_id or "")


def _own_record(connection: Connection, release: Release, user_id: str) -> Mapping[str, object] | None:
    """The person's record with what rules read behind it, None when there is none; empty in a release without people's records."""
    account = release.model.account
    if account is None:
        return {}
    own = _values(connection, release, account, user_id)
    if not own:
        return None
    return {**own, **_behind(connection, release, account, own)}


def _values(connection: Connection, release: Release, object: Object, id: str) -> dict[str, object]:
    table = release.tables.object(object.name)
    names = [field.name for field in object.fields.values() if field.stored]
    row = connection.execute(sa.select(*(table.column(name) for name in names)).where(table.column("id") == id)).one_or_none()
    return {} if row is None else dict(zip(names, row, strict=True))


def _behind(connection: Connection, release: Release, account: Object, own: Mapping[str, object]) -> dict[str, object]:
    """What rules read behind links of the own record, by dotted names."""
    from runtime.access.access import release_policy

    found: dict[str, object] = {}
    for path in release_policy(release).user_paths:
        if len(path) > 2 and path[1] in account.fields:
            found[".".join(path[1:])] = _follow(connection, release, account, own, path[1:])
    return found


def _follow(connection: Connection, release: Release, object: Object, values: Mapping[str, object], path: tuple[str, ...]) -> object:
    for link in path[:-1]:
        id = values.get(link)
        if id is None:
            return None
        object = release.model.objects[object.fields[link].type.link_to]
        values = {**_values(connection, release, object, str(id)), "id": id}
    return values.get(path[-1])


def _title(release: Release, record: Mapping[str, object]) -> str:
    """The person's name as the account object's title has it, what lies behind links left out."""
    account = release.model.account
    if account is None or not record:
        return ""
    parts = [part if isinstance(part, str) else to_python(part)(_Own(record)) for part in account.title.parts]
    return "".join("" if part is None else str(part) for part in parts).strip()


class _Own:
    def __init__(self, record: Mapping[str, object]) -> None:
        self._record = record

    def lookup(self, path: tuple[str, ...]) -> object:
        return self._record.get(".".join(path))


def _teams(connection: Connection, release: Release, user_id: str) -> dict[str, tuple[str, ...]]:
    """The person's teams by the team's clinic, "" for teams without one."""
    roster = release.model.roster
    if roster is None or roster.roster is None:
        return {}
    rows = release.tables.object(roster.name)
    teams = release.tables.object(roster.fields[roster.roster.team].type.link_to)
    link = rows.column(roster.roster.team)
    statement = (
        sa.select(teams.column("clinic_id"), teams.column("id"))
        .select_from(rows.table.join(teams.table, teams.column("id") == link))
        .where(rows.column(roster.roster.person) == user_id)
    )
    found: dict[str, set[str]] = {}
    for clinic, team in connection.execute(statement):
        found.setdefault(clinic or "", set()).add(team)
    return {clinic: tuple(sorted(several)) for clinic, several in found.items()}


def _clinics(connection: Connection, release: Release, memberships: Iterable[Membership]) -> tuple[str, ...]:
    named = {membership.clinic_id for membership in memberships}
    clinic = release.model.clinic
    if None in named and clinic is not None:
        named |= set(connection.scalars(sa.select(release.tables.object(clinic.name).column("id"))))
    return tuple(sorted(id for id in named if id is not None))


def objects_of_actors(release: Release) -> frozenset[str]:
    """Names of the objects whose records make actors what they are: people, clinics, teams, and what rules read of the user."""
    found: frozenset[str] | None = release.cache.get("identity.objects")
    if found is None:
        found = release.cache["identity.objects"] = frozenset(_objects_of_actors(release))
    return found


def _objects_of_actors(release: Release) -> Iterator[str]:
    from runtime.access.access import release_policy

    model = release.model
    yield from (object.name for object in (model.account, model.clinic, model.roster) if object is not None)
    if model.roster is not None and model.roster.roster is not None:
        yield model.roster.fields[model.roster.roster.team].type.link_to
    for path in release_policy(release).user_paths:
        object = model.account
        for link in path[1:-1]:
            object = model.objects[object.fields[link].type.link_to] if object is not None else None
            if object is not None:
                yield object.name


class Actors:
    """Actors of one process, kept as long as nobody's rights changed; safe to share between threads.

    The key holds the release, the day and the generation, so an old actor is never found, only left to be pushed out.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._found: OrderedDict[tuple[object, ...], Actor | None] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self, connection: Connection, release: Release, user_id: str, today: datetime.date, generation: str | None,
        scope: TokenScope | None = None,
    ) -> Actor | None:
        """The actor; `generation` must have been read in the same transaction as, or before, what is read here."""
        key = (user_id, release.hash, today, generation, scope)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        actor = load_actor(connection, release, user_id, today, scope)
        with self._lock:
            self._found[key] = actor
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        return actor
