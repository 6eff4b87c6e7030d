"""Characters that make a text other than it looks (threat A-55): none of them gets into a definition by an edit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from designer.edits.refused import EditRefused

__all__ = ["clean", "honest"]

# Zero-width and direction-changing characters: a label that holds them is not what it looks like.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_BREAK = re.compile(r"\r\n|\r|\n")


def clean(value: Any) -> Any:
    """Texts in NFC. Raises EditRefused for hidden characters in any text of it."""
    if isinstance(value, str):
        if _HIDDEN.search(value):
            raise EditRefused("hidden_characters")
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {name: clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def honest(text: str, before: str) -> None:
    """Whether each line of a file that is new looks like what it is. Raises EditRefused with the number of the first that does not;
    what stood there already stays, so that a file with such a line can be mended elsewhere first."""
    known = set(_BREAK.split(before))
    for number, line in enumerate(_BREAK.split(text), 1):
        if line.isascii() or line in known:
            continue
        if found := _HIDDEN.search(line):
            raise EditRefused("hidden_in_line", line=number, character=f"U+{ord(found.group()):04X}")
        if not unicodedata.is_normalized("NFC", line):
            raise EditRefused("parts_in_line", line=number)
