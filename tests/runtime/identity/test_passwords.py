"""Passwords.

R1  argon2id hashes; the right password verifies, nothing else, and nobody's never does.
R2  `asvs`: 12 characters, no common pattern, nothing of the login; any characters, 64 and more allowed; no expiry.
R3  `dengbao`: besides three kinds of characters and 90 days.
"""

import datetime

import argon2
import pytest

from runtime.identity.common import is_common
from runtime.identity.passwords import MAXIMUM, Passwords, Profile

NOW = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


def test_only_the_right_password_verifies(quick_passwords: Passwords) -> None:
    """R1: argon2id, salted; composed and decomposed letters are one; a user without a password verifies nothing."""
    stored = quick_passwords.hash("café au lait, twice")
    assert stored.startswith("$argon2id$")
    assert stored != quick_passwords.hash("café au lait, twice")
    assert quick_passwords.verify(stored, "cafe\u0301 au lait, twice")
    assert not quick_passwords.verify(stored, "café au lait, twicE")
    assert not quick_passwords.verify(None, "the password of nobody")
    assert not quick_passwords.verify("not a hash", "anything at all")
    assert not quick_passwords.verify(stored, "x" * 1_000_000)


def test_nobody_costs_what_somebody_costs(quick_passwords: Passwords) -> None:
    """R1: who has no password is checked against a hash of the same costs, which is well-formed and of nothing that is known."""
    for passwords in (quick_passwords, Passwords()):
        hasher, nobody = passwords._hasher, passwords._nobody
        assert argon2.extract_parameters(nobody) == argon2.extract_parameters(hasher.hash("x"))
        with pytest.raises(argon2.exceptions.VerifyMismatchError):
            hasher.verify(nobody, "x")
        assert nobody != Passwords(hasher=hasher)._nobody


def test_default_costs_are_those_of_rfc_9106() -> None:
    """R1: 64 MiB, three passes; a hash with less is renewed at the next sign-in."""
    assert "m=65536,t=3," in Passwords().hash("four quiet horses")


@pytest.mark.parametrize(("password", "problems"), [
    ("four quiet horses", ()),
    ("四匹安静的马在草地上慢慢走", ()),
    ("x" + "correct horse battery staple " * 3, ()),
    ("short", ("password_short",)),
    ("elevenchars", ("password_short",)),
    ("a long one " * 100, ("password_long", "password_common")),
    ("Password1234", ("password_common",)),
    ("P@ssw0rd1234", ("password_common",)),
    ("123456789012", ("password_common",)),
    ("qwertyuiopas", ("password_common",)),
    ("aaaaaaaaaaaaaa", ("password_common",)),
    ("abcabcabcabc", ("password_common",)),
    ("woaini1314520", ("password_common",)),
    ("passwordpassword", ("password_common",)),
    ("anna.li is here", ("password_personal",)),
])
def test_asvs_profile(quick_passwords: Passwords, password: str, problems: tuple[str, ...]) -> None:
    """R2."""
    assert quick_passwords.problems(password, ("anna.li",)) == problems


def test_longest_password_fits() -> None:
    assert MAXIMUM >= 64


def test_profiles_differ(quick_passwords: Passwords) -> None:
    """R3, A-74: what one norm demands the other forbids to demand."""
    strict = Passwords(Profile.DENGBAO, quick_passwords._hasher)
    assert strict.problems("four quiet horses") == ("password_kinds",)
    assert strict.problems("Four quiet horses!") == ()
    late = NOW + datetime.timedelta(days=91)
    assert strict.expired(NOW, late) and not quick_passwords.expired(NOW, late)
    assert not strict.expired(NOW, NOW + datetime.timedelta(days=89))


def test_the_list_is_not_everything(quick_passwords: Passwords) -> None:
    """R2: ordinary long texts are not called common."""
    assert not any(map(is_common, ("four quiet horses", "Hexin-Dental-North-Gate", "tuesday rain on slate")))
