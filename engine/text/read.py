"""The only place of the engine that reads files: a pack's or an organisation's folder and the packs it requires."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.names import is_name
from engine.problems import Code, Place, Problem, Problems, suggest
from engine.text.kinds import KINDS
from engine.text.limits import MAX_BYTES, MAX_FILES
from engine.text.nodes import MapNode
from engine.text.parse import decode
from engine.text.source import ORGANISATION_FILES, PACK_FILES, Source

__all__ = ["DEFINITIONS", "complete", "read_folder"]

DEFINITIONS = Path(__file__).resolve().parents[2] / "definitions" / "packs"
"""The packs that come with Carework."""

_ENDINGS = (".yaml", ".yml", ".json")
_IGNORED = frozenset({"README.md", "tests", "import"})


def read_folder(path: str | Path, *, search: Sequence[Path] = ()) -> Source:
    """The files of a pack or an organisation with all required packs, looked for beside it, in `search`, in the built-in packs.

    Never raises for what the folder holds: what cannot be read is among the source's problems.
    """
    root = Path(path)
    reader = _Reader(root)
    places = [root, root / "packs", root.resolve().parent, *search, DEFINITIONS]
    if reader.has(root, ORGANISATION_FILES):
        reader.organisation()
    elif reader.has(root, PACK_FILES):
        reader.pack(_own_name(root), root, "")
        places = places[2:]
    else:
        reader.problems.add(Code.FILE_001.at(Place("."), path=root.name or str(path)))
    reader.follow(places)
    return Source(reader.files, reader.shown, tuple(reader.problems))


def complete(source: Source, search: Sequence[Path]) -> Source:
    """The source with the required packs that it does not hold, from `search`."""
    if not search:
        return source
    reader = _Reader(None)
    reader.files.update(source.files)
    reader.follow(list(search))
    return source.with_files(reader.files, reader.shown, reader.problems)


def _own_name(root: Path) -> str:
    """The name of the pack in a folder: the one its `pack.yaml` gives, else the folder's."""
    for name in PACK_FILES:
        if (root / name).is_file():
            header = _header(name, (root / name).read_bytes()[:MAX_BYTES + 1])
            return header.text("name") if header and is_name(header.text("name")) else root.resolve().name
    return root.resolve().name


def _header(path: str, content: bytes) -> MapNode | None:
    """A pack's or organisation's file, read for what it requires; its problems are reported by `check`."""
    from engine.text.json_text import parse_json
    from engine.text.yaml_text import parse_yaml

    ignored = Problems()
    text = decode(path, path, content, ignored)
    root = (parse_json if text.is_json else parse_yaml)(text, ignored) if text else None
    return root if isinstance(root, MapNode) else None


