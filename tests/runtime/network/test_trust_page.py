"""The page that brings the authority's certificate to phones.

1. It gives the certificate, and says its fingerprint as the terminal does, in the browser's language.
2. It gives nothing else: no other path, no other method, no script, nothing of what a request says.
3. Clients that say nothing, or a letter now and then, hold nobody else up and are cut off.
"""

from __future__ import annotations

import contextlib
import datetime
import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from runtime.network import trust_page
from runtime.network.authority import Authority
from runtime.network.trust_page import TrustPage

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.load_or_make(tmp_path / "tls", ("clinic.local",), NOW)


@pytest.fixture
def page(authority: Authority) -> Iterator[TrustPage]:
    made = TrustPage(authority, "https://clinic.local:8443", "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


def asked(page: TrustPage, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.mark.parametrize(("language", "title"), [("zh-CN,zh;q=0.9", "信任本机构的 Carework"), ("en-GB", "Trust this clinic"), ("fr", "Trust this")])
def test_the_page(page: TrustPage, authority: Authority, language: str, title: str):
    """1., 2."""
    status, headers, body = asked(page, "GET", "/", **{"Accept-Language": language, "Host": "evil.example"})
    text = body.decode()
    assert status == 200 and title in text and authority.fingerprint in text and "https://clinic.local:8443/" in text
    assert "evil.example" not in text and "<script" not in text
    assert headers["content-security-policy"].startswith("default-src 'none'") and headers["cache-control"] == "no-store"


def test_the_certificate(page: TrustPage, authority: Authority):
    """1. And no private key."""
    status, headers, body = asked(page, "GET", "/carework-ca.crt")
    assert (status, headers["content-type"]) == (200, "application/x-x509-ca-cert")
    assert x509.load_der_x509_certificate(body) == authority.certificate and b"PRIVATE" not in body


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/../ca.pem", 404), ("GET", "/ca.pem", 404), ("GET", "/o/patient", 404), ("POST", "/", 501),
    ("HEAD", "/en", 200), ("GET", "/en?x=<b>", 200),
])
def test_nothing_else(page: TrustPage, method: str, path: str, status: int):
    """2."""
    found, _, body = asked(page, method, path)
    assert found == status and b"<b>" not in body
    assert method != "HEAD" or body == b""


def test_a_silent_client(page: TrustPage, monkeypatch: pytest.MonkeyPatch):
    """3."""
    monkeypatch.setattr(trust_page, "_SECONDS", 60.0)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", page.port)):
        assert asked(page, "GET", "/en")[0] == 200
    assert time.monotonic() - began < 20


def test_a_slow_client(page: TrustPage, monkeypatch: pytest.MonkeyPatch):
    """3. However often it says something, its time is over; twenty of them hold up others no longer than that."""
    monkeypatch.setattr(trust_page, "_SECONDS", 0.5)
    began = time.monotonic()
    slow = [socket.create_connection(("127.0.0.1", page.port), timeout=10) for _ in range(20)]
    assert asked(page, "GET", "/en")[0] == 200
    with contextlib.suppress(OSError):
        while time.monotonic() < began + 8:
            slow[0].sendall(b"G")
            time.sleep(0.1)
    assert time.monotonic() - began < 6
    for one in slow:
        one.close()
