"""`serve --tls auto` as a process: a phone that trusts the authority reaches Carework over TLS.

1. The terminal shows address, fingerprint and QR code; the page gives the certificate of that fingerprint; with it the handshake succeeds,
   without it none does. A second start keeps the authority.
2. Cookies are for TLS alone; a request for another host is refused, whatever X-Forwarded-Host says (A-53).
3. In a browser of a phone's size the page for phones and the sign-in page stand in both languages.
4. Wrong use is told before anything listens.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.fixtures.chromium import PHONE
from tests.runtime.cli.conftest import ROOT, Cli

RUN = [sys.executable, "-c", "from runtime.cli.main import main; main()"]


def free() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except OSError:
                continue


@contextmanager
def serving(cli: Cli, port: int, *more: str) -> Iterator[str]:
    """What the terminal shows until the server is there."""
    env = {**os.environ, "CAREWORK_DATABASE_URL": cli.url, "CAREWORK_KEYS": str(cli.keys), "PYTHONUNBUFFERED": "1"}
    args = ("serve", "--host", "127.0.0.1", "--port", str(port), "--tls", "auto", "--workers", "1", "--name", "clinic.local", *more)
    process = subprocess.Popen([*RUN, *args], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    shown = ""
    try:
        for line in process.stdout:
            shown += line
            if line.startswith("serving on https://"):
                break
        yield shown
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def asked(port: int, context: ssl.SSLContext, path: str = "/healthz", **headers: str) -> tuple[int, str, str]:
    """(status, cookie, place) of an answer; waits while the worker starts."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers.get("Set-Cookie", ""), answer.headers.get("Location", "")


@pytest.mark.slow
def test_a_phone_reaches_it(sqlite_cli: Cli):
    """1., 2."""
    port = free()
    with serving(sqlite_cli, port) as shown:
        fingerprint = re.search(r"((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", shown)
        assert fingerprint and "█" in shown and f"http://clinic.local:{port + 1}/" in shown and f"https://clinic.local:{port}/" in shown
        with urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/carework-ca.crt", timeout=10) as answer:
            certificate = answer.read()
        assert hashlib.sha256(certificate).hexdigest().upper() == fingerprint[1].replace(":", "").upper()
        trusting = ssl.create_default_context(cadata=certificate)
        assert asked(port, trusting)[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            asked(port, ssl.create_default_context())
        assert asked(port, trusting, Host=f"clinic.local:{port}")[0] == 200
        assert asked(port, trusting, "/", Host="evil.example")[0] == 421
        status, cookie, place = asked(port, trusting, "/", X_Forwarded_Host="evil.example", Forwarded="host=evil.example")
        assert status == 302 and "evil.example" not in place
        _, cookie, _ = asked(port, trusting, "/sign-in")
        assert not cookie or ("Secure" in cookie and cookie.startswith("__Host-"))
    with serving(sqlite_cli, port, "--ca-port", "0") as again:
        assert fingerprint[1] not in again
        assert asked(port, trusting)[0] == 200
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/", timeout=10)
    output = sqlite_cli("ca").output
    assert fingerprint[1] in output and "clinic.local" in output


@pytest.mark.slow
def test_on_a_phone(sqlite_cli: Cli, browser: Browser):
    """3. Chromium does not know the authority; that a client that does is let in stands above."""
    port = free()
    context = browser.new_context(locale="zh-CN", viewport=PHONE, ignore_https_errors=True)
    try:
        with serving(sqlite_cli, port) as shown:
            page = context.new_page()
            for language, title in (("", "信任本机构的 Carework"), ("en", "Trust this clinic's Carework")):
                page.goto(f"http://127.0.0.1:{port + 1}/{language}")
                assert page.locator("h1").inner_text() == title and page.locator("code").inner_text() in shown
                assert page.locator("a.plain").get_attribute("href") == f"https://clinic.local:{port}/"
                assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            answer = page.goto(f"https://127.0.0.1:{port}/")
            assert answer is not None and answer.status == 200 and page.url.endswith("/sign-in")
            secured = answer.security_details()
            assert secured is not None and secured["issuer"] == "Carework clinic.local" and secured["protocol"] == "TLS 1.3"
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    finally:
        context.close()


def test_wrong_use(sqlite_cli: Cli, tmp_path: Path):
    """4."""
    assert "there is no file" in sqlite_cli("serve", "--tls", "cert.pem", "key.pem", code=2).output
    assert "neither the name of a host" in sqlite_cli("serve", "--tls", "auto", "--name", "a b", code=2).output
    assert "serve --tls auto" in sqlite_cli("ca", code=1).output
    with socket.create_server(("127.0.0.1", 0)) as taken:
        output = sqlite_cli("serve", "--port", taken.getsockname()[1], "--tls", "auto", code=1).output
        assert "in use" in output
