"""Two people publish one pack from one base: neither takes back what the other did, by publishing again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main
from runtime.store.folder import BASE_FILE

FILES = {
    "pack.yaml": "name: notes\nversion: 1.0.0\nlanguage: 1\n",
    "objects/note.yaml": "name: note\nlabel: Note\nbelongs_to: organisation\nfields:\n  text: {type: text}\n",
    "roles/reader.yaml": "name: reader\ngrants:\n  notes: {object: note, can: [read]}\n",
}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """My folder, published; what I publish from goes to a database of its own."""
    monkeypatch.setenv("CAREWORK_DATABASE_URL", f"sqlite:///{tmp_path}/test.sqlite3")
    folder = tmp_path / "mine" / "notes"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert publish(folder).exit_code == 0
    return folder


@pytest.fixture
def hers(mine: Path) -> Path:
    """A colleague's copy, published with a denial that mine does not have."""
    folder = shutil.copytree(mine.parent, mine.parents[1] / "hers") / "notes"
    denial = "denials:\n  never: {object: note, hide: [text]}\n"
    (folder / "roles/reader.yaml").write_text(FILES["roles/reader.yaml"] + denial, "utf-8")
    assert publish(folder).exit_code == 0
    return folder


def publish(folder: Path) -> Result:
    return CliRunner().invoke(main, ["publish", str(folder), "--yes"])


def live(folder: Path, name: str) -> str:
    """A file of the live release."""
    target = folder.parents[1] / "exported"
    assert CliRunner().invoke(main, ["export", str(target)]).exit_code == 0
    return (target / "notes" / name).read_text("utf-8")


def test_folder_that_was_published_as_it_is_has_the_release_as_its_base(mine: Path) -> None:
    """Without a merge the base moves along."""
    first = (mine / BASE_FILE).read_text()
    (mine / "objects/note.yaml").write_text(FILES["objects/note.yaml"].replace("Note", "Slip"), "utf-8")
    assert publish(mine).exit_code == 0
    assert (mine / BASE_FILE).read_text() != first


def test_merge_is_not_taken_back_by_the_next_publish(mine: Path, hers: Path) -> None:
    """A merged release is not the base of the folder: publishing it again keeps the colleague's denial."""
    first = (mine / BASE_FILE).read_text()
    (mine / "objects/note.yaml").write_text(FILES["objects/note.yaml"].replace("Note", "Slip"), "utf-8")
    for _ in range(2):
        assert publish(mine).exit_code == 0
    assert "never" in live(mine, "roles/reader.yaml")
    assert "Slip" in live(mine, "objects/note.yaml")
    assert (mine / BASE_FILE).read_text() == first


def test_stale_folder_without_changes_takes_nothing_back(mine: Path, hers: Path) -> None:
    """A folder that is merely behind has nothing to publish, however often."""
    for _ in range(2):
        assert "nothing to do" in publish(mine).output
    assert "never" in live(mine, "roles/reader.yaml")
