"""Text of one line and of many lines; also what every typed text must pass before a type reads it."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from engine.expressions.types import TEXT, Type
from engine.fields.base import ColumnSpec, FieldType, Invalid, Links, Locale, Storage, StorageKind

__all__ = ["INDEXABLE_TEXT", "LongText", "Text", "clean"]

# C0, DEL, C1 and the separators U+2028 and U+2029, which end a line in some readers only.
_FORBIDDEN = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_ONE_LINE = re.compile(f"[{_FORBIDDEN}]")
_LINES = re.compile(f"[{_FORBIDDEN}]".replace("\x00-\x1f", "\x00-\x08\x0b\x0c\x0e-\x1f"))
INDEXABLE_TEXT = 320
"""Characters: at four bytes each, two such texts fit one index entry of PostgreSQL."""
_SURROGATE = re.compile("[\ud800-\udfff]")
# NFC can make a text at most three times as long; a text far above every limit is refused before it is normalised.
_SLACK = 4


def clean(value: str, limit: int, *, lines: bool = False) -> str | None:
    """The text trimmed and in NFC, None when nothing is left; `lines` keeps line breaks (as \\n) and tabs.

    Raises Invalid for control characters, lone surrogates and more than `limit` characters.
    """
    if len(value) > limit * _SLACK + 100:
        raise Invalid("too_long", max=limit, length=len(value))
    if lines and "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = value.strip()
    if not value:
        return None
    if not value.isascii():
        if _SURROGATE.search(value):
            raise Invalid("broken_character")
        value = unicodedata.normalize("NFC", value)
    bad = (_LINES if lines else _ONE_LINE).search(value)
    if bad:
        raise Invalid("control_character", character=f"U+{ord(bad.group()):04X}", position=bad.start() + 1)
    if len(value) > limit:
        raise Invalid("too_long", max=limit, length=len(value))
    return value


@dataclasses.dataclass(frozen=True)
class Text(FieldType):
    """One line of text of at most `max` characters (Unicode code points after NFC)."""

    name: ClassVar[str] = "text"
    settings: ClassVar[Mapping[str, Any]] = {
        "max": {"type": "integer", "minimum": 1, "maximum": 2000, "default": 200,
                "description": "The most characters it may have."},
    }
    widget: ClassVar[str] = "text"
    example: ClassVar[str] = "{type: text, max: 60}"
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "contains", "startsWith")

    searchable: ClassVar[bool] = True

    max: int = 200

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TEXT)),)
    _TYPE: ClassVar[Type] = TEXT
    _LINES: ClassVar[bool] = False

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        return cls(**{key: settings[key] for key in cls.settings if key in settings})

    @property
    def expression_type(self) -> Type:
        return dataclasses.replace(TEXT, longest=self.max)

    @property
    def indexable(self) -> bool:
        return self.max <= INDEXABLE_TEXT

    def parse(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse("not_text")
        return clean(value, self.max, lines=self._LINES)

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return clean(text, self.max, lines=self._LINES)

    def dump(self, value: str) -> str:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max}


@dataclasses.dataclass(frozen=True)
class LongText(Text):
    """Text of many lines; line breaks are kept as \\n, tabs too."""

    name: ClassVar[str] = "long_text"
    settings: ClassVar[Mapping[str, Any]] = {
        "max": {"type": "integer", "minimum": 1, "maximum": 200_000, "default": 20_000,
                "description": "The most characters it may have."},
    }
    widget: ClassVar[str] = "long_text"
    example: ClassVar[str] = "{type: long_text, max: 5000}"
    operators: ClassVar[tuple[str, ...]] = ("contains",)
    sortable: ClassVar[bool] = False
    searchable: ClassVar[bool] = False

    max: int = 20_000

    _LINES: ClassVar[bool] = True
