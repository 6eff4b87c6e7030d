"""Phones are kept as typed and doubted aloud; e-mail addresses have one plain form (semantics, Values)."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from engine.fields.contact import Email, Phone
from tests.engine.fields.refusals import read

PHONE, EMAIL = Phone(), Email()


@pytest.mark.parametrize(("number", "country", "e164"), [
    ("138 0013 8000", "CN", "+8613800138000"), ("+86 138-0013-8000", "US", "+8613800138000"), ("010-6554 1234", "CN", "+861065541234"),
    ("１３８００１３８０００", "CN", "+8613800138000"), ("555-0100", "CN", None), ("call me", "CN", None), ("13800138000", "US", None),
    ("010-65541234 ext. 12", "CN", None), ("1" * 60, "CN", None),
])
def test_phone_keeps_what_was_typed(number: str, country: str, e164: str | None) -> None:
    """E.164 stands beside a number that is valid for the country; another is kept with a warning, never refused."""
    assert read(PHONE, number) == number
    assert PHONE.companions(number, country) == (e164,)
    assert [w.code for w in PHONE.warnings(number, country)] == ([] if e164 else ["doubtful_phone"])
    assert PHONE.companions(None, country) == (None,) and PHONE.warnings(None, country) == ()


@pytest.mark.parametrize(("value", "code"), [
    ("1\x002", "control_character"), ("1" * 61, "too_long"), (13800138000, "not_text"), ("\ud800", "broken_character"),
])
def test_what_no_phone_may_hold(value: object, code: str) -> None:
    """Only what cannot be stored as text is refused."""
    assert read(PHONE, value) == code


@pytest.mark.parametrize(("number", "mask"), [
    ("13800138000", "138****8000"), ("+86 138 0013 8000", "138****8000"), ("138-0013-8000", "138****8000"), ("6554 1234", "****34"),
    ("12", "****"), ("call Anna", "****"), ("0106554123456", "010****3456"),
])
def test_phone_mask(number: str, mask: str) -> None:
    """Enough to recognise a number, never enough to call it."""
    assert PHONE.mask(number) == mask


@pytest.mark.parametrize("address", [
    "li@x.cn", "a.b+c@example.co.uk", "张三@例子.中国", "o'neil@x.ie", "x@sub.sub.example.com", "a_b-c@x1.org",
])
def test_addresses(address: str) -> None:
    """What people have, in any script."""
    assert read(EMAIL, f" {address} ") == address


@pytest.mark.parametrize("address", [
    "li", "li@", "@x.cn", "li@x", "li@@x.cn", "li@x..cn", ".li@x.cn", "li.@x.cn", "a b@x.cn", "a@x.cn,b@x.cn",
    "a@x.cn;b@x.cn", '"a b"@x.cn',
    "a@[1.2.3.4]", "a@-x.cn", "a@x-.cn", "a@x_y.cn.", "Li <li@x.cn>", "a(b)@x.cn", f"{'a' * 65}@x.cn", "a@x.cn\u3000b", "a\u200b@x .cn",
])
def test_no_addresses(address: str) -> None:
    """No lists, names, comments, quotes or address literals: they would split or forge a mail header."""
    assert read(EMAIL, address) == "invalid_email"


@pytest.mark.parametrize("text", ["a@x.cn\r\nBcc: b@y.cn", "a@x.cn\nb", "a\x00@x.cn"])
def test_header_injection_is_refused(text: str) -> None:
    """Line ends and NUL never pass (threats A-45)."""
    assert read(EMAIL, text) == "control_character"


def test_email_mask() -> None:
    """The first letter and the domain."""
    assert EMAIL.mask("anna@x.cn") == "a***@x.cn"


@pytest.mark.corpus
def test_address_corpora_never_fail(shared_data: Path) -> None:
    """Addresses that the suites call wrong are refused, none raises anything else; theirs that clinics have are taken."""
    groups = json.loads((shared_data / "bad_input/formats/email.json").read_text())
    for case in (case for group in groups for case in group["tests"] if isinstance(case["data"], str)):
        assert case["valid"] or read(EMAIL, case["data"]) == "invalid_email"
    tests = ElementTree.parse(shared_data / "bad_input/email/tests.xml").getroot().iter("test")
    for test in tests:
        # The suite writes controls as their pictures; those at the ends are trimmed before an address is looked at.
        shown = test.findtext("address") or ""
        address = "".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) < 0x2420 else c for c in shown)
        found = read(EMAIL, address)
        if test.findtext("category") == "ISEMAIL_ERR" and address == address.strip():
            assert found in (None, "invalid_email", "control_character", "too_long"), shown
