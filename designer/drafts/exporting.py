"""Packs as files to take along: a zip that unpacks into folders which `carework check` takes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from engine.text.source import ORGANISATION_FILES

__all__ = ["archive", "of_pack"]

_STAMP = (2026, 1, 1, 0, 0, 0)
"""The same files make the same bytes, whenever they are packed."""


def of_pack(files: Mapping[str, str], pack: str) -> dict[str, str]:
    """The files of one pack, or with '' all of them."""
    if not pack:
        return dict(files)
    return {path: text for path, text in files.items() if path.startswith(f"{pack}/") and path not in ORGANISATION_FILES}


def archive(files: Mapping[str, str]) -> bytes:
    """A zip of the files in the order of their paths."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, files[path].encode("utf-8"))
    return held.getvalue()
