"""`carework check`, `new` and `schema`: work on definition files without a database."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.names import is_name
from engine.problems import Problems
from engine.text import Checked, check, read_folder

__all__ = ["check_command", "checked_folder", "new_command", "print_problems", "schema_command"]

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def checked_folder(path: Path) -> Checked:
    """Read and compile a pack's or an organisation's folder."""
    return check(read_folder(path))


def print_problems(problems: Problems, *, as_json: bool, language: str = "en") -> None:
    """Print every problem: as one JSON list on standard output, else one line each on standard error."""
    if as_json:
        click.echo(json.dumps([problem.as_json(language) for problem in problems], ensure_ascii=False, indent=1))
        return
    for problem in problems:
        click.echo(problem.line(language), err=True)


@click.command("check")
@click.argument("path", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def check_command(path: Path, as_json: bool, language: str) -> None:
    """Check the definitions in PATH, a pack or an organisation's folder. Needs no database."""
    checked = checked_folder(path)
    print_problems(checked.problems, as_json=as_json, language=language)
    errors = len(checked.problems.errors)
    if errors:
        click.echo(f"{errors} problem{'s' if errors > 1 else ''}", err=True)
        raise SystemExit(1)
    if not as_json:
        model = checked.model
        assert model is not None
        click.echo(f"ok: {len(model.packs)} packs, {len(model.objects)} objects, {len(model.forms)} forms, {len(model.roles)} roles")


_PACK = """\
name: {name}
version: 0.1.0
language: 1
label: {{en: {title}, zh: {title}}}
requires: {{core: ">=0.1"}}
"""
_OBJECT = """\
# An object becomes a table, a list, a form, a record page and an API. Publish with: carework publish {name}
name: {name}_note
label: {{en: Note, zh: 记录}}
plural: {{en: Notes, zh: 记录}}
title: "{{subject_line}}"
belongs_to: {{via: patient}}
subject: patient
fields:
  patient: {{type: link, to: patient, required: true, label: {{en: Patient, zh: 患者}}}}
  subject_line: {{type: text, required: true, max: 100, label: {{en: Subject, zh: 主题}}}}
  noted_on: {{type: date, index: true, label: {{en: Date, zh: 日期}}}}
  text: {{type: long_text, label: {{en: Text, zh: 内容}}}}
"""
_ROLE = """\
# Adds to the nurse of the core pack. Without a grant nobody sees the new object.
extend: core:nurse
grants:
  {name}_notes: {{object: {name}_note, can: [create, read, update], rows: "patient.team in user.teams"}}
"""


@click.command("new")
@click.argument("pack")
@click.option("--in", "folder", type=FOLDER, default=".", show_default=True, help="The folder to make the pack in.")
def new_command(pack: str, folder: Path) -> None:
    """Make a new pack named PACK with one object and one grant to start from."""
    if not is_name(pack):
        raise click.UsageError(f"'{pack}' cannot be a pack's name: it takes a-z first, then a-z, 0-9 and _, at most 41 in all")
    root = folder / pack
    if root.exists():
        raise click.UsageError(f"{root} is there already")
    words = {"name": pack, "title": pack.replace("_", " ").capitalize()}
    for path, text in {
        "pack.yaml": _PACK, f"objects/{pack}_note.yaml": _OBJECT, "roles/nurse.yaml": _ROLE,
    }.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.format(**words), "utf-8")
        click.echo(f"made {target}")
    click.echo(f"next: carework schema {root} && carework check {root}")


_SCHEMAS = Path(__file__).resolve().parents[2] / "definitions" / "schemas"


@click.command("schema")
@click.argument("path", type=FOLDER, default=".")
def schema_command(path: Path) -> None:
    """Write the schemas and the editor's settings into PATH, so that a YAML language server completes and checks."""
    target = path / ".carework" / "schemas"
    target.mkdir(parents=True, exist_ok=True)
    folders: dict[str, list[str]] = {}
    for schema in sorted(_SCHEMAS.glob("*.schema.json")):
        (target / schema.name).write_bytes(schema.read_bytes())
        patterns = json.loads(schema.read_bytes()).get("x-files", [])
        folders[f"./.carework/schemas/{schema.name}"] = [str(pattern) for pattern in patterns]
    settings = path / ".vscode" / "settings.json"
    current: dict[str, object] = {}
    if settings.exists():
        try:
            current = json.loads(settings.read_text("utf-8"))
        except ValueError:
            raise click.UsageError(f"{settings} is not plain JSON; add the yaml.schemas of .carework/settings.json by hand") from None
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({**current, "yaml.schemas": folders}, indent=2) + "\n", "utf-8")
    click.echo(f"wrote {len(folders)} schemas to {target} and {settings}")
