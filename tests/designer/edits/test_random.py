"""Random edits, one after the other, on shipped files and on odd ones.

1. After 2,000 random sequences, undone in turn, the first bytes are back, and every text in between can be read.
2. Each edit leaves what it is not about as it was: comments and the other lines of the file.
3. Planted faults: an edit that cuts one character too much, and one that eats a comment, are found.
"""

from __future__ import annotations

from random import Random

import pytest

from designer.edits import entries
from designer.edits.entries import Cut
from designer.edits.patch import Patch
from designer.edits.primitive import AddEntry
from designer.edits.refused import EditRefused
from designer.edits.text import At, Text, read
from tests.designer.edits.texts import ODD, random_edit, shipped

SEQUENCES = 2_000


def run(seed: int, files: dict[str, str], most: int = 2) -> tuple[int, int]:
    """One sequence done and undone; how many edits were made and how many an odd style forbade."""
    chance = Random(seed)
    path = chance.choice(sorted(files))
    first = now = {path: files[path]}
    done: list[Patch] = []
    refused = 0
    for _ in range(chance.randint(1, most)):
        edit = random_edit(chance, path, now[path])
        try:
            patch = edit.patch(now)
        except EditRefused as error:
            assert error.code in ("odd_style", "not_a_map", "former_name"), (edit, error)
            refused += error.code == "odd_style"
            continue
        now = patch.on(now)
        read(path, now[path])
        done.append(patch)
    for patch in reversed(done):
        now = patch.reversed().on(now)
    assert now == first
    return len(done), refused


def test_sequences_undone_give_the_first_bytes_back() -> None:
    """Requirement 1; nine of ten on the odd files, which are small and hold every style."""
    files = shipped()
    counts = [run(seed, ODD if seed % 10 else files) for seed in range(SEQUENCES)]
    made, refused = sum(n for n, _ in counts), sum(n for _, n in counts)
    assert made > 2_500 and refused < made / 100


@pytest.mark.parametrize("path", sorted(path for path in ODD if not path.endswith(".json")))
def test_comments_survive(path: str) -> None:
    """Requirement 2: an entry added anywhere leaves every line that was there, its line breaks too."""
    before = ODD[path]
    comments = [line.partition("#")[2] for line in before.splitlines() if "# " in line]
    text = read(path, before)
    for after in (None, "", *text.root.entries):
        new = AddEntry(path=path, at=(), name="added", value={"a": 1}, after=after).patch({path: before}).on({path: before})[path]
        assert [line.partition("#")[2] for line in new.splitlines() if "# " in line] == comments
        assert ("\r\n" in new) == ("\r\n" in before) and "\r\r" not in new
        kept = [line for line in new.splitlines() if not line.startswith("added:")]
        assert kept == before.splitlines()


def test_a_cut_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 3: what a wrong cut makes is never taken."""
    right = entries.remove

    def wrong(text: Text, at: At) -> list[Cut]:
        return [(start, min(end + 1, len(text.text)), new) for start, end, new in right(text, at)]

    monkeypatch.setattr(entries, "remove", wrong)
    with pytest.raises(AssertionError):
        assert sum(run(seed, ODD, 6)[1] for seed in range(60)) == 0


def test_a_lost_comment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 3: means the same, but ate the comment before it."""
    right = entries.add

    def wrong(text: Text, at: At, name: str, value: object, after: str | None = None) -> list[Cut]:
        cuts = right(text, at, name, value, after)  # type: ignore[arg-type]
        place = text.text.find("# about the label\n")
        return cuts + [(place, place + 18, "")] if place >= 0 else cuts

    monkeypatch.setattr(entries, "add", wrong)
    with pytest.raises(AssertionError):
        test_comments_survive("odd/objects/comments.yaml")
