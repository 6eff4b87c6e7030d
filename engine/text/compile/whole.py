"""What only the whole shows: circles of formulas and titles, and objects there may be only one of."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Object
from engine.model.formulas import WrittenOut
from engine.model.reads import Read, reads
from engine.problems import Code, circle
from engine.text.compile.context import Context
from engine.text.compile.titles import check_title_circles, circles

__all__ = ["check_whole"]


def check_whole(context: Context, objects: Mapping[str, Object], written_out: WrittenOut) -> None:
    for key in ("account", "clinic"):
        _only_one(context, objects, key)
    sound = _formula_circles(context, objects) and _formula_sizes(context, objects, written_out)
    if sound:  # else following formulas through one another may have no end
        _row_data_alone(context, objects)
    check_title_circles(context, {name: found.title for name, found in objects.items()})


def _only_one(context: Context, objects: Mapping[str, Object], key: str) -> None:
    marked = [found for found in objects.values() if getattr(found, key)]
    for found in marked[1:]:
        place = context.drafts[found.name].node.place_of(key)
        context.problems.add(Code.OBJECT_002.at(place, name=found.name, key=key, rival=marked[0].name, other=marked[0].place))


def _formula_circles(context: Context, objects: Mapping[str, Object]) -> bool:
    """Whether there are none."""
    needs: dict[str, list[str]] = {}
    for found in objects.values():
        for field in found.fields.values():
            if field.formula is not None:
                read = {f"{each.object}.{each.name}" for each in reads(objects, found.name, field.formula.tree, through=False)}
                needs[f"{found.name}.{field.name}"] = sorted(name for name in read if _computed(objects, name))
    paths = circles(needs)
    for path in paths:
        object_name, _, field_name = path[0].partition(".")
        formula = objects[object_name].fields[field_name].formula
        assert formula is not None
        context.problems.add(Code.FIELD_007.at(formula.place, path=circle(path)))
    return not paths


def _formula_sizes(context: Context, objects: Mapping[str, Object], written_out: WrittenOut) -> bool:
    """Whether all formulas are within the bounds."""
    sound = True
    for found in objects.values():
        for field in found.fields.values():
            problem = written_out.problem(found.name, field.formula.tree) if field.formula is not None else None
            if field.formula is not None and problem is not None:
                sound = False
                context.problems.add(problem.at(field.formula.place))
    return sound


def _computed(objects: Mapping[str, Object], name: str) -> bool:
    object_name, _, field_name = name.partition(".")
    field = objects[object_name].fields.get(field_name) if object_name in objects else None
    return field is not None and field.formula is not None


def _row_data_alone(context: Context, objects: Mapping[str, Object]) -> None:
    """A stored formula has one value for everybody, which only writes of records change."""
    for found in objects.values():
        for field in found.fields.values():
            if field.kept and field.formula is not None:
                wrong = next(filter(None, (_not_row_data(read) for read in reads(objects, found.name, field.formula.tree))), None)
                if wrong is not None:
                    what, why = wrong
                    context.problems.add(Code.FIELD_015.at(field.formula.place, field=field.name, what=f"'{what}'", why=why))


def _not_row_data(read: Read) -> tuple[str, str] | None:
    """What is read, and why a stored formula may not."""
    if not read.object:
        return read.name, _WHY[read.name]
    return (read.name, "which changes without a change of the record's own values") if read.name in _MOVING else None


_WHY = {
    "user": "which differs from reader to reader", "today": "which differs from day to day", "now": "which differs from moment to moment",
}
_MOVING = frozenset({"version", "updated_at", "updated_by", "clinic_id", "subject_id"})
"""What the runtime writes by the way, without being told as a change of the record's fields."""
