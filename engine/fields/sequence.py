"""Numbers that the runtime gives out one after another, such as `P-2026-0001`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from engine.expressions.types import TEXT, Type
from engine.fields.base import BadSetting, ColumnSpec, FieldType, Links, Locale, Storage, StorageKind
from engine.fields.text import clean

__all__ = ["Sequence"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DATE_PARTS = frozenset({"yyyy", "yy", "mm", "dd"})
_MAX = 60


@dataclasses.dataclass(frozen=True)
class Sequence(FieldType):
    """A number by `pattern`: literal characters, {yyyy} {yy} {mm} {dd} of the clinic's day, and one counter {0000}.

    The counter begins again at 1 whenever the date parts of the pattern change; it grows wider than its zeros when
    it must.
    """

    name: ClassVar[str] = "sequence"
    settings: ClassVar[Mapping[str, Any]] = {
        "pattern": {"type": "string", "minLength": 3, "maxLength": 40,
                    "description": "How numbers look: text, {yyyy} {yy} {mm} {dd}, and one counter such as {0000}."},
    }
    needs: ClassVar[tuple[str, ...]] = ("pattern",)
    widget: ClassVar[str] = "read_only"
    example: ClassVar[str] = '{type: sequence, pattern: "P-{yyyy}-{0000}"}'
    writable: ClassVar[bool] = False
    searchable: ClassVar[bool] = True
    searched: ClassVar[bool] = True
    operators: ClassVar[tuple[str, ...]] = ("==", "startsWith")

    pattern: str

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TEXT)),)
    _TYPE: ClassVar[Type] = TEXT

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        pattern = settings["pattern"]
        names = _PLACEHOLDER.findall(pattern)
        unknown = [n for n in names if n not in _DATE_PARTS and not re.fullmatch("0{1,12}", n)]
        if unknown or re.search(r"[{}]", _PLACEHOLDER.sub("", pattern)):
            what = f"'{{{unknown[0]}}}' means nothing" if unknown else "a brace stands alone"
            raise BadSetting("pattern", what, "use {yyyy} {yy} {mm} {dd} and one counter such as {0000}")
        if sum(n not in _DATE_PARTS for n in names) != 1:
            raise BadSetting("pattern", "it needs exactly one counter", "write one counter such as {0000}")
        dated = set(names)
        if ("dd" in dated and "mm" not in dated) or ("mm" in dated and not dated & {"yyyy", "yy"}):
            raise BadSetting("pattern", "numbers would repeat", "write the year beside {mm}, and {mm} beside {dd}")
        try:
            if clean(pattern, 40) != pattern:
                raise BadSetting("pattern", "it begins or ends with space", "remove the space")
        except ValueError as refused:
            raise BadSetting("pattern", "it holds a character that a number cannot have", "remove it") from refused
        return cls(pattern)

    @functools.cached_property
    def _pieces(self) -> tuple[str, ...]:
        """Literal texts at even places, names of placeholders at odd ones."""
        return tuple(_PLACEHOLDER.split(self.pattern))

    def period(self, day: dt.date) -> str:
        """The date parts of a day that the pattern uses, e.g. `2026-11`, or ''; a counter is kept for each."""
        return "-".join(self._part(name, day) for name in self._pieces[1::2] if name in _DATE_PARTS)

    def render(self, n: int, day: dt.date) -> str:
        """The n-th number of the day's period."""
        return "".join(
            piece if place % 2 == 0 else self._part(piece, day) if piece in _DATE_PARTS else str(n).zfill(len(piece))
            for place, piece in enumerate(self._pieces)
        )

    @staticmethod
    def _part(name: str, day: dt.date) -> str:
        numbers = {"yyyy": day.year, "yy": day.year % 100, "mm": day.month, "dd": day.day}
        return str(numbers[name]).zfill(len(name))

    def parse(self, value: object) -> str | None:
        """Reads a number given out before (history, undo, an import of old numbers); clients cannot set it."""
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse("not_text")
        return clean(value, _MAX)

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return clean(text, _MAX)

    def dump(self, value: str) -> str:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": _MAX, "readOnly": True}
