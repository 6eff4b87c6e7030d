"""From the Model to sources of screens.

1. Columns and facts are spelled out in the language asked for, with the class of their type; figures align right.
2. The facts of a record follow the default form; what is not on it stands where the object's file puts it; no heading is empty.
3. A form takes each input's own parameters off the field's type, leaves out what has no mode, and draws masks fixed.
4. What is due and still open is found from the definitions alone.
5. Sources compile, for every object of a whole pack, in both languages.
"""

from pathlib import Path

import pytest
from jinja2 import Environment

from engine.model import FormItem
from engine.targets.screens import (
    Cell,
    Mode,
    due_field,
    fact_order,
    form_source,
    inputs,
    late_states,
    list_source,
    open_states,
    record_source,
    table_source,
)
from engine.text import check, read_folder
from tests.builders import model_of

FILES = {
    "objects/visit.yaml": """
name: visit
label: {en: Visit, zh: 就诊}
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true, label: {en: Patient, zh: 患者}}
  number: {type: sequence, pattern: "V-{0000}"}
  day: {type: date, required: true, label: {en: Day, zh: 日期}}
  fee: {type: decimal, unit: "¥ <net>", places: 2, min: 0, label: {en: Fee, zh: 费用}}
  kind: {type: choice, options: {a: {}, b: {}}}
  many: {type: choice, options: {a: {}, b: {}, c: {}, d: {}, e: {}}}
  note: {type: long_text, max: 500}
  late: {type: boolean, formula: "day < today"}
""",
    "forms/visit.yaml": """
name: visit
object: visit
default: true
items:
  first: {heading: {en: First, zh: 一}}
  patient: {width: half}
  fee: {required: true, help: {en: In full, zh: 全额}}
  second: {heading: {en: Second, zh: 二}}
  note: {}
""",
    "workflows/visit.yaml": """
object: visit
field: status
initial: open
states: {open: {}, waits: {category: waiting}, shut: {category: done}}
transitions: {close: {from: [open, waits], to: shut}}
""",
}
MODEL = model_of(FILES)
VISIT = MODEL.objects["visit"]
FORM = MODEL.form("visit")


def cells(*names: str) -> list[Cell]:
    """Columns of the visit."""
    return [Cell(name, VISIT.fields[name].label, VISIT.fields[name], sortable=True) for name in names]


def test_columns_are_spelled_out() -> None:
    """Requirement 1."""
    english, chinese = (list_source("visit", cells("patient", "fee", "day"), language) for language in ("en", "zh"))
    assert ">Fee<" in english
    assert ">费用<" in chinese
    assert english.count('class="num"') == 1
    assert "aria-sort" in english
    assert "heads[2]" in english
    assert "aria-sort" not in table_source("visit", cells("patient", "fee"), "en")


def test_facts_follow_the_form() -> None:
    """Requirement 2: the number follows the patient, the day the number; the state is in the head; kinds follow the fee."""
    order = [part.name if isinstance(part, FormItem) else part for part in fact_order(MODEL, VISIT)]
    assert order == ["first", "patient", "number", "day", "fee", "kind", "many", "second", "note", "late"]
    shown = record_source(["First", *cells("fee"), "Second"], "en")
    assert '<h2 class="facts-head">First</h2>' in shown
    assert "Second" not in shown
    assert 'class="is-wide"' in record_source(cells("note"), "en")


def test_units_stand_beside_numbers() -> None:
    """Requirements 2 and 3: on record pages behind the label, on forms behind the input; escaped like every text of the definitions."""
    assert "<dt>费用 (¥ &lt;net&gt;)</dt>" in record_source(cells("fee"), "zh")
    assert "<dt>日期</dt>" in record_source(cells("day"), "zh")
    source = form_source("form.html", inputs(FORM, dict(VISIT.fields), {"fee": Mode.WRITE}), "zh")
    assert "¥ &lt;net&gt;" in Environment(autoescape=True).from_string("{{ " + source.split("unit=")[1].split(", ")[0].split(")")[0] + " }}").render()


def test_form_takes_parameters_off_the_types() -> None:
    """Requirement 3."""
    fields = dict(VISIT.fields)
    write = dict.fromkeys(("patient", "fee", "note"), Mode.WRITE)
    source = form_source("form.html", inputs(FORM, fields, write), "en")
    assert 'lookup_url="/o/patient/lookup"' in source
    assert "scale=2" in source
    assert "max=500" in source
    assert 'help="In full"' in source
    lines = {line.split('"')[1]: line for line in source.splitlines() if ".field(" in line}
    assert 'width="half"' in lines["patient"]
    assert 'width="full"' in lines["fee"]
    assert source.count("<h2>") == 2
    part = form_source("form.html", inputs(FORM, fields, {"fee": Mode.MASK}), "en")
    assert "w_masked.field" in part
    assert "w_number" not in part
    assert "Second" not in part
    assert "patient" not in part


def test_generated_forms_draw_short_choices_as_buttons() -> None:
    """Requirement 3."""
    model = model_of({"objects/visit.yaml": FILES["objects/visit.yaml"]})
    fields = dict(model.objects["visit"].fields)
    source = form_source("form.html", inputs(model.form("visit"), fields, dict.fromkeys(fields, Mode.WRITE)), "en")
    lines = {line.split('"')[1]: line for line in source.splitlines() if ".field(" in line}
    assert 'look="radio"' in lines["kind"]
    assert "look=" not in lines["many"]
    assert 'width="full"' in lines["note"]
    assert 'width="third"' in lines["fee"]
    assert "w_read_only" in lines.get("number", "w_read_only")


def test_what_is_due() -> None:
    """Requirement 4."""
    due = due_field(VISIT)
    assert due is not None
    assert due.name == "day"
    assert open_states(MODEL, VISIT) == {"open", "waits"}
    assert late_states(MODEL, VISIT) == {"open"}
    assert due_field(MODEL.objects["patient"]) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sources_of_a_whole_organisation_compile(language: str) -> None:
    """Requirement 5: the example's."""
    model = check(read_folder(Path(__file__).parents[4] / "examples" / "hexin")).model
    assert model is not None
    environment = Environment(autoescape=True)
    for name, object in model.objects.items():
        shown = [Cell(n, f.label, f, True) for n, f in object.fields.items()]
        parts = inputs(model.form(name), dict(object.fields), dict.fromkeys(object.fields, Mode.WRITE))
        for source in (list_source(name, shown, language), record_source(shown, language), form_source("form.html", parts, language)):
            assert environment.compile(source) is not None
