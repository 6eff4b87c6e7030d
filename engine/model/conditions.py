"""In which order the conditions of a form are decided: what is typed into one item decides about others, through formulas too.

The compiler refuses circles with it; the server and the browser follow its order, so that both come to the same sheet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from engine.expressions.tree import Node
from engine.model.form import Form, FormItem
from engine.model.object import Object
from engine.model.reads import Hop, reads

__all__ = ["Level", "Place", "Ordering", "ordering"]


@dataclasses.dataclass(frozen=True, slots=True)
class Level:
    """The items that are asked of one object: the form's own (`group` is ""), or those of the rows of an item."""

    group: str
    object: str
    items: Mapping[str, FormItem]
    under: Mapping[str, tuple[FormItem, ...]]
    link: str = ""
    """For rows: their link field to the record of the form."""


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Something to decide or compute: an item (`formula` false) or a formula of the object, on one level."""

    group: str
    name: str
    formula: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Ordering:
    """`order` has every place behind those that it depends on; `circle` names items that depend on each other, () for none.

    A formula is a place where something needs it and what is typed has an effect on it.
    """

    levels: Mapping[str, Level]
    order: tuple[Place, ...]
    circle: tuple[str, ...]

    def formulas(self, group: str) -> tuple[str, ...]:
        """Names of the computed fields of a level that follow what is typed."""
        return tuple(place.name for place in self.order if place.formula and place.group == group)


def levels(form: Form) -> dict[str, Level]:
    """The form's own items and those of its rows."""
    found = {"": Level("", form.object, form.items, form.under())}
    for item in form.groups:
        inner = Form(id="", name="", label=item.label, place=item.place, object=item.row_object, items=item.items)
        found[item.name] = Level(item.name, item.row_object, item.items, inner.under(), item.row_link)
    return found


def ordering(form: Form, objects: Mapping[str, Object]) -> Ordering:
    """The order of a form's conditions."""
    return _Planning(form, objects).ordering()


class _Planning:
    def __init__(self, form: Form, objects: Mapping[str, Object]) -> None:
        self._objects = objects
        self._levels = levels(form)
        self._needs: dict[Place, set[Place]] = {}
        self._follows: dict[Place, bool] = {}
        self._fields = {group: {item.field: name for name, item in level.items.items() if item.field} for group, level in self._levels.items()}

    def ordering(self) -> Ordering:
        for level in self._levels.values():
            for item in level.items.values():
                self._item(level, item)
        order, circle = self._sorted()
        return Ordering(self._levels, order, circle)

    def _item(self, level: Level, item: FormItem) -> None:
        place = Place(level.group, item.name)
        needs = {Place(level.group, above.name) for above in level.under[item.name]}
        if level.group:
            needs.add(Place("", level.group))
        if item.show is not None:
            needs |= set(self._read(level, item.show.tree))
        if item.read_only_if is not None:  # of its own field it sees what the record has
            needs |= set(self._read(level, item.read_only_if.tree)) - {place}
        self._needs[place] = needs
        if item.required_if is not None:
            set(self._read(level, item.required_if.tree))  # the formulas that it reads are computed too
        field = self._objects[level.object].fields.get(item.field)
        if field is not None and field.formula is not None:
            self._formula(level, item.field)

    def _read(self, level: Level, tree: Node) -> Iterator[Place]:
        """The places of this form that a tree reads."""
        for read in reads(self._objects, level.object, tree, through=False):
            if not read.object:
                continue
            if not read.hops:
                yield from self._value(level, read.name)
            elif level.group and read.hops == (Hop(self._levels[""].object, level.link),):
                yield from self._value(self._levels[""], read.name)
            elif read.hops[0].rows and len(read.hops) == 1:
                yield from self._of_rows(level, read.hops[0], read.name)

    def _of_rows(self, level: Level, hop: Hop, name: str) -> Iterator[Place]:
        for inner in self._levels.values() if not level.group else ():
            if inner.group and (inner.object, inner.link) == (hop.object, hop.link):
                yield Place("", inner.group)
                yield from self._value(inner, name)

    def _value(self, level: Level, name: str) -> Iterator[Place]:
        item = self._fields[level.group].get(name)
        field = self._objects[level.object].fields.get(name)
        if field is not None and field.formula is not None:
            if self._formula(level, name):
                yield Place(level.group, name, formula=True)
        elif item is not None:
            yield Place(level.group, item)

    def _formula(self, level: Level, name: str) -> bool:
        """Whether a formula follows what is typed; then it is a place of its own."""
        place = Place(level.group, name, formula=True)
        if place not in self._follows:
            self._follows[place] = False  # for formulas that need each other, which is a problem of its own
            rule = self._objects[level.object].fields[name].formula
            needs = set(self._read(level, rule.tree)) if rule is not None else set()
            self._follows[place] = bool(needs)
            if needs:
                self._needs[place] = needs
        return self._follows[place]

    def _sorted(self) -> tuple[tuple[Place, ...], tuple[str, ...]]:
        """Depth first, in the order of the form, without recursion; the first circle that is met."""
        done: dict[Place, None] = {}
        for start in list(self._needs):
            path: dict[Place, Iterator[Place]] = {}
            if start not in done:
                path[start] = self._next(start)
            while path:
                here = next(reversed(path))
                need = next(path[here], None)
                if need is None:
                    done[here] = None
                    del path[here]
                elif need in path:
                    names = list(path)[list(path).index(need):]
                    return tuple(done), tuple(dict.fromkeys(self._words(each) for each in (*names, need)))
                elif need not in done:
                    path[need] = self._next(need)
        return tuple(done), ()

    def _next(self, place: Place) -> Iterator[Place]:
        known = list(self._needs)
        return iter(sorted(self._needs.get(place, ()), key=known.index))

    @staticmethod
    def _words(place: Place) -> str:
        return f"{place.group}.{place.name}" if place.group else place.name
