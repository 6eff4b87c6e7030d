"""Names made from labels: a Chinese label by pinyin, any other by its letters; valid, free, and told from the label at sight."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from engine.names import is_name, reserved

__all__ = ["name_of", "speaking"]

MOST = 41
_TONED = re.compile(r"[^a-z0-9]+")


def speaking(label: str | Mapping[str, str]) -> str:
    """The text of a label that makes the best name: English where there is one, names in code are mostly that."""
    if isinstance(label, str):
        return label
    return label.get("en") or next(iter(label.values()), "")


def name_of(label: str | Mapping[str, str], taken: Collection[str] = (), *, fallback: str = "new") -> str:
    """A name for what people call so; with a number behind it when it is taken, `fallback` when the label has no letters."""
    # A third of a second, which no process need spend before somebody names something.
    from engine.targets.sounds import syllables

    words = syllables(unicodedata.normalize("NFKC", speaking(label)), _letters)
    name = _TONED.sub("_", "_".join(word.lower() for word in words)).strip("_")
    name = re.sub(r"^[0-9_]+", "", name)[:MOST].strip("_") or fallback
    if not is_name(name) or reserved(name):
        name = f"{name[: MOST - 2]}_1" if is_name(name) else fallback
    return _free(name, taken)


def _letters(run: str) -> str:
    """What is not Chinese: Latin letters without their accents."""
    plain = unicodedata.normalize("NFKD", run)
    return "".join(character if character.isascii() else "" if unicodedata.combining(character) else " " for character in plain)


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    for number in range(2, 10_000):
        tail = f"_{number}"
        found = name[: MOST - len(tail)].rstrip("_") + tail
        if found not in taken:
            return found
    raise ValueError(f"too many elements are called {name}")
