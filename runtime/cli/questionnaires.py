"""`carework import-questionnaire`: a FHIR Questionnaire becomes files of a pack."""

from __future__ import annotations

from pathlib import Path

import click

from engine.model import Model
from engine.names import is_name, reserved
from engine.problems import Code, Place, Problems
from engine.text import check, read_folder
from engine.text.source import Source
from runtime.cli.definitions import FOLDER, print_problems
from runtime.imports.questionnaires.converting import Converted, Target, convert
from runtime.imports.questionnaires.naming import slug
from runtime.imports.questionnaires.reading import read_questionnaire
from runtime.imports.questionnaires.writing import as_yaml

__all__ = ["import_questionnaire_command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LONGEST = 24
"""Characters of a name that is made of the questionnaire's own: names of its groups are built on it."""


@click.command("import-questionnaire")
@click.argument("file", type=_FILE)
@click.option("--into", "pack", required=True, type=FOLDER, help="The folder of the pack that takes the files.")
@click.option("--name", help="What the object and the form are called; by default made of the questionnaire's own name.")
@click.option("--about", help="The object whose records it is about; by default the pack's patients. 'nobody' for none.")
@click.option("--language", default="en", show_default=True, help="The language of its texts.")
@click.option("--replace", is_flag=True, help="Write over files of that name.")
def import_questionnaire_command(file: Path, pack: Path, name: str | None, about: str | None, language: str, replace: bool) -> None:
    """Make an object, a form and, where answers weigh, a score of FILE, a FHIR Questionnaire (JSON or YAML).

    What it asks becomes fields, what it offers options, enableWhen conditions, repeating groups rows. What could not be brought over is
    listed. Nothing is written unless the pack checks with the new files.
    """
    problems = Problems()
    questionnaire = read_questionnaire(file, problems)
    _stop_on(problems)
    assert questionnaire is not None
    source = read_folder(pack)
    chosen = name or slug(questionnaire.name)[:_LONGEST].rstrip("_") or slug(file.stem)[:_LONGEST].rstrip("_")
    if not is_name(chosen) or reserved(chosen):
        raise click.UsageError("Give the form a --name: lower case letters, digits and _, first a letter.")
    target = Target(chosen, _about(check(source).model, about), language)
    converted = convert(questionnaire, target, file.name)
    texts = {path: as_yaml(values) for path, values in converted.files.items()}
    for path in texts:
        if (pack / path).exists() and not replace:
            problems.add(Code.IMPORT_047.at(Place(path), path=path))
    _stop_on(problems)
    _try(source, pack, texts)
    for path, text in texts.items():
        (pack / path).parent.mkdir(parents=True, exist_ok=True)
        (pack / path).write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    _tell(converted)


def _about(model: Model | None, wanted: str | None) -> str:
    """The object of patients, '' where the pack knows none or nobody is wanted."""
    if wanted == "nobody":
        return ""
    if wanted is not None:
        if model is not None and wanted not in model.objects:
            raise click.UsageError(f"There is no object '{wanted}' in the pack or what it requires.")
        return wanted
    return next((o.name for o in model.objects.values() if o.subject == ((),)), "") if model is not None else ""


def _try(source: Source, pack: Path, texts: dict[str, str]) -> None:
    """Check the pack as it would be. Exits with the problems of the new files."""
    here = next((path.partition("/")[0] for path in source.files if path.endswith(f"{pack.resolve().name}/pack.yaml")), pack.resolve().name)
    added = {f"{here}/{path}": text.encode() for path, text in texts.items()}
    before = {(p.place, p.code, p.message) for p in check(source).problems.errors}
    found = check(source.with_files(added, {f"{here}/{path}": path for path in texts}, ())).problems
    fresh = Problems(p for p in found.errors if (p.place, p.code, p.message) not in before)
    if fresh.errors:
        click.echo("The questionnaire does not fit into the pack:", err=True)
        _stop_on(fresh)


def _tell(converted: Converted) -> None:
    questions, left = len(converted.answered), len(converted.notes)
    print_problems(Problems(converted.notes), as_json=False)
    click.echo(f"{questions} questions" + (f"; {left} things were left out, see above" if left else ""))


def _stop_on(problems: Problems) -> None:
    if problems.errors:
        print_problems(problems, as_json=False)
        raise SystemExit(1)
