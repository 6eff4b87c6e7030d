"""A running example: `carework demo` as a process of its own, its printed passwords, and what a visitor does with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

CAREWORK = [sys.executable, "-c", "from runtime.cli.main import main; main()"]
ROOT = Path(__file__).resolve().parents[2]
_PASSWORD = re.compile(r"^(\w+)\s.*\s([0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){3})\s*$", re.MULTILINE)
_ADDRESS = re.compile(r"serving on (http://127\.0\.0\.1:\d+)/")


class RunningClinic:
    """`folder` holds the database; `base` is the server's address; `passwords` are by login."""

    def __init__(self, folder: Path, patients: int) -> None:
        self.folder = folder
        self.database = folder / "demo.sqlite3"
        self.environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "CAREWORK_DATABASE_URL": f"sqlite:///{self.database}", "PYTHONUNBUFFERED": "1",
            "COLUMNS": "200",
        }
        self._tokens: dict[str, str] = {}
        self._log = (folder / "server.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*CAREWORK, "demo", "--port", "0", "--patients", str(patients), "--database", str(self.database)],
            cwd=folder, env=self.environment, stdout=self._log, stderr=subprocess.STDOUT,
        )
        text = self._until(_ADDRESS, 90)
        found = _ADDRESS.search(text)
        assert found
        self.base = found[1]
        self.passwords = dict(_PASSWORD.findall(text))

    def _until(self, wanted: re.Pattern[str], seconds: float) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = (self.folder / "server.log").read_text("utf-8")
            if wanted.search(text):
                return text
            assert self.process.poll() is None, text
            time.sleep(0.1)
        raise AssertionError(f"not seen in time: {wanted.pattern}")

    def run(self, *arguments: str) -> str:
        """Run a command of the command line and return what it printed; fails when it fails."""
        done = subprocess.run([*CAREWORK, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=90)
        assert done.returncode == 0, f"carework {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def token(self, login: str) -> str:
        """A token of a person, made on first use."""
        if login not in self._tokens:
            self._tokens[login] = self.run("token", login).strip()
        return self._tokens[login]

    def api(self, path: str, token: str, **query: str) -> tuple[int, Any]:
        """Status and body of a GET; JSON is parsed."""
        address = f"{self.base}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                status, content, kind = response.status, response.read(), response.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            status, content, kind = error.code, error.read(), error.headers["Content-Type"]
        return status, json.loads(content) if "json" in kind else content.decode("utf-8")

    def soon(self, look: Any, wanted: Any, seconds: float = 60.0) -> None:
        """Wait until `look()` is what is wanted; a publish shows within a second, the machine may be slow."""
        deadline = time.monotonic() + seconds
        while (seen := look()) != wanted:
            assert time.monotonic() < deadline, f"{seen!r} instead of {wanted!r}"
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        self._log.close()
