"""When the timers of a workflow fire for a record: pure times from a row, and the idempotency key of each."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from engine.expressions import Env, to_python
from engine.expressions.tree import Node
from engine.expressions.zones import zone
from engine.model import Timer, Workflow

__all__ = ["Clock", "Due", "day_begins"]


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """A timer of a record that is in its state."""

    timer: Timer
    at: datetime.datetime
    """In UTC."""

    def key(self, record_id: str) -> str:
        """One timer does one thing to one record at one time, however often the record enters the state."""
        return f"timer:{self.timer.id}:{record_id}:{self.at.isoformat()}"


class Clock:
    """The timers of one workflow, compiled; made once per release. `timezone` is the organisation's."""

    def __init__(self, workflow: Workflow, timezone: str) -> None:
        self.workflow = workflow
        self._zone = zone(timezone) or datetime.UTC
        self._by_state: dict[str, list[tuple[Timer, Any]]] = {}
        for timer in workflow.timers.values():
            state = workflow.states[timer.state].stored
            self._by_state.setdefault(state, []).append((timer, to_python(timer.at.tree)))

    @property
    def states(self) -> tuple[str, ...]:
        """The stored names of the states that a timer waits in."""
        return tuple(self._by_state)

    @property
    def trees(self) -> tuple[Node, ...]:
        """The expressions of the times, for those who load what they read."""
        return tuple(timer.at.tree for timer in self.workflow.timers.values())

    def due(self, state: str | None, row: Env) -> tuple[Due, ...]:
        """The timers of a row in a state (stored name), with their times; without those whose time is unknown."""
        found = []
        for timer, compute in self._by_state.get(state or "", ()):
            at = self._instant(compute(row))
            if at is not None:
                found.append(Due(timer, at))
        return tuple(found)

    def _instant(self, value: Any) -> datetime.datetime | None:
        if isinstance(value, datetime.datetime):
            return value.astimezone(datetime.UTC)
        return day_begins(value, self._zone) if isinstance(value, datetime.date) else None


def day_begins(day: datetime.date, there: datetime.tzinfo) -> datetime.datetime | None:
    """When a day begins in a zone; None at the ends of the calendar, where UTC would have no such year."""
    try:
        return datetime.datetime.combine(day, datetime.time(), there).astimezone(datetime.UTC)
    except (OverflowError, ValueError):
        return None
