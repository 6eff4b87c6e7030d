"""The vendored assets are exactly those that VENDOR.md names.

1. Each file's bytes have the hash of its row; no asset is there without a row; each row's licence text is there.
2. No source maps, and all of it stays under 700 KB.
3. Every icon that a template names is in the sprite.
4. Nothing that a page loads comes from another address.
"""

import hashlib
import re

from runtime.screens.assets import STATIC, asset_urls

VENDOR = STATIC / "vendor"
TEMPLATES = STATIC.parent / "templates"
ROW = re.compile(r"^\| `([^`]+)` \|.*\(`([^`]+)`\) \| ([0-9a-f]{64}) \|$", re.M)


def test_hashes_match_and_every_file_has_a_row() -> None:
    """Requirement 1."""
    rows = {name: (licence, digest) for name, licence, digest in ROW.findall((VENDOR / "VENDOR.md").read_text("utf-8"))}
    assets = [path for path in VENDOR.iterdir() if path.suffix in {".js", ".css", ".svg"}]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in assets}
    assert {name: digest for name, (_, digest) in rows.items()} == found
    assert [licence for licence, _ in rows.values() if not (VENDOR / licence).is_file()] == []


def test_small_and_without_source_maps() -> None:
    """Requirement 2."""
    assert list(STATIC.rglob("*.map")) == []
    assert sum(path.stat().st_size for path in VENDOR.iterdir()) < 700_000


def test_icons_named_by_templates_are_in_the_sprite() -> None:
    """Requirement 3: literal names in `icon("…")` and those passed as `icon_name=`."""
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text("utf-8")))
    text = "\n".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    named = set(re.findall(r'icon(?:_name=|\()"([a-z0-9-]+)"', text))
    assert {"plus", "inbox"} <= named
    assert named - sprite == set()


def test_everything_is_served_from_here() -> None:
    """Requirement 4: templates reach assets only through `asset()`; styles of ours load nothing; addresses carry the hash."""
    text = "\n".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []
    assert [path.name for path in STATIC.glob("*.css") if "url(" in path.read_text("utf-8") or "@import" in path.read_text("utf-8")] == []
    assert re.fullmatch(r"/static/vendor/icons\.svg\?v=[0-9a-f]{12}", asset_urls()("vendor/icons.svg"))
