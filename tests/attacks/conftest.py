"""The clinic chain of the API's tests, which every attack is made on."""

from collections.abc import Iterator
from functools import partial

import argon2
import pytest

from runtime.identity.passwords import Passwords
from runtime.screens import doors
from tests.attacks.canaries import planted, poisoned_web
from tests.runtime.api.conftest import web
from tests.runtime.records.conftest import world

__all__ = ["planted", "poisoned_web", "web", "world"]


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Each wrong password would cost a fifth of a second; what one costs is asked in `tests/runtime/identity`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors, "Passwords", partial(Passwords, hasher=argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
        yield
