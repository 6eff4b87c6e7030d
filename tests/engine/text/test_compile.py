"""The Model of a small pack: finished, with defaults filled and derived lists computed."""

from __future__ import annotations

import dataclasses

import pytest

from engine.expressions import Position
from engine.model import Model, SortKey, StateCategory, Upgrade
from engine.text import check, read_bytes
from tests.builders import files_of, model_of
from tests.spent import quick

FILES = {
    "objects/visit.yaml": """
name: visit
label: {en: Visit, zh: 就诊}
title: "{patient.name} · {number}"
belongs_to: {via: patient}
subject: [patient, partner]
fields:
  patient: {type: link, to: patient, required: true}
  partner: {type: link, to: patient}
  number: {type: sequence, pattern: "V-{yyyy}-{0000}"}
  due: {type: date, index: true}
  mood: {type: choice, options: {good: {}, bad: {color: red}}, default: good}
  pain: {type: integer, min: 0, max: 10, help: From none to worst}
  assignee: {type: link, to: staff}
  phone: {type: phone}
  late: {type: boolean, formula: "status == 'planned' && due < today"}
unique: {one: [patient, due]}
indexes: {by_due: [clinic_id, due, id]}
checks: {pain: {rule: "status != 'done' || has(pain)", message: {en: Ask, zh: 问}, field: pain}}
""",
    "objects/note.yaml": "name: note\nbelongs_to: {via: visit}\nsubject: visit.patient\nfields:\n"
                         "  visit: {type: link, to: visit}\n  body: {type: long_text}\n  head: {type: text}\n",
    "forms/ask.yaml": "name: ask\nobject: visit\n"
                      "items: {who: {heading: Who}, pain: {width: half, required: true}, late: {read_only: true}}\n",
    "views/visits.yaml": "name: visits\nobject: visit\ndefault: true\ncolumns: {patient: {}, doctor: {path: patient.doctor.name}}\n"
                         "filter: \"status != 'done'\"\nsort: [-due, patient.name]\nfilters: [status, due]\n",
    "workflows/visit.yaml": "object: visit\nfield: status\ninitial: planned\nstates: {planned: {}, done: {category: done}}\n"
                            "transitions: {complete: {from: [planned], to: done, when: has(pain), ask: ask, reason: optional}}\n",
    "roles/nurse.yaml": "name: nurse\nlabel: {zh: 护士}\ngrants:\n"
                        "  mine: {object: visit, can: [read, complete], rows: assignee == user.id, show: [phone]}\n"
                        "  team: {object: patient, can: [read], rows: team in user.teams, mask: [id_number]}\n"
                        "denials: {old: {object: visit, can: [update], rows: \"status == 'done'\"}}\nsystem: [audit]\n",
    "data/first.yaml": "name: first\nobject: team\nkey: [name]\nupgrade: fill\nrecords: {a: {name: A}, b: {name: B}}\n",
    "data/members.yaml": "name: members\nobject: team_member\nkey: [team, person]\n"
                         "records: {x: {team: {record: first.a}, person: {record: people.p}}}\n",
    "data/people.yaml": "name: people\nobject: staff\nkey: [name]\nrecords: {p: {name: P}}\n",
}


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(FILES)


def test_belongs_to_and_subject_are_followed_to_their_ends(model: Model) -> None:
    """Semantics, People, clinics, patients."""
    note, visit, patient = model.objects["note"], model.objects["visit"], model.objects["patient"]
    assert (note.belongs_to.root_path, note.belongs_to.root, note.belongs_to.root_scope) == (("visit", "patient"), "patient", "clinics")
    assert visit.subject == (("patient",), ("partner",)) and note.subject == (("visit", "patient"),)
    assert patient.subject == ((),) and model.objects["staff"].subject == ()


def test_fields_are_finished(model: Model) -> None:
    fields = model.objects["visit"].fields
    assert list(fields)[-1] == "status" and fields["status"].type.name == "state" and not fields["status"].typed
    assert fields["mood"].default == "good" and fields["due"].indexed and fields["pain"].help is not None
    assert fields["phone"].restricted and not fields["number"].restricted
    assert fields["late"].formula is not None and fields["late"].formula.position is Position.FORMULA and not fields["late"].stored
    assert model.choices["visit.mood"].id == fields["mood"].id == "test:visit.mood"
    assert fields["pain"].label.texts == {"en": "Pain"}


