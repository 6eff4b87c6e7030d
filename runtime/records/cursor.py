"""Cursors of keyset paging: opaque, signed, and bound to the list and the person they were made for."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import decimal
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

import orjson

__all__ = ["BadCursor", "Cursor", "open_cursor", "seal_cursor"]

_TAG_BYTES = 16


class BadCursor(ValueError):
    """The cursor was not made here, for this list or for this person."""


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the sort values of the row at the edge, its id last, and the way to go from it."""

    values: tuple[object, ...]
    backwards: bool = False


def seal_cursor(cursor: Cursor, binding: Sequence[str], key: bytes) -> str:
    """The text that a page hands out. `binding` names the list: object, sort, filter, user."""
    body = orjson.dumps([int(cursor.backwards), *(_pack(value) for value in cursor.values)])
    return base64.urlsafe_b64encode(_tag(body, binding, key) + body).rstrip(b"=").decode("ascii")


def open_cursor(text: str, binding: Sequence[str], key: bytes) -> Cursor:
    """The cursor of a text from `seal_cursor` with the same binding and key. Raises BadCursor."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursor("not a cursor") from error
    tag, body = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(body, binding, key)):
        raise BadCursor("the cursor belongs to another list, filter, sort or user")
    backwards, *values = orjson.loads(body)
    return Cursor(tuple(_unpack(value) for value in values), bool(backwards))


def _tag(body: bytes, binding: Sequence[str], key: bytes) -> bytes:
    return hmac.digest(key, orjson.dumps(["cursor", *binding]) + b"\0" + body, hashlib.sha256)[:_TAG_BYTES]


# Exactness matters more than beauty here: a value that loses a digit makes a page skip or repeat rows.
_PACKERS: Mapping[type, Callable[[object], object]] = {
    decimal.Decimal: lambda value: ["decimal", str(value)],
    datetime.datetime: lambda value: ["instant", value.isoformat()],  # type: ignore[attr-defined]
    datetime.date: lambda value: ["date", value.isoformat()],  # type: ignore[attr-defined]
    datetime.time: lambda value: ["time", value.isoformat()],  # type: ignore[attr-defined]
}
_UNPACKERS: Mapping[str, Callable[[str], object]] = {
    "decimal": decimal.Decimal,
    "instant": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
}


def _pack(value: object) -> object:
    packer = _PACKERS.get(type(value))
    return packer(value) if packer else value


def _unpack(value: object) -> object:
    if isinstance(value, list):
        return _UNPACKERS[value[0]](value[1])
    return value
