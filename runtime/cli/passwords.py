"""New passwords on the command line: generated and shown once, or typed twice, or read from standard input."""

from __future__ import annotations

import secrets
import sys

import click

__all__ = ["generated", "typed_or_generated"]

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for each other on paper: i l o I L O 0 1."""


def generated() -> str:
    """Four groups of four characters, 92 bits, with three kinds of characters besides the hyphen."""
    while True:
        groups = ["".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)]
        text = "-".join(groups)
        if any(c.islower() for c in text) and any(c.isupper() for c in text) and any(c.isdigit() for c in text):
            return text


def typed_or_generated(*, ask: bool, from_stdin: bool) -> tuple[str, bool]:
    """The password and whether it was generated (and so must be shown)."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if ask:
        return click.prompt("new password", hide_input=True, confirmation_prompt=True), False
    return generated(), True
