"""Names that requests may be for, and the address that links are made with (A-53).

1. With an address set, a request for another host is refused on every route, in the API's and the pages' form; without one, nothing is.
2. X-Forwarded-Host and Forwarded make no difference, also behind a proxy.
3. Nothing of a Host header comes back: not in a redirect, not in a page.
4. An address that links could not be made with is refused at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from runtime.settings import BadSetting, Settings
from tests.fixtures.databases import Backend
from tests.runtime.api.world import Web, build

FORGED = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-Host": "evil.example"}


@pytest.fixture(scope="module")
def clients(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., FlaskClient]]:
    opened: dict[str, Web] = {}
    url = backend.prepared("api-chain", build)

    def client(**settings: object) -> FlaskClient:
        """One application for the same settings."""
        if repr(settings) not in opened:
            opened[repr(settings)] = Web.open(url, tmp_path_factory.mktemp("keys"), **settings)
        return opened[repr(settings)].app.test_client()

    yield client
    for each in opened.values():
        each.close()
    backend.drop(url)


@pytest.mark.parametrize(("host", "status"), [
    ("crm.clinic.example", 302), ("crm.clinic.example:8443", 302), ("localhost:8000", 302), ("127.0.0.1", 302), ("clinic.local:8443", 302),
    ("evil.example", 421), ("crm.clinic.example.evil.example", 421), ("sub.crm.clinic.example", 421), ("evil.example:443", 421), ("a b", 421),
    ("[::1]:8000", 302), ("[fd00::2]", 302), ("[fd00::3]", 421), ("CRM.Clinic.Example.", 302), ("[", 421), ("", 302), ("localhost:99:1", 421),
])
def test_known_hosts(clients: Callable[..., FlaskClient], host: str, status: int):
    """1."""
    client = clients(base_url="https://crm.clinic.example", hosts=("clinic.local", "192.168.7.20", "[fd00::2]"))
    assert client.get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/me", "/static/nothing.js", "/nowhere"])
def test_every_route(clients: Callable[..., FlaskClient], path: str):
    """1., 3."""
    answer = clients(base_url="https://crm.clinic.example").get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 421 and "evil.example" not in answer.text and "Location" not in answer.headers


def test_without_an_address(clients: Callable[..., FlaskClient]):
    """1., 3."""
    answer = clients().get("/", headers={"Host": "any.example"})
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/")


@pytest.mark.parametrize("proxies", [0, 1])
def test_forwarded_hosts(clients: Callable[..., FlaskClient], proxies: int):
    """2., 3."""
    client = clients(base_url="https://crm.clinic.example", proxies=proxies)
    for path in ("/", "/sign-in"):
        answer = client.get(path, headers={"Host": "crm.clinic.example", **FORGED})
        assert answer.status_code in (200, 302) and "evil" not in answer.text + str(answer.headers)
    assert client.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "crm.clinic.example"}).status_code == 421


@pytest.mark.parametrize("address", [
    "carework", "ftp://a.example", "https://", "https://a.example/path", "https://a.example?x=1", "https://u:p@a.example", "https://a b",
    "https://a.example:0", "https://a.example:99999",
])
def test_addresses_that_cannot_be(address: str):
    """4."""
    with pytest.raises(BadSetting, match="CAREWORK_BASE_URL"):
        Settings.from_environment({"CAREWORK_BASE_URL": address})


def test_an_address(tmp_path: Path):
    """4."""
    made = Settings.from_environment({"CAREWORK_BASE_URL": "https://crm.clinic.example:8443/"})
    assert made.base_url == "https://crm.clinic.example:8443" and "crm.clinic.example" in (made.trusted_hosts or ())
    assert Settings.from_environment({}).trusted_hosts is None
