"""Which fields of a form a person may write, only see, or not know of, for a new record, a stored one or a transition."""

from __future__ import annotations

from engine.model import Form, Object
from engine.targets.policy import Effect
from engine.targets.screens import Mode
from runtime.access import FieldRule, Sight
from runtime.access.access import release_policy
from runtime.records.single import Record
from runtime.screens.clinics import clinic_names
from runtime.web.state import RequestState

__all__ = ["clinics_to_choose", "modes_of_new", "modes_of_record", "modes_of_transition"]


def modes_of_new(state: RequestState, object: Object, form: Form) -> dict[str, Mode]:
    """Fields that a new record's maker may fill; what depends on the row is offered and decided when it is saved."""
    rights = state.access.object(object.name)
    return {
        name: Mode.WRITE for name in form.fields if object.fields[name].typed and _writable(rights.field("create", name))
    }


def modes_of_record(record: Record, form: Form) -> dict[str, Mode]:
    """By the rights on this very row: written where its value is shown whole, seen as far as reading goes."""
    sights = {column.key: sight for column, sight in zip(record.columns, record.row.sights, strict=True)}
    found: dict[str, Mode] = {}
    for name in form.fields:
        sight = sights.get(name, Sight.ABSENT)
        if name in record.writable and sight is Sight.VALUE:
            found[name] = Mode.WRITE
        elif sight is not Sight.ABSENT:
            found[name] = Mode.READ if sight is Sight.VALUE else Mode.MASK
    return found


def modes_of_transition(state: RequestState, record: Record, form: Form, transition: str) -> dict[str, Mode]:
    """A transition's own grant decides what may be filled in with it."""
    rights = state.access.object(record.object.name)
    sights = {column.key: sight for column, sight in zip(record.columns, record.row.sights, strict=True)}
    found: dict[str, Mode] = {}
    for name, item in ((item.field, item) for item in form.items.values() if item.field):
        if record.object.fields[name].typed and not item.read_only and _writable(rights.field(transition, name)):
            found[name] = Mode.WRITE
        elif sights.get(name, Sight.ABSENT) is not Sight.ABSENT:
            found[name] = Mode.READ if sights[name] is Sight.VALUE else Mode.MASK
    return found


def _writable(rule: FieldRule) -> bool:
    return rule.fixed is Sight.VALUE or (rule.fixed is None and rule.most is Sight.VALUE)


def clinics_to_choose(state: RequestState, object: Object, action: str = "create") -> list[tuple[str, str]]:
    """(id, name) of the clinics where the actor may do that with some such record, her first one first; [] without clinics."""
    if object.belongs_to.scope not in ("clinic", "clinics"):
        return []
    clauses = release_policy(state.release).policy.of(object.name)
    roles = {clause.role for clause in clauses if clause.effect is Effect.ALLOW and action in clause.can}
    held = [membership.clinic_id for membership in state.who.memberships if membership.role in roles]
    ids = dict.fromkeys(clinic for clinic in held if clinic)
    if None in held:
        ids |= dict.fromkeys(state.who.clinics)
    names = clinic_names(state)
    return [(id, names[id]) for id in ids if id in names]
