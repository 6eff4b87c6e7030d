"""`carework backup`, `restore` and `doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.cli.context import now, open_store, settings, sqlite_file
from runtime.cli.tables import print_table
from runtime.records.upkeep.examining import stale
from runtime.settings import Settings
from runtime.store.backup import back_up, restore
from runtime.store.database import audit_path
from runtime.store.doctor import Finding, Grade, examine

__all__ = ["backup_command", "doctor_command", "recompute_command", "restore_command"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=_FILE)
def backup_command(file: Path) -> None:
    """Write the database and the audit store into one archive, FILE, while the clinic works. The key file is not in it."""
    chosen = settings()
    with open_store(chosen.database_url):
        pass  # a wrong address or a missing file is told before anything is written
    manifest = back_up(chosen.database_url, file, now())
    size = sum(bytes_ for bytes_, _ in manifest.files.values())
    click.echo(f"wrote {file}: {size / 1_000_000:.1f} MB, release {manifest.release[:12] or 'none'}")
    click.echo(f"The key file {chosen.keys_path} is not in it. Keep a copy of it somewhere else: without it sessions end and the audit's "
               "keyed hashes cannot be checked.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "target", metavar="PLACE", help="A SQLite file or a database address; default: CAREWORK_DATABASE_URL.")
def restore_command(file: Path, target: str | None) -> None:
    """Bring the archive FILE back into an empty place, check every byte, and examine the result."""
    chosen = settings()
    if target is not None:
        url = target if ":" in target else f"sqlite:///{target}"
        chosen = Settings.from_environment({"CAREWORK_DATABASE_URL": url})
    manifest = restore(file, chosen.database_url)
    click.echo(f"restored the backup of {manifest.made_at}; examining it")
    _examine(chosen, deep=True)
    if target is not None:
        click.echo(f"use it with CAREWORK_DATABASE_URL={target if ':' in target else chosen.database_url}; "
                   f"its keys are looked for in {chosen.keys_path}")


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Read every row and the whole file.")
def doctor_command(deep: bool) -> None:
    """Check what must hold: tables, rows and their history, audit, keys, disk. Exit code 1 on any breach."""
    chosen = settings()
    path = sqlite_file(chosen.database_url)
    missing = path is not None and path.exists() and not audit_path(path).exists()
    if missing:  # opening the store would make an empty one
        click.echo(f"BREACH: the audit store {audit_path(path) if path else ''} is not there; restore it from the newest backup", err=True)
        raise SystemExit(1)
    _examine(chosen, deep=deep)


@click.command("recompute")
@click.option("--all", "all_", is_flag=True, help="Compute every stored formula of every record anew, not only what waits.")
def recompute_command(all_: bool) -> None:
    """Work off what waits of the stored formulas, in slices, while the clinic works. A process that serves does the same by itself."""
    from runtime.cli.context import new_ids
    from runtime.records.upkeep.working import Worker, everything

    with open_store(settings().database_url) as store:
        ids = new_ids()
        if all_:
            everything(store, ids)
        done = Worker(store, ids, ids()).run()
        left = sum(stale(store).values())
    click.echo(f"computed {done:,} values" + (f"; {left} jobs are in other hands" if left else ""))


def _examine(chosen: Settings, *, deep: bool) -> None:
    path = sqlite_file(chosen.database_url)
    files = (path, audit_path(path)) if path is not None else ()
    with open_store(chosen.database_url) as store:
        found: list[Finding] = list(examine(store, chosen.keys_path, files=files, deep=deep))
    print_table(("check", "result", "detail"), [(finding.check, finding.grade.value, finding.text) for finding in found])
    breached = sum(finding.grade is Grade.BREACH for finding in found)
    if breached:
        click.echo(f"{breached} breach{'es' if breached > 1 else ''}", err=True)
        raise SystemExit(1)
