"""Options: current names outside, first names inside, former ones told (semantics, Names and ids)."""

import pytest

from engine.expressions.types import ListOf, OptionOf
from engine.fields.base import Invalid
from engine.fields.choice import Choice, ChoiceList, State
from tests.engine.fields.refusals import ENGLISH, SHANGHAI, read, typed
from tests.engine.samples import choice_set, label, option

SET = choice_set(
    option("visit", label=label("Visit", "到访")),
    option("call", stored="phone", former=("ring", "phone"), label=label("Phone, mobile", "电话")),
    option("fax", retired=True, label=label("Fax", "传真")),
    option("letter", label=label("Mail", "信件")),
    option("parcel", label=label("Mail", "包裹")),
)
ONE, MANY = Choice(SET), ChoiceList(SET)


@pytest.mark.parametrize(("value", "found"), [
    ("visit", "visit"), ("call", "phone"), ("", None), ("phone", "former_option"), ("ring", "former_option"), ("fax", "retired_option"),
    ("calll", "unknown_option_near"), ("zzz", "unknown_option"), ("Visit", "unknown_option_near"), ("到访", "unknown_option"),
    (1, "not_option"), (["visit"], "not_option"), (True, "not_option"), ("\x00" * 5000, "unknown_option"),
])
def test_json_takes_current_names(value: object, found: object) -> None:
    """In memory stands the first name; a former or retired name is refused as such."""
    assert read(ONE, value) == found


def test_former_name_tells_the_current_one() -> None:
    """A request with a former name gets the current one named."""
    with pytest.raises(Invalid) as refused:
        ONE.parse("phone")
    assert refused.value.words == {"value": "phone", "current": "call"}


def test_unknown_option_suggests_and_stays_short() -> None:
    """What is said back is short and printable, with the nearest option."""
    with pytest.raises(Invalid) as refused:
        ONE.parse("visitt")
    assert refused.value.words["suggestion"] == "visit"
    with pytest.raises(Invalid) as refused:
        ONE.parse("\x00\u202e" + "x" * 100_000)
    assert len(str(refused.value.words["value"])) == 60 and str(refused.value.words["value"]).isprintable()


@pytest.mark.parametrize(("text", "found"), [
    ("visit", "visit"), ("到访", "visit"), ("VISIT", "visit"), ("电话", "phone"), ("phone, mobile", "phone"), ("信件", "letter"),
    ("mail", "ambiguous_option"), ("传真", "unknown_option"), ("fax", "retired_option"), ("phone", "former_option"),
])
def test_typed_text_takes_names_and_labels(text: str, found: object) -> None:
    """People write labels, in any language and case; one that two options share is refused."""
    assert typed(ONE, text) == found


def test_retired_options_stay_readable() -> None:
    """A row that has a retired option still shows it, and dumps it by its name."""
    assert ONE.text("fax", SHANGHAI) == "传真" and ONE.dump("fax") == "fax"
    assert ONE.unarchive(ONE.archive("fax")) == "fax"
    assert "fax" not in ONE.json_schema()["enum"]


def test_archive_outlives_renames() -> None:
    """History keeps first names, so it can be read after an option is renamed."""
    assert ONE.archive("phone") == "phone" and ONE.dump("phone") == "call"
    assert MANY.unarchive(MANY.archive(("phone", "fax"))) == ("phone", "fax")


@pytest.mark.parametrize(("value", "found"), [
    (["letter", "visit"], ("visit", "letter")), ([], None), (["visit", "visit"], "duplicate_option"), ("visit", "not_list"),
    ([1], "not_option"), ([["visit"]], "not_option"), ({"visit": 1}, "not_list"), (["visit"] * 1_000_000, "too_many_options"),
    (["visit", "phone"], "former_option"), ([None], "not_option"),
])
def test_lists(value: object, found: object) -> None:
    """Each option once, in the order of the set; an empty list is nothing."""
    assert read(MANY, value) == found


@pytest.mark.parametrize("text", ["letter,visit", "信件、到访", "letter; visit;", "信件\nvisit", "letter|visit"])
def test_typed_lists(text: str) -> None:
    """Options are separated as people and spreadsheets do."""
    assert typed(MANY, text) == ("visit", "letter")


def test_label_with_a_comma_is_one_option() -> None:
    """A label that holds a separator can stand alone."""
    assert typed(MANY, "Phone, mobile") == ("phone",)


def test_texts_of_lists() -> None:
    """Chinese has its own comma."""
    assert MANY.text(("visit", "fax"), SHANGHAI) == "到访、传真" and MANY.text(("visit", "fax"), ENGLISH) == "Visit, Fax"


def test_expression_type_translates() -> None:
    """Expressions speak current names, know the stored ones, and are told former ones."""
    kind = ONE.expression_type
    assert isinstance(kind, OptionOf) and kind.names["call"] == "phone" and kind.former == {"ring": "call", "phone": "call"}
    assert MANY.expression_type == ListOf(kind)
    assert not State(SET).writable
