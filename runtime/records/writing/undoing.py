"""Taking back one's own last change of a record: the values and the state from before, as a new entry of its history."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.fields.base import Invalid
from engine.model import Object, Transition
from engine.targets.machine import Decision
from runtime.records.outcomes import Kind, Refused
from runtime.records.writing.loading import chunks, load, paths_behind
from runtime.records.writing.rights import right_errors
from runtime.records.writing.updating import load_items, write_over
from runtime.records.writing.work import Item, LateRefusals, Work
from runtime.store import system

__all__ = ["MINUTES", "undo"]

MINUTES = 15
"""So long a change can be taken back; afterwards others may have acted on it."""


def undo(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Carry out `Undo` commands on one object, each on another row.

    Refused where somebody changed the record since, where the change is another's, too old or no update or transition, and
    where more than the record followed from it: effects of a transition, steps of a plan.

    Whom the change itself has taken the record from, as when she gave her work to a colleague, may take it back all the same, if
    she has the right to the record as it is then.
    """
    entries = _entries(work, items)
    followed = _on_plans(work, items)
    groups: dict[str, list[Item]] = {}
    for item in items:
        entry = entries.get(item.command.id)
        fits = entry is not None and _own(work, object, entry) and (item.command.id not in followed or entry.action == "update")
        groups.setdefault(str(entry.action) if entry is not None and fits else "", []).append(item)
    for item in load_items(work, object, groups.pop("", ()), "read"):
        work.refuse(item, Kind.INVALID, "not_undoable")
    for action, alike in groups.items():
        given = _given_away(work, object, alike, action)
        away = frozenset(item.place for item in given)
        kept = load_items(work, object, [item for item in alike if item.place not in away], action)
        _take_back(work, object, [*kept, *given], entries, action, away)


def _entries(work: Work, items: Sequence[Item]) -> dict[str, Any]:
    """The history entries of the versions that the commands name, by record."""
    table, wanted = system.history, {item.command.id: item.command.version for item in items}
    found: dict[str, Any] = {}
    for chunk in chunks(tuple(wanted)):
        for row in work.connection.execute(select(table).where(table.c.record_id.in_(chunk))):
            if row.version == wanted[row.record_id]:
                found[row.record_id] = row
    return found


def _on_plans(work: Work, items: Sequence[Item]) -> set[str]:
    table = system.enrolment_step
    ids = (chunk for chunk in chunks(tuple(item.command.id for item in items)))
    return {id for chunk in ids for id in work.connection.scalars(select(table.c.record_id).where(table.c.record_id.in_(chunk)))}


def _own(work: Work, object: Object, entry: Any) -> bool:
    recent = work.now - entry.at <= datetime.timedelta(minutes=MINUTES)
    if entry.by != work.actor.id or entry.object != object.id or not recent:
        return False
    transition = _transition(work, object, entry.action)
    return entry.action == "update" or (transition is not None and not transition.then)


def _transition(work: Work, object: Object, name: str) -> Transition | None:
    flow = work.release.model.workflows.get(object.name)
    return flow.transitions.get(name) if flow else None


def _given_away(work: Work, object: Object, items: Sequence[Item], action: str) -> list[Item]:
    """The items whose record the actor may not change any more, where hers was the last change of all: filled with their rows."""
    hers = load(work, object, [item.command.id for item in items], action)
    left = {item.command.id: item for item in items if item.command.id not in hers}
    found = []
    for id, row in load(work, object, left, None, paths=paths_behind(work.release, object)).items():
        item = left[id]
        if row.values["version"] == item.command.version:
            item.id, item.old, item.behind = id, row.values, dict(row.behind)
            found.append(item)
    return found


def _hers_again(work: Work, object: Object, items: Mapping[int, tuple[Item, list[str]]], action: str) -> None:
    """Records that were given away must be the actor's to change as they are now. Raises LateRefusals."""
    ids = [item.id for item, _ in items.values()]
    found, readable = load(work, object, ids, action), load(work, object, ids, "read")
    late: dict[int, Refused] = {}
    for place, (item, typed) in items.items():
        refusal = work.refusal(item, Kind.FORBIDDEN if item.id in readable else Kind.NOT_FOUND)
        if isinstance(work.outcomes.get(place), Refused):  # what else is wrong with it is not told to whom it is not hers
            work.outcomes[place] = refusal
            continue
        row = found.get(item.id)
        item.flags = row.flags if row is not None else ()
        if row is None or right_errors(work, object, item, typed, action):
            late[place] = refusal
    if late:
        raise LateRefusals(late)


def _take_back(
    work: Work, object: Object, items: Sequence[Item], entries: Mapping[str, Any], action: str, away: frozenset[int],
) -> None:
    """`away` are the places of records that were given away: what the actor may do with them is asked when they are back."""
    transition = _transition(work, object, action)
    decisions: dict[int, Decision] = {}
    back: dict[int, tuple[Item, list[str]]] = {}
    for item in items:
        if item.old["version"] != item.command.version:
            work.refuse(item, Kind.STALE, version=item.old["version"])
            continue
        before = _before(object, entries[item.id])
        if before is None:
            work.refuse(item, Kind.INVALID, "not_undoable")
            continue
        typed = [name for name in before if name != object.workflow]
        if item.place in away:
            back[item.place] = (item, typed)
        elif errors := right_errors(work, object, item, typed, action):
            work.refuse(item, Kind.FORBIDDEN, errors=errors)
            continue
        item.new = {name: value for name, value in before.items() if value != item.old[name]}
        if transition is not None and object.workflow in item.new:
            decisions[item.place] = Decision(transition, item.old[object.workflow], item.new[object.workflow])
    write_over(work, object, work.open(items), "undo", decisions)
    if back:
        _hers_again(work, object, back, action)


def _before(object: Object, entry: Any) -> dict[str, Any] | None:
    """The values from before the change by field name; None when some of them can no longer be told."""
    fields = {field.id: field for field in object.fields.values() if field.formula is None}
    found: dict[str, Any] = {}
    for id, (old, _new) in entry.changes.items():
        field = fields.get(id)
        if field is None:
            return None
        try:
            found[field.name] = None if old is None else field.type.unarchive(old)
        except Invalid:
            return None
    return found
