"""Addresses of static files that change when the bytes change, so that browsers may keep them for ever."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
SERVED = frozenset({".css", ".js", ".svg"})


def fingerprints(root: Path = STATIC) -> dict[str, str]:
    """Relative path (with `/`) -> first 12 hex digits of the SHA-256 of the file, for every file a page may load."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(root.rglob("*"))
        if path.suffix in SERVED
    }


def asset_urls(prefix: str = "/static", root: Path = STATIC) -> Callable[[str], str]:
    """The templates' `asset(path)`. Files are read once; a path that does not exist raises KeyError when rendered."""
    urls = {path: f"{prefix}/{path}?v={mark}" for path, mark in fingerprints(root).items()}
    return urls.__getitem__


def icon_marks(urls: Callable[[str], str]) -> Callable[[str], Markup]:
    """The templates' `icon(name)`: an icon of the sprite, hidden from screen readers: put words beside it or an aria-label on the
    control."""
    sprite = urls("vendor/icons.svg")

    @functools.cache
    def icon(name: str) -> Markup:
        return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(sprite, name)

    return icon


@functools.cache
def icons() -> frozenset[str]:
    """Names of the icons in the sprite."""
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor" / "icons.svg").read_text("utf-8")))
