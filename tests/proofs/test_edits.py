"""The long proof of edits: 40,000 random sequences on shipped and odd files, up to eight edits each, done and undone.

`make proof-edits`; the short form is tests/designer/edits/test_random.py.
"""

from __future__ import annotations

import pytest

from tests.designer.edits.test_random import run
from tests.designer.edits.texts import ODD, shipped

pytestmark = pytest.mark.proof


def test_forty_thousand_sequences() -> None:
    """Undone, the first bytes are back; hardly any edit is refused for a style."""
    files = {**shipped(), **ODD}
    counts = [run(seed, ODD if seed % 2 else files, 8) for seed in range(40_000)]
    made, refused = sum(n for n, _ in counts), sum(n for _, n in counts)
    print(f"{made} edits, {refused} refused for their style")
    assert made > 100_000 and refused < made / 50
