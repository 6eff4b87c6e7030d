"""Changes of rows and transitions: read by the predicate, right per field, compare-and-set, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.model import Form, Object
from engine.targets.machine import Decision, Machine, Refusal
from runtime.records.asked import asked_forms, machine_for
from runtime.records.commands import Transition, Update
from runtime.records.filling import Filled, Filling, fill
from runtime.records.guards import said
from runtime.records.outcomes import FieldError, Kind
from runtime.records.query import Reading
from runtime.records.writing.checks import check_errors, checked, gather_children, row_lookup
from runtime.records.writing.clinics import keep_subjects, set_owner
from runtime.records.writing.files import claim_files
from runtime.records.writing.formulas import compute_own
from runtime.records.writing.journal import Change, change_of
from runtime.records.writing.links import follow_links
from runtime.records.writing.loading import load, paths_behind
from runtime.records.writing.rights import needed, refuse_names, right_errors, shows_state
from runtime.records.writing.spread import spread
from runtime.records.writing.storing import update_row
from runtime.records.writing.unique import refuse_duplicates
from runtime.records.writing.work import Item, LateRefusals, Work

__all__ = ["load_items", "move", "update", "write_over"]


def update(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Carry out `Update` commands on one object, each on another row."""
    items = load_items(work, object, items, "update")
    for item in items:
        command: Update = item.command
        if refuse_names(work, object, item, command.values, "update"):
            continue
        if command.version is not None and command.version != item.old["version"]:
            work.refuse(item, Kind.STALE, version=item.old["version"])
            continue
        _read(work, object, item, command.values, required=())
    write_over(work, object, work.open(items), "update")


