"""Broken packs: the right code at the right file, line and column, in YAML and in JSON, each quickly.

Requirements
1. Every problem code of definitions has a broken pack.
2. Its code is reported at the marked place, in YAML.
3. The same pack in JSON gives the same code at the same key or value.
4. A check of any of them takes less than two seconds of processor time and never raises.
"""

from __future__ import annotations

import pytest

from engine.problems import Code
from tests.builders import problems_of
from tests.engine.text.broken import CASES, Case, as_json, marked
from tests.engine.text.test_read import FOLDER_CODES
from tests.spent import quick

_ELSEWHERE = ("PLAN", "IMPORT")
"""Codes of what a publish would do to a database; their tests stand with the plan."""


def _found(files: dict[str, str], base: bool) -> set[tuple[str, str, int, int]]:
    problems = quick(lambda: problems_of(files, base), below=2)
    return {(p.code.code, p.place.file, p.place.line, p.place.column) for p in problems}


def _expected(case: Case, files: dict[str, str]) -> tuple[dict[str, str], tuple[str, str, int, int]]:
    clean, path, line, column = marked(files)
    shown = path if path.count("/") > 1 or path.startswith(("base/", "other/", "test/", "organisation")) else f"test/{path}"
    return clean, (case.code, shown, line, column)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_code_and_place_in_yaml(case: Case) -> None:
    """Requirements 2 and 4."""
    files, expected = _expected(case, dict(case.files))
    assert expected in _found(files, case.base)


@pytest.mark.parametrize("case", [case for case in CASES if not case.yaml_only], ids=lambda case: case.name)
def test_code_and_place_in_json(case: Case) -> None:
    """Requirements 3 and 4."""
    files, (code, file, line, column) = _expected(case, as_json(case.files))
    found = _found(files, case.base)
    # What is wrong within a text stands behind its opening quotation mark, which plain YAML does not have.
    assert {(code, file, line, column), (code, file, line, column + 1)} & found


def test_every_code_has_a_broken_pack() -> None:
    """Requirement 1."""
    covered = {case.code for case in CASES} | FOLDER_CODES
    missing = [code.code for code in Code if code.code not in covered and not code.code.startswith(_ELSEWHERE)]
    assert missing == []
