"""FHIR Questionnaires become forms.

1. Of 12 questionnaires with conditions, for random answers, the items that the server shows are those of an independent evaluator.
2. A real Chromium under the product's policy shows the same, all of a questionnaire's answers in one call.
3. Planted faults (disabled items that keep their answers; a condition that the browser lost) are found.
4. The two questionnaires whose conditions make no sense are refused, with the item named; nothing is written.
5. Every sound file of the corpus becomes a pack that checks; weights become a score that counts them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, Response, send_from_directory
from playwright.sync_api import Page

from engine.problems import Problems
from engine.text import check, read_folder
from runtime.cli.main import main
from runtime.imports.questionnaires.reading import read_questionnaire
from runtime.screens.assets import STATIC, asset_urls
from runtime.screens.expressions import SCRIPTS
from runtime.web.headers import STATIC_PATH, SafeHeaders
from tests.runtime.imports.enable_when import load, random_answers, visible
from tests.runtime.imports.questionnaire_forms import Imported, Typed, imported
from tests.runtime.screens.serving import served

pytestmark = pytest.mark.corpus

SETS = 60
"""The long proof takes 200."""
TWELVE = (
    "allergies.yaml", "behavior_skip_logic.json", "enableWhen-test.R4.json", "fall-risk-screen.yaml", "framingham-HCHD.json",
    "heavy-menstrual-bleeding-screening.yaml", "new-appointment.yaml", "pre-visit-intake.yaml", "review-of-systems.yaml",
    "screener-questionnaire.json", "tab-layout-with-enableWhen.json", "test-enablewhen.json",
)
BROKEN = {"questionnaire-enableWhen-missing-linkId.json": ("IMPORT-045", "q3"), "q-enableWhen-with-reference-loop.json": ("IMPORT-046", "item1")}
RUN = """
const shown = ({ items, groups = {} }) => ({
  items: Object.keys(items).filter((name) => items[name].shown),
  groups: Object.fromEntries(Object.entries(groups).map(([name, rows]) => [name, rows.map(shown)])),
});
window.run = (text) => { const [form, sets] = JSON.parse(text); return JSON.stringify(sets.map((set) => shown(Carework.forms.decide(form, set)))); };
"""
LATER = "(message) => new Promise((resolve) => setTimeout(() => resolve(window.run(message))))"


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "fhir_questionnaires"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A page that loads what decides forms, under the product's headers."""
    app = Flask("forms", static_folder=None)
    asset = asset_urls()
    addresses = [*map(asset, (*SCRIPTS, "live/decide.js")), "/run.js"]
    html = '<!doctype html><title>-</title><link rel="icon" href="data:,">' + "".join(f'<script src="{address}"></script>' for address in addresses)
    app.add_url_rule("/", "page", lambda: html)
    app.add_url_rule("/run.js", "run", lambda: Response(RUN, mimetype="text/javascript"))
    app.add_url_rule(f"{STATIC_PATH}<path:filename>", "static", lambda filename: send_from_directory(STATIC, filename))
    app.wsgi_app = SafeHeaders(app.wsgi_app, secure=False)  # type: ignore[method-assign]
    with served(app) as address:
        yield address


def sets_of(path: Path, count: int) -> list[dict[str, list[Any]]]:
    """The same answers on every run."""
    chance = random.Random(f"answers of {path.name}")
    form = load(path)
    return [random_answers(form, chance) for _ in range(count)]


def server(form: Imported, answers: dict[str, list[Any]]) -> set[tuple[int, str]]:
    return form.shown(form.live.decide(form.typed(answers)))


def wanted(path: Path, form: Imported, answers: dict[str, list[Any]], **fault: bool) -> set[tuple[int, str]]:
    """What the reference shows of what the form has: groups without a text are no items of it."""
    return {(row, link) for row, link in visible(load(path), answers, **fault) if link in form.converted.items}


def decided(page: Page, form: Any, sets: list[Typed]) -> list[Any]:
    """The sheets of many answers, as texts: Playwright's own way of handing values over takes a minute for them."""
    found: list[Any] = json.loads(page.evaluate(LATER, json.dumps([form, [each.as_json() for each in sets]])))
    return found


@pytest.mark.parametrize("name", TWELVE)
def test_the_server_shows_what_the_reference_shows(folder: Path, name: str) -> None:
    """Requirement 1; and the answers do switch something."""
    compare_with_reference(folder / name, SETS)


