"""Physical names: given once, never changed by a rename, never shared (design, Identity is in the text)."""

from hypothesis import given
from hypothesis import strategies as st

from engine.targets.layout import RUNTIME_COLUMNS, Layout
from tests.engine.samples import a_model, an_object, field
from tests.engine.targets.rules import rule


def test_names_are_the_first_ones() -> None:
    """Tables are o_<name>, columns the field's name, a companion column its field's name and part."""
    layout = Layout().extend(a_model(an_object("patient", {"name": "{type: text}", "phone": "{type: phone}"})))
    assert dict(layout.names) == {
        "object core:patient": "o_patient", "field core:patient.name": "name", "field core:patient.phone": "phone",
        "field core:patient.phone e164": "phone__e164",
    }


def test_a_rename_keeps_table_and_column() -> None:
    """What is called something else now lives where it lived."""
    before = Layout().extend(a_model(an_object("patient", {"phone": "{type: phone}"})))
    renamed = field("mobile", "{type: phone}", id="core:patient.phone", former=("phone",))
    after = a_model(an_object("client", {"mobile": renamed}, id="core:patient", former=("patient",)))
    assert before.extend(after) == before
    assert before.table(after.objects["client"]) == "o_patient" and before.column(renamed, "e164") == "phone__e164"


def test_a_taken_name_gets_a_suffix() -> None:
    """A new element whose name an older one holds, retired or renamed, gets the next free name."""
    old = field("note", "{type: text}", retired=True)
    new = field("note", "{type: date}", id="core:patient.note_2")
    other = field("note", "{type: text}", id="dental:patient.note")
    first = Layout().extend(a_model(an_object("patient", {"note": old})))
    second = first.extend(a_model(
        an_object("patient", {"note": new, "note_b": other}, retired_fields={"note": old}),
        an_object("patient_b", {}, id="dental:patient")))
    assert second.column(old) == "note" and second.column(new) == "note_2" and second.column(other) == "note_3"
    assert second.names["object dental:patient"] == "o_patient_2"


def test_companions_do_not_meet_fields() -> None:
    """A field may be called as another's companion column would be."""
    layout = Layout().extend(a_model(an_object("patient", {"phone__e164": "{type: text}", "phone": "{type: phone}"})))
    assert layout.names["field core:patient.phone e164"] == "phone__e164_2"


def test_columns_of_purged_fields_stay_taken() -> None:
    """A name whose field is no longer in the Model is not given away."""
    first = Layout().extend(a_model(an_object("patient", {"note": "{type: text}"})))
    new = field("note", "{type: date}", id="core:patient.note_2")
    assert first.extend(a_model(an_object("patient", {"note": new}))).column(new) == "note_2"


def test_computed_fields_have_no_column() -> None:
    """A formula is computed when it is read."""
    age = field("age", "{type: integer}", formula=rule("1 + 1"))
    assert "field core:patient.age" not in Layout().extend(a_model(an_object("patient", {"age": age}))).names


NAMES = st.lists(st.sampled_from(["a", "a_2", "a__e164", "b", "order", "select"]), min_size=1, max_size=6, unique=True)


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_names_never_meet_and_never_change(releases: list[list[str]]) -> None:
    """Over any run of releases every name is given once, and once given stays."""
    layout = Layout()
    for names in releases:
        model = a_model(an_object("patient", dict.fromkeys(names, "{type: phone}")))
        extended = layout.extend(model)
        assert {key: extended.names[key] for key in layout.names} == dict(layout.names)
        columns = [name for key, name in extended.names.items() if key.startswith("field ")]
        assert len({*columns, *RUNTIME_COLUMNS}) == len(columns) + len(RUNTIME_COLUMNS)
        layout = extended
