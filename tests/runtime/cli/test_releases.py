"""`plan`, `publish` and `export`: the round on both databases, what is refused and why on one.

1. `plan` exits 3 when there is something to do, 0 when not, 1 with problems, and never makes a file.
2. A publish makes the database, writes `.carework-base`, and is refused from a stale base with both places.
3. An export has the bytes and the base, and publishes again as nothing to do.
4. `--as USER` acts with that user's rights.
"""

from __future__ import annotations

import re
from pathlib import Path

from runtime.store.database import Store
from tests.runtime.cli.conftest import Cli

FIELD = "extend: core:patient\nfields:\n  nickname: {type: text, max: 40, label: Nickname}\n"


def _add_field(folder: Path, name: str = "nickname") -> None:
    path = folder / "hexin" / "objects" / "patient.yaml"
    path.write_text(path.read_text("utf-8") + f"  {name}: {{type: text, max: 40, label: {name}}}\n", "utf-8")


def test_plan_before_the_first_publish_leaves_nothing_behind(tmp_path: Path, hexin: Path) -> None:
    """Requirement 1, on SQLite, where a database is a file."""
    cli = Cli(f"sqlite:///{tmp_path}/none/a.sqlite3", tmp_path / "none" / "a.keys")
    result = cli("plan", hexin, code=3)
    assert "adds object “Patient” (core:patient)" in result.output
    assert re.search(r"access +\d+ rights of the roles begin", result.output) and "changes what" not in result.output
    assert "changes what “Nurse” may do" in cli("plan", hexin, "--all", code=3).output
    assert not (tmp_path / "none").exists()


def test_publish_then_plan_then_publish(fresh: Cli, hexin: Path) -> None:
    """Requirements 1 and 2: a whole round, with a field that is added."""
    first = fresh("publish", hexin).output
    base = (hexin / ".carework-base").read_text().strip()
    assert re.fullmatch("[0-9a-f]{64}", base) and f"as release {base[:12]}" in first
    assert "nothing to do" in fresh("plan", hexin).output
    _add_field(hexin)
    assert "nickname" in fresh("plan", hexin, code=3).output
    fresh("publish", hexin)
    assert (hexin / ".carework-base").read_text().strip() != base
    store = Store.open(fresh.url)
    assert "nickname" in store.release().model.objects["patient"].fields
    store.close()


def test_publishing_the_same_again_is_no_error(sqlite_cli: Cli, hexin: Path) -> None:
    """Requirement 2: a folder without a base that holds the live release is told so and gets its base."""
    cli = sqlite_cli
    (hexin / ".carework-base").write_text(Store.open(cli.url).release().hash)
    assert "nothing to do" in cli("publish", hexin).output


def test_publish_from_a_stale_base_is_refused(sqlite_cli: Cli, hexin: Path, tmp_path: Path) -> None:
    """Requirement 2: both sides changed one element differently."""
    cli = sqlite_cli
    cli("export", tmp_path / "other")
    cli("export", hexin / "again")
    _add_field(tmp_path / "other", "nickname")
    cli("publish", tmp_path / "other")
    mine = hexin / "again" / "hexin" / "objects" / "patient.yaml"
    mine.write_text(mine.read_text("utf-8") + "  nickname: {type: integer, label: Number}\n", "utf-8")
    refused = cli("publish", hexin / "again", code=1)
    assert "PLAN-011" in refused.output and "nothing was published" in refused.output


def test_publish_without_a_base_is_refused_with_the_way_out(sqlite_cli: Cli, hexin: Path) -> None:
    """Requirement 2: nobody knows what the folder is based on."""
    cli = sqlite_cli
    _add_field(hexin)
    refused = cli("publish", hexin, code=1)
    assert "PLAN-012" in refused.output and "--base" in refused.output


def test_export_is_byte_for_byte_and_publishes_as_nothing_to_do(cli: Cli, tmp_path: Path, hexin: Path) -> None:
    """Requirement 3."""
    cli("export", tmp_path / "out")
    for path in sorted(hexin.rglob("*.yaml")):
        assert (tmp_path / "out" / path.relative_to(hexin)).read_bytes() == path.read_bytes()
    assert "nothing to do" in cli("plan", tmp_path / "out").output


def test_export_never_overwrites_what_was_not_exported(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 3: a folder with other files is left alone."""
    cli = sqlite_cli
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    assert "not empty" in cli("export", tmp_path / "full", code=1).output
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_publishing_as_a_user_needs_her_rights(sqlite_cli: Cli, hexin: Path, tmp_path: Path) -> None:
    """Requirement 4: a nurse may not publish, a designer may add a field."""
    cli = sqlite_cli
    cli("user", "add", "lin", "--name", "林静", "--role", "nurse", "--clinic", "XH")
    cli("user", "add", "zhou", "--name", "周文", "--role", "designer", "--clinic", "all")
    cli("export", tmp_path / "out")
    _add_field(tmp_path / "out")
    assert "needs the right 'design'" in cli("publish", tmp_path / "out", "--as", "lin", code=1).output
    assert "published" in cli("publish", tmp_path / "out", "--as", "zhou").output


def test_problems_are_all_told_and_change_nothing(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 1: exit 1, every problem with its place."""
    cli = sqlite_cli
    cli("export", tmp_path / "out")
    path = tmp_path / "out" / "hexin" / "objects" / "patient.yaml"
    path.write_text("extend: core:patient\nfields:\n  a: {type: texxt}\n  b: {type: link, to: nobody}\n", "utf-8")
    result = cli("plan", tmp_path / "out", code=1)
    assert "patient.yaml:3:" in result.output and "patient.yaml:4:" in result.output
    assert "nothing was published" in cli("publish", tmp_path / "out", code=1).output


def test_watch_is_refused_on_postgresql(tmp_path: Path, hexin: Path) -> None:
    """A production database is published to on purpose."""
    cli = Cli("postgresql://nobody@127.0.0.1:1/none", tmp_path / "keys")
    assert "--watch is for development" in cli("publish", hexin, "--watch", code=2).output
