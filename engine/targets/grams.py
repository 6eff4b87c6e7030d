"""What a text is found by: pieces of two and three letters, single and paired Chinese characters, and how those sound.

A text is found by what is typed when every gram of the typed word is one of the text's. That lets a few texts through that do not
hold the word; `holds` is exact.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

__all__ = ["MAX_WORDS", "asked", "grams", "holds", "plain"]

MAX_WORDS = 4
MAX_WORD = 40
_SOUNDED = 12
"""Longer runs of Chinese characters are no names; they are found by their characters alone."""
_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"(?P<chinese>[{_IDEOGRAPHS}]+)|[^\\W_{_IDEOGRAPHS}]+")
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "任": "ren", "华": "hua",
    "翟": "zhai", "尹": "yin", "缪": "miao", "宁": "ning", "覃": "qin", "乐": "yue", "种": "chong", "重": "chong", "秘": "bi", "折": "she",
    "黑": "he", "员": "yun", "贠": "yun", "繁": "po", "纪": "ji", "燕": "yan", "洗": "xian", "那": "na", "哈": "ha", "冼": "xian",
}
"""Characters that sound otherwise as surnames (or whose common reading pypinyin does not take first)."""


def grams(texts: Iterable[str]) -> frozenset[str]:
    """What the texts of one field are found by."""
    found: set[str] = set()
    for text in texts:
        for run, chinese in _runs(text):
            found.update(_characters(run) if chinese else _letters(run))
            if chinese and len(run) <= _SOUNDED:
                for sound in _sounds(run):
                    found.update(_letters(sound))
    return frozenset(found)


def asked(typed: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The words of what somebody typed, each with its grams; words too short to look for are left out."""
    words = []
    for run, chinese in _runs(typed[: MAX_WORD * MAX_WORDS]):
        word = run[:MAX_WORD]
        pieces = _pairs(word) if chinese else _triples(word)
        if pieces:
            words.append((word, tuple(sorted(set(pieces)))))
    return tuple(words[:MAX_WORDS])


def holds(texts: Iterable[str], word: str) -> bool:
    """Whether one of the texts has the word of `asked` in it, as written or by its sound."""
    for text in texts:
        for run, chinese in _runs(text):
            if word in run or (chinese and len(run) <= _SOUNDED and any(word in sound for sound in _sounds(run))):
                return True
    return False


def plain(text: str) -> str:
    """One spelling for what reads the same: full and half width, upper and lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Words in one spelling, each with whether it is Chinese."""
    for found in _RUN.finditer(plain(text)):
        yield found[0], found["chinese"] is not None


def _pairs(run: str) -> list[str]:
    return [run[n:n + 2] for n in range(len(run) - 1)] or [run]


def _characters(run: str) -> Iterator[str]:
    yield from run
    yield from _pairs(run)


def _letters(run: str) -> Iterator[str]:
    for size in (2, 3):
        yield from (run[n:n + size] for n in range(len(run) - size + 1))


def _triples(run: str) -> list[str]:
    return [run[n:n + 3] for n in range(len(run) - 2)] or ([run] if len(run) == 2 else [])


def _sounds(run: str) -> Iterator[str]:
    """The run in pinyin and by its initials, as usual and with its first character read as a surname."""
    # A third of a second, which no process need spend before its first page.
    from engine.targets.sounds import syllables

    usual = syllables(run)
    readings = [usual]
    surname = _SURNAMES.get(run[0])
    if surname and usual and usual[0] != surname:
        readings.append([surname, *usual[1:]])
    for reading in readings:
        yield "".join(reading)
        yield "".join(syllable[0] for syllable in reading if syllable)
