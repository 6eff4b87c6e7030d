"""A process begins its threads soon after its start; one that forks leaves them to its children."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import os, sys, time
from runtime.web.starting import begin_soon
def say(what):
    os.write(1, f"{what} {'child' if os.getpid() != first else 'first'}\\n".encode())
first = os.getpid()
begin_soon(lambda: say("begun"), lambda: say("ended"), 0.3)
if sys.argv[1] == "forks":
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        raise SystemExit
time.sleep(0.7)
"""


def said(how: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.split("\n")[:-1]


def test_who_begins():
    """Without a fork the process itself; with one the child alone. Who has begun ends."""
    assert said("serves") == ["begun first", "ended first"]
    assert said("forks") == ["begun child", "ended child"]
