"""`carework import`: a table with a mapping file into the records of one object."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from engine.problems import Place, Problems
from runtime.audit.keys import Keys
from runtime.cli.context import as_option, clinic_id, new_ids, now, open_store, settings, the_actor
from runtime.cli.tables import progress
from runtime.composition import records_for
from runtime.identity.actor import Actor
from runtime.imports.checking import check_mapping
from runtime.imports.importing import Importing, Summary, rehearsing
from runtime.imports.mapping import ImportMapping, read_mapping
from runtime.imports.matching import Index, UnreadableKey, index_of
from runtime.imports.table import LineProblem, Table, Unreadable, read_table
from runtime.records.rows import BadQuery, UnknownObject
from runtime.records.serializer import guarded
from runtime.records.service import Records
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["import_command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 50


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_path", required=True, type=_FILE, help="The YAML file that says which column goes into which field.")
@click.option("--clinic", metavar="CODE", help="The clinic that new records belong to; instead of 'clinic' in the mapping.")
@click.option("--dry-run", is_flag=True, help="Check every line against every rule and write nothing.")
@click.option("--problems", "problems_path", metavar="OUT.csv", type=click.Path(dir_okay=False, path_type=Path),
              help="Write every problem and warning into a table.")
@as_option
def import_command(
    file: Path, mapping_path: Path, clinic: str | None, dry_run: bool, problems_path: Path | None, as_user: str | None,
) -> None:
    """Load FILE (CSV or XLSX) through a mapping. Lines that cannot be loaded are told one by one; the others load.

    The same file again changes nothing where the mapping has a key. Exit code 1 when a line was refused.
    """
    problems = Problems()
    mapping = read_mapping(mapping_path, problems)
    table = _table(file)
    with open_store() as store:
        release, actor = store.release(), the_actor(store, as_user)
        if mapping is not None:
            check_mapping(mapping, mapping_path.name, table, release, actor, problems)
        _stop_on(problems)
        assert mapping is not None
        place = clinic or mapping.clinic
        summary = _load(
            rehearsing(store) if dry_run else store, release, actor, table, mapping, clinic_id(store, release, place) if place else None)
    _report(summary, table, dry_run=dry_run)
    if problems_path is not None:
        _write_problems(problems_path, summary.problems)
    if summary.refused:
        raise SystemExit(1)


def _table(file: Path) -> Table:
    try:
        return read_table(file)
    except Unreadable as error:
        raise click.ClickException(str(error.problem)) from error


def _stop_on(problems: Problems) -> None:
    """Print what was found in the mapping; go on only when there are warnings alone."""
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems.errors:
        raise SystemExit(1)


def _load(store: Store, release: Release, actor: Actor, table: Table, mapping: ImportMapping, clinic: str | None) -> Summary:
    ids = new_ids()
    records = records_for(store, now, ids, keys=Keys.load_or_make(settings().keys_path))
    fields = release.model.objects[mapping.object].fields
    try:
        index = _index(records, release, actor, mapping.object, mapping.key) if mapping.key else None
        links = {
            rule.field: _index(records, release, actor, fields[rule.field].type.link_to, (rule.match,))
            for rule in mapping.columns if rule.match
        }
    except UnreadableKey as error:
        raise click.ClickException(str(error.problem(mapping.places.get("key", Place("mapping"))))) from error
    except (UnknownObject, BadQuery) as error:
        raise click.ClickException(f"this account may not look up what the import is compared with: {error}") from error
    importing = Importing(records, release, actor, table, mapping, clinic=clinic, index=index, links=links, request_id=ids())
    with progress(f"importing {table.file}", len(table.rows)) as advance:
        return importing.run(advance)


def _index(records: Records, release: Release, actor: Actor, object: str, fields: tuple[str, ...]) -> Index:
    return index_of(records, release, actor, object, fields, lambda rows: None)


def _report(summary: Summary, table: Table, *, dry_run: bool) -> None:
    for found in summary.problems[:_SHOWN]:
        click.echo(_line(found), err=True)
    if len(summary.problems) > _SHOWN:
        click.echo(f"… and {len(summary.problems) - _SHOWN} more; --problems OUT.csv writes all of them", err=True)
    if dry_run:
        click.echo("nothing was written; without --dry-run:")
    click.echo(
        f"created {summary.created}, updated {summary.updated}, unchanged {summary.unchanged}, refused {summary.refused}, "
        f"warnings {summary.warnings}")


def _line(found: LineProblem) -> str:
    problem = found.problem
    column = f" column '{found.column}':" if found.column else ""
    mark = " warning:" if problem.warning else ""
    fix = f" {problem.fix[:1].upper()}{problem.fix[1:]}." if problem.fix else ""
    return f"{problem.place} {problem.code.code}{mark}{column} {problem.message}{fix}"


def _write_problems(path: Path, problems: list[LineProblem]) -> None:
    """A table that spreadsheets open without running anything in it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "column name", "kind", "code", "message", "what to do"])
        for found in problems:
            problem = found.problem
            writer.writerow([
                problem.place.line, problem.place.column, guarded(found.column), "warning" if problem.warning else "refused",
                problem.code.code, guarded(problem.message), problem.fix,
            ])
