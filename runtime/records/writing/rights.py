"""Which fields a command may name: known to the actor, not computed, and writable in this row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from engine.model import Field, Object
from runtime.access import Access, Sight
from runtime.identity.actor import TokenScope
from runtime.records.outcomes import FieldError, Kind
from runtime.records.writing.loading import load, prepared_once
from runtime.records.writing.work import Item, Work

__all__ = ["allowed_in", "name_errors", "needed", "right_errors", "shows_state", "visible_names"]


def visible_names(work: Work, object: Object, action: str) -> dict[str, None]:
    """Names of fields that the actor may know of, when reading or through the action, in order."""
    def find() -> dict[str, None]:
        rights = work.access.object(object.name)
        return {
            name: None for name in object.fields
            if rights.field("read", name).fixed is not Sight.ABSENT or rights.field(action, name).fixed is not Sight.ABSENT
        }

    found: dict[str, None] = prepared_once(work.release, ("visible", object.name, action, work.actor.shape), find)
    return found


def name_errors(work: Work, object: Object, names: Iterable[str], action: str) -> list[FieldError]:
    """Refusals of names that do not exist for the actor: hidden fields read like misspelt ones."""
    inputs = work.inputs(object)
    visible = visible_names(work, object, action)
    return [error for name in names if (error := inputs.name_error(name, visible))]


def right_errors(work: Work, object: Object, item: Item, names: Iterable[str], action: str) -> list[FieldError]:
    """Refusals of existing fields that the actor may not set in this row; semantics, "Grants": only what is shown whole."""
    rights = work.access.object(object.name)
    errors: list[FieldError] = []
    for name in names:
        field = object.fields[name]
        if not field.typed:
            errors.append(work.error(name, _reason(field, object)))
            continue
        rule = rights.field(action, name)
        sight = rule.fixed if rule.fixed is not None else rule.sight(item.flags)
        if sight is not Sight.VALUE:
            errors.append(work.error(name, "masked" if sight is Sight.MASK else "not_writable"))
    return errors


def _reason(field: Field, object: Object) -> str:
    return "state_field" if field.name == object.workflow else "computed"


def refuse_names(work: Work, object: Object, item: Item, names: Iterable[str], action: str) -> bool:
    """Refuse an item that names what it must not; True when it was refused."""
    names = list(names)
    unknown = name_errors(work, object, names, action)
    if unknown:
        work.refuse(item, Kind.INVALID, errors=unknown)
        return True
    forbidden = right_errors(work, object, item, names, action)
    if forbidden:
        work.refuse(item, Kind.FORBIDDEN, errors=forbidden)
    return bool(forbidden)


def needed(object: Object, field: Field) -> bool:
    """Whether a row must have a value of the field: it is required, or the row would belong to no clinic without it."""
    belongs = object.belongs_to
    return field.required or (field.name == belongs.via and belongs.root_scope != "organisation")


def allowed_in(work: Work, object: Object, id: str, action: str, clinic: str) -> bool:
    """Whether the actor may do `action` with the row as it stands now by what she holds in one clinic alone."""
    if work.actor.system:
        return True
    scope = work.actor.scope or TokenScope()
    if scope.clinics is not None and clinic not in scope.clinics:
        return False
    actor = dataclasses.replace(work.actor, scope=dataclasses.replace(scope, clinics=frozenset({clinic})), kept={})
    there = dataclasses.replace(work, actor=actor, access=Access.of(work.release, actor))
    return id in load(there, object, [id], action)


def shows_state(work: Work, object: Object, item: Item) -> bool:
    """Whether the actor may read in which state the row is; the right to move it alone does not show that."""
    found = load(work, object, [item.id], "read").get(item.id)
    return found is not None and work.access.object(object.name).field("read", object.workflow).sight(found.flags) is Sight.VALUE
