"""One attempt at a list of commands inside one transaction: in order, consecutive alike ones together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.model import Object
from runtime.records.commands import (
    Command,
    Create,
    Delete,
    JoinClinic,
    LeaveClinic,
    Made,
    Restore,
    Transition,
    Undo,
    Update,
)
from runtime.records.ids import is_id
from runtime.records.outcomes import Kind, Outcome, Refused, Written
from runtime.records.writing.creating import create
from runtime.records.writing.deleting import delete
from runtime.records.writing.restoring import restore
from runtime.records.writing.stays import join_clinic, leave_clinic
from runtime.records.writing.undoing import undo
from runtime.records.writing.updating import move, update
from runtime.records.writing.work import Item, LateRefusals, Work

__all__ = ["carry_out"]

_STEPS: dict[type[Any], Callable[[Work, Object, Sequence[Item]], None]] = {
    Create: create, Update: update, Transition: move, Delete: delete, JoinClinic: join_clinic, LeaveClinic: leave_clinic, Undo: undo,
}


def carry_out(work: Work, commands: Sequence[Command], known: dict[int, Refused], *, atomic: bool) -> list[Outcome]:
    """Every command's outcome. Raises Raced, and LateRefusals when what was written must be rolled back."""
    work.outcomes.update(known)
    for group in _groups(commands, known):
        if not atomic and len(commands) > 1:
            _carry_out_apart(work, group)
            continue
        _carry_out_group(work, group)
        refused = {place: outcome for place, outcome in work.outcomes.items() if isinstance(outcome, Refused)}
        if atomic and refused:
            raise LateRefusals(refused)
    work.journal.write(work.connection, actor=work.actor.id, now=work.now, request=work.request, new_id=work.new_id)
    return [work.outcomes[place] for place in range(len(commands))]


def _carry_out_apart(work: Work, items: list[Item]) -> None:
    """A group that is rolled back by itself, so that late refusals cost no new attempt at the whole list."""
    mark, happened = work.journal.mark(), len(work.happened)
    while items:
        savepoint = work.connection.begin_nested()
        try:
            _carry_out_group(work, items)
        except LateRefusals as late:
            savepoint.rollback()
            work.journal.back_to(mark)
            work.upkeep.forget()
            del work.happened[happened:]
            for item in items:
                work.outcomes.pop(item.place, None)
            work.outcomes.update(late.refusals)
            items = [Item(item.place, item.command) for item in items if item.place not in late.refusals]
        else:
            savepoint.commit()
            return


def _groups(commands: Sequence[Command], known: dict[int, Refused]) -> Iterator[list[Item]]:
    """Runs of commands of one kind on one object, no record twice in a run."""
    group: list[Item] = []
    alike: tuple[object, ...] = ()
    ids: set[str] = set()
    for place, command in enumerate(commands):
        if place in known:
            continue
        key = (type(command), getattr(command, "object", ""), getattr(command, "name", ""), _waits(command))
        id = getattr(command, "id", None) or ""
        if group and (key != alike or (id and id in ids)):
            yield group
            group, ids = [], set()
        alike = key
        ids.add(id)
        group.append(Item(place, command))
    if group:
        yield group


def _carry_out_group(work: Work, items: list[Item]) -> None:
    for item in items:
        # No row has an id of another form; asking a database for one may already fail (NUL, lone surrogates).
        if not isinstance(item.command, Create) and not is_id(item.command.id):
            work.refuse(item, Kind.NOT_FOUND)
    items = work.open(items)
    if not items:
        return
    command = items[0].command
    if isinstance(command, Restore):
        restore(work, items)
        return
    object = work.release.model.objects.get(command.object)
    rights = work.access.object(command.object) if object else None
    if object is None or rights is None or not (rights.allows("read") or rights.allows(command.action)):
        for item in items:
            work.refuse(item, Kind.NOT_FOUND)
        return
    if not rights.allows(command.action) and not _unknown_transition(work, command):
        for item in items:
            work.refuse(item, Kind.FORBIDDEN, "forbidden_object")
        return
    _STEPS[type(command)](work, object, [_joined(work, item) for item in items])


def _joined(work: Work, item: Item) -> Item:
    """The item with the ids of records that earlier commands have made in the place of what stands for them."""
    if _waits(item.command):
        item.command = dataclasses.replace(item.command, values={name: _made(work, value) for name, value in item.command.values.items()})
    return item


def _waits(command: Command) -> bool:
    """Whether a command needs the id of a record that another one makes."""
    return any(isinstance(value, Made) for value in getattr(command, "values", {}).values())


def _made(work: Work, value: object) -> object:
    if not isinstance(value, Made):
        return value
    outcome = work.outcomes.get(value.place)
    return outcome.id if isinstance(outcome, Written) else None


def _unknown_transition(work: Work, command: Command) -> bool:
    """A transition that does not exist is not forbidden but unknown."""
    workflow = work.release.model.workflows.get(getattr(command, "object", ""))
    return isinstance(command, Transition) and (workflow is None or command.name not in workflow.transitions)
