"""A store with the small chain of the access tests, quick passwords and people to sign in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import argon2
import pytest

from runtime.identity.accounts import Accounts
from runtime.identity.actor import system_actor
from runtime.identity.passwords import Passwords
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.fixtures.databases import Build
from tests.runtime.access.world import CLINICS, PEOPLE, TODAY, fill, model_with, released

ROLES = {
    "roles/nurse.yaml": "name: nurse\ngrants:\n  patients: {object: patient, can: [read, update]}\n  rooms: {object: room, can: [read]}\n",
    "roles/guard.yaml": "name: guard\nsystem: [grant]\ngrants:\n  staff: {object: staff, can: [read]}\n",
    "roles/architect.yaml": "name: architect\nsystem: [design, operate]\ngrants:\n  clinics: {object: clinic, can: [read]}\n",
}
GOOD = "four quiet horses"
SYSTEM = system_actor(TODAY)
A, B, C = CLINICS
ANNA, BERT, CARL, DORA, EMMA = PEOPLE


@pytest.fixture(scope="session")
def quick_passwords() -> Passwords:
    """argon2id with the least work, so that tests are quick."""
    return Passwords(hasher=argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def release() -> Release:
    return released(model_with(ROLES))


def _build(url: str) -> None:
    store = Store.open(url)
    fill(store, released(model_with(ROLES)), random.Random(5), patients=4)
    store.close()


@pytest.fixture
def store(prepared_database: Callable[[str, Build], str], clock: FixedClock) -> Iterator[Store]:
    found = Store.open(prepared_database("identity", _build), clock=clock)
    yield found
    found.close()


@pytest.fixture
def accounts(store: Store, quick_passwords: Passwords, new_id: Callable[[], str]) -> Accounts:
    return Accounts(store, quick_passwords, new_id)
