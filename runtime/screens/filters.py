"""Quick filters and search: what a person picks above a list, as expressions of the language."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from engine.expressions import Node, refs
from engine.fields.base import Locale, StorageKind
from engine.fields.choice import Choice, ChoiceList
from engine.model import Field, Model, Object
from runtime.records.scope import ReaderScope
from runtime.screens.words import Say

__all__ = ["ClinicFilter", "DateFilter", "OptionFilter", "PersonFilter", "QuickFilter", "quick_filter", "search_expression", "search_paths"]

_DIGITS = re.compile(r"\+?[\d\s()-]{3,}")
MAX_SEARCH = 60
ME = "me"


def text_literal(text: str) -> str:
    """A text between quotation marks, as the expression language reads it; line breaks and control characters by number."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else " " for c in text) + '"'


@dataclasses.dataclass(frozen=True, slots=True)
class OptionFilter:
    """One of a fixed set of answers: option value → expression."""

    name: str
    options: tuple[tuple[str, str], ...]
    """(value in the address, label)."""
    expressions: Mapping[str, str]

    def expression(self, value: str, today: date) -> str:
        """The expression of an answer, '' for one that is not offered."""
        return self.expressions.get(value, "")


@dataclasses.dataclass(frozen=True, slots=True)
class DateFilter:
    """Dates near today; `zone` is given for instants, whose days are the clinic's."""

    name: str
    options: tuple[tuple[str, str], ...]
    locale: Locale
    instant: bool

    def expression(self, value: str, today: date) -> str:
        """The expression of a period, '' for one that is not offered."""
        periods: Mapping[str, tuple[date | None, date | None]] = {
            "past": (None, today), "today": (today, today + timedelta(1)), "week": (today, today + timedelta(7)),
            "month": (today, today + timedelta(30)), "before": (today - timedelta(30), today),
        }
        if value not in periods:
            return ""
        since, until = periods[value]
        parts = [f"{self.name} >= {self._at(since)}"] if since else []
        return " && ".join([*parts, *([f"{self.name} < {self._at(until)}"] if until else [])])

    def _at(self, day: date) -> str:
        if not self.instant:
            return f'date("{day.isoformat()}")'
        return f'timestamp("{datetime.combine(day, time(), self.locale.zone).isoformat()}")'


@dataclasses.dataclass(frozen=True, slots=True)
class PersonFilter:
    """A link to records that are about nobody (people of the clinic, teams, clinics): its options are looked up per person."""

    name: str
    to: str
    account: bool

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return ()

    def expression(self, value: str, today: date) -> str:
        """The expression of a record's id, or of `me`."""
        if value == ME and self.account:
            return f"{self.name} == user.id"
        return f"{self.name} == {text_literal(value)}" if re.fullmatch("[0-9a-f]{32}", value) else ""


@dataclasses.dataclass(frozen=True, slots=True)
class ClinicFilter:
    """The clinic that a row belongs to; offered to people who work in more than one."""

    name: str = "clinic_id"

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return ()

    def expression(self, value: str, today: date) -> str:
        """The expression of a clinic's id."""
        return f"{self.name} == {text_literal(value)}" if re.fullmatch("[0-9a-f]{32}", value) else ""


QuickFilter = OptionFilter | DateFilter | PersonFilter | ClinicFilter


def quick_filter(field: Field, model: Model, locale: Locale, _: Say) -> QuickFilter | None:
    """The filter that a field offers above a list; None for types whose values are searched, not picked."""
    kind = field.type
    if isinstance(kind, Choice | ChoiceList):
        options = tuple((o.name, o.label(locale.language)) for o in kind.choices.current)
        form = "{1} in {0}" if isinstance(kind, ChoiceList) else "{0} == {1}"
        return OptionFilter(field.name, options, {name: form.format(field.name, text_literal(name)) for name, _label in options})
    if kind.link_to:
        target = model.objects[kind.link_to]
        return None if target.subject else PersonFilter(field.name, target.name, target.account)
    make = _BY_STORAGE.get(kind.columns[0].storage.kind)
    return make(field, locale, _) if make else None


def _yes_no(field: Field, locale: Locale, _: Say) -> QuickFilter:
    options = (("yes", _("Yes")), ("no", _("No")))
    return OptionFilter(field.name, options, {"yes": f"{field.name} == true", "no": f"{field.name} == false"})


def _dates(field: Field, locale: Locale, _: Say) -> QuickFilter:
    options = (
        ("past", _("Before today")), ("today", _("Today")), ("week", _("Next 7 days")), ("month", _("Next 30 days")),
        ("before", _("Last 30 days")),
    )
    return DateFilter(field.name, options, locale, field.type.columns[0].storage.kind is StorageKind.INSTANT)


_BY_STORAGE: Mapping[StorageKind, Callable[[Field, Locale, Say], QuickFilter]] = {
    StorageKind.BOOLEAN: _yes_no, StorageKind.DATE: _dates, StorageKind.INSTANT: _dates,
}


def search_paths(object: Object, scope: ReaderScope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths that a search looks at, as far as the reader may use them: texts of the title and numbers; and phones."""
    paths = {path for part in object.title.parts if isinstance(part, Node) for path in refs(part)}
    paths |= {(field.name,) for field in object.fields.values() if field.type.name == "sequence"}
    texts = [path for path in sorted(paths) if _is_text(scope.field(path))]
    phones = [field.name for field in object.fields.values() if field.type.name == "phone" and scope.field((field.name,))]
    return tuple(".".join(path) for path in texts), tuple(phones)


def _is_text(field: Field | None) -> bool:
    return field is not None and field.stored and field.type.columns[0].storage.kind is StorageKind.TEXT


def search_expression(text: str, texts: Sequence[str], phones: Sequence[str]) -> str:
    """Rows whose searched texts have the words somewhere; figures are looked for in phones too. '' for nothing to look for."""
    text = text.strip()[:MAX_SEARCH]
    if not text:
        return ""
    literal = text_literal(text.lower() if text.isascii() else text)
    found = [f"lower({path}).contains({literal})" for path in texts]
    if _DIGITS.fullmatch(text):
        found += [f"{path}.contains({literal})" for path in phones]
    return "(" + " || ".join(found) + ")" if found else ""
