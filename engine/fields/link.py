"""A link to another record."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from engine.expressions.types import RecordOf, Type
from engine.fields.base import BadSetting, ColumnSpec, FieldType, Links, Locale, Storage, StorageKind
from engine.problems import suggest

__all__ = ["RECORD_ID", "Link"]

RECORD_ID = re.compile(r"[0-9a-f]{32}")
"""The form of every record's id: a UUID's 32 hex digits in lower case."""


@dataclasses.dataclass(frozen=True)
class Link(FieldType):
    """The id of a record of one object; `on_delete` says what happens when that record is deleted."""

    name: ClassVar[str] = "link"
    settings: ClassVar[Mapping[str, Any]] = {
        "to": {"$ref": "#/$defs/reference", "description": "The object it points to."},
        "on_delete": {"enum": ["restrict", "clear", "cascade"], "default": "restrict",
                      "description": "When its record is deleted: refuse, empty this field, delete this row too."},
        "inverse": {"$ref": "#/$defs/name", "description": "What the records pointing here are called on the object that it points to."},
    }
    needs: ClassVar[tuple[str, ...]] = ("to",)
    widget: ClassVar[str] = "link"
    example: ClassVar[str] = "{type: link, to: staff, on_delete: clear}"
    sortable: ClassVar[bool] = False

    to: str
    """The target object's current name."""
    on_delete: str = "restrict"
    inverse: str = ""
    """The name of the rows that point to a record, on the object it is of; "" for none."""

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.ID)),)

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        target = links.object(settings["to"])
        if target is None:
            hint = suggest(settings["to"], links.known("object"))
            raise BadSetting("to", f"there is no object '{settings['to']}'.{hint}", "name an object of these packs")
        return cls(target, settings.get("on_delete", "restrict"), settings.get("inverse", ""))

    @property
    def link_to(self) -> str:
        return self.to

    @property
    def expression_type(self) -> Type:
        return RecordOf(self.to)

    def parse(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not RECORD_ID.fullmatch(value):
            self.refuse("invalid_link")
        return value

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return self.parse(text.strip())

    def dump(self, value: str) -> str:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": f"The id of a record of {self.to}."}