class _Reader:
    """Gathers files by their path in the release."""

    def __init__(self, root: Path | None) -> None:
        self.files: dict[str, bytes] = {}
        self.shown: dict[str, str] = {}
        self.problems = Problems()
        self._root = root
        self._full = False

    @staticmethod
    def has(folder: Path, names: Iterable[str]) -> bool:
        return any((folder / name).is_file() for name in names)

    def organisation(self) -> None:
        assert self._root is not None
        for name in ORGANISATION_FILES:
            if (self._root / name).is_file():
                self._file(self._root / name, name, name, self._root)
                return

    def follow(self, places: Sequence[Path]) -> None:
        """Read the packs that the organisation lists and packs require, until none is missing that can be found."""
        missing = self._wanted() - self._have()
        while missing:
            found = {name: folder for name in sorted(missing) if (folder := self._find(name, places)) is not None}
            for name, folder in found.items():
                self.pack(name, folder, self._prefix(name, folder))
            missing = (self._wanted() - self._have()) if found else set()

    def _prefix(self, name: str, folder: Path) -> str:
        if self._root is not None and folder.parent in (self._root, self._root / "packs"):
            return folder.relative_to(self._root).as_posix() + "/"
        return f"{name}/"

    def _have(self) -> set[str]:
        return {path.partition("/")[0] for path in self.files if "/" in path}

    def _wanted(self) -> set[str]:
        wanted: set[str] = set()
        for path, content in self.files.items():
            name = path.rpartition("/")[2]
            if path.count("/") == 1 and name in PACK_FILES:
                header = _header(path, content)
                required = header.map("requires") if header else None
                wanted |= set(required.entries) if required else set()
            elif path in ORGANISATION_FILES:
                header = _header(path, content)
                wanted |= set(header.texts("packs")) if header else set()
        return {name for name in wanted if is_name(name)}

    def _find(self, name: str, places: Sequence[Path]) -> Path | None:
        return next((place / name for place in places if self.has(place / name, PACK_FILES)), None)

    def pack(self, name: str, folder: Path, prefix: str) -> None:
        """All files of a pack's folder, in the order of their names."""
        for entry in self._entries(folder, prefix, folder):
            if entry.name in PACK_FILES:
                self._file(entry, f"{name}/{entry.name}", prefix + entry.name, folder)
            elif entry.is_dir() and entry.name in KINDS:
                self._kind(name, entry, prefix, folder)
            elif entry.name in _IGNORED or entry.name.startswith("."):
                continue
            elif entry.is_dir():
                known = ", ".join(KINDS)
                self.problems.add(Code.FILE_004.at(
                    Place(prefix + entry.name), folder=entry.name, suggestion=suggest(entry.name, KINDS), known=known))
            elif entry.suffix in _ENDINGS:
                self.problems.add(Code.FILE_008.at(Place(prefix + entry.name), wanted=f"one of {', '.join(KINDS)}"))
            else:
                self.problems.add(Code.FILE_005.at(Place(prefix + entry.name), name=entry.name))

    def _kind(self, name: str, folder: Path, prefix: str, pack: Path) -> None:
        for entry in self._entries(folder, f"{prefix}{folder.name}/", pack):
            shown = f"{prefix}{folder.name}/{entry.name}"
            if entry.name in _IGNORED or entry.name.startswith("."):
                continue
            if entry.is_dir():
                self.problems.add(Code.FILE_004.at(Place(shown), folder=entry.name, suggestion="", known="files beside it"))
            elif entry.suffix not in _ENDINGS:
                self.problems.add(Code.FILE_005.at(Place(shown), name=entry.name))
            else:
                self._file(entry, f"{name}/{folder.name}/{entry.name}", shown, pack)

    def _entries(self, folder: Path, prefix: str, pack: Path) -> list[Path]:
        """What a folder holds, without links that lead out of the pack."""
        try:
            found = sorted(Path(entry.path) for entry in os.scandir(folder))
        except OSError as error:
            self.problems.add(Code.FILE_006.at(Place(prefix.rstrip("/") or "."), why=error.strerror or "unknown"))
            return []
        kept = []
        for entry in found:
            if entry.is_symlink() and not Path(os.path.realpath(entry)).is_relative_to(os.path.realpath(pack)):
                self.problems.add(Code.FILE_002.at(Place(prefix + entry.name), path=entry.name))
            else:
                kept.append(entry)
        return kept

    def _file(self, file: Path, path: str, shown: str, pack: Path) -> None:
        problem = self._read(file, path, shown)
        if problem is not None:
            self.problems.add(problem)
        elif path != shown:
            self.shown[path] = shown

    def _read(self, file: Path, path: str, shown: str) -> Problem | None:
        if len(self.files) >= MAX_FILES:
            problem = None if self._full else Code.FILE_003.at(Place(shown), limit=MAX_FILES)
            self._full = True
            return problem
        try:
            found = file.stat()
            if not stat.S_ISREG(found.st_mode):
                return Code.FILE_006.at(Place(shown), why="it is no regular file")
            if found.st_size > MAX_BYTES:
                return Code.FILE_007.at(Place(shown), size=found.st_size, limit=MAX_BYTES)
            self.files[path] = file.read_bytes()
        except OSError as error:
            return Code.FILE_006.at(Place(shown), why=error.strerror or "unknown")
        return None
