"""API tokens (A-73).

R1  A token works until it expires, is revoked or its owner is disabled; the store keeps only its hash.
R2  Its rights are min(owner, scope) at the moment of use.
R3  Only the owner's own tokens can be listed and revoked.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from runtime.access import Access
from runtime.identity.accounts import Accounts, IdentityError
from runtime.identity.actor import TokenScope
from runtime.identity.callers import Callers
from runtime.identity.tokens import PREFIX, Tokens
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.identity.conftest import ANNA, BERT, SYSTEM, A, B


@pytest.fixture
def tokens(store: Store, accounts: Accounts, release: Release, clock: FixedClock, new_id: Callable[[], str]) -> Tokens:
    """Anna is nurse in A and guard everywhere."""
    for person, login in ((ANNA, "anna"), (BERT, "bert")):
        accounts.create(SYSTEM, release, person, login, clock())
    accounts.grant(SYSTEM, release, ANNA, "nurse", A, clock())
    accounts.grant(SYSTEM, release, ANNA, "guard", None, clock())
    return Tokens(store, new_id)


def test_life_of_a_token(store: Store, release: Release, tokens: Tokens, accounts: Accounts, clock: FixedClock) -> None:
    """R1."""
    callers = Callers(store)
    id, secret = tokens.issue(ANNA, clock(), label="lab", expires_at=clock() + datetime.timedelta(days=1))
    assert secret.startswith(PREFIX)
    with store.read() as connection:
        assert secret not in str(connection.execute(sa.select(system.token)).all())
    actor = callers.by_token(secret, release, clock())
    assert actor is not None and actor.id == ANNA and actor.scope == TokenScope()
    assert tokens.revoke(id, ANNA, clock())
    assert callers.by_token(secret, release, clock()) is None
    _, short = tokens.issue(ANNA, clock(), expires_at=clock() + datetime.timedelta(hours=1))
    assert callers.by_token(short, release, clock()) is not None
    clock.advance(hours=1)
    assert callers.by_token(short, release, clock()) is None
    _, last = tokens.issue(ANNA, clock())
    assert callers.by_token(last, release, clock()) is not None
    accounts.disable(SYSTEM, release, ANNA, clock())
    assert callers.by_token(last, release, clock()) is None


def test_scope_narrows_and_never_widens(store: Store, release: Release, tokens: Tokens, clock: FixedClock) -> None:
    """R2: objects, actions, clinics, system rights; an empty side leaves nothing (A-23)."""
    def access(scope: TokenScope) -> Access:
        actor = Callers(store).by_token(tokens.issue(ANNA, clock(), scope=scope)[1], release, clock())
        assert actor is not None
        return Access.of(release, actor)

    whole = access(TokenScope())
    assert whole.object("patient").allows("update") and whole.system("grant") and not whole.system("design")
    reading = access(TokenScope(actions=frozenset({"read", "delete"})))
    assert reading.object("patient").allows("read")
    assert not reading.object("patient").allows("update") and not reading.object("patient").allows("delete")
    assert not reading.system("grant")
    rooms = access(TokenScope(objects=frozenset({"test:room", "test:task"})))
    assert rooms.object("room").allows("read") and not rooms.object("patient").allows("read") and not rooms.object("task").allows("read")
    assert not access(TokenScope(clinics=frozenset({B}))).object("patient").allows("read")
    assert access(TokenScope(clinics=frozenset({A}))).object("patient").allows("read")
    for nothing in (TokenScope(objects=frozenset()), TokenScope(actions=frozenset()), TokenScope(clinics=frozenset())):
        assert not any(access(nothing).object(name).allows("read") for name in ("patient", "room", "staff"))
        assert not access(TokenScope(actions=frozenset())).system("grant")


def test_a_damaged_scope_allows_nothing(store: Store, release: Release, tokens: Tokens, clock: FixedClock) -> None:
    """R2, A-27: what cannot be read is not taken for "everything"."""
    id, secret = tokens.issue(ANNA, clock())
    for damaged in (None, [], {}, {"objects": None, "actions": "read", "clinics": None}, {"actions": None}):
        with store.write() as connection:
            connection.execute(sa.update(system.token).where(system.token.c.id == id).values(scope=damaged))
        actor = Callers(store).by_token(secret, release, clock())
        assert actor is not None and not Access.of(release, actor).object("patient").allows("read")


def test_the_owner_loses_rights(store: Store, release: Release, tokens: Tokens, accounts: Accounts, clock: FixedClock) -> None:
    """R2: a token follows its owner down, at the next request."""
    callers = Callers(store)
    _, secret = tokens.issue(ANNA, clock())
    before = callers.by_token(secret, release, clock())
    with store.read() as connection:
        nurse = next(m["id"] for m in accounts.memberships(connection, ANNA) if m["role"] == "test:nurse")
    accounts.revoke(SYSTEM, release, nurse, clock())
    after = callers.by_token(secret, release, clock())
    assert before is not None and after is not None
    assert Access.of(release, before).object("patient").allows("read")
    assert not Access.of(release, after).object("patient").allows("read")


def test_only_own_tokens(store: Store, release: Release, tokens: Tokens, accounts: Accounts, clock: FixedClock) -> None:
    """R3; and a token does not change its owner's password or memberships unless it was made to grant."""
    id, secret = tokens.issue(ANNA, clock(), label="lab")
    assert not tokens.revoke(id, BERT, clock())
    with store.read() as connection:
        assert tokens.of_user(connection, BERT) == []
        assert "token_hash" not in tokens.of_user(connection, ANNA)[0]
    actor = Callers(store).by_token(secret, release, clock())
    assert actor is not None
    with pytest.raises(IdentityError, match="forbidden"):
        accounts.set_password(actor, release, ANNA, "another good sentence", clock(), current="")
    with pytest.raises(IdentityError, match="forbidden"):
        accounts.grant(actor, release, BERT, "nurse", A, clock())
