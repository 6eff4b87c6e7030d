"""The key file: made once, private, and refused when it is damaged or readable by others."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.audit.keys import BadKeys, Keys


def test_the_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    """The first use makes the file for its owner only; later uses read the same key."""
    path = tmp_path / "var" / "carework.keys"
    first = Keys.load_or_make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.load_or_make(path).master == first.master


def test_purposes_have_keys_of_their_own(tmp_path: Path) -> None:
    """A key of one purpose says nothing about another's."""
    keys = Keys.load_or_make(tmp_path / "k")
    assert len({keys.derive("cursor"), keys.derive("audit"), keys.derive("csrf")}) == 3
    assert keys.derive("cursor") == keys.derive("cursor")


@pytest.mark.parametrize("text", ["", "carework-keys 1\nnot base64!\n", "carework-keys 1\nAAAA\n", "other\n" + "A" * 44])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    """A damaged file is named and never replaced."""
    path = tmp_path / "k"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadKeys, match="safe copy"):
        Keys.load_or_make(path)
    assert path.read_text() == text


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The way out names the command."""
    path = tmp_path / "k"
    Keys.load_or_make(path)
    path.chmod(0o644)
    with pytest.raises(BadKeys, match="chmod 600"):
        Keys.load(path)


def test_the_key_is_not_printed(tmp_path: Path) -> None:
    """Secrets do not reach logs through repr."""
    keys = Keys.load_or_make(tmp_path / "k")
    assert repr(keys.master) not in repr(keys)
