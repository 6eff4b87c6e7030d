"""What commands share: the settings, the open store, and the account they act as."""

from __future__ import annotations

import contextlib
import datetime
import getpass
import os
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from engine.problems import suggest
from runtime.identity.actor import Actor, system_actor
from runtime.settings import Settings
from runtime.store import system
from runtime.store.database import Store
from runtime.store.errors import NoRelease

if TYPE_CHECKING:
    from runtime.records.ids import Ids
    from runtime.records.service import Records
    from runtime.store.compiled import Release

__all__ = [
    "as_option", "clinic_id", "new_ids", "now", "open_store", "records_of", "settings", "sqlite_file", "system_account", "the_actor",
    "user_id",
]

_Command = Callable[..., object]


def now() -> datetime.datetime:
    """The machine's clock, aware and in UTC."""
    return datetime.datetime.now(datetime.UTC)


def new_ids() -> Ids:
    """Record ids by the machine's clock and its source of chance."""
    import secrets
    import time

    from runtime.records.ids import Ids

    return Ids(lambda: time.time_ns() // 1_000_000, secrets.randbits)


def settings() -> Settings:
    """The settings of the environment. Raises BadSetting."""
    return Settings.from_environment(os.environ)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address, None for another database."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


@contextlib.contextmanager
def open_store(url: str = "", *, make: bool = False) -> Iterator[Store]:
    """The open store of the settings or of an address; only with `make` a SQLite file that is not there is made."""
    url = url or settings().database_url
    path = sqlite_file(url)
    if path is not None and not make and not path.exists():
        raise click.ClickException(
            f"there is no database at {path}. `carework publish PATH` makes one; CAREWORK_DATABASE_URL names another place")
    store = Store.open(url)
    try:
        yield store
    finally:
        store.close()


def records_of(store: Store, clock: Callable[[], datetime.datetime] = now) -> Records:
    """The records service with the keys of this installation."""
    from runtime.audit.keys import Keys
    from runtime.composition import records_for

    return records_for(store, clock, new_ids(), keys=Keys.load_or_make(settings().keys_path))


def as_option(command: _Command) -> _Command:
    """`--as USER`: act with a user's rights instead of as the built-in account."""
    return click.option("--as", "as_user", metavar="USER", help="Act with this user's rights (default: the built-in account's).")(command)


def system_account(store: Store | None = None) -> Actor:
    """The built-in account, named in the audit after the operating system's user."""
    try:
        person = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        person = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return system_actor(_today(store), id=f"system:{person}", name=person)


def the_actor(store: Store, as_user: str | None) -> Actor:
    """Who acts: the user with this login, or the built-in account. Raises ClickException for an unknown or disabled user."""
    if not as_user:
        return system_account(store)
    from runtime.identity.loading import load_actor

    found = user_id(store, as_user)
    with store.read() as connection:
        actor = load_actor(connection, store.release(), found, _today(store))
    if actor is None:
        raise click.ClickException(f"the user '{as_user}' is disabled; `carework user enable {as_user}` lets her in again")
    return actor


def _today(store: Store | None) -> datetime.date:
    """The clinics' day; before the first release the day in UTC."""
    moment = now()
    try:
        zone = store.release().model.organisation.timezone if store is not None else "UTC"
    except NoRelease:
        zone = "UTC"
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).date()


def user_id(store: Store, login: str) -> str:
    """The id of the user with a login. Raises ClickException with the closest one."""
    wanted = login.strip().casefold()
    with store.read() as connection:
        logins: dict[str, str] = {row.login: row.id for row in connection.execute(sa.select(system.user.c.login, system.user.c.id))}
    if wanted in logins:
        return logins[wanted]
    raise click.ClickException(f"there is no user '{login}'.{suggest(wanted, logins)} `carework user list` shows all")


def clinic_id(store: Store, release: Release, code: str) -> str:
    """The id of the clinic with this id, or with this value in a field that is unique by itself, e.g. its code.

    Raises ClickException with the closest one.
    """
    clinic = release.model.clinic
    if clinic is None:
        raise click.ClickException("the definitions have no object of clinics")
    table = release.tables.object(clinic.name)
    names = [rule.fields[0] for rule in clinic.unique.values() if len(rule.fields) == 1]
    with store.read() as connection:
        rows = connection.execute(sa.select(table.column("id"), *(table.column(name) for name in names))).all()
    known: dict[str, str] = {str(value): row[0] for row in rows for value in row[1:] if value is not None}
    if code in known or any(code == row[0] for row in rows):
        return known.get(code, code)
    raise click.ClickException(f"there is no clinic '{code}'.{suggest(code, known)} Known: {', '.join(sorted(known)) or 'none'}")
