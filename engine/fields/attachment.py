"""A file kept with a record."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from engine.expressions.types import TEXT, Type
from engine.fields.base import ColumnSpec, FieldType, Links, Locale, Storage, StorageKind
from engine.fields.link import RECORD_ID

__all__ = ["Attachment"]


@dataclasses.dataclass(frozen=True)
class Attachment(FieldType):
    """The id of an uploaded file of at most `max_size` bytes, of one of the media types `accept` (any when empty)."""

    name: ClassVar[str] = "attachment"
    settings: ClassVar[Mapping[str, Any]] = {
        "max_size": {"type": "integer", "minimum": 1, "maximum": 100_000_000, "default": 20_000_000,
                     "description": "The most bytes a file may have."},
        "accept": {"type": "array", "minItems": 1, "uniqueItems": True,
                   "items": {"type": "string", "pattern": r"^[a-z]+/(\*|[a-z0-9][a-z0-9.+-]*)$"},
                   "description": "Media types it takes, such as image/png or image/*; any when left out."},
    }
    widget: ClassVar[str] = "attachment"
    example: ClassVar[str] = "{type: attachment, max_size: 5000000, accept: [image/png, image/jpeg]}"
    operators: ClassVar[tuple[str, ...]] = ()
    sortable: ClassVar[bool] = False

    max_size: int = 20_000_000
    accept: tuple[str, ...] = ()

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.ID)),)
    _TYPE: ClassVar[Type] = TEXT

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        return cls(settings.get("max_size", 20_000_000), tuple(settings.get("accept", ())))

    def accepts(self, media_type: str) -> bool:
        """Whether a file of this media type may be kept here."""
        family = media_type.partition("/")[0]
        return not self.accept or media_type in self.accept or f"{family}/*" in self.accept

    def parse(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not RECORD_ID.fullmatch(value):
            self.refuse("invalid_attachment")
        return value

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return self.parse(text.strip())

    def dump(self, value: str) -> str:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "The id of an uploaded file."}
