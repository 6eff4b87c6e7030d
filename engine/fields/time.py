"""Dates, instants and times of day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any, ClassVar

from engine.expressions.types import DATE, INSTANT, TIME, Type
from engine.fields.base import ColumnSpec, FieldType, Invalid, Locale, Storage, StorageKind

__all__ = ["Date", "DateTime", "TimeOfDay", "local_instant"]

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = r"(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)"
_TYPED_DATE = re.compile(rf"([0-9]{{4}}){_MONTH}([0-9]{{1,2}})(日?)")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_TYPED_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])(?:[:：]([0-5][0-9]))?")
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]+))?"
_INSTANT = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[Tt]{_CLOCK}([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])")
_TYPED_CLOCK = r"([0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)(?:\.([0-9]+))?"
_TYPED_INSTANT = re.compile(rf"(\S{{8,11}})(?:[Tt]|[ \t]+|(?<=日)){_TYPED_CLOCK}")


def _date(year: str, month: str, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise Invalid("invalid_date") from None


def _strict_date(text: str) -> dt.date:
    found = _DATE.fullmatch(text)
    if not found:
        raise Invalid("invalid_date")
    return _date(found[1], found[2], found[3])


def _typed_date(text: str) -> dt.date:
    found = _TYPED_DATE.fullmatch(text)
    if not found or (found[7] and not found[5]):
        raise Invalid("invalid_date")
    return _date(found[1], found[2] or found[3] or found[4] or found[5], found[6])


def _microseconds(digits: str | None) -> int:
    """Of the digits after the point; more than six that are not zero would have to be rounded and are refused."""
    if not digits:
        return 0
    if digits[6:].strip("0"):
        raise Invalid("too_precise")
    return int(f"{digits[:6]:0<6}")


def local_instant(local: dt.datetime, locale: Locale) -> dt.datetime:
    """The UTC instant of a wall-clock time of the organisation's zone; of two (clocks go back) the earlier one.

    Raises Invalid when clocks skip that time, or UTC leaves the years 1 to 9999.
    """
    try:
        instant = local.replace(tzinfo=locale.zone).astimezone(dt.UTC)
        back = instant.astimezone(locale.zone)
    except OverflowError:
        raise Invalid("invalid_datetime") from None
    if back.replace(tzinfo=None) != local:
        raise Invalid("skipped_time", timezone=locale.timezone)
    return instant


@dataclasses.dataclass(frozen=True)
class Date(FieldType):
    """A day of the calendar, years 1 to 9999."""

    name: ClassVar[str] = "date"
    widget: ClassVar[str] = "date"
    example: ClassVar[str] = "{type: date}"
    operators: ClassVar[tuple[str, ...]] = ("==", "<", "<=", ">", ">=")

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.DATE)),)
    _TYPE: ClassVar[Type] = DATE

    def parse(self, value: object) -> dt.date | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse("not_date")
        return _strict_date(value)

    def parse_text(self, text: str, locale: Locale) -> dt.date | None:
        text = text.strip()
        return _typed_date(text) if text else None

    def dump(self, value: dt.date) -> str:
        return value.isoformat()

    def unarchive(self, value: Any) -> dt.date | None:
        return self.parse(value)

    def text(self, value: dt.date, locale: Locale) -> str:
        return value.isoformat()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@dataclasses.dataclass(frozen=True)
class DateTime(FieldType):
    """An instant, in memory an aware UTC datetime with microseconds; people see it in the organisation's time zone."""

    name: ClassVar[str] = "datetime"
    widget: ClassVar[str] = "datetime"
    example: ClassVar[str] = "{type: datetime}"
    operators: ClassVar[tuple[str, ...]] = ("<", "<=", ">", ">=")

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.INSTANT)),)
    _TYPE: ClassVar[Type] = INSTANT

    def parse(self, value: object) -> dt.datetime | None:
        """RFC 3339 with an offset; leap seconds and digits below a microsecond are refused."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse("not_datetime")
        found = _INSTANT.fullmatch(value)
        if not found:
            self.refuse("invalid_datetime")
        day = _strict_date(found[1])
        clock = dt.time(int(found[2]), int(found[3]), int(found[4]), _microseconds(found[5]))
        sign, offset = found[6][0], found[6][1:]
        minutes = int(offset[:2]) * 60 + int(offset[3:]) if offset else 0
        try:
            zone = dt.timezone(dt.timedelta(minutes=-minutes if sign == "-" else minutes))
            return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC)
        except OverflowError:
            self.refuse("invalid_datetime")

    def parse_text(self, text: str, locale: Locale) -> dt.datetime | None:
        """A wall-clock time of the organisation, e.g. `2026-11-22 14:30`, or RFC 3339 with an offset."""
        text = text.strip()
        if not text:
            return None
        if _INSTANT.fullmatch(text):
            return self.parse(text)
        found = _TYPED_INSTANT.fullmatch(text)
        clock = _TYPED_TIME.fullmatch(found[2]) if found else None
        if not found or not clock:
            self.refuse("invalid_datetime")
        at = dt.time(int(clock[1]), int(clock[2]), int(clock[3] or 0), _microseconds(found[3]))
        return local_instant(dt.datetime.combine(_typed_date(found[1]), at), locale)

    def dump(self, value: dt.datetime) -> str:
        return value.replace(tzinfo=None).isoformat() + "Z"

    def unarchive(self, value: Any) -> dt.datetime | None:
        return self.parse(value)

    def text(self, value: dt.datetime, locale: Locale) -> str:
        return self._local(value, locale).isoformat(" ", "minutes")

    def input_text(self, value: dt.datetime | None, locale: Locale) -> str:
        if value is None:
            return ""
        local = self._local(value, locale)
        return local.isoformat("T", "auto" if local.second or local.microsecond else "minutes")

    @staticmethod
    def _local(value: dt.datetime, locale: Locale) -> dt.datetime:
        try:
            return value.astimezone(locale.zone).replace(tzinfo=None)
        except OverflowError:
            return value.replace(tzinfo=None)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


@dataclasses.dataclass(frozen=True)
class TimeOfDay(FieldType):
    """A time of day to the second, of no particular day or zone."""

    name: ClassVar[str] = "time"
    widget: ClassVar[str] = "time"
    example: ClassVar[str] = "{type: time}"
    operators: ClassVar[tuple[str, ...]] = ("==", "<", "<=", ">", ">=")

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TIME)),)
    _TYPE: ClassVar[Type] = TIME

    def parse(self, value: object) -> dt.time | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse("not_time")
        return self._read(_TIME.fullmatch(value))

    def parse_text(self, text: str, locale: Locale) -> dt.time | None:
        text = text.strip()
        return self._read(_TYPED_TIME.fullmatch(text)) if text else None

    def _read(self, found: re.Match[str] | None) -> dt.time:
        if not found:
            self.refuse("invalid_time")
        return dt.time(int(found[1]), int(found[2]), int(found[3] or 0))

    def dump(self, value: dt.time) -> str:
        return value.isoformat("auto" if value.second else "minutes")

    def unarchive(self, value: Any) -> dt.time | None:
        return self.parse(value)

    def text(self, value: dt.time, locale: Locale) -> str:
        return self.dump(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}