def test_a_state_field_may_be_written_for_its_label_and_place() -> None:
    """`type: state` on the object gives the workflow's field a label, a place and former names."""
    text = FILES["objects/visit.yaml"].replace("fields:\n", "fields:\n  status: {type: state, label: State}\n")
    fields = model_of({**FILES, "objects/visit.yaml": text}).objects["visit"].fields
    assert next(iter(fields)) == "status" and fields["status"].label("en") == "State" and fields["status"].id == "test:visit.status"


def test_rules_carry_their_position(model: Model) -> None:
    """What unknown means differs for a grant, a denial, a guard, a filter and a check."""
    visit, nurse = model.objects["visit"], model.roles["nurse"]
    rules = (nurse.grants["mine"].rows, nurse.denials["old"].rows, model.workflows["visit"].transitions["complete"].when,
             model.view("visit").filter, visit.checks["pain"].rule)
    assert [rule.position for rule in rules if rule] == [
        Position.ROW_RULE, Position.DENIAL, Position.GUARD, Position.FILTER, Position.VALIDATION]


def test_workflow_form_view_and_roles(model: Model) -> None:
    flow = model.workflows["visit"]
    assert (flow.initial, flow.transitions["complete"].ask, flow.transitions["complete"].reason) == ("planned", "ask", "optional")
    assert flow.states["done"].category is StateCategory.DONE
    assert model.forms["ask"].fields == ("pain", "late") and model.forms["ask"].items["pain"].width == "half"
    view = model.view("visit")
    assert view.columns["doctor"].path == ("patient", "doctor", "name")
    assert view.sort == (SortKey(("due",), True), SortKey(("patient", "name"))) and view.filters == ("status", "due")
    assert model.roles["nurse"].system == {"audit"} and model.roles["nurse"].grants["team"].mask == {"id_number"}


def test_objects_without_form_and_list_get_them(model: Model) -> None:
    """An object with nothing else still gets a list and a form (design, chapter 2)."""
    form, view = model.form("visit"), model.view("note")
    assert form.generated and form.fields == ("patient", "partner", "due", "mood", "pain", "assignee", "phone")
    assert view.generated and list(view.columns) == ["head", "visit"]


def test_records_of_a_pack(model: Model) -> None:
    first, members = model.datasets["first"], model.datasets["members"]
    assert (first.key, first.upgrade, dict(first.records["a"].values)) == (("name",), Upgrade.FILL, {"name": "A"})
    assert dict(members.records["x"].values) == {"team": "first.a", "person": "people.p"}


def test_the_same_bytes_give_an_equal_model_and_other_bytes_another_hash() -> None:
    """The Model is plain frozen values; it depends on nothing but the source."""
    one, two = model_of(FILES), model_of(FILES)
    assert one == two and one is not two
    assert model_of({**FILES, "choices/x.yaml": "name: x\noptions: {a: {}}\n"}).hash != one.hash
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.objects["visit"].icon = "x"  # type: ignore[misc]


def test_a_trusted_release_compiles_to_the_same_model() -> None:
    source = read_bytes(files_of(FILES))
    assert check(source, trusted=True).model == check(source).model


def test_a_release_of_sixty_objects_compiles_in_half_a_second() -> None:
    """Every process compiles the live release when it starts and at each publish."""
    fields = "".join(f"  f{n}: {{type: integer, min: 0, max: 10, label: {{en: F{n}, zh: 列}}}}\n" for n in range(15))
    objects = {
        f"objects/o{n}.yaml": f"name: o{n}\nbelongs_to: {{via: patient}}\nfields:\n  patient: {{type: link, to: patient}}\n{fields}"
        for n in range(60)
    }
    source = read_bytes(files_of({**FILES, **objects}))
    assert quick(lambda: check(source, trusted=True), below=0.5).model is not None
