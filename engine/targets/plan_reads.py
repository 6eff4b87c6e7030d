"""What the rules of a plan go by: the real paths behind `subject` and `anchor`, and the formulas behind what they read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from engine.expressions import refs
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Node, Path, Ref, rows_read
from engine.expressions.types import TEXT
from engine.model import Model, Object, Plan
from engine.model.reads import follow, reads

__all__ = ["formulas_behind", "meaning", "real_path"]


def real_path(model: Model, plan: Plan, path: Path) -> Path:
    """The path from the record that begins the plan: `subject` and `anchor` are names for some."""
    if path[0] == "subject":
        return (*_subject(model.objects[plan.object]), *path[1:]) or ("id",)
    return (*plan.anchor, *path[1:]) if path[0] == "anchor" else path


def _subject(object: Object) -> Path:
    return object.subject[0] if object.subject else ()


def meaning(part: object) -> object:
    """A tree without where its parts stand in the text: equal for texts that say the same."""
    if isinstance(part, Node):
        return type(part), *(meaning(getattr(part, field.name)) for field in dataclasses.fields(part) if field.name != "at")
    return tuple(meaning(each) for each in part) if isinstance(part, tuple) else part


def formulas_behind(model: Model, plan: Plan, trees: Iterable[Node]) -> Mapping[str, object]:
    """What the formulas mean that the plan's rules read, those behind them as well, by the ids of their fields."""
    found: dict[str, object] = {}
    waiting = [start for tree in trees for start in _starts(model, plan, tree)]
    while waiting:
        for read in reads(model.objects, *waiting.pop()):
            field = model.objects[read.object].fields.get(read.name) if read.object else None
            if field is not None and field.formula is not None and field.id not in found:
                found[field.id] = meaning(field.formula.tree)
                waiting.append((read.object, field.formula.tree))
    return found


def _starts(model: Model, plan: Plan, tree: Node) -> Iterator[tuple[str, Node]]:
    """The paths that a rule reads, each with the object that it begins at."""
    rows = rows_read(tree)
    for path in refs(tree):
        if path[0] in BOUND_ROOTS:
            continue
        step = plan.steps.get(path[1]) if path[0] == "answers" else None
        if path[0] != "answers":
            begin, real = plan.object, real_path(model, plan, path)
        elif step is not None and step.create and path[2:]:
            begin, real = step.create, path[2:]
        else:
            continue
        yield begin, Ref(TEXT, 0, real)
        if path in rows:
            _, child = follow(model.objects, begin, real)
            yield from ((child, Ref(TEXT, 0, part)) for part in rows[path])
