"""The designer's vendored assets are those that VENDOR.md names, small, without source maps, and templates name only icons that are there."""

import hashlib
import re

from designer.environment import STATIC
from runtime.screens.assets import icons

VENDOR = STATIC / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \|.*\(`([^`]+)`\) \| ([0-9a-f]{64}) \|$", re.M)


def test_hashes_licences_and_size() -> None:
    """Each file's bytes have the hash of its row, and its licence text is there."""
    rows = {name: (licence, mark) for name, licence, mark in ROW.findall((VENDOR / "VENDOR.md").read_text("utf-8"))}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.min.*")}
    assert {name: mark for name, (_, mark) in rows.items()} == found and found
    assert all((VENDOR / licence).is_file() for licence, _ in rows.values())
    assert list(STATIC.rglob("*.map")) == [] and sum(path.stat().st_size for path in VENDOR.iterdir()) < 600_000
    assert not [path.name for path in VENDOR.glob("*.js") if re.search(rb"\beval\(|new Function\(", path.read_bytes())]


def test_icons_are_in_the_sprite() -> None:
    """Names that templates give to `icon` and to the macros that take one."""
    text = "\n".join(path.read_text("utf-8") for path in (STATIC.parent / "templates").rglob("*.html"))
    named = set(re.findall(r'icon(?:_name=|\()"([a-z0-9-]+)"', text)) | set(re.findall(r'edit_button\(.*?\), "([a-z-]+)"', text))
    assert "trash" in named and named - icons() == set()
