"""The frame around pages, most of which is drawn once and kept.

1. It names the person who asks and nobody else, in her language, whoever asked before her.
2. The token and the address to come back to are each page's own, wherever the frame holds them, and escaped.
"""

import re
from collections.abc import Callable

from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]


def _top(html: str) -> str:
    return html[html.index('<header class="top"'):html.index("</header>")]


def test_the_frame_is_the_persons_own(surf: Surf) -> None:
    """Requirement 1: two people of the same address, turn by turn, and one of them in Chinese."""
    nurse, desk, chinese = surf("nurse"), surf("desk"), surf("nurse", "zh")
    for _ in range(2):
        tops = [_top(surfer.get("/o/patient").html) for surfer in (nurse, desk, chinese)]
        names = [re.findall('class="user-name">([^<]*)<', top) for top in tops]
        assert [len(found) for found in names] == [1, 1, 1]
        assert names[0] == names[2] != names[1]
        assert names[1][0] not in tops[0] + tops[2]
        assert names[0][0] not in tops[1]
        assert [text in top for top in tops for text in ("Sign out", "退出")] == [True, False, True, False, False, True]


def test_each_page_has_its_own_token_and_address(surf: Surf) -> None:
    """Requirement 2."""
    nurse = surf("nurse")
    pages = [nurse.get(path).html for path in ("/o/patient?q=%22%3E%3Cb", "/o/patient?q=%22%3E%3Cb", "/o/visit")]
    tokens = [set(re.findall('name="csrf(?:_|-)token" (?:value|content)="([^"]*)"', page)) for page in pages]
    assert [len(found) for found in tokens] == [1, 1, 1]
    assert len(set.union(*tokens)) == 3
    addresses = [re.findall('name="next" value="([^"]*)"', _top(page)) for page in pages]
    assert addresses == [["/o/patient?q=%22%3E%3Cb"] * 2] * 2 + [["/o/visit"] * 2]
    assert not any("here-" in page for page in pages)