def compare_with_reference(path: Path, count: int) -> None:
    """Every answer set on the server and in the reference."""
    form, resource = imported(path), load(path)
    outcomes = set()
    for answers in sets_of(path, count):
        expected = {(row, link) for row, link in visible(resource, answers) if link in form.converted.items}
        assert server(form, answers) == expected, answers
        outcomes.add(frozenset(expected))
    assert len(outcomes) > 1


@pytest.mark.browser
def test_the_browser_shows_what_the_server_shows(folder: Path, page: Page, page_errors: list[str], origin: str) -> None:
    """Requirements 2 and 3."""
    page.goto(origin)
    compare_in_browser(folder, page, SETS)
    assert page_errors == []


def compare_in_browser(folder: Path, page: Page, count: int) -> None:
    """Every answer set in the page and on the server; and a condition that the page does not have."""
    for name in TWELVE:
        form = imported(folder / name)
        sets = [form.typed(answers) for answers in sets_of(folder / name, count)]
        found = decided(page, form.browser, sets)
        for typed, sheet in zip(sets, found, strict=True):
            assert form.shown_json(sheet) == form.shown(form.live.decide(typed)), (name, typed)
    forgetful = form.browser
    item = next(item for item in forgetful["levels"][""]["items"].values() if item["show"] is not True)
    item["show"] = True
    broken = decided(page, forgetful, sets)
    assert any(form.shown_json(sheet) != form.shown(form.live.decide(typed)) for typed, sheet in zip(sets, broken, strict=True))


def test_a_reference_with_a_fault_is_found_out(folder: Path) -> None:
    """Requirement 3: answers of disabled items count for nothing."""
    path = folder / "tab-layout-with-enableWhen.json"
    chained = folder / "test-enablewhen.json"
    differing = [
        answers for where in (path, chained) for form in [imported(where)] for answers in sets_of(where, SETS)
        if server(form, answers) != wanted(where, form, answers, ghosts=True)
    ]
    assert differing


@pytest.mark.parametrize("name", BROKEN)
def test_broken_ones_are_refused(folder: Path, tmp_path: Path, name: str) -> None:
    """Requirement 4."""
    code, item = BROKEN[name]
    problems = Problems()
    assert read_questionnaire(folder / name, problems) is None
    assert [(p.code.code, f"'{item}'" in p.message) for p in problems] == [(code, True)]
    (tmp_path / "pack.yaml").write_text("name: pack\nversion: 1.0.0\nlanguage: 1\n")
    outcome = CliRunner().invoke(main, ["import-questionnaire", str(folder / name), "--into", str(tmp_path)])
    assert outcome.exit_code == 1
    assert code in outcome.output
    assert [path.name for path in tmp_path.iterdir()] == ["pack.yaml"]


def test_every_sound_file_becomes_a_pack(folder: Path, tmp_path: Path) -> None:
    """Requirement 5, by the command itself: all into one pack over core's patients."""
    pack = tmp_path / "asked"
    pack.mkdir()
    (pack / "pack.yaml").write_text('name: asked\nversion: 1.0.0\nlanguage: 1\nlabel: Asked\nrequires: {core: ">=0.1"}\n')
    for number, name in enumerate(("phq9.json", "pre-visit-intake.yaml"), start=1):
        outcome = CliRunner().invoke(main, ["import-questionnaire", str(folder / name), "--into", str(pack), "--name", f"q{number}"])
        assert outcome.exit_code == 0, outcome.output
    again = CliRunner().invoke(main, ["import-questionnaire", str(folder / "phq9.json"), "--into", str(pack), "--name", "q1"])
    assert (again.exit_code, "IMPORT-047" in again.output) == (1, True)
    checked = check(read_folder(pack))
    assert checked.problems.errors == []
    assert checked.model is not None
    assert checked.model.objects["q1"].fields["score"].formula is not None
    counted = [item.points for item in checked.model.scores["q1_score"].items.values()]
    assert len(counted) == 9
    assert all(isinstance(points, dict) and sorted(points.values()) == [0, 1, 2, 3] for points in counted)
    for path in sorted(folder.iterdir()):
        if path.name not in BROKEN:
            assert imported(path).model.forms["asked"].items
