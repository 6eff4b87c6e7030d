"""Sessions (ASVS 5.0 7.2-7.4; A-72).

R1  Sign-in makes a new secret of 128 bits and more, of which the store keeps only the SHA-256.
R2  A session ends after 30 idle minutes, 12 hours, sign-out, a new password, and when the user is disabled.
R3  The time of use is written at most once a minute.
"""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa

from runtime.identity.accounts import Accounts, IdentityError
from runtime.identity.callers import Callers
from runtime.identity.loading import load_actor
from runtime.identity.passwords import Passwords
from runtime.identity.sessions import Sessions
from runtime.identity.sign_in import NotSignedIn, SignedIn, SignIn
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.identity.conftest import ANNA, BERT, GOOD, SYSTEM, TODAY


@pytest.fixture
def sign_in(store: Store, quick_passwords: Passwords, accounts: Accounts, release: Release, clock: FixedClock) -> SignIn:
    """Anna may sign in."""
    accounts.create(SYSTEM, release, ANNA, "Anna", clock(), password=GOOD)
    return SignIn(store, quick_passwords)


def secret_of(sign_in: SignIn, clock: FixedClock, password: str = GOOD) -> str:
    found = sign_in.sign_in("anna", password, clock(), address="10.0.0.1", agent="browser")
    assert isinstance(found, SignedIn)
    return found.secret


def test_the_secret_is_random_and_stored_as_a_hash(store: Store, sign_in: SignIn, clock: FixedClock) -> None:
    """R1."""
    one, two = secret_of(sign_in, clock), secret_of(sign_in, clock)
    assert one != two and len(one) >= 43
    with store.read() as connection:
        rows = connection.execute(sa.select(system.session)).all()
    assert len(rows) == 2
    assert not any(secret in str(row) for row in rows for secret in (one, two))


def test_idle_and_absolute_ends(store: Store, release: Release, sign_in: SignIn, clock: FixedClock) -> None:
    """R2: 29 minutes between requests keep it, 30 end it; 12 hours end it however busy."""
    callers = Callers(store)
    secret = secret_of(sign_in, clock)
    for _ in range(24):
        clock.advance(minutes=29)
        assert callers.by_session(secret, release, clock()) is not None
    clock.advance(minutes=24)
    assert callers.by_session(secret, release, clock()) is None
    idle = secret_of(sign_in, clock)
    clock.advance(minutes=30)
    assert callers.by_session(idle, release, clock()) is None


def test_use_is_written_once_a_minute(store: Store, release: Release, sign_in: SignIn, clock: FixedClock) -> None:
    """R3."""
    callers = Callers(store)
    secret = secret_of(sign_in, clock)
    seen = []
    for _ in range(6):
        clock.advance(seconds=25)
        callers.by_session(secret, release, clock())
        with store.read() as connection:
            seen.append(connection.scalar(sa.select(system.session.c.seen_at)))
    assert len(set(seen)) == 3


def test_sign_out_password_and_disabling_end_sessions(
    store: Store, release: Release, sign_in: SignIn, accounts: Accounts, clock: FixedClock,
) -> None:
    """R2: also while the actor is cached."""
    callers = Callers(store)
    out, kept, lost = (secret_of(sign_in, clock) for _ in range(3))
    actor = callers.by_session(kept, release, clock())
    assert actor is not None and actor.id == ANNA
    Sessions(store).end(out, clock())
    assert callers.by_session(out, release, clock()) is None
    with pytest.raises(IdentityError, match="password_wrong"):
        accounts.set_password(actor, release, ANNA, "another good sentence", clock(), current="wrong")
    accounts.set_password(actor, release, ANNA, "another good sentence", clock(), current=GOOD, keep=kept)
    assert callers.by_session(lost, release, clock()) is None
    assert callers.by_session(kept, release, clock()) is not None
    accounts.disable(SYSTEM, release, ANNA, clock())
    assert callers.by_session(kept, release, clock()) is None
    assert sign_in.sign_in("anna", "another good sentence", clock()) == NotSignedIn()
    accounts.enable(SYSTEM, release, ANNA, clock())
    assert callers.by_session(kept, release, clock()) is None


def test_unknown_and_wrong_secrets(store: Store, release: Release, clock: FixedClock) -> None:
    """A-27: nothing that is not a session makes anybody."""
    callers = Callers(store)
    for secret in ("", "x", "cw_" + "a" * 43, "\0", "é" * 5000):
        assert callers.by_session(secret, release, clock()) is None
        assert callers.by_token(secret, release, clock()) is None
    with store.read() as connection:
        assert load_actor(connection, release, BERT, TODAY) is None


def test_list_and_end_one(store: Store, sign_in: SignIn, release: Release, clock: FixedClock) -> None:
    """R2: a person sees where they are signed in and ends one; the reference is no secret."""
    one, two = secret_of(sign_in, clock), secret_of(sign_in, clock)
    sessions = Sessions(store)
    with store.read() as connection:
        found = sessions.of_user(connection, ANNA, clock())
    assert [s["address"] for s in found] == ["10.0.0.1", "10.0.0.1"]
    with store.write() as connection:
        assert not sessions.end_one(connection, BERT, found[0]["reference"], clock())
        assert sessions.end_one(connection, ANNA, found[0]["reference"], clock())
        assert not sessions.end_one(connection, ANNA, "", clock())
    callers = Callers(store)
    assert sum(callers.by_session(secret, release, clock()) is not None for secret in (one, two)) == 1
    with store.write() as connection:
        assert sessions.forget(connection, clock() + datetime.timedelta(days=31)) == 2
