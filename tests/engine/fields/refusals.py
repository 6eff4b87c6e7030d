"""How tests ask what a type makes of a value: the value, or the code of its refusal."""

from typing import Any

from engine.fields.base import FieldType, Invalid, Locale

SHANGHAI = Locale("Asia/Shanghai", "CN", "zh")
ENGLISH = Locale("Asia/Shanghai", "CN", "en")


def read(kind: FieldType, value: object) -> Any:
    """What `parse` gives, or the code it refuses with."""
    try:
        return kind.parse(value)
    except Invalid as refused:
        return refused.code


def typed(kind: FieldType, text: str, locale: Locale = SHANGHAI) -> Any:
    """What `parse_text` gives, or the code it refuses with."""
    try:
        return kind.parse_text(text, locale)
    except Invalid as refused:
        return refused.code
