"""What only the whole shows: circles of formulas and titles, and objects there may be only one of."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import refs
from engine.model import Object
from engine.problems import Code, circle
from engine.text.compile.context import Context
from engine.text.compile.titles import check_title_circles, circles

__all__ = ["check_whole"]


def check_whole(context: Context, objects: Mapping[str, Object]) -> None:
    for key in ("account", "clinic"):
        _only_one(context, objects, key)
    _formula_circles(context, objects)
    check_title_circles(context, {name: found.title for name, found in objects.items()})


def _only_one(context: Context, objects: Mapping[str, Object], key: str) -> None:
    marked = [found for found in objects.values() if getattr(found, key)]
    for found in marked[1:]:
        place = context.drafts[found.name].node.place_of(key)
        context.problems.add(Code.OBJECT_002.at(place, name=found.name, key=key, rival=marked[0].name, other=marked[0].place))


def _formula_circles(context: Context, objects: Mapping[str, Object]) -> None:
    needs: dict[str, list[str]] = {}
    for found in objects.values():
        for field in found.fields.values():
            if field.formula is not None:
                read = {step for path in refs(field.formula.tree) for step in _computed(objects, found.name, path)}
                needs[f"{found.name}.{field.name}"] = sorted(read)
    for path in circles(needs):
        object_name, _, field_name = path[0].partition(".")
        formula = objects[object_name].fields[field_name].formula
        assert formula is not None
        context.problems.add(Code.FIELD_007.at(formula.place, path=circle(path)))


def _computed(objects: Mapping[str, Object], object_name: str, path: tuple[str, ...]) -> list[str]:
    """The computed fields that stand on a path."""
    found = []
    for step in path:
        field = objects[object_name].fields.get(step) if object_name in objects else None
        if field is None:
            break
        if field.formula is not None:
            found.append(f"{object_name}.{step}")
        object_name = field.type.link_to
    return found
