"""Whole numbers and exact decimals."""

from __future__ import annotations

import dataclasses
import decimal
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from engine.expressions.types import DECIMAL, INT, Type
from engine.fields.base import BadSetting, ColumnSpec, FieldType, Links, Locale, Storage, StorageKind

__all__ = ["DECIMAL_DIGITS", "LARGEST_INTEGER", "DecimalNumber", "Integer"]

LARGEST_INTEGER = 2**53 - 1
"""Both ends are exact in every JSON reader, browsers included."""
DECIMAL_DIGITS = 18
"""Digits of a decimal in all, so that scaled by its places it fits 64 bits."""

_UNIT: Mapping[str, Any] = {"type": "string", "maxLength": 12, "description": "What it counts, shown beside the number, e.g. mm."}
_INTEGER = re.compile(r"[+-]?[0-9]{1,17}")
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,30}))?")
_EXACT = decimal.Context(prec=80, traps=[decimal.Inexact, decimal.InvalidOperation])


@dataclasses.dataclass(frozen=True)
class Integer(FieldType):
    """A whole number within ±(2^53 - 1), which expressions and JSON hold exactly too."""

    name: ClassVar[str] = "integer"
    settings: ClassVar[Mapping[str, Any]] = {
        "min": {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER,
                "description": "The smallest number it may be."},
        "max": {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER,
                "description": "The largest number it may be."},
        "unit": _UNIT,
    }
    widget: ClassVar[str] = "number"
    example: ClassVar[str] = "{type: integer, min: 0, max: 10}"
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "<", "<=", ">", ">=")

    min: int = -LARGEST_INTEGER
    max: int = LARGEST_INTEGER
    unit: str = ""

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.INTEGER)),)
    _TYPE: ClassVar[Type] = INT

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        built = cls(settings.get("min", -LARGEST_INTEGER), settings.get("max", LARGEST_INTEGER), settings.get("unit", ""))
        if built.min > built.max:
            raise BadSetting("min", f"min {built.min} is above max {built.max}", "write a range that holds a number")
        return built

    def parse(self, value: object) -> int | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse("not_integer")
        return self._within(value)

    def parse_text(self, text: str, locale: Locale) -> int | None:
        text = text.strip()
        if not text:
            return None
        if not _INTEGER.fullmatch(text):
            self.refuse("invalid_integer")
        return self._within(int(text))

    def _within(self, value: int) -> int:
        if value < self.min:
            self.refuse("too_small", min=self.min)
        if value > self.max:
            self.refuse("too_large", max=self.max)
        return value

    def dump(self, value: int) -> int:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "minimum": self.min, "maximum": self.max}


def _limit(settings: Mapping[str, Any], key: str, places: int) -> Decimal | None:
    """A bound as written in YAML, where 0.5 may arrive as number or text; raises BadSetting when too fine or large."""
    if settings.get(key) is None:
        return None
    try:
        found = _DECIMAL.fullmatch(format(Decimal(str(settings[key])), "f"))
    except decimal.InvalidOperation:
        found = None
    if not found or len((found[3] or "").rstrip("0")) > places or len(found[2].lstrip("0")) + places > DECIMAL_DIGITS:
        why = f"{settings[key]} is no decimal with {places} places"
        raise BadSetting(key, why, "write fewer digits, or give more places")
    return _EXACT.quantize(Decimal(found[0]), Decimal(1).scaleb(-places))


@dataclasses.dataclass(frozen=True)
class DecimalNumber(FieldType):
    """An exact decimal of `places` places and at most 18 digits in all; never rounded, in JSON a text."""

    name: ClassVar[str] = "decimal"
    settings: ClassVar[Mapping[str, Any]] = {
        "places": {"type": "integer", "minimum": 0, "maximum": 10, "default": 2,
                   "description": "Digits after the point; a value with more is refused."},
        "min": {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
                "description": "The smallest number it may be."},
        "max": {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
                "description": "The largest number it may be."},
        "unit": _UNIT,
    }
    widget: ClassVar[str] = "number"
    example: ClassVar[str] = "{type: decimal, places: 2, min: 0}"
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "<", "<=", ">", ">=")

    places: int = 2
    min: Decimal | None = None
    max: Decimal | None = None
    unit: str = ""

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        places = settings.get("places", 2)
        built = cls(places, _limit(settings, "min", places), _limit(settings, "max", places), settings.get("unit", ""))
        if built.min is not None and built.max is not None and built.min > built.max:
            raise BadSetting("min", f"min {built.min} is above max {built.max}", "write a range that holds a number")
        return built

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", Storage(StorageKind.DECIMAL, self.places)),)

    @property
    def expression_type(self) -> Type:
        return DECIMAL(self.places)

    def parse(self, value: object) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, str):
            return self._read(value)
        if isinstance(value, int) and not isinstance(value, bool):
            if abs(value) >= 10**DECIMAL_DIGITS:
                self.refuse("too_many_digits", digits=DECIMAL_DIGITS - self.places)
            return self._read(str(value))
        if isinstance(value, Decimal) and value.is_finite() and -30 <= int(value.as_tuple().exponent) < 30:
            return self._read(format(value, "f"))
        if isinstance(value, float):
            # Its digits are already a guess: 0.1 in JSON is not one tenth once it is a binary float.
            self.refuse("decimal_as_number")
        self.refuse("not_decimal")

    def parse_text(self, text: str, locale: Locale) -> Decimal | None:
        text = text.strip()
        return self._read(text) if text else None

    def _read(self, text: str) -> Decimal | None:
        if not text:
            return None
        found = _DECIMAL.fullmatch(text)
        if not found:
            self.refuse("invalid_decimal")
        whole, part = found[2], found[3] or ""
        if len(part) > self.places:
            self.refuse("too_many_places", places=self.places)
        if len(whole.lstrip("0")) + self.places > DECIMAL_DIGITS:
            self.refuse("too_many_digits", digits=DECIMAL_DIGITS - self.places)
        value = Decimal(f"{found[1]}{whole}.{part:0<{self.places}}" if self.places else found[1] + whole)
        if not value:
            value = abs(value)
        return self._within(value)

    def _within(self, value: Decimal) -> Decimal:
        if self.min is not None and value < self.min:
            self.refuse("too_small", min=self.min)
        if self.max is not None and value > self.max:
            self.refuse("too_large", max=self.max)
        return value

    def dump(self, value: Decimal) -> str:
        return format(value, "f")

    def unarchive(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def text(self, value: Decimal, locale: Locale) -> str:
        return format(value, "f")

    def json_schema(self) -> dict[str, Any]:
        whole = rf"^-?[0-9]{{1,{DECIMAL_DIGITS - self.places}}}"
        fraction = rf"(\.[0-9]{{1,{self.places}}})?" if self.places else ""
        return {"type": "string", "format": "decimal", "pattern": f"{whole}{fraction}$"}
