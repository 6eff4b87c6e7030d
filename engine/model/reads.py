"""What an expression reads, and along which links and child rows it gets there: the base of access and of stored formulas."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Macro, Node, Path, Ref, Var, rows_path
from engine.model.field import Field
from engine.model.object import Object

__all__ = ["Hop", "Hops", "Read", "Source", "follow", "reads", "sources"]


@dataclasses.dataclass(frozen=True, slots=True)
class Hop:
    """One step from a row to others. Without `rows`: to the record that the link field `link` points to, one of `object`.
    With `rows`: to the records of `object` whose link field `link` points here."""

    object: str
    link: str
    rows: bool = False


Hops = tuple[Hop, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """A value that is read: `name` is a field of `object` or one of the runtime's; at the end of `hops` from the row.

    For a root (`user`, `today`, `now`) `object` is "" and `name` the root. For child rows themselves, whose number and
    choice matter even where no value of theirs does, `name` is the link field that makes them children.
    """

    hops: Hops
    object: str
    name: str
    at: int = dataclasses.field(compare=False)
    """Where in the text it is read, in characters from 0; of the formula that was asked about."""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Values of rows behind one row: `fields` are those read at the end of `hops`."""

    hops: Hops
    object: str
    fields: frozenset[str]


_Here = tuple[Hops, str]
"""Where a variable or the row itself stands: its hops and its object."""


def reads(objects: Mapping[str, Object], object_name: str, tree: Node, *, through: bool = True) -> Iterator[Read]:
    """Every value that a tree over rows of an object reads, each step of a path included; the same one may come twice.

    With `through` virtual formulas are followed to what they read, and come themselves too; stored ones are values.
    """
    yield from _Walk(objects, through).tree(tree, ((), object_name), (), None, ())


def sources(objects: Mapping[str, Object], object_name: str, tree: Node) -> tuple[Source, ...]:
    """The same gathered by place: what is read of the row itself has no hops. Roots are left out."""
    found: dict[tuple[Hops, str], set[str]] = {}
    for read in reads(objects, object_name, tree):
        if read.object:
            found.setdefault((read.hops, read.object), set()).add(read.name)
    return tuple(Source(hops, name, frozenset(fields)) for (hops, name), fields in found.items())


def follow(objects: Mapping[str, Object], object_name: str, path: Sequence[str]) -> tuple[Hops, str]:
    """The hops along links and, at the end, child rows; with the object they lead to. Raises KeyError for other names."""
    hops: Hops = ()
    for name in path:
        inverse = objects[object_name].inverses.get(name)
        if inverse is not None:
            hops, object_name = (*hops, Hop(inverse.object, inverse.link, rows=True)), inverse.object
        else:
            object_name = objects[object_name].fields[name].type.link_to
            hops = (*hops, Hop(object_name, name))
    return hops, object_name


class _Walk:
    """One walk through a tree and the virtual formulas that it reads (the compiler refuses circles of them)."""

    def __init__(self, objects: Mapping[str, Object], through: bool) -> None:
        self._objects = objects
        self._through = through

    def tree(self, node: Node, row: _Here, variables: tuple[_Here | None, ...], at: int | None, within: tuple[str, ...]) -> Iterator[Read]:
        """`variables` are those of the macros around, the innermost first, None for one over a list; `at` fixes the place."""
        if isinstance(node, Ref):
            yield from self._ref(node, row, at, within)
        elif isinstance(node, Var):
            here = variables[node.outwards] if node.outwards < len(variables) else None
            if here is not None and node.path:
                yield from self._path(node.path, here, node.at if at is None else at, within)
        elif isinstance(node, Macro):
            yield from self.tree(node.over, row, variables, at, within)
            path = rows_path(node.over)
            inner = (self._rows(path, row) if path else None, *variables)
            for part in (node.test, node.body):
                if part is not None:
                    yield from self.tree(part, row, inner, at, within)
        else:
            for child in node.children:
                yield from self.tree(child, row, variables, at, within)

    def _ref(self, node: Ref, row: _Here, at: int | None, within: tuple[str, ...]) -> Iterator[Read]:
        place = node.at if at is None else at
        if node.path[0] in BOUND_ROOTS and node.path[0] not in self._names(row[1]):
            yield Read((), "", node.path[0], place)
        else:
            yield from self._path(node.path, row, place, within)

    def _names(self, object_name: str) -> Mapping[str, Field]:
        found = self._objects.get(object_name)
        return found.fields if found else {}

    def _rows(self, path: Path, row: _Here) -> _Here | None:
        try:
            hops, object_name = follow(self._objects, row[1], path)
        except KeyError:
            return None
        return (*row[0], *hops), object_name

    def _path(self, path: Path, start: _Here, at: int, within: tuple[str, ...]) -> Iterator[Read]:
        hops, object_name = start
        for place, name in enumerate(path):
            owner = self._objects.get(object_name)
            if owner is None:
                return
            inverse = owner.inverses.get(name)
            if inverse is not None:
                hops = (*hops, Hop(inverse.object, inverse.link, rows=True))
                yield Read(hops, inverse.object, inverse.link, at)
                return
            yield Read(hops, object_name, name, at)
            field = owner.fields.get(name)
            key = f"{object_name}.{name}"
            if field is None:
                return
            if self._through and field.virtual is not None and key not in within:
                yield from self.tree(field.virtual.tree, (hops, object_name), (), at, (*within, key))
            if place + 1 < len(path):
                object_name = field.type.link_to
                hops = (*hops, Hop(object_name, name))
