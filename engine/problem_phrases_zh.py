"""Puts what fills the holes of messages into Chinese, phrases within phrases and lists of them."""

from __future__ import annotations

import functools
import re

from engine.problem_words_zh import PHRASES, WORDS

__all__ = ["in_chinese"]

_HOLE = re.compile(r"\{(=|_|@\d)?\}")
_LONGEST = 400
"""Characters of what is looked for among the phrases; what people wrote can be long."""

_TYPES = ((", or ", "，或"), (" and ", "和"))
_JOINED = ((" or ", "或"), (" and ", "和"), (", ", "、"))


def in_chinese(word: object) -> str:
    """What fills a hole in Chinese; as it is, where it is a name or there is no Chinese for it."""
    text = str(word)
    found = _found(text)
    return text if found is None else found


@functools.lru_cache(maxsize=4096)
def _found(text: str) -> str | None:
    if len(text) > _LONGEST:
        return None
    bare = text.strip()
    exact = WORDS.get(bare) or PHRASES.get(text) or PHRASES.get(bare)
    if exact is not None:
        return exact
    joined = None if "'" in bare else _joined(bare, _TYPES)
    if joined is not None:
        return joined
    for pattern, kept, chinese in _patterns():
        match = pattern.fullmatch(text) or pattern.fullmatch(bare)
        if match is not None and None not in (said := [part if stays else _part(part) for part, stays in zip(match.groups(), kept, strict=True)]):
            return _filled(chinese, [part or "" for part in said])
    return _joined(bare, _JOINED)


def _joined(text: str, signs: tuple[tuple[str, str], ...]) -> str | None:
    """What is listed with one of the signs, if there is Chinese for each."""
    for sign, chinese in signs:
        parts = [_found(part) for part in text.split(sign)] if sign in text else [None]
        if None not in parts:
            return chinese.join(part or "" for part in parts)
    return None


def _part(text: str) -> str | None:
    """A part of a phrase: in Chinese, or one word, which is a name; None where English would be left."""
    found = _found(text)
    return text if found is None and " " not in text.strip() else found


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[bool, ...], str], ...]:
    """The phrases with holes, and of each hole whether it stays; those that say most come first."""
    return tuple(
        (re.compile(_expression(english), re.DOTALL), tuple(bool(hole) for hole in _HOLE.findall(english)), chinese)
        for english, chinese in sorted(PHRASES.items(), key=lambda pair: -len(_HOLE.sub("", pair[0]))) if _HOLE.search(english)
    )


def _expression(english: str) -> str:
    if english == "'{=}'":
        return "'((?:(?!' ).)*)'"
    return "".join({"{}": "(.*?)", "{=}": "(.*?)", "{_}": r"(\S+)"}.get(part, re.escape(part)) for part in re.split(r"(\{[=_]?\})", english))


def _filled(chinese: str, said: list[str]) -> str:
    rest = iter(said)
    return _HOLE.sub(lambda hole: said[int(hole[1][1:])] if (hole[1] or "").startswith("@") else next(rest), chinese)
