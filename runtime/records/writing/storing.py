"""INSERT and UPDATE of object rows: one prepared statement per object, or per set of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, bindparam, insert, update

from engine.model import Object
from engine.targets.layout import RUNTIME_COLUMNS
from runtime.records.prepared import Prepared
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.work import Item, Raced, Work

__all__ = ["insert_rows", "update_row"]


def insert_rows(work: Work, object: Object, rows: Sequence[Mapping[str, Any]], countries: Sequence[str] = ()) -> None:
    """Insert rows given by field and runtime column names; what is not named is null. `countries` are those of the rows' phones."""
    prepared = prepared_once(work.release, ("insert", object.name), lambda: _insert(work, object))
    columns = _columns(object)
    # Retired fields are null in new rows; a restored row brings theirs along.
    retired = _retired(work, object)
    filled = []
    for place, row in enumerate(rows):
        values = {f"r_{name}": row.get(name) for name in columns}
        values.update({f"retired_{place}": row.get(f"~{id}") for place, (id, _) in enumerate(retired)})
        values.update(_companions(work, object, row, countries[place] if countries else ""))
        filled.append(values)
    prepared.run_many(work.connection, filled)


def _columns(object: Object) -> list[str]:
    return [*RUNTIME_COLUMNS, *(field.name for field in object.fields.values() if field.stored)]


def _retired(work: Work, object: Object) -> list[tuple[str, Column[Any]]]:
    """Ids of retired fields with their columns."""
    columns = work.release.tables.object(object.name).retired_columns
    return [(id, column) for (id, part), column in columns.items() if not part]


def _insert(work: Work, object: Object) -> Prepared:
    table = work.release.tables.object(object.name)
    values = {}
    for name in _columns(object):
        column = table.column(name)
        values[column.name] = bindparam(f"r_{name}", type_=column.type)
    for (name, part), column in table.columns.items():
        if part:
            values[column.name] = bindparam(f"r_{name}__{part}", type_=column.type)
    for place, (_, column) in enumerate(_retired(work, object)):
        values[column.name] = bindparam(f"retired_{place}", type_=column.type)
    return Prepared(insert(table.table).values(values), work.connection.dialect)


def _companions(work: Work, object: Object, row: Mapping[str, Any], country: str, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Values of the companion columns of the named fields, all of them without names."""
    country = country or work.release.model.organisation.country
    found: dict[str, Any] = {}
    for name in names if names is not None else object.fields:
        field = object.fields.get(name)
        if field is None or not field.stored or len(field.type.columns) == 1:
            continue
        value = row.get(name)
        computed = field.type.companions(value, country) if value is not None else [None] * (len(field.type.columns) - 1)
        for spec, companion in zip(field.type.columns[1:], computed, strict=True):
            found[f"r_{name}__{spec.part}"] = companion
    return found


def update_row(work: Work, object: Object, item: Item, *, state: bool = False) -> int:
    """Write `item.new` over the row that was read; its new version.

    A compare-and-set on the version, with `state` on the state too. Raises Raced when another transaction was faster.
    """
    names = tuple(sorted(item.new))
    key = ("update", object.name, names, state)
    prepared: Prepared = prepared_once(work.release, key, lambda: _update(work, object, names, state))
    version = int(item.old["version"]) + 1
    binds = {f"r_{name}": item.new[name] for name in names}
    binds.update(_companions(work, object, item.new, getattr(item.command, "country", ""), names))
    binds.update(w_id=item.id, w_version=version - 1, s_version=version, s_at=work.now, s_by=work.actor.id)
    if state:
        binds["w_state"] = item.old[object.workflow]
    if prepared.change(work.connection, binds) != 1:
        raise Raced
    return version


def _update(work: Work, object: Object, names: Sequence[str], state: bool) -> Prepared:
    table = work.release.tables.object(object.name)
    runtime = table.table.c
    values: dict[str, Any] = {}
    for name in names:
        column = table.column(name)
        values[column.name] = bindparam(f"r_{name}", type_=column.type)
        for (owner, part), companion in table.columns.items():
            if owner == name and part:
                values[companion.name] = bindparam(f"r_{name}__{part}", type_=companion.type)
    values["version"] = bindparam("s_version", type_=runtime.version.type)
    values["updated_at"] = bindparam("s_at", type_=runtime.updated_at.type)
    values["updated_by"] = bindparam("s_by", type_=runtime.updated_by.type)
    statement = update(table.table).values(values).where(
        runtime.id == bindparam("w_id", type_=runtime.id.type), runtime.version == bindparam("w_version", type_=runtime.version.type))
    if state:
        column = table.column(object.workflow)
        statement = statement.where(column == bindparam("w_state", type_=column.type))
    return Prepared(statement, work.connection.dialect)
