"""What somebody may do with many rows of a list at once, and what became of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

from sqlalchemy import select

from engine.model import Field, Object, Transition
from runtime.access import Sight
from runtime.records.commands import Command, Undo, Update
from runtime.records.commands import Transition as Fire
from runtime.records.ids import first_id_at
from runtime.records.writing.undoing import MINUTES
from runtime.screens.plans import cached
from runtime.store import system
from runtime.web.state import RequestState

__all__ = ["ASSIGN", "MOST", "Bulk", "bulk_of", "commands_of", "undo_commands"]

MOST = 200
ASSIGN = "assign"


@dataclasses.dataclass(frozen=True, slots=True)
class Bulk:
    """`assignee` is the field that says who does it, None where she may not set it; `transitions` ask for no form."""

    assignee: Field | None
    transitions: tuple[Transition, ...]
    asking: tuple[Transition, ...]
    """Transitions that are taken one by one, because each asks for a form."""

    @property
    def any(self) -> bool:
        return self.assignee is not None or bool(self.transitions)


def bulk_of(state: RequestState, object: Object) -> Bulk:
    """What is offered above the list of an object; the same for everybody of one shape."""
    found: Bulk = cached(state.release).get(("bulk", object.name, state.who.shape), lambda: _bulk(state, object))
    return found


def _bulk(state: RequestState, object: Object) -> Bulk:
    rights = state.access.object(object.name)
    name = object.task.assignee if object.task else ""
    usable = name and rights.allows("update") and rights.field("update", name).fixed not in (Sight.MASK, Sight.ABSENT)
    flow = state.release.model.workflows.get(object.name)
    allowed = [t for t in flow.transitions.values() if rights.allows(t.name)] if flow else []
    return Bulk(
        object.fields[name] if usable else None, tuple(t for t in allowed if not t.ask), tuple(t for t in allowed if t.ask))


def commands_of(bulk: Bulk, object: Object, ids: Sequence[str], action: str, person: str, reason: str) -> list[Command] | None:
    """A command for each row; None for an action that is not offered. Nobody's later change is overwritten unseen: one field is set."""
    if action == ASSIGN and bulk.assignee is not None:
        return [Update(object.name, id, {bulk.assignee.name: person or None}, None) for id in ids]
    found = next((t for t in bulk.transitions if t.name == action), None)
    if found is None:
        return None
    return [Fire(object.name, id, found.name, reason=(reason or None) if found.reason != "none" else None) for id in ids]


def undo_commands(state: RequestState, object: Object, request_id: str) -> list[Command]:
    """Commands that take back what the actor did in one request, by the audit; [] when there is nothing (any more)."""
    table = system.audit
    since = first_id_at(state.now - datetime.timedelta(minutes=MINUTES))
    statement = select(table.c.record_id, table.c.detail).where(
        table.c.actor == state.who.id, table.c.id >= since, table.c.request_id == request_id, table.c.object == object.id)
    with state.store.read() as connection:
        rows = connection.execute(statement.limit(MOST)).all()
    # Not every entry is a change of a record: putting one on a plan has no version.
    versions = [(row.record_id, (row.detail or {}).get("version")) for row in rows]
    return [Undo(object.name, id, version) for id, version in versions if id and isinstance(version, int)]
