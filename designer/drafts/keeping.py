"""Drafts in the database: made, edited, undone, brought up to date. Each change names the version it was made on, and is made
again when somebody else was faster, so several people work on one draft at once."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from designer.drafts.draft import Draft, Logged, texts
from designer.edits.characters import clean, honest
from designer.edits.edit import Edit
from designer.edits.patch import Patch, between
from designer.edits.refused import EditRefused
from designer.layers import Layers
from engine.problems import Problem
from engine.text.limits import MAX_FILES
from runtime.store import system
from runtime.store.database import Store
from runtime.store.errors import StoreBusy
from runtime.store.merge import merge_files

__all__ = ["Drafts", "digest", "home_pack"]

_draft, _file, _edit = system.design_draft, system.design_file, system.design_edit
_TRIES = 8
_TYPING = timedelta(seconds=60)
"""Typing in one file without a longer pause is one step of undo."""
MOST_EDITS = 2_000
"""Older edits of a draft can no longer be undone."""


def digest(text: str) -> str:
    """What a page holds of the text that it shows, so that nobody's typing overwrites another's."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def home_pack(files: Mapping[str, str]) -> str:
    """The pack that a new draft writes into: the organisation's own, which is the topmost layer."""
    packs = Layers(files).packs
    return packs[-1] if packs else ""


