"""What a field type is: one frozen object that knows its storage, its values, its texts and its place on screens."""

from __future__ import annotations

import abc
import dataclasses
import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

if TYPE_CHECKING:
    from engine.expressions.types import Type

__all__ = ["ColumnSpec", "FieldType", "Invalid", "Storage", "StorageKind", "Warned"]


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


class Invalid(ValueError):
    """A value that is refused; `code` is stable (`invalid_date`), `words` fill the message of the interface language."""

    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


@dataclasses.dataclass(frozen=True, slots=True)
class Warned:
    """A warning beside an accepted value, e.g. a phone number that is not valid for its country."""

    code: str
    words: Mapping[str, object] = dataclasses.field(default_factory=dict)


class FieldType(abc.ABC):
    """A field type with its settings. Subclasses are frozen dataclasses registered by `name`.

    In-memory values: text str · integer int · decimal Decimal · boolean bool · date date · datetime aware UTC datetime ·
    time time · choice and state the STORED name · choices a tuple of stored names · link the record id (32 hex) ·
    attachment its id (32 hex). Missing is None everywhere: empty text and empty lists become None in `parse`.
    """

    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]]
    """JSON Schema of each key of its own (beside label, help, required …), for the kind's published schema."""
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

    @property
    def link_to(self) -> str:
        """The name of the object a link points to, '' for other types."""
        return ""

    @property
    @abc.abstractmethod
    def columns(self) -> tuple[ColumnSpec, ...]:
        """The columns of a field of this type, the value's own first."""

    @property
    @abc.abstractmethod
    def expression_type(self) -> Type:
        """Its type in expressions."""

    @abc.abstractmethod
    def parse(self, value: object) -> object:
        """The in-memory value of a JSON value (strict: no 1.9 as an integer, no NUL). Raises Invalid."""

    @abc.abstractmethod
    def parse_text(self, text: str) -> object:
        """The in-memory value of what a person typed or a CSV cell holds; empty is None. Raises Invalid."""

    @abc.abstractmethod
    def dump(self, value: Any) -> object:
        """The JSON form of a value that is not None (links and attachments: the id; the serializer adds titles)."""

    def text(self, value: Any, language: str) -> str:
        """What a person reads in lists, records, history and CSV."""
        return str(value)

    def input_text(self, value: Any) -> str:
        """What stands in an input so that `parse_text` gives the value back."""
        return "" if value is None else str(self.dump(value))

    def companions(self, value: Any, country: str) -> tuple[object, ...]:
        """The values of the companion columns, in the order of `columns[1:]`."""
        return ()

    def warnings(self, value: Any, country: str) -> tuple[Warned, ...]:
        """Doubts that do not refuse the value."""
        return ()

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
