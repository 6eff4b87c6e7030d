"""Accounts and memberships (A-26, A-31, A-34).

R1  Only who holds `grant` changes accounts; in one clinic it reaches that clinic and roles without system rights.
R2  Nobody changes their own memberships or account; the last person who may grant everywhere keeps that.
R3  A revoked role is gone at the next request of every process; a membership counts from its first to its last day.
R4  What is refused says why and changes nothing; every change is audited.
"""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa

from runtime.access import Access
from runtime.identity.accounts import Accounts, IdentityError
from runtime.identity.actor import Actor, Membership
from runtime.identity.callers import Callers
from runtime.identity.loading import load_actor
from runtime.identity.sessions import Sessions
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.identity.conftest import ANNA, BERT, CARL, DORA, EMMA, SYSTEM, TODAY, A, B, C

DAY = datetime.timedelta(days=1)


@pytest.fixture
def people(accounts: Accounts, release: Release, clock: FixedClock) -> Accounts:
    """Anna grants everywhere, Bert in A; Carl is a nurse in A; Dora has nothing."""
    for person, login in ((ANNA, "anna"), (BERT, "bert"), (CARL, "carl"), (DORA, "dora")):
        accounts.create(SYSTEM, release, person, login, clock())
    accounts.grant(SYSTEM, release, ANNA, "guard", None, clock())
    accounts.grant(SYSTEM, release, BERT, "guard", A, clock())
    accounts.grant(SYSTEM, release, CARL, "nurse", A, clock())
    return accounts


def actor_of(store: Store, release: Release, user_id: str, today: datetime.date = TODAY) -> Actor:
    with store.read() as connection:
        found = load_actor(connection, release, user_id, today)
    assert found is not None
    return found


def membership_of(store: Store, accounts: Accounts, user_id: str) -> str:
    with store.read() as connection:
        return str(accounts.memberships(connection, user_id)[0]["id"])


@pytest.mark.parametrize(("person", "role", "clinic", "code"), [
    (CARL, "nurse", A, "forbidden"), (BERT, "nurse", B, "forbidden"), (BERT, "nurse", None, "forbidden"),
    (BERT, "guard", A, "forbidden"), (BERT, "architect", A, "forbidden"), (ANNA, "nobody", A, "unknown_role"),
    (ANNA, "nurse", "0" * 32, "unknown_clinic"),
])
def test_granting_needs_the_right(
    store: Store, release: Release, people: Accounts, clock: FixedClock, person: str, role: str, clinic: str | None, code: str,
) -> None:
    """R1, R4."""
    with pytest.raises(IdentityError, match=code):
        people.grant(actor_of(store, release, person), release, DORA, role, clinic, clock())
    assert actor_of(store, release, DORA).memberships == ()


def test_granting_with_the_right(store: Store, release: Release, people: Accounts, clock: FixedClock) -> None:
    """R1, R4: by clinic and everywhere, with an audit row each."""
    people.grant(actor_of(store, release, BERT), release, DORA, "nurse", A, clock())
    people.grant(actor_of(store, release, ANNA), release, DORA, "architect", None, clock())
    assert set(actor_of(store, release, DORA).memberships) == {Membership("test:nurse", A), Membership("test:architect", None)}
    with store.read() as connection:
        audited = connection.execute(sa.select(system.audit.c.actor, system.audit.c.action, system.audit.c.record_id)).all()
    assert (BERT, "grant_role", DORA) in audited and (ANNA, "grant_role", DORA) in audited


def test_oneself_and_the_last(store: Store, release: Release, people: Accounts, clock: FixedClock) -> None:
    """R2."""
    anna = actor_of(store, release, ANNA)
    with pytest.raises(IdentityError, match="own_membership"):
        people.grant(anna, release, ANNA, "nurse", A, clock())
    with pytest.raises(IdentityError, match="own_membership"):
        people.revoke(anna, release, membership_of(store, people, ANNA), clock())
    with pytest.raises(IdentityError, match="own_account"):
        people.disable(anna, release, ANNA, clock())
    second = people.grant(SYSTEM, release, DORA, "guard", None, clock())
    dora = actor_of(store, release, DORA)
    people.disable(dora, release, ANNA, clock())
    with pytest.raises(IdentityError, match="last_grantor"):
        people.revoke(anna, release, second, clock())
    assert actor_of(store, release, DORA).memberships


def test_revoking_reaches_every_process(store: Store, release: Release, people: Accounts, clock: FixedClock) -> None:
    """R3, A-26: two processes, each with actors of its own."""
    with store.write() as connection:
        secret = Sessions(store).start(connection, CARL, clock())
    one, two = Callers(store), Callers(store)
    for callers in (one, two):
        carl = callers.by_session(secret, release, clock())
        assert carl is not None and Access.of(release, carl).object("patient").allows("read")
        assert callers.by_session(secret, release, clock()) is carl
    people.revoke(SYSTEM, release, membership_of(store, people, CARL), clock())
    for callers in (one, two):
        carl = callers.by_session(secret, release, clock())
        assert carl is not None and not Access.of(release, carl).object("patient").allows("read")


def test_first_and_last_day_count(store: Store, release: Release, people: Accounts, clock: FixedClock) -> None:
    """R3."""
    people.grant(SYSTEM, release, DORA, "nurse", C, clock(), since=TODAY, until=TODAY + DAY)
    held = [bool(actor_of(store, release, DORA, TODAY + n * DAY).memberships) for n in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]
    with pytest.raises(IdentityError, match="dates_crossed"):
        people.grant(SYSTEM, release, DORA, "nurse", C, clock(), since=TODAY, until=TODAY - DAY)


@pytest.mark.parametrize(("person", "login", "password", "code"), [
    (DORA, "dora2", None, "user_exists"), ("5" * 32, "new", None, "unknown_person"), (EMMA, "anna", None, "login_taken"),
    (EMMA, "a b", None, "login_invalid"), (EMMA, "emma", "short", "password_short"),
])
def test_accounts_are_for_people(
    store: Store, release: Release, people: Accounts, clock: FixedClock, person: str, login: str, password: str | None, code: str,
) -> None:
    """R4: no account without a record, no second one, no weak password."""
    with pytest.raises(IdentityError, match=code):
        people.create(SYSTEM, release, person, login, clock(), password=password)
    with store.read() as connection:
        assert len(people.users(connection)) == 4


def test_what_an_actor_is_made_of(store: Store, release: Release, people: Accounts, clock: FixedClock) -> None:
    """The own record in memory form, teams by the team's clinic, every clinic for a member of the organisation."""
    team = release.tables.object("team")
    member = release.tables.object("member")
    with store.write() as connection:
        some = connection.execute(sa.select(team.column("id"), team.column("clinic_id"))).first()
        assert some is not None
        common = {"version": 1, "created_at": clock(), "created_by": ANNA, "updated_at": clock(), "updated_by": ANNA}
        connection.execute(sa.insert(member.table).values(
            id="9" * 32, clinic_id=some.clinic_id, team=some.id, person=CARL, **common))
    carl = actor_of(store, release, CARL)
    assert carl.teams == {some.clinic_id: (some.id,)}
    assert carl.clinics == (A,)
    assert set(carl.record) == {"name", "level", "home", "phone"}
    assert actor_of(store, release, ANNA).clinics == (A, B, C)