class Drafts:
    """The drafts of one database. `new_id` and the time are the caller's."""

    def __init__(self, store: Store, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id

    def listed(self, *, state: str = "open") -> list[sa.Row[Any]]:
        """Rows of the drafts, the one changed last first."""
        statement = sa.select(_draft).where(_draft.c.state == state).order_by(_draft.c.updated_at.desc(), _draft.c.id).limit(100)
        with self._store.read() as connection:
            return list(connection.execute(statement))

    def find(self, id: str) -> Draft | None:
        """A draft with its files and its log, None when there is none."""
        with self._store.read() as connection:
            row = connection.execute(sa.select(_draft).where(_draft.c.id == id)).one_or_none()
            if row is None:
                return None
            files = connection.execute(sa.select(_file.c.path, _file.c.bytes).where(_file.c.draft_id == id)).all()
            log = connection.execute(sa.select(_edit).where(_edit.c.draft_id == id).order_by(_edit.c.n)).all()
        started = self.release(row.base)
        now: dict[str, str] = dict(started)
        for path, content in files:
            if content is None:
                now.pop(path, None)
            else:
                now[path] = bytes(content).decode("utf-8")
        return Draft(
            **{c: getattr(row, c) for c in ("id", "name", "base", "pack", "state", "version", "position", "created_at", "created_by",
                                            "updated_at", "updated_by", "published")},
            files=now, started=started, log=tuple(_logged(entry, row.position) for entry in log))

    def release(self, hash_: str) -> Mapping[str, str]:
        """The texts of a release, kept. Raises StoreError when there is no such release."""
        return _release(self._store, hash_)

    def create(self, name: str, by: str, now: datetime, *, base: str, files: Mapping[str, str] | None = None) -> str:
        """A new draft that begins from a release; with `files` it begins with those, as after a restore."""
        started = self.release(base)
        id, held = self._new_id(), started if files is None else files
        row = {
            "id": id, "name": clean(name).strip()[:80] or "Draft", "base": base, "pack": home_pack(held), "state": "open", "version": 1,
            "position": 0, "created_at": now, "created_by": by, "updated_at": now, "updated_by": by,
        }
        with self._store.write() as connection:
            connection.execute(_draft.insert(), row)
            _put_files(connection, id, {*started, *held}, held, started)
        return id

    def edit(self, id: str, edit: Edit, by: str, now: datetime, *, expect: Mapping[str, str] | None = None) -> Draft:
        """Make an edit. `expect` are digests of texts that must still be those. Raises EditRefused; then nothing is changed."""
        def change(draft: Draft) -> tuple[Patch, dict[str, str], dict[str, Any] | None]:
            for path, wanted in (expect or {}).items():
                if digest(draft.files.get(path, "")) != wanted:
                    raise EditRefused("stale")
            patch = edit.patch(draft.files)
            files = patch.on(draft.files)
            for path in patch.paths:
                honest(files.get(path, ""), draft.files.get(path, ""))
            if len(files) > MAX_FILES:
                raise EditRefused("too_large", limit=MAX_FILES)
            entry = {"kind": edit.kind, "said": {code: edit.describe(code) for code in ("en", "zh")}, "patch": patch.as_json(),
                     "at": now, "by": by}
            return patch, files, None if patch.empty else entry

        return self._change(id, change, by, now)

    def undo(self, id: str, by: str, now: datetime, *, n: int | None = None) -> Draft:
        """Take the last edit back; with `n` only when it is the one of that number. Raises EditRefused."""
        return self._step(id, by, now, back=True, n=n)

    def redo(self, id: str, by: str, now: datetime, *, n: int | None = None) -> Draft:
        """Do again what was taken back last; with `n` only when it is the one of that number. Raises EditRefused."""
        return self._step(id, by, now, back=False, n=n)

    def settings(self, id: str, by: str, now: datetime, *, name: str | None = None, pack: str | None = None) -> Draft:
        """Another name, or another pack that edits write into. Raises EditRefused."""
        draft = self._known(id)
        if pack is not None and pack not in draft.layers.packs:
            raise EditRefused("no_file", path=f"{pack[:60]}/pack.yaml")
        values = {"name": clean(name).strip()[:80] or draft.name} if name is not None else {}
        values |= {"pack": pack} if pack is not None else {}
        with self._store.write() as connection:
            connection.execute(_draft.update().where(_draft.c.id == id, _draft.c.state == "open").values(**values, updated_at=now, updated_by=by))
        return self._known(id)

    def close(
        self, id: str, by: str, now: datetime, *, state: str, at: str = "open", version: int | None = None, published: str | None = None,
    ) -> bool:
        """Take the draft from the state `at` to `published`, `discarded`, or back to `open`. False when it is not in that state any more, or
        with `version` when somebody changed it since: then it stays as it is, with what they did."""
        statement = _draft.update().where(_draft.c.id == id, _draft.c.state == at)
        if version is not None:
            statement = statement.where(_draft.c.version == version)
        with self._store.write() as connection:
            return bool(connection.execute(statement.values(
                state=state, published=published, updated_at=now, updated_by=by, version=_draft.c.version + 1)).rowcount)

    def bring_up(self, id: str, live: str, by: str, now: datetime) -> Sequence[Problem]:
        """Merge what was published since the draft began; the problems of what both changed, and then nothing is changed. What
        was done before the merge cannot be undone after it. Raises EditRefused for a draft that is closed."""
        for _ in range(_TRIES):
            draft = self._known(id)
            if draft.base == live:
                return ()
            theirs = self.release(live)
            merged, problems = merge_files(
                {p: t.encode() for p, t in draft.started.items()}, {p: t.encode() for p, t in theirs.items()}, draft.as_bytes(), {})
            if problems:
                return problems
            files = texts(merged)
            try:
                with self._store.write() as connection:
                    self._take(connection, draft, by, now, base=live, position=0)
                    connection.execute(_edit.delete().where(_edit.c.draft_id == id))
                    connection.execute(_file.delete().where(_file.c.draft_id == id))
                    _put_files(connection, id, {*files, *theirs}, files, theirs)
            except _Faster:
                continue
            return ()
        raise StoreBusy("too many people change this draft at once")

    # Parts

    def _known(self, id: str) -> Draft:
        draft = self.find(id)
        if draft is None or not draft.open:
            raise EditRefused("closed")
        return draft

    def _change(
        self, id: str, change: Callable[[Draft], tuple[Patch, dict[str, str], dict[str, Any] | None]], by: str, now: datetime,
    ) -> Draft:
        for turn in range(_TRIES):
            draft = self._known(id)
            patch, files, entry = change(draft)
            if entry is None:
                return draft
            try:
                with self._store.write() as connection:
                    self._written(connection, draft, patch, files, entry, by, now)
                return self._known(id)
            except _Faster:
                pass
            if turn:  # others are at it: the next try holds the draft while it works
                with self._store.write() as connection:
                    connection.execute(sa.select(_draft.c.id).where(_draft.c.id == id).with_for_update()).one()
                    draft = self._known(id)
                    patch, files, entry = change(draft)
                    if entry is not None:
                        self._written(connection, draft, patch, files, entry, by, now)
                return self._known(id)
        raise StoreBusy("too many people change this draft at once")

    def _written(
        self, connection: sa.Connection, draft: Draft, patch: Patch, files: Mapping[str, str], entry: dict[str, Any], by: str, now: datetime,
    ) -> None:
        self._take(connection, draft, by, now)  # first: its row is the lock that the others wait at
        position = self._log(connection, draft, entry)
        connection.execute(_draft.update().where(_draft.c.id == draft.id).values(position=position))
        _put_files(connection, draft.id, patch.paths, files, draft.started)

    def _log(self, connection: sa.Connection, draft: Draft, entry: dict[str, Any]) -> int:
        """Write an edit behind those that stand; what was undone is gone then. Returns the new position."""
        last = draft.undoable
        mine = _edit.c.draft_id == draft.id
        connection.execute(_edit.delete().where(mine, _edit.c.n > draft.position))
        if last is not None and _goes_on(last, entry):
            path = last.patch.paths[0]
            before = last.patch.reversed().on(draft.files).get(path)
            after = Patch.of_json(entry["patch"]).on(draft.files).get(path)
            together = between(path, before, after).as_json()
            connection.execute(_edit.update().where(mine, _edit.c.n == last.n).values(patch=together, at=entry["at"]))
            return draft.position
        n = draft.position + 1
        connection.execute(_edit.insert(), {"draft_id": draft.id, "n": n, **entry})
        connection.execute(_edit.delete().where(mine, _edit.c.n <= n - MOST_EDITS))
        return n

    def _take(self, connection: sa.Connection, draft: Draft, by: str, now: datetime, **values: object) -> None:
        """Count the draft's version up. Raises _Faster when it is not the one that was read."""
        statement = _draft.update().where(_draft.c.id == draft.id, _draft.c.version == draft.version, _draft.c.state == "open")
        if not connection.execute(statement.values(version=draft.version + 1, updated_at=now, updated_by=by, **values)).rowcount:
            raise _Faster

    def _step(self, id: str, by: str, now: datetime, *, back: bool, n: int | None) -> Draft:
        for _ in range(_TRIES):
            draft = self._known(id)
            entry = draft.undoable if back else draft.redoable
            if entry is None:
                raise EditRefused("nothing_to_undo" if back else "nothing_to_redo")
            if n is not None and entry.n != n:
                raise EditRefused("stale_undo")
            patch = entry.patch.reversed() if back else entry.patch
            files = patch.on(draft.files)
            try:
                with self._store.write() as connection:
                    self._take(connection, draft, by, now, position=entry.n - 1 if back else entry.n)
                    _put_files(connection, id, patch.paths, files, draft.started)
            except _Faster:
                continue
            return self._known(id)
        raise StoreBusy("too many people change this draft at once")


class _Faster(Exception):
    """Somebody else changed the draft between reading and writing."""


def _goes_on(last: Logged, entry: Mapping[str, Any]) -> bool:
    """Whether somebody goes on typing in the same file."""
    same = last.kind == entry["kind"] == "text" and last.by == entry["by"] and entry["at"] - last.at < _TYPING
    return same and [row[0] for row in entry["patch"]] == list(last.patch.paths) == [entry["patch"][0][0]]


def _logged(row: Any, position: int) -> Logged:
    return Logged(row.n, row.kind, row.said, Patch.of_json(row.patch), row.at, row.by, row.n > position)


def _put_files(
    connection: sa.Connection, id: str, paths: Sequence[str] | set[str], files: Mapping[str, str], started: Mapping[str, str],
) -> None:
    """Keep those of the files that differ from the release they began from."""
    for path in sorted(set(paths)):
        connection.execute(_file.delete().where(_file.c.draft_id == id, _file.c.path == path))
        if files.get(path) != started.get(path):
            text = files.get(path)
            content = None if text is None else text.encode("utf-8")
            connection.execute(_file.insert(), {"draft_id": id, "path": path, "bytes": content})


@functools.lru_cache(maxsize=6)
def _release(store: Store, hash_: str) -> Mapping[str, str]:
    return texts(store.releases.stored(hash_)[0]) if hash_ else {}
