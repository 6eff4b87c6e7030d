"""What a check begins with: the files of packs as bytes, and their content hash."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping

from engine.problems import Problem

__all__ = ["ORGANISATION_FILES", "PACK_FILES", "Source", "read_bytes"]

PACK_FILES = ("pack.yaml", "pack.yml", "pack.json")
ORGANISATION_FILES = ("organisation.yaml", "organisation.yml", "organisation.json")


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The files of a pack or an organisation and of all packs they require.

    `files` are by their path in a release: `<pack>/<kind folder>/<file>`, `<pack>/pack.yaml`, `organisation.yaml`.
    `shown` gives the path that problems name where it differs: relative to the folder that was read.
    `problems` are those of reading; `check` reports them with its own.
    """

    files: Mapping[str, bytes]
    shown: Mapping[str, str] = dataclasses.field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 over the sorted (path, bytes) pairs, each with its length, 64 hex digits."""
        digest = hashlib.sha256()
        for path in sorted(self.files):
            name, content = path.encode(), self.files[path]
            digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
            digest.update(content)
        return digest.hexdigest()

    @property
    def packs(self) -> tuple[str, ...]:
        """Names of the folders that hold a pack, sorted."""
        return tuple(sorted({path.partition("/")[0] for path in self.files if "/" in path}))

    def with_files(self, files: Mapping[str, bytes], shown: Mapping[str, str], problems: Iterable[Problem]) -> Source:
        """This source and some more files."""
        return Source({**self.files, **files}, {**self.shown, **shown}, (*self.problems, *problems))


def read_bytes(files: Mapping[str, bytes]) -> Source:
    """The source of a stored release."""
    return Source(dict(files))
