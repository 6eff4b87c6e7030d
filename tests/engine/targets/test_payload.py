"""Payloads: marshmallow at the API's edge and closures for bulk, which must agree on everything (threats A-22, A-23, A-59, A-60)."""

import dataclasses
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields.base import Locale
from engine.model import Form, FormItem
from engine.targets.payload import Payload, checker, load, schema, text_checker
from tests.engine.samples import PLACE, an_object, field, label
from tests.spent import quick

PATIENT = an_object("patient", {
    "name": field("name", "{type: text, max: 60}", required=True), "notes": "{type: long_text}",
    "pain": "{type: integer, min: 0, max: 10}",
    "fee": "{type: decimal, places: 2}", "smoker": "{type: boolean}", "born": "{type: date}",
    "seen": "{type: datetime}", "at": "{type: time}",
    "channel": field("channel", "{type: choice, of: channel}", required=True, default="phone"),
    "tags": "{type: choices, of: channel}",
    "doctor": "{type: link, to: staff}", "phone": field("phone", "{type: phone}", former=("mobile",)),
    "email": "{type: email}",
    "id_card": "{type: id_number}", "photo": "{type: attachment}", "number": '{type: sequence, pattern: "P-{0000}"}',
    "status": "{type: state}",
})
CREATE = Payload.create(PATIENT)
UPDATE = Payload.update(PATIENT)
PAIRS = {"create": (schema(CREATE), checker(CREATE)), "update": (schema(UPDATE), checker(UPDATE))}


def codes(payload: Payload, raw: object) -> dict[str, str]:
    """Name → code of what is wrong, by the closure; the schema is held to the same answer."""
    found = checker(payload)(raw)
    assert load(schema(payload), raw) == found
    return {name: error.code for name, error in found.errors.items()}


A_60: list[tuple[str, Any, str]] = [
    ("pain", 1.9, "not_integer"), ("pain", "1", "not_integer"), ("pain", "１２", "not_integer"),
    ("pain", True, "not_integer"),
    ("pain", float("inf"), "not_integer"), ("pain", float("nan"), "not_integer"),
    ("pain", 10**400, "too_large"),
    ("pain", -1, "too_small"),
    ("fee", 1.5, "decimal_as_number"), ("fee", "1e1000000", "invalid_decimal"), ("fee", "NaN", "invalid_decimal"),
    ("fee", "１２", "invalid_decimal"),
    ("fee", "1.005", "too_many_places"), ("fee", True, "not_decimal"), ("smoker", "true", "not_boolean"),
    ("smoker", 1, "not_boolean"),
    ("name", "a\x00b", "control_character"), ("name", "\ud800", "broken_character"),
    ("name", "a\u2028b", "control_character"),
    ("name", 5, "not_text"), ("name", "", "required"), ("name", None, "required"), ("name", "x" * 61, "too_long"),
    ("born", "2026-02-30", "invalid_date"), ("born", "0000-01-01", "invalid_date"),
    ("born", "10000-01-01", "invalid_date"),
    ("born", dt.date(2026, 1, 1), "not_date"), ("seen", "2026-11-22T12:00:00", "invalid_datetime"),
    ("seen", 1763800000, "not_datetime"),
    ("at", "25:00", "invalid_time"), ("channel", "fax", "unknown_option"), ("channel", None, "required"),
    ("channel", ["visit"], "not_option"),
    ("tags", "visit", "not_list"), ("tags", ["visit", "visit"], "duplicate_option"),
    ("doctor", {"id": "0" * 32}, "invalid_link"),
    ("id_card", "110105194912310021", "id_number_check"), ("email", "a@b", "invalid_email"),
    ("photo", "../x", "invalid_attachment"),
    ("number", "P-0001", "read_only_field"), ("status", "done", "read_only_field"), ("mobile", "1", "former_field"),
    ("fon", "1", "unknown_field"), ("phon", "1", "unknown_field_near"), ("id", "0" * 32, "unknown_field"),
    ("version", 3, "unknown_field"),
    ("clinic_id", "0" * 32, "unknown_field"), ("name.x", 1, "unknown_field_near"), ("__class__", 1, "unknown_field"),
    ("", 1, "unknown_field"),
]


@pytest.mark.parametrize(("name", "value", "code"), A_60, ids=lambda value: None)
def test_type_confusion_is_refused_by_code(name: str, value: Any, code: str) -> None:
    """Threats A-60 and A-22: each hostile value gets its clear refusal, and nothing but it."""
    assert codes(UPDATE, {name: value}) == {name: code}


@pytest.mark.parametrize("raw", [None, [], "x", 1, True, [{"name": "x"}], 1.5])
def test_a_payload_is_an_object(raw: object) -> None:
    """Anything else is refused as a whole."""
    assert codes(CREATE, raw) == {"": "not_object"}


def test_create_needs_what_is_required_and_has_no_default() -> None:
    """A default fills what is left out; an update leaves out what it likes."""
    assert codes(CREATE, {}) == {"name": "required"}
    assert codes(CREATE, {"name": "Li"}) == {}
    assert codes(UPDATE, {}) == {}
    assert codes(UPDATE, {"notes": None, "pain": None}) == {}


def test_values_are_those_in_memory() -> None:
    """What is left out stays out, null and empty are None, the rest is parsed."""
    raw = {"name": " 李 ", "fee": "1.5", "notes": "", "born": "", "seen": "2026-11-22T12:00:00+08:00",
    "tags": ["visit", "phone"]}
    found = checker(CREATE)(raw)
    assert found == load(schema(CREATE), raw)
    assert found.values == {
        "name": "李", "fee": Decimal("1.50"), "notes": None, "born": None, "tags": ("phone", "visit"),
        "seen": dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)}


