"""No serious or critical violation that axe-core finds on any screen, on a desk and on a phone, in both languages.

1. Every address of `tests/runtime/screens/test_axe.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.fixtures.databases import Backend
from tests.runtime.screens.example import Clinic, opened
from tests.runtime.screens.test_axe import walk

pytestmark = [pytest.mark.proof, pytest.mark.browser]


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
