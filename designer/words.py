"""The designer's own texts in the language of a person; those of the screens around it come from the screens' catalogue."""

from __future__ import annotations

import functools
from pathlib import Path

from babel.support import NullTranslations, Translations

from runtime.screens.words import Say
from runtime.screens.words import catalogue as screens

__all__ = ["Say", "catalogue", "words"]

_FOLDER = Path(__file__).parent / "translations"
_CATALOGUES = {"zh": "zh_Hans"}


@functools.cache
def catalogue(language: str) -> NullTranslations:
    """The designer's texts, then those of the screens."""
    name = _CATALOGUES.get(language)
    if name is None:
        return screens(language)
    found = Translations.load(_FOLDER, [name])
    if found is not screens(language):
        found.add_fallback(screens(language))
    return found


def words(language: str) -> Say:
    """The `_` of a language."""
    return catalogue(language).gettext
