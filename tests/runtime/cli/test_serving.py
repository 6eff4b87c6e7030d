"""`serve` and `demo` as processes of their own.

1. `demo` makes the example, shows each password once, serves it on this machine, and ends on SIGTERM; the second start is at once.
2. Plain HTTP stays on this machine.
3. `demo` on a port that is taken says so before it makes anything.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runtime.cli.conftest import ROOT, Cli

RUN = [sys.executable, "-c", "from runtime.cli.main import main; main()"]


@contextmanager
def _serving(*args: str, env: dict[str, str] | None = None) -> Iterator[tuple[str, str]]:
    """(what was printed before, the address); ends the server by SIGTERM, which must end well."""
    process = subprocess.Popen(
        [*RUN, *args], cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    printed, address = "", ""
    try:
        for line in process.stdout:
            printed += line
            found = re.search(r"serving on (http://127\.0\.0\.1:\d+)/", line)
            if found:
                address = found[1]
                break
        assert address, printed
        yield printed, address
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=90)
    assert process.returncode == 0 and "stopped" in rest


@pytest.mark.slow
def test_demo_makes_and_serves_the_example(tmp_path: Path) -> None:
    """Requirement 1."""
    args = ("demo", "--port", "0", "--patients", "12", "--database", str(tmp_path / "demo.sqlite3"))
    with _serving(*args) as (printed, address):
        shown = re.findall(r"^(\w+) .* ((?:[\w]{4}-){3}\w{4})\s*$", printed, re.M)
        assert [login for login, _ in shown] == ["lin", "zhao", "wang", "chen", "sun", "he", "gao", "admin", "audit"]
        assert len({password for _, password in shown}) == 9
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            assert answer.status == 200
    cli = Cli(f"sqlite:///{tmp_path}/demo.sqlite3", tmp_path / "demo.keys")
    assert "BREACH" not in cli("doctor", "--deep").output
    with _serving(*args) as (printed, _):
        assert "already" in printed and "carework user password LOGIN" in printed
        assert not any(password in printed for _, password in shown)


def test_demo_on_a_taken_port_makes_nothing(tmp_path: Path) -> None:
    """Requirement 3: a first start takes a minute and shows passwords once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        args = ("demo", "--port", str(taken.getsockname()[1]), "--database", str(tmp_path / "demo.sqlite3"))
        done = subprocess.run([*RUN, *args], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "in use; choose another with --port" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_plain_http_stays_on_this_machine(sqlite_cli: Cli) -> None:
    """Requirement 2: refused with the two ways out."""
    output = sqlite_cli("serve", "--host", "0.0.0.0", code=2).output
    assert "--tls CERT KEY" in output and "127.0.0.1" in output


def test_serve_without_a_release_says_what_to_do(fresh: Cli) -> None:
    """Nothing listens where nothing is published."""
    from runtime.store.database import Store

    Store.open(fresh.url).close()
    assert "carework publish PATH" in fresh("serve", "--port", "0", code=1).output


def test_a_certificate_that_cannot_be_used(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Told before anything listens."""
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("no certificate")
    result = sqlite_cli("serve", "--host", "0.0.0.0", "--tls", tmp_path / "cert.pem", tmp_path / "key.pem", code=1)
    assert "cannot be used together" in result.output
