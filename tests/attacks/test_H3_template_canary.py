"""H3, the template canary: every text of definitions and records carries template code, and no screen runs it.

1. On every kind of screen each canary stands as it was written, and nothing was computed.
2. Planted fault: with an emitter that does not neutralise braces the same look finds it.
"""

import pytest

from engine.targets.screens import emit
from tests.attacks.canaries import computed, pages
from tests.runtime.api.world import Web
from tests.runtime.screens.surfing import Surfer


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_screen_computes_a_text(poisoned_web: tuple[Web, dict[str, str]], language: str) -> None:
    """Requirement 1."""
    web, ids = poisoned_web
    looked = 0
    for path, page in pages(Surfer.of(web, "nurse", language), ids):
        assert page.status < 500, path
        assert computed(page.html) == [], path
        looked += page.html.count("7*7")
    assert looked > 300


def test_an_emitter_that_lets_braces_through_is_found(
    poisoned_web: tuple[Web, dict[str, str]], planted: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirement 2."""
    monkeypatch.setattr(emit, "_HTML", {k: v for k, v in emit._HTML.items() if chr(k) not in "{}"})
    surfer, ids = Surfer.of(planted, "nurse"), poisoned_web[1]
    answers = [surfer.get(path) for path in (f"/o/patient/{ids['patient']}", "/o/patient")]
    assert any(page.status >= 500 or computed(page.html) for page in answers)
