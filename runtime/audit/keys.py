"""The secrets of an installation: one master key in a file of its own, from which each purpose derives its key."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import os
import secrets
from pathlib import Path

__all__ = ["BadKeys", "Keys"]

_HEADER = "carework-keys 1"


class BadKeys(Exception):
    """The key file cannot be used; the text says why and what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """The master key, 32 bytes. Losing it makes cursors and sessions void and keyed hashes unverifiable, never records unreadable."""

    master: bytes = dataclasses.field(repr=False)
    _derived: dict[str, bytes] = dataclasses.field(default_factory=dict, init=False, repr=False, compare=False)

    def derive(self, purpose: str) -> bytes:
        """The 32-byte key of a purpose such as `cursor`, `audit`, `csrf`."""
        found = self._derived.get(purpose)
        if found is None:
            found = self._derived[purpose] = hmac.digest(self.master, b"carework/" + purpose.encode(), hashlib.sha256)
        return found

    @classmethod
    def load_or_make(cls, path: Path) -> Keys:
        """The keys of a file, which is made when it is not there. Raises BadKeys."""
        try:
            return cls.load(path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        text = f"{_HEADER}\n{base64.b64encode(secrets.token_bytes(32)).decode()}\n"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            pass  # another process was first
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Keys:
        """The keys of a file. Raises FileNotFoundError, or BadKeys for a file that others may read or that is damaged."""
        text = path.read_text(encoding="ascii", errors="replace")
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise BadKeys(f"{path} can be read by others; run: chmod 600 {path}")
        header, _, body = text.partition("\n")
        try:
            master = base64.b64decode(body.strip(), validate=True)
        except binascii.Error:
            master = b""
        if header != _HEADER or len(master) != 32:
            raise BadKeys(f"{path} is not a key file of Carework; restore it from your safe copy")
        return cls(master)
