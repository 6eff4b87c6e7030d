"""A form with its conditions for the browser: JSON that `runtime/screens/static/live/decide.js` decides by, as `sheet.py` does here.

    {"levels": {"": {"link": "", "rows": "", "items": {NAME: ITEM}, "formulas": {FIELD: tree}}, GROUP: {…}}, "order": [[GROUP, NAME, formula?], …]}
    ITEM: {"field", "above": [names], "show": tree or true, "required": tree or flag, "read_only": tree or flag, "cleared": flag}

Trees are those of `browser.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from engine.expressions import refs
from engine.expressions.tree import Node, Path, rows_read
from engine.model import FormItem, Object, Rule
from engine.model.conditions import Level
from engine.targets.browser import to_browser
from engine.targets.browser_values import Json
from engine.targets.sheet import LiveForm

__all__ = ["Needed", "form_to_browser", "needed"]


@dataclasses.dataclass(frozen=True, slots=True)
class Needed:
    """What the conditions of a level read: paths from its record, and for paths of child rows what they read of each row."""

    paths: tuple[Path, ...]
    rows: dict[Path, tuple[Path, ...]]
    trees: tuple[Node, ...]

    def behind(self, field: str) -> tuple[Path, ...]:
        """The paths that begin with a link, without it."""
        return tuple(path[1:] for path in self.paths if len(path) > 1 and path[0] == field)


Visible = Callable[[str, Path], bool]
"""Whether a person may know of a path from a record of a level (its group, "" for the form's own)."""


def form_to_browser(live: LiveForm, objects: Mapping[str, Object], visible: Visible) -> Json:
    """The form as a JSON value. What the person may not know of is not named in it: it is unknown to her, so it is written as null."""
    inverses = {item: rows for rows, item in live.inverses.items()}
    writing = _Writing(live, objects, visible)
    found = {group: writing.level(level, inverses.get(group, "")) for group, level in live.ordering.levels.items()}
    order = [
        [place.group, place.name, place.formula] for place in live.ordering.order
        if place.name in found[place.group]["formulas" if place.formula else "items"]
    ]
    return {"levels": found, "order": order}


class _Writing:
    def __init__(self, live: LiveForm, objects: Mapping[str, Object], visible: Visible) -> None:
        self._live = live
        self._objects = objects
        self._visible = visible

    def level(self, level: Level, rows: str) -> Json:
        wanted = needed(self._live, self._objects, level.group)
        formulas = [place.name for place in self._live.ordering.order if place.formula and place.group == level.group]
        return {
            "link": level.link, "rows": rows,
            "items": {name: self._item(level, item) for name, item in level.items.items() if self._known(level.group, item)},
            "formulas": {name: self._tree(level.group, _formula(self._objects, level, name)) for name in formulas
                         if self._visible(level.group, (name,))},
            "reads": [".".join(path) for path in wanted.paths if self._visible(level.group, path)],
        }

    def _known(self, group: str, item: FormItem) -> bool:
        return not item.field or self._visible(group, (item.field,))

    def _item(self, level: Level, item: FormItem) -> Json:
        conditions, group = self._live.conditions(level.group, item.name), level.group
        return {
            "field": item.field, "above": list(conditions.above), "show": self._condition(group, item.show, True),
            "required": self._condition(group, item.required_if, item.required),
            "read_only": self._condition(group, item.read_only_if, item.read_only), "cleared": conditions.cleared,
        }

    def _condition(self, group: str, rule: Rule | None, fixed: bool) -> Json:
        return fixed if rule is None else {"tree": self._tree(group, rule.tree)}

    def _tree(self, group: str, tree: Node) -> Json:
        for path, behind in rows_read(tree).items():
            if self._visible(group, path) and not all(self._visible(group, (*path, *each)) for each in behind):
                return None  # what is hidden of rows leaves nothing of it to be known
        return _without(to_browser(tree), {".".join(path) for path in refs(tree) if not self._visible(group, path)})


def _without(tree: Json, hidden: Container[str]) -> Json:
    """A tree with nothing in the place of what is hidden; of hidden rows there are none."""
    if not isinstance(tree, list):
        return tree
    if tree and tree[0] == "ref" and tree[2] in hidden:
        return ["list"] if tree[1] == "rows" else None
    if tree and tree[0] == "lit":
        return tree
    return [_without(part, hidden) for part in tree]


def _formula(objects: Mapping[str, Object], level: Level, name: str) -> Node:
    rule = objects[level.object].fields[name].formula
    assert rule is not None
    return rule.tree


def needed(live: LiveForm, objects: Mapping[str, Object], group: str = "") -> Needed:
    """What must be known of a record of a level before it can be decided."""
    level = live.ordering.levels[group]
    trees = tuple(_trees(live, objects, level))
    paths: dict[Path, None] = {}
    rows: dict[Path, set[Path]] = {}
    for tree in trees:
        paths |= dict.fromkeys(refs(tree))
        for path, behind in rows_read(tree).items():
            rows.setdefault(path, set()).update(behind)
    if not group:
        for inner in live.ordering.levels.values():  # rows read the record behind their link
            if inner.group:
                of_rows = needed(live, objects, inner.group)
                paths |= dict.fromkeys(of_rows.behind(inner.link))
                rows |= {path[1:]: set(behind) for path, behind in of_rows.rows.items() if path[0] == inner.link and len(path) > 1}
    return Needed(tuple(paths), {path: tuple(sorted(behind)) for path, behind in rows.items()}, trees)


def _trees(live: LiveForm, objects: Mapping[str, Object], level: Level) -> Iterator[Node]:
    yield from (rule.tree for item in level.items.values() for rule in _rules(item))
    yield from (_formula(objects, level, place.name) for place in live.ordering.order if place.formula and place.group == level.group)


def _rules(item: FormItem) -> Iterable[Rule]:
    return (rule for rule in (item.show, item.required_if, item.read_only_if) if rule is not None)
