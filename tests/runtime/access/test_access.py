"""Access compiled per shape of actor.

R1  Default deny: no roles, unknown roles, an empty policy, unknown actions and fields give nothing (A-23, A-27).
R2  One shape serves every actor with the same pattern of roles; ids are binds.
R3  Flags are selected only where a field depends on the row; predicates are bare comparisons that an index serves.
R4  A restricted field is reached only by name; a denial's mask and hide beat every grant.
R5  System rights are apart from each other and from rows.
R6  Casbin refuses a policy without lines and lines with empty words.
"""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa

from engine.names import SYSTEM_RIGHTS
from engine.targets.policy import CASBIN_MODEL, Effect, Line, compile_policy
from runtime.access import Access, ObjectAccess, Sight
from runtime.access.oracle import LinesAdapter, RefusedPolicy
from runtime.identity.actor import Actor, Membership, TokenScope, system_actor
from runtime.records.sources import RowSource
from runtime.store.compiled import Release
from tests.runtime.access.world import ACTIONS, CLINICS, PEOPLE, TEAMS, TODAY, model_with, released

A, B, C = CLINICS
ROLES = {
    "roles/nurse.yaml": """
name: nurse
grants:
  mine: {object: patient, can: [read, update], rows: "team in user.teams", show: [phone]}
  others: {object: patient, can: [read], mask: [phone]}
  rooms: {object: room, can: [read]}
  staff: {object: staff, can: [read]}
""",
    "roles/clerk.yaml": "name: clerk\ngrants:\n  rooms: {object: room, can: [read], show: [keys]}\n",
    "roles/shy.yaml": """
name: shy
grants:
  rooms: {object: room, can: [read], show: [keys]}
denials:
  none: {object: room, mask: [keys], hide: [name]}
  never: {object: patient, can: [read]}
""",
    "roles/designer.yaml": "name: designer\nsystem: [design]\ngrants: {}\n",
    "roles/auditor.yaml": "name: auditor\nsystem: [audit]\ngrants: {}\n",
}


@pytest.fixture(scope="module")
def release() -> Release:
    return released(model_with(ROLES))


def actor(*held: tuple[str, str | None], teams: dict[str, tuple[str, ...]] | None = None, scope: TokenScope | None = None) -> Actor:
    return Actor(
        id=PEOPLE[0], today=TODAY, memberships=tuple(Membership(f"test:{role}", clinic) for role, clinic in held), teams=teams or {},
        scope=scope,
    )


def where(release: Release, rights: ObjectAccess, action: str = "read") -> str:
    source = RowSource(release, rights.object.name)
    condition = rights.rows(action, source)
    return " ".join(str(sa.select(source.id).select_from(source.clause).where(condition)).partition("WHERE ")[2].split())


@pytest.mark.parametrize("nobody", [actor(), actor(("gone", A)), actor(("designer", A))])
def test_nothing_without_a_grant(release: Release, nobody: Actor) -> None:
    """R1: no membership, a role that is no more, a role that grants no rows."""
    access = Access.of(release, nobody)
    for name, actions in ACTIONS.items():
        rights = access.object(name)
        for action in actions:
            assert not rights.allows(action)
            assert where(release, rights, action) in ("false", "0 = 1")
            assert rights.flags(action, RowSource(release, name)) == ()
            assert all(rights.field(action, field).fixed is Sight.ABSENT for field in rights.object.fields)


def test_an_empty_policy_denies() -> None:
    """R1: a release without any role."""
    release = released(model_with({}))
    assert compile_policy(release.model).lines == ()
    assert not Access.of(release, actor(("nurse", None))).object("patient").allows("read")


def test_unknown_action_and_field(release: Release) -> None:
    """R1."""
    rights = Access.of(release, actor(("nurse", A))).object("patient")
    assert not rights.allows("fly") and where(release, rights, "fly") in ("false", "0 = 1")
    assert rights.field("read", "ghost").fixed is Sight.ABSENT
    assert rights.shown("read", "ghost", RowSource(release, "patient")) is False
    assert rights.field("fly", "name").fixed is Sight.ABSENT
    everything = Access.of(release, system_actor(TODAY)).object("patient")
    assert everything.allows("delete") and not everything.allows("fly")
    assert everything.field("read", "income").fixed is Sight.VALUE and everything.field("read", "ghost").fixed is Sight.ABSENT


def test_shapes_are_shared(release: Release) -> None:
    """R2: other clinics, other teams, another person: one compiled access, other binds."""
    one = actor(("nurse", A), teams={A: TEAMS[:2]})
    two = Actor(id=PEOPLE[1], today=TODAY + datetime.timedelta(days=1), memberships=(Membership("test:nurse", B),), teams={B: TEAMS[2:4]})
    other = actor(("nurse", A), ("clerk", B))
    assert Access.of(release, one) is Access.of(release, two)
    assert Access.of(release, one) is not Access.of(release, other)
    access = Access.of(release, one)
    assert access.binds(one, "sqlite").keys() == access.binds(two, "sqlite").keys()
    assert A in access.binds(one, "sqlite").values() and A not in access.binds(two, "sqlite").values()


