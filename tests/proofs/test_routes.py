"""The long forms of the route matrix (H7) and of the twin worlds (H1): every role × route × object, every field × literal.

`make proof-routes`; the normal suite asks every second one.
"""

from pathlib import Path

import pytest

from tests.attacks.test_H1_twin_worlds import prepared
from tests.attacks.test_H7_route_matrix import ROLES, role_faults
from tests.attacks.twins import differences, twins
from tests.runtime.api.conftest import web
from tests.runtime.api.world import Web

__all__ = ["prepared", "web"]
pytestmark = [pytest.mark.proof, pytest.mark.timeout(0)]


@pytest.mark.parametrize("login", ROLES)
def test_a_role_gets_what_is_granted_and_no_more(web: Web, login: str) -> None:
    """Every route, every object, on both databases."""
    assert role_faults(web, login) == []


def test_what_is_hidden_makes_no_difference(tmp_path: Path, prepared: Path) -> None:
    """Every field is compared with a literal of every kind."""
    one, two = twins(tmp_path, prepared)
    assert differences(one, two, whole=True) == []
    one.web.close()
    two.web.close()
