"""How Chinese words sound: pypinyin with those of its phrases alone that say something else than their characters one by one.

All its phrases take 46 MB in every process. Of those that are as short as names and words of a clinic, one in fourteen matters.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
from collections.abc import Callable
from typing import Any

__all__ = ["syllables"]

_LONGEST = 4
_BOOK = "pypinyin.phrases_dict"
_PLAIN = str.maketrans("āáǎàēéěèōóǒòīíǐìūúǔùüǖǘǚǜńňǹḿ", "aaaaeeeeooooiiiiuuuuvvvvvnnnm")


def _loaded() -> Any:
    """pypinyin with the phrases that matter. When it is imported, it finds an empty book of phrases."""
    empty: Any = types.ModuleType(_BOOK)
    empty.phrases_dict = {}
    sys.modules[_BOOK] = empty
    pypinyin: Any = importlib.import_module("pypinyin")
    del sys.modules[_BOOK]
    pypinyin.load_phrases_dict(_telling(importlib.import_module("pypinyin.constants").PINYIN_DICT))
    return pypinyin


def _telling(characters: dict[int, str]) -> dict[str, list[list[str]]]:
    """Phrases whose reading is not the first one of each of their characters, and those that are cut from a text in the place of
    such a one. All others are given back to the memory."""
    first = {code: readings.partition(",")[0] for code, readings in characters.items()}
    every = _phrases()
    short = {word: readings for word, readings in every.items() if len(word) <= _LONGEST}
    other = {
        word: readings for word, readings in short.items()
        if "".join([first.get(ord(one), "") for one in word]).translate(_PLAIN) != "".join([said[0] for said in readings]).translate(_PLAIN)
    }
    begun = {word[:end] for word in other for end in range(2, len(word) + 1)}
    found = {word: readings for word, readings in short.items() if word in other or _reaches_into(word, begun)}
    # Written anew: what lies scattered among the others would hold their memory.
    anew: dict[str, list[list[str]]] = json.loads(json.dumps(found))
    every.clear()
    return anew


def _reaches_into(word: str, begun: set[str]) -> bool:
    """Whether at least two characters of the word begin one of the others."""
    return any(word[start:start + 2] in begun for start in range(len(word) - 1))


def _phrases() -> dict[str, list[list[str]]]:
    """All of them, held by nobody else."""
    found: dict[str, list[list[str]]] = importlib.import_module(_BOOK).phrases_dict
    del sys.modules[_BOOK]
    del sys.modules["pypinyin"].phrases_dict
    return found


_pypinyin = _loaded()


def syllables(text: str, other: Callable[[str], str] | None = None) -> list[str]:
    """The usual reading of each character, without tones; what has none is left out, or is what `other` makes of it."""
    found: list[str] = _pypinyin.lazy_pinyin(text, style=_pypinyin.Style.NORMAL, errors=other or "ignore", v_to_u=False)
    return found
