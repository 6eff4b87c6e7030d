"""How to reach a person: phone numbers and e-mail addresses."""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from typing import Any, ClassVar

import phonenumbers

from engine.expressions.types import TEXT, Type
from engine.fields.base import ColumnSpec, FieldType, Locale, Storage, StorageKind, Warned
from engine.fields.text import clean

__all__ = ["Email", "Phone", "e164"]

_PHONE_MAX = 60
_NOT_A_DIGIT = re.compile(r"\D", re.ASCII)
_EMAIL_MAX = 254
# RFC 5321 dot-atoms and DNS names, letters of any script (RFC 6531); no quoting, comments or address literals: in a
# clinic an address that needs those is a typing error, and a comma or a space would split a header.
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})+)")


@functools.lru_cache(maxsize=4096)  # asked twice for each number: for the warning and for the companion
def e164(number: str, country: str) -> str | None:
    """The number as `+8613812345678` when it is valid for the country (ISO 3166 alpha-2), else None."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@dataclasses.dataclass(frozen=True)
class Phone(FieldType):
    """A phone number kept as typed, with its E.164 form beside it when it is valid for the country."""

    name: ClassVar[str] = "phone"
    widget: ClassVar[str] = "phone"
    example: ClassVar[str] = "{type: phone}"
    personal: ClassVar[bool] = True
    searchable: ClassVar[bool] = True
    searched: ClassVar[bool] = True

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (
        ColumnSpec("", Storage(StorageKind.TEXT)), ColumnSpec("e164", Storage(StorageKind.TEXT)))
    _TYPE: ClassVar[Type] = TEXT

    def parse(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse("not_text")
        return clean(value, _PHONE_MAX)

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return clean(text, _PHONE_MAX)

    def dump(self, value: str) -> str:
        return value

    def companions(self, value: str | None, country: str) -> tuple[object, ...]:
        return (e164(value, country) if value else None,)

    def warnings(self, value: str | None, country: str) -> tuple[Warned, ...]:
        return (Warned("doubtful_phone", {"country": country}),) if value and e164(value, country) is None else ()

    def search_texts(self, value: str) -> tuple[str, ...]:
        return ("".join(character for character in unicodedata.normalize("NFKC", value) if character.isdigit()),)

    def mask(self, value: str) -> str:
        """`138****1234`: the first three and last four of at least eleven digits, of fewer only the last two."""
        digits = value if value.isascii() and value.isdigit() else _NOT_A_DIGIT.sub("", value)
        if len(digits) < 11:
            return "****" + (digits[-2:] if len(digits) > 5 else "")
        national = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
        return f"{national[:3]}****{national[-4:]}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": _PHONE_MAX}


@dataclasses.dataclass(frozen=True)
class Email(FieldType):
    """One e-mail address."""

    name: ClassVar[str] = "email"
    widget: ClassVar[str] = "email"
    example: ClassVar[str] = "{type: email}"
    personal: ClassVar[bool] = True
    searchable: ClassVar[bool] = True
    searched: ClassVar[bool] = True

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TEXT)),)
    _TYPE: ClassVar[Type] = TEXT

    def parse(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse("not_text")
        text = clean(value, _EMAIL_MAX)
        if text is None:
            return None
        found = _EMAIL.fullmatch(text)
        if not found or len(found[1].encode()) > 64:
            self.refuse("invalid_email")
        return text

    def parse_text(self, text: str, locale: Locale) -> str | None:
        return self.parse(text)

    def dump(self, value: str) -> str:
        return value

    def mask(self, value: str) -> str:
        """`a***@x.cn`: the first letter and the domain."""
        local, _, domain = value.partition("@")
        return f"{local[:1]}***@{domain}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "email", "maxLength": _EMAIL_MAX}
