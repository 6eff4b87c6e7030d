"""What users can cause is one line, never a traceback; and every command is documented.

1. A missing database, a wrong address, a wrong setting, a locked file and an empty database are told with the way out.
2. Every command has a help text and stands in docs/operate; every command there exists.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from runtime.cli.main import main
from runtime.store.database import Store
from tests.runtime.cli.conftest import ROOT, Cli, key_file

DOCS = ROOT / "docs" / "operate"


@pytest.mark.parametrize("command", [("export", "out"), ("doctor",), ("user", "list"), ("serve",), ("token", "lin"), ("backup", "a.tar")])
def test_missing_database(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Requirement 1: no file is made by asking."""
    cli = Cli(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path / "none.keys")
    assert "there is no database at" in cli(*command, code=1).output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [("mysql://x/y", "CAREWORK_DATABASE_URL takes"), ("postgresql://nobody@127.0.0.1:1/none", "cannot be used now")],
)
def test_wrong_address(tmp_path: Path, url: str, told: str) -> None:
    """Requirement 1."""
    assert told in Cli(url, tmp_path / "keys")("doctor", code=1).output


def test_empty_database(fresh: Cli) -> None:
    """Requirement 1."""
    Store.open(fresh.url).close()
    assert "carework publish PATH" in fresh("user", "list", code=1).output


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Requirement 1."""
    (tmp_path / "a.sqlite3").write_text("a letter to the clinic, long enough to be read as a page" * 100)
    cli = Cli(f"sqlite:///{tmp_path}/a.sqlite3", key_file(tmp_path))
    assert "not a database" in cli("user", "list", code=1).output


def _commands() -> list[tuple[str, ...]]:
    """Every command with its subcommands."""
    context = click.Context(main)
    found: list[tuple[str, ...]] = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, below) for below in command.commands]
    return found


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_has_help_and_is_documented(command: tuple[str, ...]) -> None:
    """Requirement 2."""
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0 and len(result.output.splitlines()) > 5
    text = "\n".join(path.read_text("utf-8") for path in DOCS.glob("*.md"))
    assert f"carework {' '.join(command)}" in text


def test_every_documented_command_exists() -> None:
    """Requirement 2: with its options, in pages for operators and for authors."""
    known = {" ".join(command) for command in _commands()}
    for path in DOCS.glob("*.md"):
        for words, options in re.findall(r"carework ((?:[a-z]+(?:-[a-z]+)* ?){1,2})([^`\n|]*)", path.read_text("utf-8")):
            parts = words.split()
            name = " ".join(parts[:2]) if " ".join(parts[:2]) in known else parts[0]
            assert name in known, f"{path.name}: carework {words}"
            shown = CliRunner().invoke(main, [*name.split(), "--help"]).output
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", options):
                assert option in shown, f"{path.name}: carework {name} {option}"
