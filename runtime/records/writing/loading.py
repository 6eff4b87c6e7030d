"""Reading rows to be written: by the predicate of the action, with flags, whole, and with what rules read behind links."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.types import Text

from engine.expressions import Node
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Ref, walk
from engine.expressions.types import RowsOf
from engine.fields.base import Locale
from engine.model import Model, Object, Rule
from engine.targets.layout import RUNTIME_COLUMNS
from runtime.records.ids import chunks
from runtime.records.prepared import Prepared, lru_of
from runtime.records.selecting import RawReader, Raws, Selecting
from runtime.records.sources import RowSource
from runtime.records.writing.work import Work
from runtime.store.compiled import Release

__all__ = ["Loaded", "chunks", "load", "paths_behind", "prepared_once", "rules_of"]

_Path = tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """A stored row: values by field or runtime column name, flags of the action, values behind links by path."""

    values: dict[str, Any]
    flags: tuple[bool, ...]
    behind: dict[_Path, Any]


def prepared_once(release: Release, key: tuple[Any, ...], make: Any) -> Any:
    """What is compiled once per release under a key."""
    return lru_of(release.cache, "records.writes", 1024).get(key, make)


def paths_behind(release: Release, object: Object) -> tuple[_Path, ...]:
    """Paths through links that the object's checks, guards and subjects read, sorted."""
    found: tuple[_Path, ...] = prepared_once(release, ("paths", object.name), lambda: _find_paths(release.model, object))
    return found


def rules_of(model: Model, object: Object) -> list[Rule]:
    """The rules about a row that Python decides: validations, and the guards of its transitions."""
    workflow = model.workflows.get(object.name)
    guards = [t.when for t in workflow.transitions.values() if t.when] if workflow else []
    return [*(check.rule for check in object.checks.values()), *guards]


def _find_paths(model: Model, object: Object) -> tuple[_Path, ...]:
    found: set[_Path] = {path for path in object.subject if len(path) > 1}
    waiting = [path for rule in rules_of(model, object) for path in _plain(rule.tree)]
    seen: set[_Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen or path[0] in BOUND_ROOTS:
            continue
        seen.add(path)
        field = object.fields.get(path[0])
        if len(path) > 1:
            found.add(path)
        elif field is not None and field.formula is not None:
            waiting += _plain(field.formula.tree)
    return tuple(sorted(found))


def _plain(tree: Node) -> Iterator[_Path]:
    """The paths that a tree reads; of child rows behind links, the links."""
    for node in walk(tree):
        if isinstance(node, Ref) and not isinstance(node.type, RowsOf):
            yield node.path
        elif isinstance(node, Ref) and len(node.path) > 1:
            yield node.path[:-1]


class _Statement:
    """The prepared SELECT of whole rows for one action."""

    def __init__(self, work: Work, object: Object, action: str | None, paths: Sequence[_Path], lock: bool) -> None:
        source = RowSource(work.release, object.name, work.dialect)
        dialect = work.connection.dialect
        selecting = Selecting(work.access, source, dialect, Locale())
        self._values: list[tuple[str, RawReader]] = [(name, selecting.plain(source.own(name))) for name in RUNTIME_COLUMNS]
        self._values += [(f.name, selecting.plain(source.own(f.name))) for f in object.fields.values() if f.stored]
        self._behind = [(path, selecting.plain(source.column(path))) for path in paths]
        rights = work.access.object(object.name)
        flags = rights.flags(action, source) if action else ()
        self._flags = [selecting.plain(flag) for flag in flags]
        where: list[ColumnElement[bool]] = [source.id.in_(bindparam("ids", expanding=True, type_=Text()))]
        if action:
            where.append(rights.rows(action, source))
        statement = select(*selecting.columns).select_from(source.clause).where(*where)
        if lock and work.dialect == "postgresql":
            statement = statement.with_for_update(of=source.alias)
        self._prepared = Prepared(statement, dialect)

    def rows(self, work: Work, ids: Sequence[str], binds: dict[str, Any]) -> Iterator[Loaded]:
        raws: Raws = self._prepared.fetch(work.connection, {**binds, "ids": ids})
        if not raws:
            return
        names, paths = [name for name, _ in self._values], [path for path, _ in self._behind]
        values = zip(*[read(raws) for _, read in self._values], strict=True)
        flags = zip(*[map(bool, read(raws)) for read in self._flags], strict=True) if self._flags else repeat(())
        behind = zip(*[read(raws) for _, read in self._behind], strict=True) if paths else repeat(())
        for row, flag, beyond in zip(values, flags, behind, strict=False):
            yield Loaded(dict(zip(names, row, strict=True)), flag, dict(zip(paths, beyond, strict=True)))


def load(
    work: Work, object: Object, ids: Iterable[str], action: str | None, *, paths: Sequence[_Path] = (), lock: bool = False,
) -> dict[str, Loaded]:
    """The rows with these ids that the actor may do `action` with, by id; with None whatever the actor may do."""
    ids = tuple(ids)
    if not ids:
        return {}
    key = ("load", object.name, action, work.actor.shape if action else None, tuple(paths), lock)
    statement: _Statement = prepared_once(work.release, key, lambda: _Statement(work, object, action, paths, lock))
    found: dict[str, Loaded] = {}
    for chunk in chunks(ids):
        for loaded in statement.rows(work, chunk, work.binds):
            found[loaded.values["id"]] = loaded
    return found
