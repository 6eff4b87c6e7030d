"""What texts are found by: parts of words, single Chinese characters, pinyin, initials, the tail of a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.targets.grams import MAX_WORDS, asked, grams, holds


def found(text: str, typed: str) -> bool:
    """Whether the grams let the text through for every word; `holds` must then say the same."""
    words = asked(typed)
    return bool(words) and all(set(pieces) <= grams([text]) for _, pieces in words)


@pytest.mark.parametrize(("text", "typed"), [
    ("王小芳", "王"), ("王小芳", "小芳"), ("王小芳", "王小芳"), ("王小芳", "wxf"), ("王小芳", "xf"), ("王小芳", "wangx"), ("王小芳", "WANG"),
    ("单雄信", "shan"), ("单雄信", "sxx"), ("单雄信", "dan"), ("曾国藩", "zgf"), ("仇英", "qiu"), ("吕布", "lv"), ("吕布", "lb"),
    ("13800138000", "8000"), ("13800138000", "138"), ("P-2026-0042", "0042"), ("P-2026-0042", "2026-0042"), ("Ｐ－２０２６", "p-2026"),
    ("Li Wei", "wei li"), ("李 Wei", "李 we"), ("ÉLODIE", "élo"), ("和心口腔(浦东)", "浦东"), ("𠮷野家", "𠮷野"),
])
def test_finds(text: str, typed: str):
    """Every way in which people look for a name or a number."""
    assert found(text, typed)
    assert all(holds([text], word) for word, _ in asked(typed))


@pytest.mark.parametrize(("text", "typed"), [
    ("王小芳", "芳王"), ("王小芳", "wf"), ("王小芳", "李"), ("13800138000", "8002"), ("Li Wei", "lw"), ("", "王"), ("王小芳", "x"),
    ("王小芳", "!?"),
])
def test_finds_not(text: str, typed: str):
    """Other names, other orders, and what is too short or no word at all."""
    words = asked(typed)
    assert not words or not all(set(pieces) <= grams([text]) and holds([text], word) for word, pieces in words)


@given(st.text(alphabet=st.sampled_from("王小芳李单abcdefgh 0123-()"), max_size=20), st.data())
def test_grams_miss_nothing(text: str, data: st.DataObject):
    """Whatever part of a text is typed, its grams let the text through: only `holds` may refuse."""
    start = data.draw(st.integers(0, len(text)))
    typed = text[start:data.draw(st.integers(start, len(text)))]
    kept = grams([text])
    assert all(set(pieces) <= kept for _, pieces in asked(typed)[:MAX_WORDS] if holds([text], _))


@given(st.text(max_size=60))
def test_any_text(text: str):
    """Nothing that people store or type raises, and no gram has a blank or a sign of the index's language."""
    assert not any(set(piece) & set(' "*()^:+-{}\0') for piece in grams([text]))
    for word, pieces in asked(text):
        assert word and pieces
        assert not any(set(piece) & set(' "*()^:+-{}\0') for piece in pieces)
