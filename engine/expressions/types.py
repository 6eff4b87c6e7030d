"""The types of values in expressions, and which two of them meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.expressions.limits import MAX_PLACES, MAX_TEXT

__all__ = [
    "BOOL", "CALENDAR", "DATE", "DAYS", "DECIMAL", "DURATION", "DecimalOf", "DurationOf", "FLOAT", "HOURS", "IdOf", "INSTANT", "INT", "ListOf",
    "MONTHS", "MapOf", "NULL", "OptionOf", "RecordOf", "RowsOf", "Scalar", "TEXT", "TIME", "Type", "UserOf", "WORKDAYS", "is_exact",
    "is_number", "meet",
]


class Type:
    """A type; `words` name it in messages, `ordered` says whether `<` compares its values."""

    __slots__ = ()
    ordered: bool = False

    @property
    def words(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Scalar(Type):
    """A type without settings. `longest` bounds the characters of a text where it stands for a field; it makes no other type."""

    name: str
    ordered: bool = True
    longest: int = field(default=MAX_TEXT, compare=False)

    @property
    def words(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


BOOL = Scalar("boolean")
INT = Scalar("integer")
FLOAT = Scalar("float")
TEXT = Scalar("text")
DATE = Scalar("date")
INSTANT = Scalar("instant")
TIME = Scalar("time")
CALENDAR = Scalar("calendar", ordered=False)
NULL = Scalar("null", ordered=False)


@dataclass(frozen=True, slots=True)
class DecimalOf(Type):
    """An exact number with at most `places` digits after the point (0 to 10)."""

    places: int
    ordered = True

    @property
    def words(self) -> str:
        return "decimal"

    def __str__(self) -> str:
        return "decimal"


DECIMAL = DecimalOf


@dataclass(frozen=True, slots=True)
class DurationOf(Type):
    """A span of time. Days fit dates and instants, months and workdays only dates, hours only instants.

    Values are `timedelta` for hours and days, `Months` for months and `Workdays` for workdays; in SQL they are whole
    numbers of microseconds (hours), days, months and workdays.
    """

    unit: str
    ordered = True

    @property
    def words(self) -> str:
        return f"duration in {self.unit}"


HOURS = DurationOf("hours")
DAYS = DurationOf("days")
MONTHS = DurationOf("months")
WORKDAYS = DurationOf("workdays")
DURATION = DurationOf("any unit")


@dataclass(frozen=True, slots=True)
class ListOf(Type):
    """A list of values of one type; an empty list is stored as null."""

    item: Type

    @property
    def words(self) -> str:
        return f"list of {self.item.words}"


@dataclass(frozen=True, slots=True)
class OptionOf(Type):
    """An option of a choice set or a state of a workflow. Values are stored names.

    `names` gives for each current name the stored one, `former` for each former name the current one.
    """

    choice_id: str
    names: Mapping[str, str] = field(compare=False)
    former: Mapping[str, str] = field(compare=False, default_factory=dict)

    @property
    def words(self) -> str:
        return f"option of {self.choice_id}"


@dataclass(frozen=True, slots=True)
class RecordOf(Type):
    """A link to a record of an object. Values are record ids, 32 hex digits."""

    object: str

    @property
    def words(self) -> str:
        return f"link to {self.object}"


@dataclass(frozen=True, slots=True)
class IdOf(RecordOf):
    """The id of a record that the runtime keeps on a row (`id`, `created_by`, `clinic_id`): compares like a link, leads nowhere."""


@dataclass(frozen=True, slots=True)
class UserOf(RecordOf):
    """The root `user`: a record of the account object that has `clinics`, `teams` and `roles` besides its fields."""


@dataclass(frozen=True, slots=True)
class MapOf(Type):
    """Values of one type by keys of another."""

    key: Type
    value: Type

    @property
    def words(self) -> str:
        return f"map of {self.key.words} to {self.value.words}"


@dataclass(frozen=True, slots=True)
class RowsOf(Type):
    """The records of `object` whose link `via` points to the record that the path has come to. Only macros and `size` read them."""

    object: str
    via: str

    @property
    def words(self) -> str:
        return f"rows of {self.object}"


def is_exact(kind: Type) -> bool:
    """Whether the type is an integer or a decimal."""
    return kind == INT or isinstance(kind, DecimalOf)


def is_number(kind: Type) -> bool:
    return kind == FLOAT or is_exact(kind)


def places(kind: Type) -> int:
    """Digits after the point: 0 for an integer."""
    return kind.places if isinstance(kind, DecimalOf) else 0


def meet(one: Type, two: Type) -> Type | None:
    """The type that values of both have when they are compared or stand for one another; None when there is none."""
    if one == two or two == NULL:
        return one
    if one == NULL:
        return two
    if is_number(one) and is_number(two):
        return FLOAT if FLOAT in (one, two) else DecimalOf(min(MAX_PLACES, max(places(one), places(two))))
    if isinstance(one, DurationOf) and isinstance(two, DurationOf):
        return HOURS if {one.unit, two.unit} == {"hours", "days"} else None
    if isinstance(one, ListOf) and isinstance(two, ListOf):
        item = meet(one.item, two.item)
        return None if item is None else ListOf(item)
    if isinstance(one, MapOf) and isinstance(two, MapOf):
        key, value = meet(one.key, two.key), meet(one.value, two.value)
        return None if key is None or value is None else MapOf(key, value)
    if isinstance(one, RecordOf) and isinstance(two, RecordOf) and one.object == two.object:
        return RecordOf(one.object)
    return None
