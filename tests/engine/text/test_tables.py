"""Decision tables and scores as part of packs: layers, names, retiring, plans and rights.

1. A later layer adds rules in their place, changes cells and values, hides rules; nobody else's rule is claimed by chance.
2. A table keeps its id through a rename, and a retired one is kept, called by nobody and compared with nothing.
3. A plan says which table and which rule of it changes; a table that a row rule calls changes what people may see.
4. A field whose formula calls a table reads what the table reads.
5. What is written on one table and not needed elsewhere costs nothing: the check of 200 tables takes a second.
"""

import pytest

from engine.expressions import refs, to_python
from engine.model import DecisionTable, Model
from engine.targets.diff import diff
from engine.targets.layout import Layout
from engine.targets.operations import AccessChange, ChangeElement, ComputeField
from tests.builders import checked_of, model_of, problems_of
from tests.spent import quick

RISK = "name: risk\noptions: {low: {}, medium: {}, high: {}}\n"
TABLE = """
name: bleeding
label: {en: Bleeding, zh: 出血}
inputs: {age: {type: integer}, thinner: {type: boolean}}
outputs: {level: {type: choice, of: risk}}
hit: first
rules:
  both: {when: {age: '>= 70', thinner: true}, then: high, label: {en: Both, zh: 两者}}
  thin: {when: {thinner: true}, then: medium}
default: low
"""
SCORE = """
name: points
on: visit
items:
  old: {if: n > 70, points: 2, label: {en: Old, zh: 高龄}}
  thin: {points: {'true': 1, 'false': 0}}
missing: zero
bands: {low: 0..1, high: 2..3}
"""
VISIT = """
name: visit
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  n: {type: integer}
  thin: {type: boolean}
  level: {type: choice, of: risk, formula: 'bleeding(n, thin)'}
  score: {type: integer, formula: points()}
"""
ROLE = """
name: watcher
grants:
  visits: {object: visit, can: [read], rows: "bleeding(n, thin) == 'high'"}
"""
FILES = {"choices/risk.yaml": RISK, "decisions/bleeding.yaml": TABLE, "scores/points.yaml": SCORE, "objects/visit.yaml": VISIT,
         "roles/watcher.yaml": ROLE}
LAYER = "name: over\nversion: 1.0.0\nlanguage: 1\nrequires: {test: '>=1.0'}\n"


def level(model: Model, n: int | None, thin: bool | None) -> object:
    """What the formula `level` gives."""
    formula = model.objects["visit"].fields["level"].formula
    assert formula is not None
    return to_python(formula.tree, lambda path: lambda row: row.get(path[0]))({"n": n, "thin": thin})


def plan(files: dict[str, str]) -> list[str]:
    """The sentences of a plan from FILES to FILES with some replaced."""
    old = model_of(FILES)
    return list(diff(old, Layout().extend(old), model_of({**FILES, **files})).describe("en"))


def test_a_layer_adds_changes_and_hides() -> None:
    """Requirement 1."""
    over = """
extend: test:bleeding
rules:
  child: {when: {age: '< 12'}, then: high, after: both}
  both: {when: {age: '>= 60'}}
  thin: {hidden: true}
"""
    model = model_of({**FILES, "over/pack.yaml": LAYER, "over/decisions/b.yaml": over})
    table = model.decisions["bleeding"]
    assert list(table.rules) == ["both", "child"]
    assert table.rules["both"].when == {"age": ">= 60", "thinner": True}
    assert [table.rules[name].id for name in table.rules] == ["test:bleeding.both", "over:bleeding.child"]
    assert [level(model, n, thin) for n, thin in ((65, True), (5, None), (30, True))] == ["high", "high", "low"]


def test_a_rule_of_the_same_name_is_claimed_with_the_layers_rules() -> None:
    """Requirement 1: a pack that does not require the owner cannot take its rule for its own."""
    stranger = LAYER.replace("test: ", "base: ")
    found = problems_of({**FILES, "over/pack.yaml": stranger, "over/decisions/b.yaml": "extend: test:bleeding\nrules: {both: {then: low}}\n"})
    assert "PACK-007" in {problem.code.code for problem in found}


def test_a_rename_keeps_the_id() -> None:
    """Requirement 2."""
    renamed = TABLE.replace("name: bleeding", "name: bleeding_risk\nwas: [bleeding]").replace("both:", "both_of_them: {was: [both], ...")
    renamed = renamed.replace("{was: [both], ... {when", "{was: [both], when")
    files = {"decisions/bleeding.yaml": renamed, "objects/visit.yaml": VISIT.replace("bleeding(", "bleeding_risk("),
             "roles/watcher.yaml": ROLE.replace("bleeding(", "bleeding_risk(")}
    table = model_of({**FILES, **files}).decisions["bleeding_risk"]
    assert (table.id, table.rules["both_of_them"].id) == ("test:bleeding", "test:bleeding.both")
    assert "renames decision table bleeding to bleeding_risk (test:bleeding)" in plan(files)
    old = model_of(FILES)
    assert not diff(old, Layout().extend(old), model_of({**FILES, **files})).needs_grant


def test_a_retired_table_is_kept() -> None:
    """Requirement 2."""
    visit = VISIT.replace("  level: {type: choice, of: risk, formula: 'bleeding(n, thin)'}\n", "")
    files = {"decisions/bleeding.yaml": TABLE + "retired: true\n", "objects/visit.yaml": visit,
             "roles/watcher.yaml": "name: watcher\ngrants: {}\n"}
    model = model_of({**FILES, **files})
    assert "bleeding" not in model.decisions
    assert isinstance(model.retired["decision test:bleeding"], DecisionTable)
    assert any("retires decision table “Bleeding”" in line for line in plan(files))


