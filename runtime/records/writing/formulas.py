"""Stored formulas over their own row alone: computed beside the write, as part of the same change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.expressions import to_python
from engine.expressions.tree import Path
from engine.model import Object
from runtime.records.upkeep.statements import dependencies_of
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.work import Item, Work
from runtime.store.compiled import Release

__all__ = ["compute_own"]

_Formulas = tuple[tuple[str, Callable[[Any], Any]], ...]


def compute_own(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Put the values of such formulas into `item.new` where they differ from what the row had."""
    formulas = _own(work.release, object)
    if not formulas:
        return
    virtual = _virtual(work.release, object)
    for item in items:
        row = _Row(item.row, virtual)
        for name, compute in formulas:
            value = row.values[name] = compute(row)
            if value != item.old.get(name):
                item.new[name] = value
            else:
                item.new.pop(name, None)


def _own(release: Release, object: Object) -> _Formulas:
    def make() -> _Formulas:
        names = dependencies_of(release).own.get(object.name, ())
        return tuple((name, to_python(rule.tree)) for name in names if (rule := object.fields[name].formula) is not None)

    found: _Formulas = prepared_once(release, ("own formulas", object.name), make)
    return found


def _virtual(release: Release, object: Object) -> Mapping[str, Callable[[Any], Any]]:
    """The virtual formulas of an object, which stored ones may read."""
    found: Mapping[str, Callable[[Any], Any]] = prepared_once(
        release, ("virtual formulas", object.name),
        lambda: {field.name: to_python(field.virtual.tree) for field in object.fields.values() if field.virtual is not None})
    return found


class _Row:
    """An Env over the values of one row; virtual formulas are computed."""

    def __init__(self, values: Mapping[str, Any], virtual: Mapping[str, Callable[[Any], Any]]) -> None:
        self.values = dict(values)
        self._virtual = virtual

    def lookup(self, path: Path) -> Any:
        """See `engine.expressions.Env`."""
        compute = self._virtual.get(path[0])
        return self.values.get(path[0]) if compute is None else compute(self)
