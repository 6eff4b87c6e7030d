"""A workflow as a drawing: states as boxes, each transition as one arrow from all the states that it leaves to the one it leads to.

Made of texts that need not check: what leads to a state that there is not keeps its name in `lost` and is drawn without that end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from designer.access import cell_of, denials_of, grants_of, roles_of
from designer.layers import Layers, label_of

__all__ = ["Arrow", "Box", "Drawing", "drawing_of", "live", "roles_that_may", "texts_of"]


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """A state. `leaving` and `arriving` count the transitions out of it and into it, `timers` what waits in it."""

    name: str
    label: str
    category: str
    color: str
    initial: bool
    leaving: int
    arriving: int
    timers: int


@dataclasses.dataclass(frozen=True, slots=True)
class Arrow:
    """A transition. `granted` says that a role may do it or that it happens by itself."""

    name: str
    label: str
    starts: tuple[str, ...]
    end: str
    guarded: bool
    asks: bool
    effects: int
    timed: bool
    granted: bool
    lost: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Drawing:
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def as_json(self) -> dict[str, Any]:
        return {"boxes": [dataclasses.asdict(box) for box in self.boxes], "arrows": [dataclasses.asdict(arrow) for arrow in self.arrows]}


def drawing_of(layers: Layers, name: str, language: str) -> Drawing:
    """The workflow of an object, without what is retired or hidden."""
    states, transitions, timers = (live(layers, name, (section,)) for section in ("states", "transitions", "timers"))
    arrows = tuple(_arrow(layers, name, transition, value, states, timers, language) for transition, value in transitions.items())
    initial = layers.merged("workflows", name).get("initial")
    boxes = tuple(
        Box(state, label_of(value, language) or state, str(value.get("category") or "open"), str(value.get("color") or ""), state == initial,
            sum(state in arrow.starts for arrow in arrows), sum(state == arrow.end for arrow in arrows),
            sum(timer.get("in") == state for timer in timers.values()))
        for state, value in states.items())
    return Drawing(boxes, arrows)


def _arrow(layers: Layers, flow: str, name: str, value: Mapping[str, Any], states: Mapping[str, Any], timers: Mapping[str, Any],
           language: str) -> Arrow:
    starts, end = texts_of(value.get("from")), str(value.get("to") or "")
    timed = any(timer.get("fire") == name for timer in timers.values())
    return Arrow(
        name, label_of(value, language) or name, tuple(state for state in starts if state in states), end if end in states else "",
        bool(value.get("when")), bool(value.get("ask")), len(live(layers, flow, ("transitions", name, "then"))), timed,
        timed or bool(roles_that_may(layers, flow, name)), tuple(state for state in (*starts, end) if state and state not in states))


def live(layers: Layers, flow: str, section: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The elements of a workflow that are neither retired nor hidden."""
    found = layers.elements("workflows", flow, section)
    return {name: value for name, value in found.items() if not value.get("retired") and not value.get("hidden")}


def roles_that_may(layers: Layers, object_name: str, action: str) -> tuple[str, ...]:
    """The roles that may do an action with some of an object's records at least."""
    levels = {role: cell_of(grants_of(layers, role), denials_of(layers, role), object_name, action).level for role in roles_of(layers)}
    return tuple(role for role, level in levels.items() if level not in ("none", "denied"))


def texts_of(value: object) -> tuple[str, ...]:
    """What may be one word or a list of words."""
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value not in (None, "") else ()
