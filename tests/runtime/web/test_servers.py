"""The application under the servers it is run by: gunicorn, which forks with the application already built, and waitress.

1. Workers forked from a process that has used its database serve and write, each over connections of its own.
2. Every process that serves says so, from its first request on, and a publisher waits for it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
import waitress.server

from runtime.store import system
from tests.fixtures.databases import Backend
from tests.runtime.api.world import Web, build

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def fetch(url: str, token: str = "") -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def wait_for(url: str) -> None:
    give_up = time.monotonic() + 20
    while True:
        try:
            fetch(url)
            return
        except OSError:
            assert time.monotonic() < give_up, "the server did not start"
            time.sleep(0.1)


def test_gunicorn_with_the_application_built_before_the_fork(backend: Backend, tmp_path: Path) -> None:
    """Requirements 1 and 2."""
    url = backend.prepared("api-chain", build)
    web = Web.open(url, tmp_path)
    token, id, port = web.token("nurse"), web.patient(name="Forked"), free_port()
    web.close()
    environment = {**os.environ, "CAREWORK_DATABASE_URL": url, "CAREWORK_KEYS": str(tmp_path / "carework.keys")}
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-k", "gthread", "--threads", "2", "-b", f"127.0.0.1:{port}",
               "--log-level", "error", "runtime.web.wsgi:application()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        for _ in range(20):
            status, body = fetch(f"http://127.0.0.1:{port}/api/v1/patient/{id}", token)
            assert (status, body["name"]) == (200, "Forked")
        store = Web.open(url, tmp_path).store
        with store.read() as connection:
            serving = connection.execute(system.process.select()).all()
        store.close()
        assert 1 <= len({row.pid for row in serving}) <= 2 and server.pid not in {row.pid for row in serving}
    finally:
        server.terminate()
        server.wait(20)
        backend.drop(url)


@pytest.mark.parametrize("threads", [4])
def test_waitress(web: Web, threads: int) -> None:
    """Requirement 1 for the embedded server."""
    server = waitress.server.create_server(web.app, host="127.0.0.1", port=0, threads=threads)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    try:
        status, body = fetch(f"http://127.0.0.1:{server.effective_port}/api/v1/me", web.token("nurse"))
        assert (status, body["name"]) == (200, "Nurse")
    finally:
        server.close()
        running.join(5)
