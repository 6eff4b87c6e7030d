"""`carework demo`: the example chain in a database of its own, made when it is not there yet, and served on this machine."""

from __future__ import annotations

import dataclasses
import importlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from runtime.audit.keys import Keys
from runtime.cli.context import clinic_id, new_ids, now, open_store, settings, system_account
from runtime.cli.example import Example, ExampleLoader, Person
from runtime.cli.passwords import generated
from runtime.cli.releases import note_base, publish_folder
from runtime.cli.serving import must_be_free, serve_plain
from runtime.cli.tables import print_table, progress
from runtime.identity.accounts import Accounts
from runtime.identity.passwords import Passwords, Profile
from runtime.settings import Settings
from runtime.store.database import Store, audit_path

__all__ = ["GENERATOR", "ORGANISATION", "SEED", "demo_command", "load_people"]

ORGANISATION = "examples/hexin"
"""The folder of definitions, from the folder that holds the package `examples`."""
GENERATOR = "examples.hexin_people"
SEED = 20261122
DATABASE = Path("var/demo.sqlite3")


@click.command("demo")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--patients", default=600, show_default=True, type=click.IntRange(1, 200_000), help="How many, when the database is made.")
@click.option("--database", default=DATABASE, show_default=True, type=click.Path(dir_okay=False, path_type=Path), help="The SQLite file.")
def demo_command(port: int, patients: int, database: Path) -> None:
    """Serve the example chain of three clinics on this machine. The first start makes it, which takes a minute."""
    own = settings()
    chosen = dataclasses.replace(
        own, database_url=f"sqlite:///{database}", keys_path=database.with_suffix(".keys"), secure_cookies=False,
        base_url=own.base_url or (f"http://127.0.0.1:{port}" if port else ""))
    address = f"CAREWORK_DATABASE_URL={chosen.database_url}"
    if database.exists():
        click.echo(f"the example is in {database} already; its passwords were shown when it was made.")
        click.echo(f"A new one: {address} carework user password LOGIN; all logins: {address} carework user list")
    else:
        must_be_free("127.0.0.1", port)
        _build(chosen, database, patients)
        click.echo(f"Publish changes of {ORGANISATION} with: {address} carework publish {ORGANISATION}")
    serve_plain(chosen, "127.0.0.1", port)


def _build(chosen: Settings, database: Path, patients: int) -> None:
    """Make the database in a folder beside its place and move it there when it is whole, so that half an example never stays."""
    folder = _organisation()
    database.parent.mkdir(parents=True, exist_ok=True)
    keys = Keys.load_or_make(chosen.keys_path)
    making = Path(tempfile.mkdtemp(prefix=".demo-", dir=database.parent))
    try:
        place = making / database.name
        with open_store(f"sqlite:///{place}", make=True) as store:
            click.echo(f"publishing {ORGANISATION}")
            hash_ = publish_folder(store, folder, keys=keys, note=False)
            accounts = load_people(store, keys, _generated(store, patients))
        audit_path(place).rename(audit_path(database))
        place.rename(database)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    if database == DATABASE:
        note_base(folder, hash_)
    click.echo("Sign in with one of these. The passwords are shown this once:\n")
    print_table(("login", "person", "roles", "password"), accounts)
    click.echo("")


def _organisation() -> Path:
    """The folder of the example's definitions, in a checkout and in an installation alike."""
    package = importlib.import_module(ORGANISATION.partition("/")[0])
    return Path(next(iter(package.__path__))).parent / ORGANISATION


def _generated(store: Store, patients: int) -> Example:
    generator: Any = importlib.import_module(GENERATOR)
    example: Example = generator.generate(seed=SEED, today=system_account(store).today, patients=patients)
    return example


def load_people(store: Store, keys: Keys, example: Example) -> list[tuple[str, ...]]:
    """Load everything and let the staff with a login sign in; rows of (login, person, roles, password)."""
    release = store.release()
    codes = {row.clinic for row in example.rows} | {clinic for row in example.rows for clinic in row.also}
    codes |= {clinic for person in example.house.staff for _, clinic in person.roles if clinic}
    clinics = {code: clinic_id(store, release, code) for code in sorted(codes)}
    loader = ExampleLoader(store, keys, clinics)
    total = loader.house_size(example) + len(example.rows) + sum(len(row.moves) + len(row.also) for row in example.rows)
    with progress("loading records", total) as advance:
        loader.load(example, advance)
    accounts = Accounts(store, Passwords(Profile.ASVS), new_ids())
    return list(_accounts(store, accounts, loader, clinics, example.house.staff))


def _accounts(
    store: Store, accounts: Accounts, loader: ExampleLoader, clinics: dict[str, str], staff: Iterable[Person],
) -> Iterable[tuple[str, ...]]:
    actor, release = system_account(store), store.release()
    names = {"": "全部", **{code: _clinic_names(store)[id] for code, id in clinics.items()}}
    for person in staff:
        if not person.login:
            continue
        id, password = loader.ids[person.ref], generated()
        accounts.create(actor, release, id, person.login, now(), password=password, language="zh")
        for role, clinic in person.roles:
            accounts.grant(actor, release, id, role, clinics[clinic] if clinic else None, now())
        roles = [f"{release.model.roles[role].label('zh')}（{names[clinic]}）" for role, clinic in person.roles]
        yield person.login, person.name, "、".join(roles), password


def _clinic_names(store: Store) -> dict[str, str]:
    release = store.release()
    clinic = release.model.clinic
    assert clinic is not None
    table = release.tables.object(clinic.name)
    with store.read() as connection:
        rows = connection.execute(sa.select(table.column("id"), table.column("name")))
        return {row[0]: row[1] for row in rows}
