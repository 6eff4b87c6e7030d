"""The Chinese resident identity number: GB 11643-1999, 18 characters, the last one a check character."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any, ClassVar

from engine.expressions.types import TEXT, Type
from engine.fields.base import ColumnSpec, FieldType, Locale, Storage, StorageKind
from engine.fields.text import clean

__all__ = ["IdNumber", "birth_date", "check_character", "sex"]

_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
# Province codes of GB/T 2260, with Taiwan, Hong Kong and Macau (also 83, residence permits of people from Taiwan).
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split())


def check_character(first17: str) -> str:
    """The 18th character for the first 17 digits: ISO 7064 MOD 11-2, X for ten."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return "0123456789X"[(12 - total) % 11]


def birth_date(number: str) -> dt.date | None:
    """The birth date that a number states, None when that is no date."""
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """`male` for an odd order code, `female` for an even one."""
    return "male" if int(number[16]) % 2 else "female"


@dataclasses.dataclass(frozen=True)
class IdNumber(FieldType):
    """A resident identity number whose province, birth date and check character are right."""

    name: ClassVar[str] = "id_number"
    widget: ClassVar[str] = "id_number"
    example: ClassVar[str] = "{type: id_number}"
    personal: ClassVar[bool] = True
    searchable: ClassVar[bool] = True
    searched: ClassVar[bool] = True

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TEXT)),)
    _TYPE: ClassVar[Type] = TEXT

    def parse(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse("not_text")
        text = clean(value, 40)
        if text is None:
            return None
        # People group the digits with spaces and write a small x; both mean the same number.
        number = text.replace(" ", "").upper()
        if not _SHAPE.fullmatch(number):
            self.refuse("id_number_shape")
        if number[:2] not in _PROVINCES:
            self.refuse("id_number_region", region=number[:2])
        if birth_date(number) is None:
            self.refuse("id_number_birth")
        if check_character(number[:17]) != number[17]:
            self.refuse("id_number_check")
        return number

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return self.parse(text)

    def dump(self, value: str) -> str:
        return value

    def mask(self, value: str) -> str:
        """`110***********1234`: the region's first three digits and the last four characters."""
        return f"{value[:3]}{'*' * 11}{value[-4:]}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[1-9][0-9]{16}[0-9X]$"}
