"""Passwords: argon2id, and two profiles of what may be one, because the norms contradict each other.

`asvs` (OWASP ASVS 5.0, 6.2): at least 12 characters, nothing common, no rules about kinds of characters, no expiry.
`dengbao` (GB/T 22239-2019, 8.1.4.1 a): besides, three kinds of characters and a new one every 90 days.
"""

from __future__ import annotations

import base64
import datetime
import enum
import secrets
import unicodedata
from collections.abc import Sequence

import argon2

from runtime.identity.common import is_common

__all__ = ["MAXIMUM", "MINIMUM", "Passwords", "Profile"]

MINIMUM = 12
MAXIMUM = 256
"""Longer ones would let a stranger buy our time with his text."""
_DENGBAO_DAYS = 90


class Profile(enum.Enum):
    """Which norm decides; `CAREWORK_PASSWORD_PROFILE`."""

    ASVS = "asvs"
    DENGBAO = "dengbao"


class Passwords:
    """Checks, hashes and verifies. `hasher` is the argon2id of the library's defaults (RFC 9106, second choice) unless given."""

    def __init__(self, profile: Profile = Profile.ASVS, hasher: argon2.PasswordHasher | None = None) -> None:
        self.profile = profile
        self._hasher = hasher or argon2.PasswordHasher()
        self._nobody = _unanswerable(self._hasher)

    def problems(self, password: str, about: Sequence[str] = ()) -> tuple[str, ...]:
        """Codes of everything wrong with a new password; `about` are texts of the person (login, name) that it must not contain."""
        text = _normal(password)
        found = []
        if len(text) < MINIMUM:
            found.append("password_short")
        if len(text) > MAXIMUM:
            found.append("password_long")
        if is_common(text):
            found.append("password_common")
        if any(len(own) >= 4 and own.casefold() in text.casefold() for own in about):
            found.append("password_personal")
        if self.profile is Profile.DENGBAO and _kinds(text) < 3:
            found.append("password_kinds")
        return tuple(found)

    def expired(self, set_at: datetime.datetime | None, now: datetime.datetime) -> bool:
        """Whether the person must choose a new one before going on."""
        if self.profile is Profile.ASVS or set_at is None:
            return False
        return now - set_at > datetime.timedelta(days=_DENGBAO_DAYS)

    def hash(self, password: str) -> str:
        """What is stored."""
        return self._hasher.hash(_normal(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; costs the same time for somebody without one. Too long a text is false at once."""
        if len(password) > MAXIMUM:
            return False
        try:
            right = self._hasher.verify(stored or self._nobody, _normal(password))
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether it was hashed with other costs than today's."""
        return self._hasher.check_needs_rehash(stored)


def _unanswerable(hasher: argon2.PasswordHasher) -> str:
    """What a hash of the hasher looks like, of no password that anybody knows. Drawn and not hashed, which would cost each start of a
    process as much as a sign-in."""
    salt, digest = (base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode() for length in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={argon2.low_level.ARGON2_VERSION}${costs}${salt}${digest}"


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _kinds(text: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(character) for character in text) for test in tests)
