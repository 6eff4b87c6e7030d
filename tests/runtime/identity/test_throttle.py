"""Limits on sign-in (A-70, A-71).

R1  Ten failures of one account from one address stop that pair; others go on.
R2  Many accounts from one address stop that address; many addresses at one account do not lock its owner out.
R3  Known and unknown logins give the same answer after the same work.
R4  A right password counts as no failure.
"""

from __future__ import annotations

import pytest

from runtime.identity.accounts import Accounts
from runtime.identity.passwords import Passwords
from runtime.identity.sign_in import NotSignedIn, SignedIn, SignIn
from runtime.identity.throttle import Limits, Throttle
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.identity.conftest import ANNA, BERT, GOOD, SYSTEM

FEW = Limits(pair=3, address=8, account=5, everybody=40)


@pytest.fixture
def sign_in(store: Store, quick_passwords: Passwords, accounts: Accounts, release: Release, clock: FixedClock) -> SignIn:
    accounts.create(SYSTEM, release, ANNA, "anna", clock(), password=GOOD)
    accounts.create(SYSTEM, release, BERT, "bert", clock(), password=GOOD)
    return SignIn(store, quick_passwords, Throttle(FEW))


def test_a_pair_is_stopped_and_freed(sign_in: SignIn, clock: FixedClock) -> None:
    """R1: the wait ends with the quarter of an hour."""
    for _ in range(FEW.pair):
        assert sign_in.sign_in("anna", "wrong wrong wrong", clock(), address="10.0.0.1") == NotSignedIn()
    stopped = sign_in.sign_in("ANNA ", GOOD, clock(), address="10.0.0.1")
    assert isinstance(stopped, NotSignedIn) and 0 < stopped.wait <= 900
    assert isinstance(sign_in.sign_in("anna", GOOD, clock(), address="10.0.0.2"), SignedIn)
    assert isinstance(sign_in.sign_in("bert", GOOD, clock(), address="10.0.0.1"), SignedIn)
    clock.advance(seconds=stopped.wait)
    assert isinstance(sign_in.sign_in("anna", GOOD, clock(), address="10.0.0.1"), SignedIn)


def test_an_address_is_stopped(sign_in: SignIn, clock: FixedClock) -> None:
    """R2: trying names one after the other; in IPv6 the whole /64 counts as one."""
    for n in range(FEW.address):
        sign_in.sign_in(f"name{n}", "wrong wrong wrong", clock(), address=f"2001:db8::{n:x}")
    stopped = sign_in.sign_in("bert", GOOD, clock(), address="2001:db8::ffff")
    assert isinstance(stopped, NotSignedIn) and stopped.wait
    assert isinstance(sign_in.sign_in("bert", GOOD, clock(), address="2001:db8:0:1::1"), SignedIn)


def test_a_victim_is_not_locked_out(sign_in: SignIn, clock: FixedClock) -> None:
    """R2: strangers at many addresses stop only addresses that Anna never signed in from."""
    assert isinstance(sign_in.sign_in("anna", GOOD, clock(), address="10.0.0.1"), SignedIn)
    for n in range(FEW.account + 3):
        sign_in.sign_in("anna", "wrong wrong wrong", clock(), address=f"192.0.2.{n}")
    stranger = sign_in.sign_in("anna", GOOD, clock(), address="198.51.100.1")
    assert isinstance(stranger, NotSignedIn) and stranger.wait
    assert isinstance(sign_in.sign_in("anna", GOOD, clock(), address="10.0.0.1"), SignedIn)


def test_unknown_login_does_the_same_work(sign_in: SignIn, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: one hash is computed for a known login, an unknown one and one without a password."""
    verified = []
    plain = Passwords.verify
    monkeypatch.setattr(Passwords, "verify", lambda self, stored, password: verified.append(stored) or plain(self, stored, password))
    answers = {sign_in.sign_in(login, "wrong wrong wrong", clock(), address="10.0.0.9") for login in ("anna", "nobody", "' OR 1=1 --")}
    assert answers == {NotSignedIn()}
    assert len(verified) == 3


def test_right_passwords_do_not_add_up(sign_in: SignIn, clock: FixedClock) -> None:
    """R4: a whole desk signs in from one address."""
    for _ in range(FEW.address + 3):
        assert isinstance(sign_in.sign_in("anna", GOOD, clock(), address="10.0.0.1"), SignedIn)
