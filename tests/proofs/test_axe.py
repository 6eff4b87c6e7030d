"""No serious or critical violation that axe-core finds on any screen, on a desk and on a phone, in both languages.

1. Every address of `tests/runtime/screens/test_axe.py`.
2. Every page of the designer that `tests/designer/test_pages.py` knows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from runtime.identity.own import set_language
from tests.designer.studio import HEAD, Studio, build
from tests.designer.test_pages import PAGES
from tests.fixtures.databases import Backend
from tests.runtime.screens.example import Clinic, opened
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_axe import violations, walk

pytestmark = [pytest.mark.proof, pytest.mark.browser]
NO_PAGES = ("/export", "/problems")
"""A download, and what scripts read."""


@pytest.fixture(scope="module")
def clinic(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The example in a browser."""
    with opened(sqlite_backend.fresh(), tmp_path_factory.mktemp("keys")) as made:
        yield made


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_screen(clinic: Clinic, page: Page, phone_page: Page, language: str) -> None:
    """Requirement 1."""
    for screen in (page, phone_page):
        clinic.sign_in(screen, language)
        assert walk(clinic, screen) == {}


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The designer over the example."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_designer(studio: Studio, page: Page, phone_page: Page, language: str) -> None:
    """Requirement 2."""
    found = {}
    draft = studio.draft()
    with served(studio.client.application) as origin:
        set_language(studio.store, HEAD, language)
        for screen in (page, phone_page):
            screen.context.add_cookies([{"name": studio.site.cookie, "value": studio.session(), "url": origin}])
            for path in ("/design", "/design/releases", *(f"/design/{draft}{path}" for path in PAGES if not path.startswith(NO_PAGES))):
                screen.goto(origin + path)
                found[path, screen is page] = violations(screen)
    assert {at: several for at, several in found.items() if several} == {}
