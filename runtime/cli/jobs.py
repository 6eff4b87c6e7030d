"""`carework jobs`: what waits, what was set aside and why; run it again or drop it."""

from __future__ import annotations

import click

from runtime.access import Access
from runtime.audit.keys import Keys
from runtime.cli.context import as_option, new_ids, now, open_store, records_of, settings, the_actor
from runtime.cli.tables import print_table
from runtime.identity.actor import Actor
from runtime.jobs.job import Job
from runtime.jobs.kinds import Workplace, kinds_of
from runtime.jobs.operating import Line, again, all_again, drop, found_aside, overview
from runtime.store.database import Store

__all__ = ["jobs_command"]


@click.group("jobs")
def jobs_command() -> None:
    """Timers, effects and messages that wait to be done."""


@jobs_command.command("list")
def list_command() -> None:
    """How many jobs of each kind stand where, and those that were set aside with the reason. Ids alone, no values of records."""
    moment = now()
    with open_store(settings().database_url) as store, store.read() as connection:
        lines = overview(connection, _kinds(store), moment)
        aside = found_aside(connection)
    print_table(
        ("kind", "waiting", "due", "being sent", "set aside", "done in 24 h", "oldest due"),
        [_figures(line) for line in lines])
    if aside:
        click.echo("\nset aside:")
        print_table(("job", "kind", "record", "attempts", "problem"), [_told(job) for job in aside])
        click.echo("`carework jobs retry JOB` runs one again, `carework jobs drop JOB --reason WHY` gives it up")
    if any(line.is_late(moment) for line in lines):
        click.echo("Jobs are due and not done: start `carework serve` or `carework worker`.", err=True)


@jobs_command.command("retry")
@click.argument("jobs", nargs=-1)
@click.option("--kind", default="", help="All of this kind that were set aside, instead of single ones.")
@as_option
def retry_command(jobs: tuple[str, ...], kind: str, as_user: str | None) -> None:
    """Run jobs again that were set aside."""
    if bool(jobs) == bool(kind):
        raise click.UsageError("name the jobs, or give --kind; `carework jobs list` shows both")
    with open_store(settings().database_url) as store:
        actor = _operator(store, as_user)
        if jobs:
            with store.write() as connection:
                count = again(connection, actor, store.release(), ids=jobs, now=now(), new_id=new_ids())
        else:
            count = all_again(store, actor, store.release(), kind, now=now(), new_id=new_ids())
    _say(count, "wait again", jobs)


@jobs_command.command("drop")
@click.argument("jobs", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it is kept with the job.")
@as_option
def drop_command(jobs: tuple[str, ...], reason: str, as_user: str | None) -> None:
    """Give up jobs that were set aside; they are never run."""
    if not reason.strip():
        raise click.UsageError("--reason says why; it is kept with the job")
    with open_store(settings().database_url) as store:
        actor = _operator(store, as_user)
        with store.write() as connection:
            count = drop(connection, actor, store.release(), jobs, reason.strip(), now=now(), new_id=new_ids())
    _say(count, "dropped", jobs)


def _operator(store: Store, as_user: str | None) -> Actor:
    """Who acts. Raises ClickException for a user without the right to operate."""
    actor = the_actor(store, as_user)
    if not actor.system and not Access.of(store.release(), actor).system("operate"):
        raise click.ClickException(f"the user '{as_user}' lacks the right `operate`; a role gives it with `system: [operate]`")
    return actor


def _say(count: int, what: str, named: tuple[str, ...]) -> None:
    if count < len(named) or not count:
        click.echo(f"{count} {what}; the others were not set aside (`carework jobs list` shows those that are)", err=True)
        raise SystemExit(1)
    click.echo(f"{count} {what}")


def _kinds(store: Store) -> tuple[str, ...]:
    ids, keys = new_ids(), Keys.load_or_make(settings().keys_path)
    records = records_of(store)
    return tuple(kinds_of(Workplace(store=store, records=records, keys=keys, clock=now, new_id=ids, settings=settings())))


def _figures(line: Line) -> tuple[str, ...]:
    oldest = f"{line.oldest:%F %T}" if line.oldest else ""
    return (line.kind, *(f"{count:,}" for count in (line.waiting, line.due, line.sending, line.aside, line.done)), oldest)


def _told(job: Job) -> tuple[str, ...]:
    doubt = " (may have had its effect)" if job.doubtful else ""
    return (job.id, job.kind, job.record_id or "", str(job.attempts), (job.problem or "") + doubt)
