"""The resident identity number, checked as GB 11643-1999 says."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from engine.fields.identity import IdNumber, birth_date, check_character, sex
from tests.engine.fields.refusals import read, typed

KIND = IdNumber()
GOOD = "11010519491231002X"


@pytest.mark.parametrize("text", [GOOD, GOOD.lower(), f" {GOOD} ", "110105 19491231 002X"])
def test_one_number_however_it_is_written(text: str) -> None:
    """Spaces and a small x mean the same number; it is kept in its one form."""
    assert read(KIND, text) == typed(KIND, text) == GOOD


@pytest.mark.parametrize(("value", "code"), [
    ("110105194912310021", "id_number_check"), ("11010519491231020X", "id_number_check"), ("991105194912310025", "id_number_region"),
    ("110105194902300020", "id_number_birth"), ("110105491231002", "id_number_shape"), ("11010519491231002Y", "id_number_shape"),
    ("１１０105194912310021", "id_number_shape"), ("1" * 40, "id_number_shape"), ("1" * 41, "too_long"), (110105194912310021, "not_text"),
    ("1101051949123100\x002", "control_character"),
])
def test_wrong_numbers(value: object, code: str) -> None:
    """Each kind of mistake has its own message; a swap of neighbours is always found."""
    assert read(KIND, value) == code


def test_what_a_number_states() -> None:
    """Digits 7 to 14 are the birth date, an odd order code is a man's."""
    assert birth_date(GOOD) == dt.date(1949, 12, 31) and sex(GOOD) == "female"
    assert sex("440524188001010014") == "male"


def test_mask() -> None:
    """The first three and last four characters, as long as the number."""
    assert KIND.mask(GOOD) == "110***********002X"


def test_empty_is_nothing() -> None:
    """An empty input is no number."""
    assert read(KIND, "  ") is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 999), st.sampled_from(["110101", "310115", "440305"]))
def test_agrees_with_stdnum(born: dt.date, order: int, region: str) -> None:
    """The check character is what python-stdnum computes, and every number built so is taken."""
    first = f"{region}{born:%Y%m%d}{order:03}"
    number = first + check_character(first)
    assert number[-1] == ric.calc_check_digit(number)
    assert read(KIND, number) == number and birth_date(number) == born
