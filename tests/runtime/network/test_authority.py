"""The authority of an installation and its certificates.

1. It is made once, private to its owner; another process finds the same.
2. Its certificates are accepted in a real handshake for their names, and for no other name.
3. It vouches for nothing outside: neither by its own word nor, if its key were used all the same, in the eyes of a client.
4. A certificate is renewed a month before it ends, when a name is new and after another authority was made; else it stays.
5. Files that are damaged, readable by others or past their end are refused with a way out.
"""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from runtime.network.addresses import LOCAL, address_of, found_names, names_of
from runtime.network.authority import Authority, BadAuthority

NOW = datetime.datetime.now(datetime.UTC)
NAMES = ("clinic.local", "192.168.7.20", "::1", "localhost")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.load_or_make(tmp_path / "tls", NAMES, NOW)


@contextmanager
def server(file: Path) -> Iterator[int]:
    """A server that answers one handshake after the other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except (ssl.SSLError, OSError):
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def shakes_hands(authority: Authority, file: Path, name: str) -> bool:
    """Whether somebody who trusts the authority accepts the server under a name."""
    context = ssl.create_default_context(cadata=authority.pem.decode())
    with server(file) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            context.wrap_socket(connection, server_hostname=name).close()
        except ssl.SSLCertVerificationError:
            return False
    return True


def test_made_once(authority: Authority):
    """1."""
    again = Authority.load_or_make(authority.folder, ("other.local",), NOW)
    assert again.fingerprint == authority.fingerprint and len(authority.fingerprint) == 95
    file = authority.server(NAMES, NOW)
    for path in (authority.folder / "ca.pem", file):
        assert path.stat().st_mode & 0o777 == 0o600
    assert authority.folder.stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE" not in authority.pem


@pytest.mark.parametrize(("name", "accepted"), [
    ("clinic.local", True), ("192.168.7.20", True), ("::1", True), ("localhost", True), ("other.local", False), ("192.168.7.21", False),
    ("bank.example", False),
])
def test_handshakes(authority: Authority, name: str, accepted: bool):
    """2."""
    assert shakes_hands(authority, authority.server(NAMES, NOW), name) is accepted


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8", "2001:db8::1", "notlocal", "evillocal"])
def test_nothing_outside(authority: Authority, name: str, monkeypatch: pytest.MonkeyPatch):
    """3. The second half is what a thief of the key would try."""
    with pytest.raises(BadAuthority, match="removes? the folder"):
        authority.server((name,), NOW)
    monkeypatch.setattr(Authority, "_refuse", lambda self, names: None)
    assert not shakes_hands(authority, authority.server((name,), NOW), name)


def test_what_it_was_made_for(tmp_path: Path):
    """3. A name and a public address that the operator gave when it was made."""
    made = Authority.load_or_make(tmp_path / "tls", ("crm.clinic.example", "203.0.113.9"), NOW)
    file = made.server(("crm.clinic.example", "203.0.113.9"), NOW)
    assert shakes_hands(made, file, "crm.clinic.example") and shakes_hands(made, file, "203.0.113.9")
    assert not made.vouches("203.0.113.10") and not made.vouches("clinic.example")


def _held(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_renewal(authority: Authority):
    """4."""
    first = _held(authority.server(NAMES, NOW))
    assert _held(authority.server(NAMES, NOW + datetime.timedelta(days=59))) == first
    assert _held(authority.server(NAMES[:2], NOW)) == first
    second = _held(authority.server(NAMES, NOW + datetime.timedelta(days=61)))
    assert second != first and second.not_valid_after_utc > NOW + datetime.timedelta(days=140)
    third = _held(authority.server((*NAMES, "new.local"), NOW + datetime.timedelta(days=61)))
    assert third != second
    (authority.folder / "ca.pem").unlink()
    other = Authority.load_or_make(authority.folder, NAMES, NOW)
    assert shakes_hands(other, other.server(NAMES, NOW), "clinic.local")


def test_a_damaged_certificate_is_made_anew(authority: Authority):
    """4., 5. Of the server; nobody trusts that by itself."""
    file = authority.server(NAMES, NOW)
    file.write_bytes(file.read_bytes()[:200])
    assert shakes_hands(authority, authority.server(NAMES, NOW), "clinic.local")


def test_refusals(authority: Authority):
    """5."""
    path = authority.folder / "ca.pem"
    content = path.read_bytes()
    with pytest.raises(BadAuthority, match="has ended"):
        Authority.load(authority.folder, NOW + datetime.timedelta(days=3651))
    path.chmod(0o644)
    with pytest.raises(BadAuthority, match="chmod 600"):
        Authority.load(authority.folder, NOW)
    path.chmod(0o600)
    path.write_bytes(content[:100])
    with pytest.raises(BadAuthority, match="damaged"):
        Authority.load(authority.folder, NOW)
    other = Authority.load_or_make(authority.folder.with_name("other"), NAMES, NOW)
    path.write_bytes((other.folder / "ca.pem").read_bytes().partition(b"-----BEGIN CERT")[0] + authority.pem)
    with pytest.raises(BadAuthority, match="belong together"):
        Authority.load(authority.folder, NOW)
    os.unlink(path)  # noqa: PTH108
    with pytest.raises(BadAuthority, match="serve --tls auto"):
        Authority.load(authority.folder, NOW)


def test_names_of_the_machine():
    """2. What was asked for comes first; this machine's own names are always there."""
    assert names_of("0.0.0.0", ("CRM.local",), "https://crm.clinic.example:8443") == ("crm.clinic.example", "crm.local")
    assert names_of("192.168.7.20") == ("192.168.7.20",)
    found = found_names("0.0.0.0")
    assert set(found) >= {"localhost", "127.0.0.1", "::1", socket.gethostname().lower()}
    assert found_names("192.168.7.20") == LOCAL
    assert address_of(("localhost", "clinic.local"), 8443) == "https://clinic.local:8443"
    assert address_of(("fd00::2", "x"), 443) == "https://[fd00::2]"
