"""What a field type is: one frozen object that knows its storage, its values, its texts and its place on screens."""

from __future__ import annotations

import abc
import dataclasses
import enum
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, Self

if TYPE_CHECKING:
    from engine.expressions.types import Type
    from engine.model.field import Choices

__all__ = [
    "BadSetting", "ColumnSpec", "FieldType", "Invalid", "Links", "Locale", "Storage", "StorageKind", "Warned",
]


class StorageKind(enum.Enum):
    """How a column is kept; `engine.targets.types` turns a kind into a SQLAlchemy type for both databases."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    TIME = "time"
    TEXTS = "texts"
    ID = "id"


@dataclasses.dataclass(frozen=True, slots=True)
class Storage:
    """A kind with its scale: `places` decimal places for DECIMAL."""

    kind: StorageKind
    places: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of a field; `part` is '' for the value itself, else the name of a companion such as `e164`."""

    part: str
    storage: Storage


@dataclasses.dataclass(frozen=True, slots=True)
class Locale:
    """Where and for whom a text is read or written: the clinics' time zone, the country of phones, the language."""

    timezone: str = "Asia/Shanghai"
    country: str = "CN"
    language: str = "zh"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone (kept by zoneinfo's own cache)."""
        return zoneinfo.ZoneInfo(self.timezone)


class Invalid(ValueError):
    """A value that is refused; `code` is stable (`invalid_date`), `words` fill its text in `engine.fields.messages`."""

    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class BadSetting(ValueError):
    """A setting that a type cannot be built with; `key` is the setting's name, `why` and `fix` are English."""

    def __init__(self, key: str, why: str, fix: str) -> None:
        super().__init__(f"{key}: {why}; {fix}")
        self.key = key
        self.why = why
        self.fix = fix


@dataclasses.dataclass(frozen=True, slots=True)
class Warned:
    """A warning beside an accepted value, e.g. a phone number that is not valid for its country."""

    code: str
    words: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Links(Protocol):
    """What a type may ask of the definitions around one field while it is built; names are resolved by the compiler."""

    def choices(self, name: str) -> Choices | None:
        """The named choice set, None when there is none."""

    def own_choices(self) -> Choices | None:
        """The set made of the field's inline `options`, or of its workflow's states; None when it has neither."""

    def object(self, name: str) -> str | None:
        """The object's current name, None when there is none."""

    def known(self, kind: str) -> Iterable[str]:
        """Names of all elements of a kind (`choices`, `object`), for suggestions."""


class FieldType(abc.ABC):
    """A field type with its settings. Subclasses are frozen dataclasses, by `name` in `engine.fields.FIELD_TYPES`.

    In-memory values: text str · integer int · decimal Decimal · boolean bool · date date · datetime aware UTC
    datetime · time time · choice and state the STORED name · choices a tuple of stored names · link the record id
    (32 hex) · attachment its id (32 hex). Missing is None everywhere: empty text and empty lists become None in
    `parse`.
    """

    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    """JSON Schema of each key of its own (beside label, help, required …), for the kind's published schema."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Keys of `settings` that must be given."""
    widget: ClassVar[str]
    """The template in `runtime/screens/templates/fields/` that draws its input."""
    example: ClassVar[str]
    """A YAML line for the reference, compiled in tests, e.g. `{type: integer, min: 0, max: 10}`."""
    personal: ClassVar[bool] = False
    """Whether a field of this type is restricted unless the file says otherwise."""
    writable: ClassVar[bool] = True
    """Whether people and clients may set it (False for sequence and state)."""
    operators: ClassVar[tuple[str, ...]] = ("==", "!=")
    """Operators a quick filter offers, in the expression language's spelling, or a function's name."""
    sortable: ClassVar[bool] = True
    searchable: ClassVar[bool] = False
    """Whether the search box can look in fields of this type (see `search_texts`)."""
    searched: ClassVar[bool] = False
    """Whether it does unless the file says otherwise."""

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]]
    """For types whose columns do not depend on settings."""
    _TYPE: ClassVar[Type]
    """For types whose expression type does not depend on settings."""

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        """The type with the settings of one field: plain values of its own keys, checked against `settings` before.

        Raises BadSetting for what a schema cannot say (an unknown choice set, min above max).
        """
        return cls()

    @property
    def indexable(self) -> bool:
        """Whether its values always fit an index entry (2,704 bytes on PostgreSQL, with several columns in one)."""
        return self.columns[0].storage.kind is not StorageKind.TEXTS

    @property
    def link_to(self) -> str:
        """The name of the object a link points to, '' for other types."""
        return ""

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """The columns of a field of this type, the value's own first."""
        return self._COLUMNS

    @property
    def expression_type(self) -> Type:
        """Its type in expressions."""
        return self._TYPE

    @abc.abstractmethod
    def parse(self, value: object) -> object:
        """The in-memory value of a JSON value (strict: no 1.9 as an integer, no NUL), None of None. Raises Invalid."""

    @abc.abstractmethod
    def parse_text(self, text: str, locale: Locale) -> object:
        """The in-memory value of what a person typed or a CSV cell holds; empty is None. Raises Invalid."""

    @abc.abstractmethod
    def dump(self, value: Any) -> object:
        """The JSON form of a value that is not None (links and attachments: the id; the serializer adds titles)."""

    def archive(self, value: Any) -> object:
        """A JSON form that no later release changes (options by stored name), for history and deleted rows."""
        return None if value is None else self.dump(value)

    def unarchive(self, value: Any) -> object:
        """The in-memory value of what `archive` gave, whatever the settings allow by now."""
        return value

    def text(self, value: Any, locale: Locale) -> str:
        """What a person reads in lists, records, history and CSV; the value is not None."""
        return str(value)

    def input_text(self, value: Any, locale: Locale) -> str:
        """What stands in an input so that `parse_text` gives the value back; '' for None."""
        return "" if value is None else str(self.dump(value))

    def companions(self, value: Any, country: str) -> tuple[object, ...]:
        """The values of the companion columns, in the order of `columns[1:]`."""
        return ()

    def warnings(self, value: Any, country: str) -> tuple[Warned, ...]:
        """Doubts that do not refuse the value."""
        return ()

    def search_texts(self, value: Any) -> tuple[str, ...]:
        """What a value that is not None is found by."""
        return (str(value),)

    def mask(self, value: Any) -> str:
        """What somebody sees who may see only the mask; never longer than needed to recognise the value."""
        return "***"

    @abc.abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """The schema of the JSON form, for OpenAPI."""

    @staticmethod
    def refuse(code: str, **words: object) -> NoReturn:
        """Raise Invalid; reads well at the end of a check."""
        raise Invalid(code, **words)