def test_one_clinic_is_an_equality(release: Release) -> None:
    """R3: no function around a column, no OR for grants that others cover."""
    rights = Access.of(release, actor(("nurse", A))).object("room")
    assert where(release, rights) == 't0."clinic_id" = :a_g0_clinic_0'
    two = Access.of(release, actor(("nurse", A), ("clerk", B))).object("room")
    assert where(release, two) == 't0."clinic_id" IN (:a_g0_clinic_0, :a_g1_clinic_0)'
    everywhere = Access.of(release, actor(("nurse", None))).object("room")
    assert "clinic_id" not in where(release, everywhere)
    assert "clinic_id" not in where(release, Access.of(release, actor(("nurse", A))).object("staff"))


def test_many_clinics_share_a_statement(release: Release) -> None:
    """R2: three clinics and four have the same statement; the last is repeated."""
    three, four = (actor(*(("nurse", f"{n:032x}") for n in range(count))) for count in (3, 4))
    access = Access.of(release, three)
    assert access is Access.of(release, four)
    assert access.binds(three, "sqlite").keys() == access.binds(four, "sqlite").keys()


def test_flags_only_where_needed(release: Release) -> None:
    """R3: one flag for the phone (and the formula that reads it), none for an object with one grant."""
    rights = Access.of(release, actor(("nurse", A), teams={A: TEAMS[:1]})).object("patient")
    flags = rights.flags("read", RowSource(release, "patient"))
    assert [str(flag) for flag in flags] == ['t0."team" IN (:a_g0_team_0)']
    assert rights.field("read", "phone").fixed is None
    assert [rights.field("read", "phone").sight(values) for values in ((True,), (False,), (None,))] == [Sight.VALUE, Sight.MASK, Sight.MASK]
    assert rights.field("read", "name").fixed is Sight.VALUE
    assert rights.field("read", "income").fixed is Sight.ABSENT
    assert rights.field("read", "reach").sight((False,)) is Sight.ABSENT
    assert rights.flags("update", RowSource(release, "patient")) == ()
    assert rights.field("update", "phone").fixed is Sight.VALUE


def test_restricted_fields_and_denials(release: Release) -> None:
    """R4."""
    def sights(*roles: str) -> tuple[Sight | None, Sight | None]:
        rights = Access.of(release, actor(*((role, A) for role in roles))).object("room")
        return rights.field("read", "keys").fixed, rights.field("read", "name").fixed

    assert sights("nurse") == (Sight.ABSENT, Sight.VALUE)
    assert sights("clerk") == (Sight.VALUE, Sight.VALUE)
    assert sights("clerk", "shy") == (Sight.MASK, Sight.ABSENT)
    assert not Access.of(release, actor(("nurse", A), ("shy", A))).object("patient").allows("read")
    assert Access.of(release, actor(("nurse", A), ("shy", B))).object("patient").allows("read")


def test_system_rights_are_apart(release: Release) -> None:
    """R5: each role has its own right and no other, and none of the rows (A-34)."""
    def rights_of(role: str) -> list[str]:
        return [right for right in SYSTEM_RIGHTS if Access.of(release, actor((role, None))).system(right)]

    held = {role: rights_of(role) for role in ("designer", "auditor", "nurse")}
    assert held == {"designer": ["design"], "auditor": ["audit"], "nurse": []}
    assert not Access.of(release, actor(("designer", None))).system("fly")
    narrowed = actor(("designer", None), scope=TokenScope(actions=frozenset({"read"})))
    assert not Access.of(release, narrowed).system("design")


def test_casbin_gets_no_empty_policy(release: Release) -> None:
    """R6."""
    line = compile_policy(release.model).lines[0]
    with pytest.raises(RefusedPolicy):
        LinesAdapter([], [])
    empty = Line("", line.object, line.action, line.rule, line.reach, Effect.ALLOW, line.place)
    with pytest.raises(RefusedPolicy):
        LinesAdapter([empty], [])
    with pytest.raises(RefusedPolicy):
        LinesAdapter([line], [("user:x", "role:test:nurse", "")])


def test_lines_know_their_place_and_carry_ids(release: Release) -> None:
    """Lines are of ids, so a rename changes no right (A-25); each names its file and line; no pattern matching in the matcher."""
    lines = compile_policy(release.model).lines
    assert {line.role for line in lines} == {"role:test:nurse", "role:test:clerk", "role:test:shy"}
    mine = [line for line in lines if line.rule == "test:nurse.mine"]
    assert {line.action for line in mine} == {"read", "update"}
    assert {(line.place.file, line.place.line) for line in mine} == {("test/roles/nurse.yaml", 4)}
    assert "value=test:patient.phone" in mine[0].reach.split() and "value=test:patient.income" not in mine[0].reach.split()
    assert "regexMatch" not in CASBIN_MODEL and "keyMatch" not in CASBIN_MODEL