@pytest.mark.parametrize(("file", "change", "said"), [
    ("decisions/bleeding.yaml", (">= 70", ">= 65"), "changes when of rule “Both” (test:bleeding.both)"),
    ("decisions/bleeding.yaml", ("default: low", "default: medium"), "changes default of decision table “Bleeding” (test:bleeding)"),
    ("decisions/bleeding.yaml", ("hit: first", "hit: priority"), "changes hit of decision table “Bleeding” (test:bleeding)"),
    ("decisions/bleeding.yaml", ("{type: boolean}", "{type: boolean, label: Thinned}"), "changes label of input “Thinned” (test:bleeding.thinner)"),
    ("scores/points.yaml", ("points: 2", "points: 3"), "changes points of item “Old” (test:points.old)"),
    ("scores/points.yaml", ("low: 0..1, high: 2..3", "low: 0, high: 1..3"), "changes most of band “Low” (test:points.low)"),
    ("scores/points.yaml", ("missing: zero", "missing: {at_least: 2}"), "changes missing of score “Points” (test:points)"),
])
def test_a_plan_says_what_changes(file: str, change: tuple[str, str], said: str) -> None:
    """Requirement 3."""
    assert said in plan({file: FILES[file].replace(*change)})


def test_a_plan_says_it_in_chinese() -> None:
    """Requirement 3."""
    old, new = model_of(FILES), model_of({**FILES, "decisions/bleeding.yaml": TABLE.replace(">= 70", ">= 65")})
    operations = diff(old, Layout().extend(old), new).operations
    assert [o.describe("zh") for o in operations if isinstance(o, ChangeElement)] == ["修改规则“两者”（test:bleeding.both）的 when"]


def test_a_new_table_is_said_once() -> None:
    """Requirement 3: the rules of a new table go without saying."""
    said = plan({"decisions/more.yaml": TABLE.replace("bleeding", "more").replace("Bleeding", "More")})
    assert said == ["adds decision table “More” (test:more)"]


@pytest.mark.parametrize(("change", "seen"), [((">= 70", ">= 65"), True), (("then: medium", "then: low"), True),
                                              (("{en: Both, zh: 两者}", "{en: Either}"), False)])
def test_a_table_in_a_row_rule_is_a_right(change: tuple[str, str], seen: bool) -> None:
    """Requirement 3: what a row rule calls is part of the right; a label is not."""
    old, new = model_of(FILES), model_of({**FILES, "decisions/bleeding.yaml": TABLE.replace(*change)})
    made = diff(old, Layout().extend(old), new)
    assert made.needs_grant is seen
    assert [o.role for o in made.operations if isinstance(o, AccessChange)] == ["test:watcher"] * seen


@pytest.mark.parametrize(("change", "computed"), [((">= 70", ">= 65"), True), (("{en: Both, zh: 两者}", "{en: Either}"), False)])
def test_stored_formulas_are_computed_anew(change: tuple[str, str], computed: bool) -> None:
    """Requirement 3: a stored formula calls a table that now says something else, so its column is filled anew."""
    files = {**FILES, "objects/visit.yaml": VISIT.replace("'bleeding(n, thin)'}", "'bleeding(n, thin)', stored: true}")}
    old = model_of(files)
    made = diff(old, Layout().extend(old), model_of({**files, "decisions/bleeding.yaml": TABLE.replace(*change)}))
    assert [o.id for o in made.operations if isinstance(o, ComputeField)] == ["test:visit.level"] * computed


def test_a_formula_reads_what_its_table_reads() -> None:
    """Requirement 4."""
    fields = model_of(FILES).objects["visit"].fields
    assert {name: refs(fields[name].formula.tree) for name in ("level", "score")} == {  # type: ignore[union-attr]
        "level": {("n",), ("thin",)}, "score": {("n",), ("thin",)}}


def test_a_formula_through_tables_that_reads_itself_is_a_circle() -> None:
    """Requirement 4: a score over an object whose item reads the field that calls it."""
    score = SCORE.replace("n > 70", "score > 1")
    assert "FIELD-007" in {problem.code.code for problem in problems_of({**FILES, "scores/points.yaml": score})}


def test_many_tables() -> None:
    """Requirement 5."""
    files = {f"decisions/t{at}.yaml": TABLE.replace("bleeding", f"t{at}") for at in range(200)}
    assert quick(lambda: checked_of({"choices/risk.yaml": RISK, **files}), below=3).model is not None


@pytest.mark.parametrize(
    ("field", "points", "warned"),
    [
        ("{type: integer, min: 0, max: 10}", "{0..6: 0, '>= 7': 1}", []),
        ("{type: integer, min: 0, max: 10}", "{0..6: 0, 7..9: 1}", ["TABLE-014"]),
        ("{type: integer, min: 0, max: 10}", "{'<= 6': 0, 7..10: 1}", []),
        ("{type: integer}", "{0..6: 0, '>= 7': 1}", ["TABLE-014"]),
        ("{type: integer, min: 0, formula: '0 - 3'}", "{0..6: 0, '>= 7': 1}", ["TABLE-014"]),
    ],
)
def test_fields_hold_what_they_take(field: str, points: str, warned: list[str]) -> None:
    """A score over an object needs no points for what the `min` and `max` of a field refuse; a formula is not held to them."""
    visit = VISIT.replace("n: {type: integer}", f"n: {field}")
    score = SCORE.replace("if: n > 70, points: 2", f"input: n, points: {points}").replace("low: 0..1, high: 2..3", "low: 0..2")
    assert [problem.code.code for problem in problems_of(FILES | {"objects/visit.yaml": visit, "scores/points.yaml": score})] == warned
