"""Definitions in a folder: publish them, export the live ones, and remember which release they came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.text import Source, read_folder
from engine.text.source import ORGANISATION_FILES, PACK_FILES
from runtime.store.candidate import Incoming
from runtime.store.errors import StoreError

if TYPE_CHECKING:
    from runtime.store.database import Store

__all__ = ["BASE_FILE", "export", "holds", "incoming", "read_base", "write_base"]

BASE_FILE = ".carework-base"


def incoming(path: Path, *, base: str | None = None, remove: Collection[str] = ()) -> Incoming:
    """What a folder wants published: its own pack, or all packs of an organisation, based on what `.carework-base` says.

    `base` given by hand counts more than the file.
    """
    source = read_folder(path)
    whole = any(name in source.files for name in ORGANISATION_FILES)
    own = None if whole else frozenset(pack for pack in source.packs if _is_own(pack, source))
    return Incoming(source=source, packs=own, base=base or read_base(path), remove=frozenset(remove))


def _is_own(pack: str, source: Source) -> bool:
    """Whether a pack of the source is the folder itself rather than one it requires; its header is shown without a folder."""
    return any(source.shown.get(f"{pack}/{name}") == name for name in PACK_FILES)


def holds(wanted: Incoming, files: Mapping[str, bytes]) -> bool:
    """Whether what a folder wants published is byte for byte what a release has of it; not so after a merge.

    Only then may the folder be said to be based on that release: else its next publish would take back what was merged in.
    """
    def replaced(among: Mapping[str, bytes]) -> dict[str, bytes]:
        return {path: content for path, content in among.items() if wanted.replaces(path)}

    return replaced(wanted.source.files) == replaced(files)


def read_base(path: Path) -> str | None:
    """The hash in the folder's `.carework-base`, None without one."""
    try:
        return (path / BASE_FILE).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise StoreError(f"{path / BASE_FILE} does not hold a release's hash; remove it or write one") from error


def write_base(path: Path, hash_: str) -> None:
    """Say that the folder now holds a release."""
    (path / BASE_FILE).write_text(hash_ + "\n", encoding="ascii")


def export(store: Store, path: Path) -> str:
    """Write the live release, byte for byte, into an empty folder or over an earlier export; returns its hash.

    An organisation's release becomes its folder with the packs beside `organisation.yaml`; without an organisation the
    packs stand beside each other, each with its own `.carework-base`. Raises StoreError rather than overwrite what was
    never exported, and NoRelease.
    """
    release = store.releases.refresh()
    if path.exists() and any(path.iterdir()) and read_base(path) is None:
        raise StoreError(f"{path} is not empty and holds no {BASE_FILE}; choose an empty folder")
    _clear(path, release.files)
    for name, content in sorted(release.files.items()):
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    write_base(path, release.hash)
    if not any(name in release.files for name in ORGANISATION_FILES):
        for pack in release.model.packs:
            write_base(path / pack, release.hash)
    return release.hash


def _clear(path: Path, files: Collection[str]) -> None:
    """Remove definition files of an earlier export that the release no longer has."""
    for pack in {name.partition("/")[0] for name in files if "/" in name}:
        for old in (path / pack).glob("*/*"):
            if old.suffix in (".yaml", ".yml", ".json") and old.relative_to(path).as_posix() not in files:
                old.unlink()

