"""A form with its conditions for the browser: JSON that `runtime/screens/static/live/decide.js` decides by, as `sheet.py` does here.

    {"levels": {"": {"link": "", "rows": "", "items": {NAME: ITEM}, "formulas": {FIELD: tree}}, GROUP: {…}}, "order": [[GROUP, NAME, formula?], …]}
    ITEM: {"field", "above": [names], "show": tree or true, "required": tree or flag, "read_only": tree or flag, "cleared": flag}

Trees are those of `browser.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

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


def form_to_browser(live: LiveForm, objects: dict[str, Object]) -> Json:
    """The form as a JSON value."""
    inverses = {item: rows for rows, item in live.inverses.items()}
    return {
        "levels": {
            group: {
                "link": level.link, "rows": inverses.get(group, ""), "items": {name: _item(live, level, item) for name, item in level.items.items()},
                "formulas": {place.name: to_browser(_formula(objects, level, place.name)) for place in live.ordering.order
                             if place.formula and place.group == group},
                "reads": [".".join(path) for path in needed(live, objects, group).paths],
            }
            for group, level in live.ordering.levels.items()
        },
        "order": [[place.group, place.name, place.formula] for place in live.ordering.order],
    }


def _item(live: LiveForm, level: Level, item: FormItem) -> Json:
    conditions = live.conditions(level.group, item.name)
    return {
        "field": item.field, "above": list(conditions.above), "show": _tree(item.show, True), "required": _tree(item.required_if, item.required),
        "read_only": _tree(item.read_only_if, item.read_only), "cleared": conditions.cleared,
    }


def _tree(rule: Rule | None, fixed: bool) -> Json:
    return fixed if rule is None else {"tree": to_browser(rule.tree)}


def _formula(objects: dict[str, Object], level: Level, name: str) -> Node:
    rule = objects[level.object].fields[name].formula
    assert rule is not None
    return rule.tree


def needed(live: LiveForm, objects: dict[str, Object], group: str = "") -> Needed:
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


def _trees(live: LiveForm, objects: dict[str, Object], level: Level) -> Iterator[Node]:
    yield from (rule.tree for item in level.items.values() for rule in _rules(item))
    yield from (_formula(objects, level, place.name) for place in live.ordering.order if place.formula and place.group == level.group)


def _rules(item: FormItem) -> Iterable[Rule]:
    return (rule for rule in (item.show, item.required_if, item.read_only_if) if rule is not None)
