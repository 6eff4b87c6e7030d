"""`carework simulate`: one patient on a follow-up plan, day by day, in a clinic that is thrown away."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.model import Model, Plan
from engine.problems import Problems, suggest
from engine.text import Source, check, read_bytes, read_folder
from engine.text.nodes import plain
from engine.text.parse import parse
from runtime.cli.context import open_store
from runtime.cli.definitions import FOLDER, print_problems
from runtime.cli.tables import print_table
from runtime.simulation.words import KINDS, WHY

if TYPE_CHECKING:
    from runtime.simulation.timeline import Case, Timeline

__all__ = ["simulate_command"]

_COLUMNS = {"en": ("when", "what", "", "due", "more"), "zh": ("时间", "事件", "", "应完成", "说明")}
_MOST_DAYS = 40 * 366


@click.command("simulate")
@click.argument("plan_name", metavar="PLAN")
@click.option("--in", "folder", type=FOLDER, help="The definitions to use; without it the live release of the database.")
@click.option("--patient", "case_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="YAML or JSON: values by object (patient: …), and what is answered by step (answers: {step: {field: …}}).")
@click.option("--from", "begins", metavar="DATE", help="The day on which it begins, or a day with a time, 2026-11-02T14:30; today without it.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(0, _MOST_DAYS), help="How many days pass.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def simulate_command(
    plan_name: str, folder: Path | None, case_file: Path | None, begins: str | None, days: int, as_json: bool, language: str,
) -> None:
    """Let one patient go through PLAN and print what comes about on which day. Changes nothing and sends nothing.

    Exit code 1 when the definitions or the patient are not possible, 2: wrong use.
    """
    from runtime.simulation.houses import Houses
    from runtime.simulation.timeline import simulate
    from runtime.simulation.world import NotPossible

    source, model = _definitions(folder, as_json, language)
    plan = model.plans.get(plan_name)
    if plan is None:
        raise click.UsageError(f"there is no plan '{plan_name}'.{suggest(plan_name, model.plans)} Known: {', '.join(model.plans) or 'none'}")
    starts = _moment(begins)
    with Houses() as houses:
        try:
            found = simulate(houses, source, plan.name, _case(case_file, plan), starts, days, language=language)
        except NotPossible as error:
            raise click.ClickException(error.why) from error
    _print(found, as_json, language)


def _definitions(folder: Path | None, as_json: bool, language: str) -> tuple[Source, Model]:
    if folder is None:
        with open_store() as store:
            release = store.release()
        return read_bytes(release.files), release.model
    source = read_folder(folder)
    checked = check(source)
    if checked.model is None:
        print_problems(checked.problems, as_json=as_json, language=language)
        raise SystemExit(1)
    return source, checked.model


def _moment(text: str | None) -> datetime.datetime:
    from engine.text.compile.scenario_values import DAY_BEGINS, moment

    if text is None:
        return datetime.datetime.combine(datetime.datetime.now(datetime.UTC).date(), DAY_BEGINS)
    found = moment(text)
    if found is None:
        raise click.UsageError(f"'{text}' is no day: write --from 2026-11-02, or 2026-11-02T14:30")
    return found


def _case(path: Path | None, plan: Plan) -> Case:
    """What FILE says. Raises UsageError with the key that is not possible."""
    from runtime.simulation.timeline import Case

    if path is None:
        return Case()
    problems = Problems()
    documents, _ = parse(Source({path.name: path.read_bytes()}), problems)
    if len(problems) or not documents:
        print_problems(problems, as_json=False)
        raise SystemExit(1)
    read = plain(documents[0].root)
    given = _map(path, "it", read)
    known = {plan.subject, plan.object, "answers"}
    for key in given:
        if key not in known:
            raise click.UsageError(f"{path}: '{key}' is not possible here.{suggest(key, known)} Known: {', '.join(sorted(known))}")
    answers = {name: _map(path, name, values) for name, values in _map(path, "answers", given.get("answers", {})).items()}
    for name in answers:
        if name not in plan.steps:
            raise click.UsageError(f"{path}: the plan has no step '{name}'.{suggest(name, plan.steps)} Known: {', '.join(plan.steps)}")
    own = _map(path, plan.subject, given.get(plan.subject, {}))
    begins = _map(path, plan.object, given.get(plan.object, {})) if plan.object != plan.subject else {}
    return Case(patient=own, begins=begins, answers=answers)


def _map(path: Path, what: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise click.UsageError(f"{path}: {what} must be a map, e.g. patient: {{name: 王芳}}")
    return value


def _print(found: Timeline, as_json: bool, language: str) -> None:
    if as_json:
        click.echo(json.dumps({
            "plan": found.plan, "from": found.starts.isoformat(timespec="minutes"), "to": found.ends.isoformat(timespec="minutes"),
            "state": found.state, "events": [event.as_json() for event in found.events],
        }, ensure_ascii=False, indent=1))
        return
    kinds, why = KINDS[language], WHY[language]
    rows = [(f"{event.at:%Y-%m-%d %H:%M}", kinds.get(event.kind, event.kind), event.label, event.due,
             why.get(event.detail, event.detail) + (f" ({event.text})" if event.kind == "failed" and event.text else ""))
            for event in found.events]
    print_table(_COLUMNS[language], rows)
    click.echo(f"{found.starts:%Y-%m-%d} – {found.ends:%Y-%m-%d}: {found.plan}, {found.state}")
