"""Empty clinics with a release, made once for all simulations of a run: the same definitions are published once."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.text import Source
from runtime.audit.keys import Keys
from runtime.identity.actor import system_actor
from runtime.records.ids import Ids
from runtime.records.seeding import Seeding
from runtime.simulation.world import World
from runtime.store import publish
from runtime.store.candidate import Incoming
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["Houses"]

_BUILT = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_FAST = {"CAREWORK_SQLITE_SYNCHRONOUS": "NORMAL", "CAREWORK_TESTING": "1"}
"""What a simulation writes need not outlive a power cut."""


_KEPT = 4
"""So many releases stay built: whoever edits definitions goes back and forth between a few."""


class Houses:
    """A folder of databases that are thrown away at the end. Safe to share between threads."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="carework-simulation-"))
        self._keys = Keys(secrets.token_bytes(32))
        self._built: dict[str, tuple[Path, Release]] = {}
        self._lock = threading.Lock()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextlib.contextmanager
    def world(self, source: Source, starts: datetime.datetime, patience: float | None = None) -> Iterator[World]:
        """A clinic of its own at a moment by the clinics' clocks; `patience` is how many seconds all of it may take.

        Raises `runtime.store.errors.Refused` with the problems of the definitions.
        """
        with self._lock:
            template, release = self._template(source)
            path = self._next("clinic")
            for each in self._files(template):
                shutil.copy(each, each.with_name(path.stem + each.name.removeprefix(template.stem)))
        world = World(f"sqlite:///{path}", release, self._keys, starts, _FAST, patience)
        try:
            yield world
        finally:
            world.close()
            self._remove(path)

    def _next(self, word: str) -> Path:
        self._count += 1
        return self._folder / f"{word}-{self._count}.sqlite3"

    def _remove(self, path: Path) -> None:
        for each in self._files(path):
            each.unlink()

    def _files(self, path: Path) -> list[Path]:
        """The database, its audit and what SQLite keeps beside them."""
        return list(self._folder.glob(f"{path.stem}.*"))

    def _template(self, source: Source) -> tuple[Path, Release]:
        # A scenario says nothing of how the clinic works, so that those who write one need not wait for a publish.
        source = Source({path: content for path, content in source.files.items() if "/scenarios/" not in path}, source.shown, source.problems)
        if source.hash not in self._built:
            if len(self._built) == _KEPT:
                self._remove(self._built.pop(next(iter(self._built)))[0])
            path = self._next("built")
            store = Store.open(f"sqlite:///{path}", clock=lambda: _BUILT, environment=_FAST)
            try:
                new_id = Ids(lambda: int(_BUILT.timestamp() * 1000), secrets.randbits)
                publish.publish(
                    store, Incoming(source=source, packs=frozenset(source.packs), base=""), system_actor(_BUILT.date()), new_id=new_id,
                    seed=Seeding(lambda: _BUILT, new_id, self._keys))
                release = store.release()
            finally:
                store.close()
            self._built[source.hash] = path, release
        found = self._built[source.hash] = self._built.pop(source.hash)  # the latest stands last
        return found
