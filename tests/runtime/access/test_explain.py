"""`explain` names the line of YAML that decided.

R1  Allowed: the grant; refused: the denial, or "no grant" with every grant that was considered and why it did not apply.
R2  A field: shown by a grant, masked by one, kept back by a denial, hidden because a formula reads what is hidden.
R3  Both languages; nothing that does not exist is an error.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.access import Sight
from runtime.access.explain import Explanation, Reason, explain
from runtime.identity.actor import Actor, Membership, TokenScope, system_actor
from runtime.store.database import Store
from tests.fixtures.databases import Backend
from tests.runtime.access.world import CLINICS, PEOPLE, TODAY, fill, id_of, model_with, released

RELEASE = released(model_with({
    "roles/nurse.yaml": """
name: nurse
grants:
  mine: {object: room, can: [read, update], rows: "beds == 2", show: [keys]}
  all: {object: room, can: [read], mask: [keys]}
  patients: {object: patient, can: [read], hide: [note]}
denials:
  locked: {object: room, can: [update], rows: "name == 'R'"}
  no_keys: {object: room, hide: [keys], rows: "beds == 1"}
""",
}))
NURSE = Actor(id=PEOPLE[0], today=TODAY, memberships=(Membership("test:nurse", CLINICS[0]),))


@pytest.fixture(scope="module")
def connection(sqlite_backend: Backend) -> Iterator[Connection]:
    """Rooms: 1 with two beds, 2 with one bed, 3 in another clinic; SQLite alone, for the SQL is not what is tested."""
    url = sqlite_backend.fresh()
    store = Store.open(url)
    fill(store, RELEASE, random.Random(3), patients=6)
    room = RELEASE.tables.object("room")
    with store.write() as connection:
        for n, (clinic, beds) in enumerate(((CLINICS[0], 2), (CLINICS[0], 1), (CLINICS[1], 2))):
            connection.execute(sa.update(room.table).where(room.column("id") == id_of("b", n)).values(clinic_id=clinic, beds=beds))
        patient = RELEASE.tables.object("patient")
        connection.execute(sa.update(patient.table).values(clinic_id=CLINICS[0]))
    with store.read() as connection:
        yield connection
    store.close()
    sqlite_backend.drop(url)


def ask(connection: Connection, action: str, number: int, field: str = "", actor: Actor = NURSE) -> Explanation:
    return explain(connection, RELEASE, actor, action, "room", id_of("b", number), field=field)


def test_a_grant_is_named(connection: Connection) -> None:
    """R1: file and line of the grant."""
    found = ask(connection, "read", 1)
    assert (found.allowed, found.reason, found.id) == (True, Reason.GRANT, "test:nurse.all")
    assert found.place is not None and (found.place.file, found.place.line) == ("test/roles/nurse.yaml", 5)


def test_a_denial_is_named(connection: Connection) -> None:
    """R1."""
    found = ask(connection, "update", 0)
    assert (found.allowed, found.reason, found.id) == (False, Reason.DENIAL, "test:nurse.locked")
    assert "test/roles/nurse.yaml:8" in found.text("en") and "拒绝" in found.text("zh")


def test_no_grant_says_what_was_considered(connection: Connection) -> None:
    """R1: another clinic, and nothing that allows deleting at all."""
    found = ask(connection, "read", 2)
    assert (found.allowed, found.reason) == (False, Reason.NO_GRANT)
    assert [(c.id, c.why) for c in found.considered] == [("test:nurse.mine", "held"), ("test:nurse.all", "held")]
    assert ask(connection, "delete", 0).text("en") == "refused: no grant"


@pytest.mark.parametrize(("number", "sight", "reason", "id"), [
    (0, Sight.VALUE, Reason.GRANT, "test:nurse.mine"), (1, Sight.ABSENT, Reason.DENIAL, "test:nurse.no_keys"),
])
def test_a_field(connection: Connection, number: int, sight: Sight, reason: Reason, id: str) -> None:
    """R2."""
    found = ask(connection, "read", number, "keys")
    assert (found.sight, found.reason, found.id) == (sight, reason, id)


def test_a_formula_tells_what_hides_it(connection: Connection) -> None:
    """R2: `reach` reads the note, which the grant hides."""
    found = explain(connection, RELEASE, NURSE, "read", "patient", id_of("a", 0), field="reach")
    assert (found.sight, found.reason, found.id) == (Sight.ABSENT, Reason.FORMULA, "note")


def test_what_does_not_exist(connection: Connection) -> None:
    """R3."""
    assert explain(connection, RELEASE, NURSE, "read", "ghost", "x").reason is Reason.NO_OBJECT
    assert ask(connection, "fly", 0).reason is Reason.NO_ACTION
    assert ask(connection, "read", 99).reason is Reason.NO_RECORD
    assert ask(connection, "read", 0, "ghost").reason is Reason.NO_FIELD
    assert all(ask(connection, action, n, field).text(language) for action in ("read", "fly") for n in (0, 99)
               for field in ("", "keys", "ghost") for language in ("en", "zh"))


def test_tokens_and_the_built_in_account(connection: Connection) -> None:
    """R1."""
    narrow = Actor(id=PEOPLE[0], today=TODAY, memberships=NURSE.memberships, scope=TokenScope(actions=frozenset({"export"})))
    assert ask(connection, "read", 1, actor=narrow).reason is Reason.TOKEN
    assert ask(connection, "delete", 1, actor=system_actor(TODAY)).allowed
