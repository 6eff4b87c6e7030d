"""`carework eval`: an expression on a record as somebody may see it, with what each of its parts comes to."""

from __future__ import annotations

import datetime
import json
import zoneinfo
from collections.abc import Iterator

import click

from engine.problems import suggest
from runtime.cli.context import as_option, open_store, records_of, the_actor
from runtime.records.messages import text as message_of
from runtime.records.tried import as_json, lines
from runtime.records.trying import BadTrial, Trial

__all__ = ["eval_command"]


@click.command("eval")
@click.argument("expression")
@click.option("--object", "object_name", required=True, metavar="NAME", help="The object whose records the expression is about.")
@click.option("--record", metavar="ID", help="The record to read; without one every field is null.")
@as_option
@click.option("--now", "instant", metavar="INSTANT", help="Compute as of this instant or day, e.g. 2026-11-22T08:00:00Z.")
@click.option("--values", default="{}", metavar="JSON", help="Fields that stand in place of the record's own, e.g. '{\"pain\": 7}'.")
@click.option("--json", "as_json_", is_flag=True, help="Print the result, or the problems, as JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def eval_command(
    expression: str, object_name: str, record: str | None, as_user: str | None, instant: str | None, values: str, as_json_: bool, language: str,
) -> None:
    """Evaluate EXPRESSION and print its value, its type and every part of it.

    With --as under the rights of that user: what she may not see is null, and the trace says so. Exit code 1 when the
    expression has problems, or there is no such object, record or user.
    """
    given = _values(values)
    with open_store() as store:
        release = store.release()
        if object_name not in release.model.objects:
            raise click.ClickException(f"there is no object '{object_name}'.{suggest(object_name, release.model.objects)}")
        now = _instant(instant, zoneinfo.ZoneInfo(release.model.organisation.timezone)) if instant else None
        trial = Trial(object=object_name, expression=expression, id=record, values=given, now=now, whole=True)
        try:
            tried = records_of(store).try_out(trial, the_actor(store, as_user), release)
        except BadTrial as bad:
            _refuse(bad, trial, as_json_, language)
            raise SystemExit(1) from None
    if as_json_:
        click.echo(json.dumps(as_json(tried, language), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(lines(tried, language)))


def _values(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"this is no JSON: {error}", param_hint="--values") from None
    if not isinstance(found, dict):
        raise click.BadParameter("write a JSON object of fields and values", param_hint="--values")
    return found


def _instant(text: str, zone: datetime.tzinfo) -> datetime.datetime:
    """An instant, or a day as its noon in the organisation's time zone; without an offset in that zone."""
    try:
        if len(text) == 10:
            return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(12), zone)
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"'{text}' is no instant; write 2026-11-22T08:00:00Z or 2026-11-22", param_hint="--now") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _refuse(bad: BadTrial, trial: Trial, as_json_: bool, language: str) -> None:
    if as_json_:
        click.echo(json.dumps(list(_problems(bad, language)), ensure_ascii=False, indent=1))
        return
    for error in bad.errors:
        click.echo(" ".join(part for part in (str(error.offset + 1), error.code.code, *error.say(language)) if part), err=True)
        for line in _marked(trial.expression, error.offset):
            click.echo(line, err=True)
    if bad.code:
        where = f"{bad.field}: " if bad.field else ""
        click.echo(f"{where}{message_of(bad.code, language, **bad.words)}", err=True)


def _problems(bad: BadTrial, language: str) -> Iterator[dict[str, object]]:
    for error in bad.errors:
        message, fix = error.say(language) if language.startswith("zh") else (error.message, error.fix)
        yield {"code": error.code.code, "message": message, "fix": fix, "offset": error.offset}
    if bad.code:
        yield {"code": bad.code, "message": message_of(bad.code, language, **bad.words), **({"field": bad.field} if bad.field else {})}


def _marked(text: str, offset: int) -> tuple[str, str]:
    """The line of the text with a mark under the character; wide characters take two columns on a terminal."""
    from rich.cells import cell_len

    start = text.rfind("\n", 0, offset) + 1
    line = text[start:].split("\n", 1)[0].replace("\t", " ")
    return f"  {line}", f"  {' ' * cell_len(line[: offset - start])}^"
