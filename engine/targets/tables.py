"""The tables of a Model: one per object, with the columns of retired fields, foreign keys and indexes."""

from __future__ import annotations

import dataclasses
import hashlib
import types
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from engine.fields.base import Storage, StorageKind
from engine.model import Field, Model, Object
from engine.targets.indexes import IndexSpec, index_specs
from engine.targets.layout import RUNTIME_COLUMNS, Layout, all_fields, all_objects
from engine.targets.types import column_type

__all__ = ["RUNTIME_COLUMNS", "Layout", "LinkColumn", "ObjectTable", "Tables", "runtime_storage", "tables"]

_STORAGES: Mapping[str, Storage] = {
    "id": Storage(StorageKind.ID), "version": Storage(StorageKind.INTEGER),
    "clinic_id": Storage(StorageKind.ID), "subject_id": Storage(StorageKind.ID),
    "created_at": Storage(StorageKind.INSTANT), "created_by": Storage(StorageKind.ID),
    "updated_at": Storage(StorageKind.INSTANT), "updated_by": Storage(StorageKind.ID),
}
_NULLABLE = frozenset({"clinic_id", "subject_id"})


def runtime_storage(name: str) -> Storage:
    """How one of `RUNTIME_COLUMNS` is kept."""
    return _STORAGES[name]


@dataclasses.dataclass(frozen=True, slots=True)
class LinkColumn:
    """A column with a foreign key. A retired field's is among them: a delete must clear it, or the database refuses."""

    field: Field
    column: sa.Column[Any]
    target: sa.Table
    constraint: str


@dataclasses.dataclass(frozen=True)
class ObjectTable:
    """One object's table and where its fields are in it."""

    object: Object
    table: sa.Table
    columns: Mapping[tuple[str, str], sa.Column[Any]]
    """(current field name, part) → column, without retired fields."""
    retired_columns: Mapping[tuple[str, str], sa.Column[Any]]
    """(field id, part) → column of retired fields."""
    storages: Mapping[str, Storage]
    """Physical column name → how it is kept, runtime columns included."""
    indexes: Mapping[str, IndexSpec]
    """Physical name → index."""
    links: tuple[LinkColumn, ...]

    def column(self, field_name: str, part: str = "") -> sa.Column[Any]:
        """The column of a current field, or of a runtime column by its name. Raises KeyError for others."""
        found = self.columns.get((field_name, part))
        if found is None and not part and field_name in RUNTIME_COLUMNS:
            return self.table.c[field_name]
        return self.columns[field_name, part] if found is None else found


@dataclasses.dataclass(frozen=True)
class Tables:
    """All tables of a release."""

    metadata: sa.MetaData
    by_id: Mapping[str, ObjectTable]
    """Object id → its table, retired objects included."""
    by_name: Mapping[str, ObjectTable]
    """Current object name → its table."""

    def object(self, name: str) -> ObjectTable:
        """The table of an object by its current name. Raises KeyError when there is none."""
        return self.by_name[name]

    def violated(self, index: str) -> tuple[ObjectTable, IndexSpec] | None:
        """The unique index that a database names in its refusal, None when it is none of ours."""
        for found in self.by_id.values():
            if index in found.indexes:
                return found, found.indexes[index]
        return None


def tables(model: Model, layout: Layout) -> Tables:
    """The tables of a Model; the layout must have been extended with it (else KeyError)."""
    metadata = sa.MetaData()
    made = {obj.id: _table(obj, layout, metadata) for obj in all_objects(model)}
    by_target = {obj.name: made[obj.id] for obj in reversed(tuple(all_objects(model)))}
    by_id = {}
    for obj in all_objects(model):
        table = made[obj.id]
        links = tuple(_links(obj, table, layout, by_target))
        by_id[obj.id] = _object_table(obj, table, model, layout, links)
    by_name = {name: by_id[obj.id] for name, obj in model.objects.items()}
    return Tables(metadata, types.MappingProxyType(by_id), types.MappingProxyType(by_name))


def _table(obj: Object, layout: Layout, metadata: sa.MetaData) -> sa.Table:
    columns = [
        sa.Column(
            sa.sql.quoted_name(name, quote=True), column_type(storage),
            primary_key=name == "id", nullable=name in _NULLABLE, autoincrement=False,
        )
        for name, storage in _STORAGES.items()
    ]
    for field in all_fields(obj):
        for spec in field.type.columns:
            name = sa.sql.quoted_name(layout.column(field, spec.part), quote=True)
            columns.append(sa.Column(name, column_type(spec.storage), nullable=True))
    return sa.Table(sa.sql.quoted_name(layout.table(obj), quote=True), metadata, *columns)


def _links(obj: Object, table: sa.Table, layout: Layout, targets: Mapping[str, sa.Table]) -> Iterator[LinkColumn]:
    """Adds the foreign keys to the table; without actions and checked at commit, since the service deletes in its order."""
    for field in all_fields(obj):
        target = targets.get(field.type.link_to)
        if target is None:
            continue
        column = table.c[layout.column(field)]
        name = f"fk_{table.name}_{hashlib.sha256(field.id.encode()).hexdigest()[:10]}"
        table.append_constraint(
            sa.ForeignKeyConstraint([column], [target.c.id], name=name, deferrable=True, initially="DEFERRED"))
        yield LinkColumn(field, column, target, name)


def _object_table(
    obj: Object, table: sa.Table, model: Model, layout: Layout, links: tuple[LinkColumn, ...]
) -> ObjectTable:
    current, retired, storages = {}, {}, dict(_STORAGES)
    gone = {field.id for field in obj.retired_fields.values()}
    for field in all_fields(obj):
        for spec in field.type.columns:
            column = table.c[layout.column(field, spec.part)]
            storages[column.name] = spec.storage
            if field.id in gone:
                retired[field.id, spec.part] = column
            else:
                current[field.name, spec.part] = column
    indexes = {spec.name: spec for spec in index_specs(obj, model, layout)}
    for index in indexes.values():
        index.on(table)
    frozen = types.MappingProxyType
    return ObjectTable(obj, table, frozen(current), frozen(retired), frozen(storages), frozen(indexes), links)
