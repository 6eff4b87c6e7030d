"""`carework plan`, `publish` and `export`: from a folder of definitions to the live release and back."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from engine.targets.operations import Risk
from engine.targets.plan import ReleasePlan
from runtime.audit.keys import Keys
from runtime.cli.context import as_option, new_ids, open_store, settings, sqlite_file, system_account, the_actor
from runtime.cli.definitions import FOLDER, print_problems
from runtime.records.seeding import Seeding
from runtime.store import folder, publish
from runtime.store.candidate import Incoming
from runtime.store.database import Store
from runtime.store.errors import NothingToPublish, PublishError, StoreError

__all__ = ["export_command", "plan_command", "publish_command", "publish_folder"]

_RISKS = {Risk.DESTRUCTIVE: "taken away", Risk.ACCESS: "access", Risk.BLOCKING: "may block", Risk.SAFE: "safe"}
_SHOWN = 200


def _print_plan(plan: ReleasePlan, *, everything: bool = False) -> None:
    """What a publish would do. On an empty database the rights are counted: nobody is there yet whom they could surprise."""
    click.echo(f"release {plan.hash[:12]} on {plan.base[:12] or 'an empty database'}")
    listed = [o for o in plan.operations if plan.base or everything or o.risk is not Risk.ACCESS]
    if counted := len(plan.operations) - len(listed):
        click.echo(f"  {_RISKS[Risk.ACCESS]:<10}  {counted} rights of the roles begin; `carework plan --all` lists them")
    shown = listed if everything else listed[:_SHOWN]
    for operation in shown:
        click.echo(f"  {_RISKS[operation.risk]:<10}  {operation.describe('en')}")
    if len(listed) > len(shown):
        click.echo(f"  … and {len(listed) - len(shown)} more; `carework plan --all` lists them")
    if plan.needs_grant:
        click.echo("rights change: publishing takes the right `grant` besides `design`")


@contextlib.contextmanager
def _store_to_plan(url: str) -> Iterator[Store]:
    """The store; where nothing has been made yet, an empty one that is thrown away, so that a plan leaves no file."""
    path = sqlite_file(url)
    if path is None or path.exists():
        with open_store(url) as store:
            yield store
        return
    with tempfile.TemporaryDirectory() as place, open_store(f"sqlite:///{place}/empty.sqlite3", make=True) as store:
        yield store


@click.command("plan")
@click.argument("path", type=FOLDER)
@click.option("--base", metavar="HASH", help="The release that the folder is based on, if not the one in .carework-base.")
@click.option("--remove", metavar="PACK", multiple=True, help="A pack of the live release that shall go.")
@click.option("--all", "everything", is_flag=True, help="List every line, however many there are.")
def plan_command(path: Path, base: str | None, remove: tuple[str, ...], everything: bool) -> None:
    """Say what publishing PATH would do to tables and people, the gravest first.

    Exit code 0: nothing to do, 1: problems, 3: there is something to do.
    """
    with _store_to_plan(settings().database_url) as store:
        found = publish.plan(store, folder.incoming(path, base=base, remove=remove))
    for problem in found.problems:
        click.echo(str(problem), err=True)
    if any(not problem.warning for problem in found.problems):
        raise SystemExit(1)
    if found.nothing_to_do:
        click.echo(f"nothing to do: release {found.hash[:12]} is live")
        return
    _print_plan(found, everything=everything)
    raise SystemExit(3)


def publish_folder(
    store: Store, path: Path, as_user: str | None = None, *, base: str | None = None, remove: tuple[str, ...] = (),
    keys: Keys | None = None, note: bool = True,
) -> str:
    """Publish a folder and, with `note`, write the release into it; returns its hash. Raises PublishError and StoreError."""
    actor = the_actor(store, as_user) if as_user else system_account(store)
    wanted = folder.incoming(path, base=base, remove=remove)
    seed = Seeding(store.clock, new_ids(), keys or Keys.load_or_make(settings().keys_path))
    done = publish.publish(store, wanted, actor, new_id=new_ids(), seed=seed)
    for process in done.late:
        click.echo(f"warning: process {process[:8]} had not prepared the release in time; it follows by itself", err=True)
    if note:
        _note_release(store, path, wanted, done.hash)
    return done.hash


def _note_release(store: Store, path: Path, wanted: Incoming, hash_: str) -> None:
    """Say that the folder is based on a release, unless the release holds what others changed and the folder does not."""
    if folder.holds(wanted, store.releases.stored(hash_)[0]):
        note_base(path, hash_)
    else:
        click.echo(
            "merged with what was published since; the folder keeps its base and lacks those changes: "
            "work on in a fresh `carework export FOLDER`", err=True)


def note_base(path: Path, hash_: str) -> None:
    """Write `.carework-base`; a folder that cannot be written is told of, not refused."""
    try:
        folder.write_base(path, hash_)
    except OSError as error:
        click.echo(f"warning: {folder.BASE_FILE} cannot be written ({error.strerror}); publish next time with --base {hash_}", err=True)


def _confirm(plan: ReleasePlan, yes: bool) -> None:
    """Ask before what takes something away, where somebody can answer."""
    if not yes and plan.base and plan.gravest is Risk.DESTRUCTIVE and sys.stdin.isatty():
        click.confirm("something is taken away from people; publish?", abort=True)


@click.command("publish")
@click.argument("path", type=FOLDER)
@click.option("--base", metavar="HASH", help="The release that the folder is based on, if not the one in .carework-base.")
@click.option("--remove", metavar="PACK", multiple=True, help="A pack of the live release that shall go.")
@click.option("--watch", is_flag=True, help="Publish again whenever a file is saved (development databases: SQLite).")
@click.option("--yes", is_flag=True, help="Do not ask before something is taken away.")
@as_option
def publish_command(path: Path, base: str | None, remove: tuple[str, ...], watch: bool, yes: bool, as_user: str | None) -> None:
    """Make the definitions in PATH live, all or nothing. The first publish makes the database."""
    url = settings().database_url
    if watch and sqlite_file(url) is None:
        raise click.UsageError("--watch is for development databases on SQLite; publish to PostgreSQL on purpose, one at a time")
    with open_store(url, make=as_user is None) as store:
        found = publish.plan(store, folder.incoming(path, base=base, remove=remove))
        if not found.nothing_to_do and not any(not problem.warning for problem in found.problems):
            _print_plan(found)
            _confirm(found, yes)
        for problem in found.problems:
            if problem.warning:
                click.echo(str(problem), err=True)
        try:
            _told(path, publish_folder(store, path, as_user, base=base, remove=remove))
        except NothingToPublish as same:
            _note_release(store, path, folder.incoming(path, base=base, remove=remove), same.live)
            click.echo(f"nothing to do: {same}")
        if watch:
            _watch(store, path, as_user)


def _told(path: Path, hash_: str) -> None:
    click.echo(f"published {path} as release {hash_[:12]}")


def _watch(store: Store, path: Path, as_user: str | None) -> None:
    """Publish at each save until interrupted; problems are printed and the last good release stays live."""
    from watchfiles import watch

    click.echo(f"watching {path}; end with Ctrl-C")
    for changes in watch(path, raise_interrupt=False, debounce=300):
        if all(Path(changed).name == folder.BASE_FILE or Path(changed).name.startswith(".") for _, changed in changes):
            continue
        try:
            _told(path, publish_folder(store, path, as_user))
        except NothingToPublish:
            continue
        except (PublishError, StoreError) as error:
            problems = getattr(error, "problems", None)
            if problems is None:
                click.echo(f"not published: {error}", err=True)
            else:
                print_problems(problems, as_json=False)


@click.command("export")
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
def export_command(path: Path) -> None:
    """Write the live definitions, byte for byte, into PATH, an empty folder or one with an earlier export."""
    with open_store() as store:
        hash_ = folder.export(store, path)
    click.echo(f"exported release {hash_[:12]} to {path}")
