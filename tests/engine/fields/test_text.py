"""Text: trimmed, NFC, without control characters (semantics, Expressions; threats A-60)."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.base import Invalid
from engine.fields.text import LongText, Text, clean
from tests.engine.fields.refusals import read, typed

ODD = ["a\x00b", "a\x07b", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u2028b", "a\u2029b", "\x1b[31m"]


@pytest.mark.parametrize(("given_text", "kept"), [
    ("  李 明\u3000", "李 明"), ("cafe\u0301", "café"), ("", None), (" \n\t ", None), ("0", "0"), ("\ufb01eld", "\ufb01eld"),
    ("x\u200d👩", "x\u200d👩"), ("=1+1", "=1+1"), ("שלום", "שלום"),
])
def test_text_is_trimmed_and_nfc_and_nothing_else(given_text: str, kept: str | None) -> None:
    """Trimming and NFC are the only changes; compatibility characters stay as they are."""
    assert read(Text(), given_text) == kept
    assert typed(Text(), given_text) == kept


@pytest.mark.parametrize("text", ODD)
def test_control_characters_are_refused(text: str) -> None:
    """NUL, controls, line ends in one-line text, and separators that only some readers take for line ends."""
    assert read(Text(), text) == "control_character"


def test_control_character_is_named_with_its_place() -> None:
    """The refusal says which character and where, so that it can be found."""
    with pytest.raises(Invalid) as refused:
        Text().parse("ab\x00c")
    assert refused.value.words == {"character": "U+0000", "position": 3}


@pytest.mark.parametrize("text", ["a\ud800", "\udfffb", "\udcff"])
def test_half_characters_are_refused(text: str) -> None:
    """A lone surrogate cannot be stored or sent as UTF-8."""
    assert read(Text(), text) == read(LongText(), text) == "broken_character"


def test_long_text_keeps_line_breaks_and_tabs() -> None:
    """Line ends of every system become one; other controls are refused."""
    assert read(LongText(), " a\r\nb\rc\n\td ") == "a\nb\nc\n\td"
    assert read(LongText(), "a\x0bb") == "control_character"


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["a"], b"a"])
def test_other_types_are_refused(value: object) -> None:
    """A number is not text, however easily it could be made one."""
    assert read(Text(), value) == "not_text"


def test_length_counts_code_points_after_nfc() -> None:
    """`max` limits what is kept; a hostile length is refused before it is normalised."""
    assert read(Text(3), "e\u0301" * 3) == "ééé"
    assert read(Text(3), "abcd") == "too_long"
    assert read(Text(3), "  abc  ") == "abc"
    assert read(Text(3), "e\u0301" * 1_000_000) == "too_long"
    assert read(Text(), "x" * 201) == "too_long" and read(LongText(), "x" * 20_000) == "x" * 20_000


@given(st.text(max_size=80))
def test_what_is_kept_is_clean_and_stays_as_it_is(text: str) -> None:
    """Reading twice changes nothing more, and what is kept holds no control character."""
    try:
        kept = clean(text, 200)
    except Invalid:
        return
    if kept is not None:
        assert clean(kept, 200) == kept == unicodedata.normalize("NFC", kept).strip()
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in kept)


@pytest.mark.corpus
def test_naughty_strings_are_kept_or_refused_by_code(shared_data: Path) -> None:
    """Every string of the corpus comes back as typed (but for trimming and NFC), or is refused with a code."""
    kind, kept = LongText(), 0
    texts = json.loads((shared_data / "bad_input/blns_a.json").read_text())
    for text in texts:
        found = read(kind, text)
        if found in ("control_character", "broken_character", None):
            continue
        kept += 1
        assert found == unicodedata.normalize("NFC", text.strip())
    assert kept > len(texts) * 0.9
