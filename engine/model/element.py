"""What every named element of a Model has: identity, names, label and the place it was written at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.problems import Place

__all__ = ["Element", "Label"]


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """A text for people, by language code (`en`, `zh`)."""

    texts: Mapping[str, str]

    def __call__(self, language: str) -> str:
        """The text in a language, else in English, else in any language that has one."""
        texts = self.texts
        return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A named element. `id` is its first qualified name (`core:patient.phone`) and never changes; `name` may."""

    id: str
    name: str
    label: Label
    place: Place
    former: tuple[str, ...] = ()
    """Names it had before, newest first; a request that uses one is told the current name."""
    retired: bool = False
    """Kept with its data, shown nowhere."""

    @property
    def pack(self) -> str:
        """The pack that owns the element."""
        return self.id.partition(":")[0]
