"""The interface's own texts in the language of a person: catalogues read once per process."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from babel.support import NullTranslations, Translations

__all__ = ["Say", "catalogue", "html_language", "words"]

_FOLDER = Path(__file__).parent / "translations"
_CATALOGUES = {"zh": "zh_Hans"}
_HTML = {"zh": "zh-Hans"}

Say = Callable[[str], str]
"""Gives an English text of the source in somebody's language; modules call it `_`, so that texts are found for translation."""


@functools.cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language of the interface (`zh`, `en`, …); a language without a catalogue speaks English."""
    name = _CATALOGUES.get(language)
    return Translations.load(_FOLDER, [name]) if name else NullTranslations()


def words(language: str) -> Say:
    """The `_` of a language."""
    return catalogue(language).gettext


def html_language(language: str) -> str:
    """The language as HTML names it."""
    return _HTML.get(language, language)
