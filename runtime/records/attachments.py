"""Uploaded files: kept as chunks in the database, a record's own once a command names them, gone after a day when none does.

The media type is what the bytes say, never what the sender claims, and never one that a browser would run.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO

import sqlalchemy as sa

from runtime.records.media import media_type
from runtime.records.rows import FileRef
from runtime.store import system
from runtime.store.database import Store

__all__ = ["CHUNK_BYTES", "TooLarge", "read_chunks", "remove_unlinked", "store_upload"]

CHUNK_BYTES = 256 * 1024
UNLINKED_LIFE = timedelta(days=1)
NAME_LENGTH = 200

_file, _chunk = system.attachment, system.attachment_chunk


class TooLarge(Exception):
    """The file has more bytes than any field takes; nothing was kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Taken:
    size: int
    sha256: str
    head: bytes


def store_upload(
    store: Store, name: str, stream: IO[bytes], *, owner: str, limit: int, now: datetime, new_id: Callable[[], str],
) -> FileRef:
    """Keep a file that belongs to no record yet; only its owner can put it into one. Raises TooLarge."""
    id, name = new_id(), safe_name(name)
    with store.write() as connection:
        row = {"id": id, "name": name, "media_type": "", "size": 0, "sha256": "", "created_at": now, "created_by": owner}
        connection.execute(_file.insert().values(row))
        taken = _take(connection, id, stream, limit)
        kind = media_type(taken.head, name)
        known = _file.update().where(_file.c.id == id).values(media_type=kind, size=taken.size, sha256=taken.sha256)
        connection.execute(known)
    return FileRef(id, name, taken.size, kind)


def _take(connection: sa.Connection, id: str, stream: IO[bytes], limit: int) -> _Taken:
    digest, size, head, place = hashlib.sha256(), 0, b"", 0
    while part := stream.read(CHUNK_BYTES):
        size += len(part)
        if size > limit:
            raise TooLarge
        head = head or part
        digest.update(part)
        connection.execute(_chunk.insert().values(attachment_id=id, n=place, bytes=part))
        place += 1
    return _Taken(size, digest.hexdigest(), head)


def read_chunks(store: Store, id: str) -> Iterator[bytes]:
    """The bytes of a file, chunk by chunk; a chunk is read when it is asked for. Access is the caller's to have checked."""
    place = 0
    statement = sa.select(_chunk.c.bytes).where(_chunk.c.attachment_id == id, _chunk.c.n == sa.bindparam("place"))
    while True:
        with store.read() as connection:
            part = connection.scalar(statement, {"place": place})
        if part is None:
            return
        yield bytes(part)
        place += 1


def remove_unlinked(store: Store, now: datetime, *, most: int = 20) -> int:
    """Drop some files that were uploaded more than a day ago and never saved with a record; returns how many."""
    old = sa.and_(_file.c.record_id.is_(None), _file.c.created_at < now - UNLINKED_LIFE)
    with store.read() as connection:
        ids = list(connection.scalars(sa.select(_file.c.id).where(old).limit(most)))
    if ids:
        with store.write() as connection:
            connection.execute(_chunk.delete().where(_chunk.c.attachment_id.in_(ids)))
            connection.execute(_file.delete().where(_file.c.id.in_(ids), old))
    return len(ids)


def safe_name(name: str) -> str:
    """A file's name without folders, control and direction characters, as long as a name may be."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in plain if c.isprintable()).strip(" .")
    if len(kept) > NAME_LENGTH:
        stem, point, ending = kept.rpartition(".")
        kept = f"{stem[: NAME_LENGTH - 20]}.{ending[:19]}" if point else kept[:NAME_LENGTH]
    return kept or "file"
