"""Numbers by pattern: what they look like and when they begin again."""

import datetime as dt

import pytest

from engine.fields.sequence import Sequence
from tests.engine.fields.refusals import read
from tests.engine.samples import build

DAY = dt.date(2026, 3, 7)


@pytest.mark.parametrize(("pattern", "first", "period"), [
    ("P-{yyyy}-{0000}", "P-2026-0001", "2026"), ("{yy}{mm}{dd}{000}", "260307001", "26-03-07"), ("票{00000}", "票00001", ""),
    ("{yyyy}/{mm}/{0}", "2026/03/1", "2026-03"), ("{000}-{yyyy}", "001-2026", "2026"),
])
def test_render_and_period(pattern: str, first: str, period: str) -> None:
    """The counter belongs to the date parts that the pattern shows."""
    kind = build(f'{{type: sequence, pattern: "{pattern}"}}')
    assert isinstance(kind, Sequence)
    assert kind.render(1, DAY) == first and kind.period(DAY) == period


def test_counter_grows_beyond_its_zeros() -> None:
    """The ten-thousandth patient gets a number too."""
    assert Sequence("P-{0000}").render(12345, DAY) == "P-12345"


def test_early_years_are_padded() -> None:
    """A date part always has its width, so numbers of two years never meet."""
    assert Sequence("{yyyy}{000}").render(1, dt.date(33, 1, 1)) == "0033001"


def test_old_numbers_can_be_read() -> None:
    """History and imports hold numbers of other patterns."""
    assert read(Sequence("P-{0000}"), "OLD-7") == "OLD-7" and read(Sequence("P-{0000}"), 7) == "not_text"
    assert not Sequence.writable
