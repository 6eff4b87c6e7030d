"""`carework test`: the scenarios of a pack or an organisation, each in a clinic of its own that is thrown away."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from engine.problems import suggest
from engine.text import check, read_folder
from runtime.cli.definitions import FOLDER, print_problems

__all__ = ["test_command"]


@click.command("test")
@click.argument("path", type=FOLDER)
@click.option("--only", metavar="NAME", multiple=True, help="A scenario to run; all are run without it.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def test_command(path: Path, only: tuple[str, ...], as_json: bool) -> None:
    """Run the scenarios of the definitions in PATH. Touches no database and sends nothing.

    Exit code 0: all hold, 1: some do not, or the definitions have problems, 2: wrong use.
    """
    from runtime.simulation.houses import Houses
    from runtime.simulation.scenarios import run_scenario

    source = read_folder(path)
    checked = check(source)
    if checked.model is None:
        print_problems(checked.problems, as_json=as_json)
        raise SystemExit(1)
    scenarios = checked.model.scenarios
    for name in only:
        if name not in scenarios:
            raise click.UsageError(f"there is no scenario '{name}'.{suggest(name, scenarios)} Known: {', '.join(scenarios) or 'none'}")
    wanted = [scenario for name, scenario in scenarios.items() if not only or name in only]
    results = []
    with Houses() as houses:
        for scenario in wanted:
            begins = time.monotonic()
            ran = run_scenario(houses, source, scenario)
            results.append(ran)
            if not as_json:
                click.echo(f"{'ok  ' if ran.ok else 'FAIL'} {scenario.name}  ({ran.steps} steps, {time.monotonic() - begins:.1f} s)")
                for failure in ran.failures:
                    click.echo(f"  {failure}", err=True)
    failed = sum(not ran.ok for ran in results)
    if as_json:
        click.echo(json.dumps([{
            "scenario": ran.scenario.name, "ok": ran.ok, "steps": ran.steps,
            "failures": [{"step": each.step, "file": each.place.file, "line": each.place.line, "column": each.place.column, "message": each.message}
                         for each in ran.failures],
        } for ran in results], ensure_ascii=False, indent=1))
    elif not wanted:
        click.echo("no scenarios: write some in a folder scenarios/")
    else:
        click.echo(f"{len(wanted) - failed} of {len(wanted)} scenarios hold")
    if failed:
        raise SystemExit(1)
