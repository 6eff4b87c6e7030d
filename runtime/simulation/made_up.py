"""Values that a record must have and that nobody gave: good enough to let a simulation begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.fields.choice import Choice, ChoiceList
from engine.fields.link import Link
from engine.model import Field, Object
from runtime.simulation.world import NotPossible, World

__all__ = ["made_up"]

_DEPTH = 4


def made_up(world: World, made: Object, word: str, given: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """The required values that are not given; records that must be linked to are made as well. Raises NotPossible."""
    wanted = [field for field in made.fields.values()
              if field.required and field.stored and not field.filled and field.type.writable and field.name not in given and not field.retired]
    return {field.name: _value(world, made, field, word, depth) for field in wanted}


def _value(world: World, made: Object, field: Field, word: str, depth: int) -> Any:
    kind, type = field.type.name, field.type
    if kind in ("text", "long_text"):
        return word
    if isinstance(type, Link) and depth < _DEPTH:
        target = world.release.model.objects[type.to]
        return world.create(target.name, made_up(world, target, target.name, {}, depth + 1))
    if isinstance(type, Choice | ChoiceList) and type.choices.current:
        first = type.choices.current[0].name
        return [first] if kind == "choices" else first
    if kind in ("integer", "decimal"):
        least: Any = getattr(type, "min", None)
        return type.dump(least if least is not None and least > 0 else 0) if kind == "integer" else str(least if least and least > 0 else 0)
    plain = {"date": world.today.isoformat(), "datetime": world.now.isoformat(), "time": "09:00", "boolean": False}
    if kind in plain:
        return plain[kind]
    raise NotPossible(f"a record of '{made.name}' is needed, and its '{field.name}' has no value: give it one")