def move(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Carry out `Transition` commands of one name on one object, each on another row."""
    name = items[0].command.name
    machine = machine_for(work.release, object)
    if machine is None or name not in machine.workflow.transitions:
        for item in items:
            work.refuse(item, Kind.NOT_FOUND)
        return
    decisions: dict[int, Decision] = {}
    items = load_items(work, object, items, name)
    forms = asked_forms(work.connection, work.release, object, machine.workflow.transitions[name], [item.id for item in items])
    if machine.workflow.transitions[name].when is not None:
        gather_children(work, object, items)
    for item in items:
        if not _in_turn(work, object, item, machine):
            continue
        if _answers(work, object, item, forms[item.id], name):
            decided = machine.decide(name, item.old[object.workflow], row_lookup(work, object, item), item.command.reason)
            if isinstance(decided, Refusal):
                _refuse(work, object, item, machine, decided)
            else:
                decisions[item.place] = decided
                item.new[object.workflow] = decided.target
    write_over(work, object, work.open(items), name, decisions)


def load_items(work: Work, object: Object, items: Sequence[Item], action: str, *, lock: bool = False) -> list[Item]:
    """Fill the items with their rows; refuses those that the actor may not act on, saying so only of rows she may read.

    `lock` keeps the rows from being changed until the transaction ends, for what is not guarded by a compare-and-set.
    """
    paths = paths_behind(work.release, object)
    found = load(work, object, [item.command.id for item in items], action, paths=paths, lock=lock)
    lost = [item for item in items if item.command.id not in found]
    readable = load(work, object, [item.command.id for item in lost], "read") if lost else {}
    for item in items:
        item.id = item.command.id
        loaded = found.get(item.id)
        if loaded is not None:
            item.old, item.flags, item.behind = loaded.values, loaded.flags, dict(loaded.behind)
        elif item.id in readable:
            work.refuse(item, Kind.FORBIDDEN)
        else:
            work.refuse(item, Kind.NOT_FOUND)
    return work.open(items)


def _in_turn(work: Work, object: Object, item: Item, machine: Machine) -> bool:
    """Whether the row is still where the actor saw it."""
    command: Transition = item.command
    transition = machine.workflow.transitions[command.name]
    stored = item.old[object.workflow]
    state = next((s for s in machine.workflow.states.values() if s.stored == stored), None)
    if state is None or state.name not in transition.sources:
        if not shows_state(work, object, item):
            work.refuse(item, Kind.LOST, words={"state": "–"}, version=item.old["version"], rule=command.name)
            return False
        if command.version == item.old["version"]:  # nobody was faster: the actor saw this very state
            refused = machine.decide(command.name, stored, row_lookup(work, object, item), command.reason)
            assert isinstance(refused, Refusal)
            _refuse(work, object, item, machine, refused)
            return False
        label = state.label(work.language) if state else str(stored or "–")
        name = state.name if state else ""
        work.refuse(item, Kind.LOST, words={"state": label}, version=item.old["version"], state=name, rule=command.name)
        return False
    if command.version is not None and command.version != item.old["version"]:
        work.refuse(item, Kind.STALE, version=item.old["version"])
        return False
    return True


def _refuse(work: Work, object: Object, item: Item, machine: Machine, refusal: Refusal) -> None:
    refusal = said(refusal, machine.workflow.transitions[item.command.name], work.release, work.access, object.name)
    field = "reason" if refusal.code.startswith("reason") else ""
    words = {key: word(work.language) if callable(word) else word for key, word in refusal.words.items()}
    labels = [object.fields[name].label(work.language) for name in refusal.fields if name in object.fields]
    text = refusal.depends(labels, work.language) if labels else refusal.text(work.language)
    work.refuse(item, Kind.INVALID, errors=[FieldError(field, refusal.code, text, words)])


def _answers(work: Work, object: Object, item: Item, form: Form | None, action: str) -> bool:
    """Read the values given with a transition; only the form's own fields, with what the form requires."""
    values = item.command.values
    items = {i.field: i for i in form.items.values() if i.field} if form else {}
    foreign = [name for name in values if name not in items or items[name].read_only]
    if refuse_names(work, object, item, values, action):
        return False
    if foreign:
        work.refuse(item, Kind.INVALID, errors=[work.error(name, "not_on_form") for name in foreign])
        return False
    required = [name for name, i in items.items() if i.required and not i.read_only]
    if form is None or not form.live:
        return _read(work, object, item, values, required=required)
    filled = _filled(work, object, item, form, action)
    if filled.errors:
        work.refuse(item, Kind.INVALID, errors=filled.errors)
        return False
    always = {i.field for i in items.values() if i.required and form.unconditional(i)}
    read = _read(work, object, item, filled.values, required=filled.required | always)
    item.warnings += [work.error(name, "ignored") for name in filled.ignored]
    return read


def _filled(work: Work, object: Object, item: Item, form: Form, action: str) -> Filled:
    """What the form's conditions say to the values, for the row as the actor sees it."""
    reading = Reading(work.release, work.access, work.actor, work.connection, work.now, b"", work.binds)
    writable = [name for name in form.fields if object.fields[name].typed and not right_errors(work, object, item, [name], action)]
    command: Transition = item.command
    return fill(reading, form, Filling(id=item.id, values=command.values, encoding=command.encoding, writable=writable))


def _read(work: Work, object: Object, item: Item, values: Mapping[str, object], required: Iterable[str]) -> bool:
    """Keep what differs from the row; refuses what cannot be read and required fields that would be empty."""
    inputs = work.inputs(object)
    typed, errors, warnings = inputs.read_all(values, item.command.encoding, getattr(item.command, "country", ""))
    item.warnings += warnings
    item.new = {name: value for name, value in typed.items() if value != item.old[name]}
    row = item.row
    bad = {error.field for error in errors}
    demanded = {*required, *(name for name in values if needed(object, object.fields[name]))} - bad
    errors += [inputs.missing(object.fields[name]) for name in sorted(demanded) if row.get(name) is None]
    if errors:
        work.refuse(item, Kind.INVALID, errors=errors)
    return not errors


def write_over(work: Work, object: Object, items: Sequence[Item], action: str, decisions: Mapping[int, Decision] | None = None) -> None:
    """Links, validations, UPDATE, what follows from changed links, and the journal.

    `action` is what history says; a decision whose transition has another name is taken back, not taken.
    """
    for item in items:
        if not item.new:
            work.done(item, item.old["version"], changed=False)
    items = [item for item in items if item.new]
    follow_links(work, object, items)
    gather_children(work, object, [item for item in work.open(items) if checked(work, object, item.new)])
    for item in work.open(items):
        errors = check_errors(work, object, item, item.new)
        if errors:
            work.refuse(item, Kind.INVALID, errors=errors)
    items = work.open(items)
    for item in items:
        set_owner(object, item)
        item.new = {name: value for name, value in item.new.items() if value != item.old[name]}
    compute_own(work, object, items)
    if work.precheck:
        refuse_duplicates(work, object, items)
        items = work.open(items)
    for item in items:
        _write_one(work, object, item, action, (decisions or {}).get(item.place))
        work.upkeep.updated(object, item.id, item.old, item.new, computed=True)
    work.upkeep.follow()
    moved = [item for item in items if "subject_id" in item.new or any(field.name in item.new for field in object.links)]
    if moved:
        keep_subjects(work, object, moved, fresh=False)
        spread(work, object, moved)
        _keep_moved(work, object, [item for item in moved if object.belongs_to.via in item.new])
    claim_files(work, object, items)


def _keep_moved(work: Work, object: Object, items: Sequence[Item]) -> None:
    """A row that was moved behind another record must be the actor's to change there too. Raises LateRefusals."""
    found = load(work, object, [item.id for item in items], "update")
    late = {item.place: work.refusal(item, Kind.FORBIDDEN) for item in items if item.id not in found}
    if late:
        raise LateRefusals(late)


def _write_one(work: Work, object: Object, item: Item, action: str, decision: Decision | None) -> None:
    version = update_row(work, object, item, state=decision is not None)
    row = item.row
    work.journal.note(Change(
        object=object.id, record_id=item.id, version=version, action=action, changes=changes_of(object, item),
        clinic_id=row["clinic_id"], subject_id=row["subject_id"], reason=decision.reason if decision else None,
    ))
    work.note(
        object, item.id, action, version, old=item.old, row={**row, "version": version},
        transition=decision.transition if decision and decision.transition.name == action else None,
    )
    work.done(item, version)


def changes_of(object: Object, item: Item) -> dict[str, list[Any]]:
    """Old and new by field id."""
    fields = object.fields
    return {fields[n].id: change_of(fields[n], item.old[n], new) for n, new in item.new.items() if n in fields}
