"""The browser's interpreter in real Chromium, on a page under the product's own strict policy.

1. Every case has its value; one page, one call.
2. A breach of the policy, a script error or a refused script fails the test, which a planted breach shows.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, send_from_directory
from playwright.sync_api import Page

from runtime.screens.assets import STATIC, asset_urls
from runtime.screens.expressions import SCRIPTS
from runtime.web.headers import STATIC_PATH, SafeHeaders
from tests.engine.expressions.browser.jobs import JOBS, Batch
from tests.engine.expressions.test_browser import failing
from tests.engine.expressions.test_cases import CASES, row_of, tree_of
from tests.runtime.screens.serving import served

pytestmark = pytest.mark.browser


WATCH = "window.breaches = []; addEventListener('securitypolicyviolation', (event) => window.breaches.push(event.violatedDirective));"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A server of one page that loads the scripts, with the product's headers and its addresses of static files."""
    app = Flask("expressions", static_folder=None)
    asset = asset_urls()

    def page() -> str:
        addresses = ["/jobs.js", *map(asset, SCRIPTS)]
        head = '<!doctype html><title>-</title><link rel="icon" href="data:,">'
        return head + "".join(f'<script src="{address}"></script>' for address in addresses)

    def jobs() -> Response:
        return Response(f"{WATCH}\nwindow.jobs =\n{JOBS.read_text('utf-8')}", mimetype="text/javascript")

    def static(filename: str) -> Response:
        return send_from_directory(STATIC, filename, conditional=True)

    app.add_url_rule("/", "page", page)
    app.add_url_rule("/jobs.js", "jobs", jobs)
    app.add_url_rule(f"{STATIC_PATH}<path:filename>", "static", static)
    app.wsgi_app = SafeHeaders(app.wsgi_app, secure=False)  # type: ignore[method-assign]
    with served(app) as address:
        yield address


# What Playwright evaluates is free of the policy while it runs, so the work is left to a task of the page itself.
LATER = "(message) => new Promise((resolve) => setTimeout(() => resolve(window.jobs(message))))"


def test_cases(page: Page, page_errors: list[str], origin: str) -> None:
    """Every case has its value, in a browser whose own time zone is not UTC; the page's policy forbids code from texts."""
    batch = Batch()
    trees = [tree_of(case) for case in CASES]
    for case, tree in zip(CASES, trees, strict=True):
        batch.job(batch.tree(tree), batch.env(row_of(case)))
    response = page.goto(origin)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy

    def in_page(message: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = page.evaluate(LATER, message)
        return found

    assert failing(trees, batch.run(in_page)) == []
    assert (page_errors, page.evaluate("window.breaches")) == ([], [])


def test_a_breach_is_seen(page: Page, origin: str) -> None:
    """A script that makes code from a text is refused by the policy, and what the test above looks at tells it."""
    page.goto(origin)
    page.evaluate("window.jobs = () => { try { return Function('return \"made\"')(); } catch { return 'refused'; } }")
    assert page.evaluate(LATER, {}) == "refused"
    assert page.evaluate("window.breaches") == ["script-src"]
