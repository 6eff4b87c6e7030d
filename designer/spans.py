"""Times of steps as people say them and as expressions: so many days after a date, again every so many months."""

from __future__ import annotations

import dataclasses
import re

from designer.words import words

__all__ = ["UNITS", "At", "Span", "at_of", "span_of", "span_said"]

UNITS = ("days", "weeks", "workdays", "months", "years", "hours")
"""Weeks are written as days."""
_DAYS = {"days": 1.0, "weeks": 7.0, "workdays": 1.4, "months": 30.44, "years": 365.25, "hours": 1 / 24}
_SPAN = r"(days|workdays|months|years|hours)\(\s*(\d{1,5})\s*\)"
_AT = re.compile(rf"([a-z_][a-z0-9_.]*)(?:\s*([+-])\s*{_SPAN})?")


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """So many of a unit."""

    number: int
    unit: str = "days"

    @property
    def text(self) -> str:
        return f"days({self.number * 7})" if self.unit == "weeks" else f"{self.unit}({self.number})"

    @property
    def days(self) -> float:
        """How long about, for drawing."""
        return self.number * _DAYS[self.unit]


@dataclasses.dataclass(frozen=True, slots=True)
class At:
    """A span after `base`, before it when its number is negative."""

    base: str
    span: Span = Span(0)

    @property
    def text(self) -> str:
        if not self.span.number:
            return self.base
        return f"{self.base} {'-' if self.span.number < 0 else '+'} {dataclasses.replace(self.span, number=abs(self.span.number)).text}"


def span_of(text: object) -> Span | None:
    """None for what is more than a number of a unit."""
    found = re.fullmatch(_SPAN, str(text).strip())
    return Span(int(found[2]), found[1]) if found else None


def at_of(text: object) -> At | None:
    """None for what is more than a date and a span."""
    found = _AT.fullmatch(str(text).strip())
    if found is None:
        return None
    base, sign, unit, number = found.groups()
    return At(base, Span(-int(number) if sign == "-" else int(number), unit) if unit else Span(0))


def span_said(span: Span, language: str) -> str:
    """In words, without its sign."""
    _, number = words(language), abs(span.number)
    one = {"days": _("1 day"), "weeks": _("1 week"), "workdays": _("1 working day"), "months": _("1 month"), "years": _("1 year"),
           "hours": _("1 hour")}
    many = {"days": _("%(n)s days"), "weeks": _("%(n)s weeks"), "workdays": _("%(n)s working days"), "months": _("%(n)s months"),
            "years": _("%(n)s years"), "hours": _("%(n)s hours")}
    return one[span.unit] if number == 1 else many[span.unit] % {"n": number}
