"""Pictures of the product in the documentation.

1. Each that a page shows is there, and says in words what it shows.
2. The script makes each of them: `PICTURES` of `.ci/pictures.py` names them all, none besides, as wide as it takes them, and small.
3. A page that shows a picture which is not there is found (planted).
"""

from __future__ import annotations

import re
import runpy
import struct
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT

FOLDER = ROOT / "docs" / "guide" / "pictures"
SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
LARGEST = 300_000


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown(page: Path, text: str) -> list[tuple[str, Path]]:
    """What a page shows: the words, and the file."""
    return [(words, (page.parent / target).resolve()) for words, target in SHOWN.findall(text)]


def lost(page: Path, text: str) -> list[str]:
    return [file.name for words, file in shown(page, text) if not file.is_file() or not words.strip()]


def test_pictures_are_there() -> None:
    """Requirements 1 and 3."""
    assert {page.name: found for page in pages() if (found := lost(page, page.read_text("utf-8")))} == {}
    page = FOLDER.parent / "staff.md"
    assert lost(page, "![A list](pictures/gone.png) ![](pictures/home-zh.png)") == ["gone.png", "home-zh.png"]


def test_the_script_makes_them_all() -> None:
    """Requirement 2."""
    made: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "pictures.py"))["PICTURES"]
    files = {file.stem: file for file in FOLDER.glob("*.png")}
    used = {file for page in pages() for _, file in shown(page, page.read_text("utf-8"))}
    assert set(made) == set(files)
    assert used == {file.resolve() for file in files.values()}
    for name, file in files.items():
        head = file.read_bytes()
        assert head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">I", head[16:20]) == (390 if made[name].phone else 1440,), name
        assert len(head) <= LARGEST, name
