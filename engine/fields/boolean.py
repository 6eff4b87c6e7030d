"""Yes and no."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from engine.expressions.types import BOOL, Type
from engine.fields.base import ColumnSpec, FieldType, Locale, Storage, StorageKind

__all__ = ["Boolean"]

_TYPED = {"yes": True, "true": True, "1": True, "是": True, "no": False, "false": False, "0": False, "否": False}
_TEXTS = {"zh": ("否", "是"), "en": ("No", "Yes")}


@dataclasses.dataclass(frozen=True)
class Boolean(FieldType):
    """True or false; nothing given is neither."""

    name: ClassVar[str] = "boolean"
    widget: ClassVar[str] = "boolean"
    example: ClassVar[str] = "{type: boolean}"
    operators: ClassVar[tuple[str, ...]] = ("==",)

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.BOOLEAN)),)
    _TYPE: ClassVar[Type] = BOOL

    def parse(self, value: object) -> bool | None:
        if value is None or value is True or value is False:
            return value
        self.refuse("not_boolean")

    def parse_text(self, text: str, locale: Locale) -> bool | None:
        text = text.strip().lower()
        if not text:
            return None
        if text not in _TYPED:
            self.refuse("invalid_boolean")
        return _TYPED[text]

    def dump(self, value: bool) -> bool:
        return value

    def text(self, value: bool, locale: Locale) -> str:
        return _TEXTS.get(locale.language, _TEXTS["en"])[value]

    def input_text(self, value: bool | None, locale: Locale) -> str:
        return "" if value is None else "true" if value else "false"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}
