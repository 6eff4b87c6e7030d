"""How rules of access read a row and its reader inside a statement: values of `user` are binds, per group of clinics."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import ClauseList

from engine.expressions import Node, walk
from engine.expressions.sql.storage import POSTGRESQL, SQLITE, Storage
from engine.expressions.sql.translate import Dialect, RowsSql
from engine.expressions.tree import Path, Ref
from engine.expressions.types import DATE, Type
from runtime.identity.actor import Actor
from runtime.identity.standing import Group, Standing, padded

__all__ = ["AccessSource", "Behind", "RuleSource", "bind_values", "list_binds", "storage_of", "today_bind", "user_paths"]

PER_CLINIC = frozenset({("user", "teams"), ("user", "roles")})
"""What holds for the row's clinic."""


class AccessSource(Protocol):
    """A row in a statement: `column` also takes runtime columns (`("clinic_id",)`) and ids behind links."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def whole(self) -> AccessSource:
        """The same row as rules read it: the formulas of a row are then the same for every reader."""
        ...

    def column(self, path: Path) -> ColumnElement[Any]: ...

    def bind(self, path: Path) -> ColumnElement[Any]: ...

    def rows(self, path: Path) -> RowsSql: ...


class Behind:
    """The row that links of another row lead to."""

    def __init__(self, source: AccessSource, links: Path) -> None:
        self._source = source
        self._links = links

    @property
    def dialect(self) -> Dialect:
        return self._source.dialect

    @property
    def whole(self) -> Behind:
        return Behind(self._source.whole, self._links)

    def column(self, path: Path) -> ColumnElement[Any]:
        return self._source.column((*self._links, *path))

    def bind(self, path: Path) -> ColumnElement[Any]:
        return self._source.bind(path)

    def rows(self, path: Path) -> RowsSql:
        return self._source.rows((*self._links, *path))


class RuleSource:
    """What one rule reads: the row, and the user as he stands in one group of clinics."""

    def __init__(self, source: AccessSource, group: Group, prefix: str, clinics: int) -> None:
        self._source = source.whole
        self._group = group
        self._prefix = prefix
        self._clinics = clinics

    def column(self, path: Path) -> ColumnElement[Any]:
        return self._source.column(path)

    def rows(self, path: Path) -> RowsSql:
        return self._source.rows(path)

    def bind(self, path: Path) -> ColumnElement[Any]:
        """A list becomes its padded binds, which stand after IN without being expanded at each execution."""
        if path == ("user", "teams"):
            return _listed(f"{self._prefix}_team", len(padded(self._group.teams)))
        if path == ("user", "roles"):
            return _listed(f"{self._prefix}_role", len(padded(self._group.roles)))
        if path == ("user", "clinics"):
            return _listed("a_clinic", self._clinics)
        return self._source.bind(path) if path == ("now",) else sa.bindparam(_name(path))


def _listed(name: str, count: int) -> ColumnElement[Any]:
    """What stands after IN, brackets included."""
    if not count:  # nothing is in it, not even what is unknown
        return sa.literal_column("(SELECT CAST(NULL AS TEXT) WHERE 1 = 0)")
    return cast(ColumnElement[Any], ClauseList(*list_binds(name, count)).self_group())


def list_binds(name: str, count: int) -> list[ColumnElement[Any]]:
    return [sa.bindparam(f"{name}_{place}", type_=sa.Text()) for place in range(count)]


def today_bind(source: AccessSource) -> ColumnElement[Any]:
    """The actor's day, as the database stores days."""
    return sa.bindparam(_name(("today",)), type_=storage_of(source.dialect).type(DATE))


def storage_of(dialect: str) -> Storage:
    return SQLITE if dialect == "sqlite" else POSTGRESQL


def _name(path: Path) -> str:
    return "a_" + "__".join(path)


def user_paths(trees: Iterable[Node]) -> dict[Path, Type]:
    """The single values of the user that rules read, with their types."""
    found = {}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Ref) and node.path[0] == "user" and node.path not in PER_CLINIC | {("user", "clinics")}:
                found[node.path] = node.type
    return found


def bind_values(actor: Actor, dialect: str, paths: Mapping[Path, Type], role_names: Mapping[str, str]) -> dict[str, Any]:
    """Values of every bind that clauses of access have, as the driver takes them. Role ids that no role has are left out."""
    storage = storage_of(dialect)
    today: datetime.date = actor.today
    values: dict[str, Any] = {_name(("today",)): storage.stored(today, DATE)}
    for path, kind in paths.items():
        own = actor.id if path in (("user",), ("user", "id")) else actor.record.get(".".join(path[1:]))
        values[_name(path)] = storage.stored(own, kind)
    _put(values, "a_clinic", padded(actor.clinics))
    for prefix, group in named_groups(actor.standing):
        _put(values, f"{prefix}_clinic", padded(group.clinics))
        _put(values, f"{prefix}_team", padded(group.teams))
        _put(values, f"{prefix}_role", padded([role_names.get(role, "") for role in sorted(group.roles)]))
    return values


def _put(values: dict[str, Any], name: str, several: Sequence[str]) -> None:
    for place, value in enumerate(several):
        values[f"{name}_{place}"] = value


def named_groups(standing: Standing) -> list[tuple[str, Group]]:
    """Every group with the prefix of its binds."""
    named = [(f"a_g{place}", group) for place, group in enumerate(standing.groups)]
    if standing.elsewhere is not None:
        named.append(("a_else", standing.elsewhere))
    return [*named, ("a_any", standing.anywhere)]
