"""Twelve questionnaires × 200 random answers: the server, a real browser and an independent evaluator show the same items."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.runtime.imports.test_questionnaires import TWELVE, compare_in_browser, compare_with_reference, folder, origin

pytestmark = [pytest.mark.proof, pytest.mark.corpus]
__all__ = ["folder", "origin"]

SETS = 200


@pytest.mark.parametrize("name", TWELVE)
def test_server_and_reference(folder: Path, name: str) -> None:
    """The server against the reference."""
    compare_with_reference(folder / name, SETS)


@pytest.mark.browser
def test_server_and_browser(folder: Path, page: Page, origin: str) -> None:
    """The browser against the server."""
    page.goto(origin)
    compare_in_browser(folder, page, SETS)
