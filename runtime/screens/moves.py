"""What leads on from each state of an object, as far as somebody could ever be allowed to take the step.

It lets a board show where a card may be dropped. Whether a step can be taken with this very record is decided when it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.model import Object
from runtime.screens.plans import cached
from runtime.web.state import RequestState

__all__ = ["movable", "steps_of"]


def steps_of(state: RequestState, object: Object) -> Sequence[Mapping[str, Any]]:
    """The transitions: name, label, stored names of the states they leave and of the one they lead to, and whether they ask first."""
    key = ("steps", object.name, state.who.shape, state.language)

    def make() -> tuple[dict[str, Any], ...]:
        workflow, rights = state.release.model.workflows[object.name], state.access.object(object.name)
        return tuple(
            {
                "name": step.name, "label": step.label(state.language), "from": [workflow.states[name].stored for name in step.sources],
                "to": workflow.states[step.target].stored, "asks": bool(step.ask) or step.reason != "none",
            }
            for step in workflow.transitions.values() if rights.allows(step.name)
        )

    found: tuple[dict[str, Any], ...] = cached(state.release).get(key, make)
    return found


def movable(steps: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Stored names of the states that some step leaves."""
    return {stored: True for step in steps for stored in step["from"]}