def test_fields_the_caller_may_not_write_are_unknown() -> None:
    """Limited to some names, a payload neither takes nor hints at others, former names and system fields included."""
    some = Payload.update(PATIENT, ["name", "pain"])
    raw = {"phone": "1", "mobile": "1", "number": "1", "zzzz": 1, "phon": "1"}
    assert set(codes(some, raw).values()) <= {"unknown_field", "unknown_field_near"}
    suggested = {error.words.get("suggestion") for error in checker(some)(raw).errors.values()}
    assert suggested <= {None, "name", "pain"}


def test_an_empty_list_of_names_allows_nothing() -> None:
    """Threats A-23: nothing allowed is not everything allowed."""
    assert codes(Payload.update(PATIENT, []), {"name": "x"}) == {"name": "unknown_field"}


def test_a_form_asks_for_its_fields() -> None:
    """A transition takes the fields of its form and no others; the form may require more than the object."""
    def item(name: str, **given: Any) -> FormItem:
        return FormItem(id=f"core:call.{name}", name=name, label=label(name), place=PLACE, **given)

    form = Form(id="core:call", name="call", label=label("Call"), place=PLACE, object="patient", items={
        "who": item("who"), "pain": item("pain", field="pain", required=True), "name": item("name", field="name"),
        "fee": item("fee", field="fee", read_only=True), "number": item("number", field="number")})
    asked = Payload.form(PATIENT, form)
    assert codes(asked, {}) == {"pain": "required"}
    assert codes(asked, {"pain": 3, "fee": "1.00", "notes": "x"}) == {"fee": "unknown_field", "notes": "unknown_field"}
    assert codes(asked, {"pain": None, "name": ""}) == {"pain": "required", "name": "required"}


def test_typed_text() -> None:
    """Forms and CSV give texts; several ticks of one name come as a list."""
    check = text_checker(CREATE, Locale())
    found = check({"name": "Li", "pain": " 7 ", "fee": "", "tags": ["", "visit", "phone"],
    "seen": "2026-11-22 12:00", "smoker": "是"})
    assert found.errors == {}
    assert found.values == {
        "name": "Li", "pain": 7, "fee": None, "tags": ("phone", "visit"), "smoker": True,
        "seen": dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)}
    wrong = check({"name": 3, "pain": "１２", "tags": [1], "smoker": None})
    assert {name: error.code for name, error in wrong.errors.items()} == {"name": "not_text",
    "pain": "invalid_integer", "tags": "not_text"}


HOSTILE = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=12), st.binary(max_size=3),
    st.text(st.characters(blacklist_categories=()), max_size=6), st.decimals(), st.dates(), st.just(10**400),
    st.lists(st.one_of(st.none(), st.integers(), st.sampled_from(["phone", "visit", "fax"])), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from([
        "phone", "visit", "0" * 32, "12.50", "2026-11-22", "2026-11-22T12:00:00Z", "12:30",
        "11010519491231002X", "li@x.cn", "１２", "1e400", "NaN",
        "2026-02-30", "\x00", " ", "true", "-0",
    ]),
)
KEYS = st.one_of(st.sampled_from([*PATIENT.fields, "mobile", "id", "version", "phonee"]), st.text(max_size=6))


@settings(max_examples=600, deadline=None)
@given(st.dictionaries(KEYS, HOSTILE, max_size=8), st.sampled_from(sorted(PAIRS)))
def test_schema_and_closure_agree(raw: dict[str, Any], use: str) -> None:
    """On thousands of hostile values both give the same values and the same errors, each error can be said, none raises."""
    made, check = PAIRS[use]
    found = check(raw)
    assert load(made, raw) == found
    for error in found.errors.values():
        assert error.text("en") and error.text("zh")
    assert set(found.values) | set(found.errors) >= set(raw)


@pytest.mark.corpus
def test_agreement_on_the_corpus(shared_data: Path) -> None:
    """Every readable JSON document, format case and naughty string, as the value of every field: the same answer, never an exception."""
    values: list[Any] = list(json.loads((shared_data / "bad_input/blns_a.json").read_text()))
    for path in (shared_data / "bad_input/formats").glob("*.json"):
        values += [case["data"] for group in json.loads(path.read_text()) for case in group["tests"]]
    for path in (shared_data / "bad_input/json").glob("[yi]_*.json"):
        try:
            values.append(json.loads(path.read_bytes()))
        except (ValueError, RecursionError):
            continue
    values += (shared_data / "bad_input/csv_injection/csv-payload.txt").read_text(errors="surrogateescape").splitlines()
    assert len(values) > 400
    made, check = PAIRS["update"]
    typed = text_checker(UPDATE, Locale())
    for value in values:
        raw = dict.fromkeys(PATIENT.fields, value)
        assert load(made, raw) == check(raw)
        if isinstance(value, str):
            typed(raw)


def test_ten_thousand_unknown_keys_cost_little() -> None:
    """Threats A-58: suggestions are looked for only a few times, however many keys are wrong."""
    raw = {f"phone{n}": n for n in range(10_000)}
    found = quick(lambda: checker(UPDATE)(raw), below=1)
    assert len(found.errors) == 10_000
    assert load(PAIRS["update"][0], raw) == found


def test_words_say_what_and_how() -> None:
    """A misspelt name is answered with the one that was meant."""
    error = checker(UPDATE)({"phon": "1"}).errors["phon"]
    assert dataclasses.asdict(error)["words"] == {"name": "phon", "suggestion": "phone"}
    assert error.text("en") == "There is no field “phon” here. Did you mean “phone”?"
