"""New rows, set-based: read and check the values, give numbers, insert, then keep what the predicate lets stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.model import Object
from runtime.records.commands import Create
from runtime.records.defaults import defaults
from runtime.records.ids import is_id
from runtime.records.outcomes import Kind
from runtime.records.writing.checks import check_errors, gather_children
from runtime.records.writing.clinics import clinic_of_new, keep_stays, keep_subjects, set_owner
from runtime.records.writing.files import claim_files
from runtime.records.writing.formulas import compute_own
from runtime.records.writing.journal import Change, change_of
from runtime.records.writing.links import follow_links
from runtime.records.writing.loading import load
from runtime.records.writing.rights import name_errors, needed, right_errors
from runtime.records.writing.sequences import number
from runtime.records.writing.storing import insert_rows
from runtime.records.writing.unique import refuse_duplicates
from runtime.records.writing.work import Item, LateRefusals, Work

__all__ = ["create"]


def create(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Create the rows of `Create` commands on one object."""
    for item in items:
        _read(work, object, item)
    items = work.open(items)
    follow_links(work, object, items)
    items = work.open(items)
    gather_children(work, object, items)
    for item in items:
        _finish(work, object, item)
    items = work.open(items)
    if work.precheck:
        refuse_duplicates(work, object, items)
        items = work.open(items)
    if not items:
        return
    number(work, object, items)
    compute_own(work, object, items)
    insert_rows(work, object, [item.new for item in items], [item.command.country for item in items])
    keep_stays(work, object, items)
    keep_subjects(work, object, items, fresh=True)
    work.upkeep.created(object, [item.new for item in items], computed=True)
    work.upkeep.follow()
    _keep_allowed(work, object, items)
    claim_files(work, object, items)
    for item in items:
        work.journal.note(Change(
            object=object.id, record_id=item.id, version=1, action="create", changes=_initial(object, item),
            clinic_id=item.new.get("clinic_id"), subject_id=item.new.get("subject_id"),
        ))
        work.note(object, item.id, "create", 1, row=item.new)
        work.done(item, 1)


def _read(work: Work, object: Object, item: Item) -> None:
    """The values as given, with the clinic and the id; refuses what cannot be read."""
    command: Create = item.command
    names = list(command.values)
    unknown = name_errors(work, object, names, "create")
    if unknown:
        work.refuse(item, Kind.INVALID, errors=unknown)
        return
    computed = [work.error(n, "computed" if n != object.workflow else "state_field") for n in names if not object.fields[n].typed]
    if computed:
        work.refuse(item, Kind.FORBIDDEN, errors=computed)
        return
    item.new, errors, warnings = work.inputs(object).read_all(command.values, command.encoding, command.country)
    item.warnings += warnings
    clinic, problem = clinic_of_new(work, object, command.clinic)
    if problem:
        errors.append(problem)
    if command.id is not None and not (work.actor.system and is_id(command.id)):
        errors.append(work.error("id", "id_not_taken"))
    item.id = command.id or work.new_id()
    item.new["clinic_id"] = clinic
    if errors:
        work.refuse(item, Kind.INVALID, errors=errors)


def _finish(work: Work, object: Object, item: Item) -> None:
    """Defaults, state, owner and runtime columns; then required fields and validations."""
    new = item.new
    new.update(defaults(work.release, object, work.actor, work.now, new.get("clinic_id"), item.command.values))
    if object.workflow:
        workflow = work.release.model.workflows[object.name]
        new[object.workflow] = workflow.states[workflow.initial].stored
    new.update(
        id=item.id, version=1, created_at=work.now, created_by=work.actor.id, updated_at=work.now, updated_by=work.actor.id,
    )
    set_owner(object, item)
    inputs = work.inputs(object)
    errors = [inputs.missing(f) for f in object.fields.values() if needed(object, f) and f.typed and new.get(f.name) is None]
    errors += check_errors(work, object, item, None)
    if errors:
        work.refuse(item, Kind.INVALID, errors=errors)


def _keep_allowed(work: Work, object: Object, items: Sequence[Item]) -> None:
    """The rows stand now, so the predicate and the flags decide. Raises LateRefusals for what it does not let stand."""
    found = load(work, object, [item.id for item in items], "create")
    late = {}
    for item in items:
        loaded = found.get(item.id)
        if loaded is None:
            late[item.place] = work.refusal(item, Kind.FORBIDDEN)
            continue
        item.flags = loaded.flags
        errors = right_errors(work, object, item, item.command.values, "create")
        if errors:
            late[item.place] = work.refusal(item, Kind.FORBIDDEN, errors=errors)
    if late:
        raise LateRefusals(late)


def _initial(object: Object, item: Item) -> dict[str, list[Any]]:
    return {
        field.id: change_of(field, None, item.new[field.name])
        for field in object.fields.values() if field.stored and item.new.get(field.name) is not None
    }
