"""Formulas that read formulas are written out in one statement, so that what they come to together has bounds."""

import pytest

from engine.problems import Code
from tests.builders import checked_of
from tests.spent import quick


def pack(count: int, formula: str, kind: str = "integer", more: str = "", rows: str = "") -> dict[str, str]:
    """`count` formulas, each made of the one before: LAST stands for its name."""
    fields = "".join(f"  f{n}: {{type: {kind}, formula: \"{formula.replace('LAST', f'f{n - 1}')}\"}}\n" for n in range(1, count + 1))
    head = "name: note\ntitle: \"{name}\"\nbelongs_to: clinic\nfields:\n  name: {type: text}\n"
    return {
        "objects/note.yaml": f"{head}  f0: {{type: {kind}}}\n{fields}{more}",
        "roles/nurse.yaml": f'name: nurse\ngrants:\n  notes: {{object: note, can: [read]{rows}}}\n',
    }


def codes(files: dict[str, str]) -> list[tuple[str, int]]:
    return [(problem.code.code, problem.place.line) for problem in checked_of(files).problems]


@pytest.mark.parametrize("formula", ["LAST + LAST", "LAST + 1", "LAST > 1 ? LAST : 2 * LAST", "abs(LAST) - LAST", "f0 in [LAST, LAST] ? LAST : 1"])
def test_a_long_chain_is_refused(formula: str) -> None:
    """Sixty formulas one upon the other, soon, though written out they would have 2^60 parts; the first ones stay allowed."""
    found = quick(lambda: codes(pack(60, formula)), below=1.0, tries=3)
    lines = [line for _, line in found]
    assert {code for code, _ in found} == {Code.EXPR_020.code}
    assert lines[-1] == 66 and lines[0] > 8


def test_a_wide_one_is_refused() -> None:
    """Few levels, many parts: each formula reads the one before thirty times."""
    wide = "min(" + ", ".join(["LAST"] * 30) + ")"
    assert codes(pack(2, wide)) == []
    assert codes(pack(3, wide)) == [(Code.EXPR_020.code, 9)]


def test_a_short_chain_is_allowed() -> None:
    assert codes(pack(4, "LAST + 1")) == []


def test_stored_formulas_end_a_chain() -> None:
    """What is stored is a value: nothing is written out behind it."""
    files = pack(20, "LAST + 1")
    files["objects/note.yaml"] = files["objects/note.yaml"].replace('+ 1"}', '+ 1", stored: true}')
    assert codes(files) == []


def test_rules_that_read_formulas_have_the_bound_too() -> None:
    """A row rule stands in the same statement as the formula that it reads."""
    deep = "((((((((f4 + 1) * 2) + 1) * 2) + 1) * 2) + 1) * 2) > 3"
    assert codes(pack(4, "LAST + 1", rows=f', rows: "{deep.replace("f4", "f0")}"')) == []
    assert [code for code, _ in codes(pack(4, "LAST + 1", rows=f', rows: "{deep}"'))] == [Code.EXPR_020.code]


def test_circles_end_the_search() -> None:
    """Twelve formulas that all read all: reported as circles, without going through the paths among them."""
    names = [f"g{n}" for n in range(12)]
    more = "".join(f"  {name}: {{type: integer, formula: \"min({', '.join(names)})\"}}\n" for name in names)
    found = quick(lambda: codes(pack(0, "", more=more)), below=1.0, tries=3)
    assert {code for code, _ in found} == {Code.FIELD_007.code}
