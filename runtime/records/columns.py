"""Which columns and which order a list has: from names that a caller gives, from a view, or from all that is shown."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Field, Label, ListView, Object, SortKey
from engine.problems import suggest
from runtime.records.rows import BadQuery, Column
from runtime.records.scope import ReaderScope

__all__ = ["columns_of", "parse_sort"]

_MAX_SORT_KEYS = 5
_RUNTIME_SORTS = frozenset({"id", "created_at", "updated_at"})


def columns_of(object: Object, fields: tuple[str, ...] | None, view: str | None, scope: ReaderScope) -> Iterator[Column]:
    """The columns in order. Raises BadQuery for a name that the reader may not know of.

    Own fields that are only ever masked are columns too; whether any is left out for a reader is decided by its sight.
    """
    if fields is not None:
        for name in fields:
            yield _named(object, name, scope)
    elif view is not None:
        for column in scope.model.views[view].columns.values():
            yield _column(column.name, column.path, column.label, scope)
    else:
        for field in object.fields.values():
            yield Column(field.name, (field.name,), field.label, field, object.name)


def _named(object: Object, name: str, scope: ReaderScope) -> Column:
    path = tuple(name.split("."))
    field = scope.visible(name) if len(path) == 1 else scope.field(path)
    if field is None:
        raise unknown("fields", name, object, scope)
    return _column(name, path, field.label, scope)


def _column(key: str, path: tuple[str, ...], label: Label, scope: ReaderScope) -> Column:
    owner, field = scope.resolve(path)
    return Column(key, path, label, field, owner)


def unknown(parameter: str, name: str, object: Object, scope: ReaderScope) -> BadQuery:
    """The refusal of a name, the same for what does not exist and for what the reader may not know of."""
    current = next((f.name for f in scope.usable(object.name).values() if name in f.former), None)
    if current:
        return BadQuery(parameter, "former_name", f"'{name}' is now called '{current}'.")
    near = suggest(name, scope.usable(object.name))
    return BadQuery(parameter, "unknown_field", f"There is no field '{name}' on {object.name}.{near}")


def parse_sort(text: str, view: str | None, scope: ReaderScope, object: Object) -> tuple[SortKey, ...]:
    """The order that a caller writes like `-due,name`, else the view's, else () for newest first. Raises BadQuery."""
    if not text:
        found: ListView | None = scope.model.views[view] if view else None
        return found.sort if found else ()
    keys = tuple(_sort_key(part.strip(), scope, object) for part in text.split(","))
    if len(keys) > _MAX_SORT_KEYS:
        raise BadQuery("sort", "too_many_keys", f"sort takes at most {_MAX_SORT_KEYS} fields.")
    return keys


def _sort_key(text: str, scope: ReaderScope, object: Object) -> SortKey:
    name = text.removeprefix("-")
    path = tuple(name.split("."))
    if name not in _RUNTIME_SORTS:
        field: Field | None = scope.field(path)
        if field is None:
            raise unknown("sort", name, object, scope)
        if not field.type.sortable:
            raise BadQuery("sort", "not_sortable", f"A list cannot be sorted by '{name}'.")
    return SortKey(path, text.startswith("-"))
