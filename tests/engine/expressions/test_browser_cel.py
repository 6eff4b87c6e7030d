"""CEL's conformance cases in the browser: whatever value Python gives, and whether or not CEL agrees, the browser gives the same."""

from typing import Any

import pytest

from engine.expressions import check, to_python
from engine.expressions.tree import Node
from tests.engine.expressions.browser.jobs import Batch
from tests.engine.expressions.test_cel import Bound, cases, name_of

pytestmark = pytest.mark.corpus


def alike(found: Any, wanted: Any) -> bool:
    """Equal, at every depth, with true kept apart from 1."""
    if isinstance(wanted, tuple) and isinstance(found, tuple):
        return len(found) == len(wanted) and all(map(alike, found, wanted))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return found.keys() == wanted.keys() and all(alike(found[key], value) for key, value in wanted.items())
    return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)


def test_cases() -> None:
    """Every case that checks, with its bindings given by the page."""
    batch = Batch()
    wanted: list[tuple[str, Node, Any]] = []
    for case in cases():
        bound = Bound(case.get("bindings", {}))
        tree = check(case["expr"], bound).tree
        if tree is None:
            continue
        batch.job(batch.tree(tree), batch.env({(name,): bound.lookup((name,)) for name in bound.values}))
        wanted.append((name_of(case), tree, to_python(tree)(bound)))
    results = batch.run().results
    wrong = [
        (name, value, result)
        for (name, tree, value), result in zip(wanted, results, strict=True)
        if not alike(result.value(tree.type), value) or result.problem
    ]
    assert wrong == []
    assert len(wanted) >= 480
