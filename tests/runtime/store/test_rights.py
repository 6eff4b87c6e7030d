"""Who may publish: `design` for everything, `grant` too where effective rights differ."""

from __future__ import annotations

import datetime

import pytest

from runtime.identity.actor import Actor, Membership, TokenScope
from runtime.store.errors import Forbidden
from tests.runtime.store.publishing import VISIT, Clinic

ROLES = """
name: {name}
system: [{rights}]
grants:
  visits: {{object: visit, can: [read], rows: "note != 'x'"}}
"""


def actor(role: str, **more: object) -> Actor:
    return Actor(id="1" * 32, today=datetime.date(2026, 3, 2), memberships=(Membership(f"test:{role}", None),), **more)  # type: ignore[arg-type]


def files(visit: str = VISIT, nurse: str = "") -> dict[str, str]:
    return {
        "objects/visit.yaml": visit, "roles/nurse.yaml": nurse or ROLES.format(name="nurse", rights=""),
        "roles/designer.yaml": ROLES.format(name="designer", rights="design"),
        "roles/owner.yaml": ROLES.format(name="owner", rights="design, grant"),
    }


WITHOUT_GRANT = {
    "field": files(VISIT + "  fee: {type: integer}\n"),
    "rename": files(VISIT.replace("note:", "remark:").replace("max: 80", "max: 80, was: [note]")) | {
        f"roles/{n}.yaml": ROLES.format(name=n, rights=r).replace("note", "remark")
        for n, r in (("nurse", ""), ("designer", "design"), ("owner", "design, grant"))},
    "label": files(VISIT.replace("en: Visit", "en: Consultation")),
    "same right in another grant": files(nurse=ROLES.format(name="nurse", rights="").replace("  visits:", "  seen:")),
    "restricted and shown to nobody": files(VISIT + "  call: {type: phone}\n"),
}
WITH_GRANT = {
    "action": files(nurse=ROLES.format(name="nurse", rights="").replace("[read]", "[read, update]")),
    "condition": files(nurse=ROLES.format(name="nurse", rights="").replace("!= 'x'", "!= 'y'")),
    "system right": files(nurse=ROLES.format(name="nurse", rights="audit")),
    "mask": files(nurse=ROLES.format(name="nurse", rights="").replace("[read],", "[read], mask: [note],")),
    "restricted and shown": files(
        VISIT + "  call: {type: phone}\n", ROLES.format(name="nurse", rights="").replace("[read],", "[read], show: [call],")),
    "unrestricted now": files(VISIT.replace("max: 80", "max: 80, restricted: true")),
    "belongs_to": files(VISIT.replace("{via: patient}", "clinic")),
    "subject": files(VISIT.replace("subject: patient", "subject: none")),
}


@pytest.mark.parametrize("change", [*WITHOUT_GRANT, *WITH_GRANT])
def test_rights_in_effect_decide(clinic: Clinic, change: str):
    """A designer may do what changes nobody's rights; anything else takes the right to grant as well."""
    clinic.publish(files())
    after = WITHOUT_GRANT.get(change) or WITH_GRANT[change]
    needs_grant = change in WITH_GRANT
    assert clinic.plan(after).needs_grant == needs_grant
    with pytest.raises(Forbidden):
        clinic.send(clinic.incoming(after), actor=actor("nurse"))
    if needs_grant:
        with pytest.raises(Forbidden) as refusal:
            clinic.send(clinic.incoming(after), actor=actor("designer"))
        assert refusal.value.right == "grant"
    clinic.send(clinic.incoming(after), actor=actor("owner" if needs_grant else "designer"))


def test_a_changed_formula_behind_a_row_rule_is_a_change_of_rights(clinic: Clinic):
    """Whoever changes what a rule reads changes who may see what."""
    formula = VISIT + "  odd: {type: boolean, formula: \"note == 'a'\"}\n"
    rule = ROLES.format(name="nurse", rights="").replace("note != 'x'", "odd")
    clinic.publish(files(formula, rule))
    assert clinic.plan(files(formula.replace("'a'", "'b'"), rule)).needs_grant


def test_a_narrow_token_cannot_publish(clinic: Clinic):
    """A token that was not given `design` does not have its owner's."""
    clinic.publish(files())
    narrow = actor("owner", scope=TokenScope(actions=frozenset({"read"})))
    with pytest.raises(Forbidden):
        clinic.send(clinic.incoming(WITHOUT_GRANT["field"]), actor=narrow)


def test_the_plan_names_who_gains_a_field(clinic: Clinic):
    """A new field that is not restricted is seen by every role that reads the object."""
    clinic.publish(files())
    sees = [o for o in clinic.plan(WITHOUT_GRANT["field"]).operations if type(o).__name__ == "RoleSees"]
    assert [o.id for o in sees] == ["test:visit.fee"]
    assert sees[0].roles == ("test:designer", "test:nurse", "test:owner")
