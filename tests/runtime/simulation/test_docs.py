"""The scenarios of the language reference hold when they are run (requirement: what it shows is true)."""

from engine.text import check, read_bytes
from runtime.simulation.houses import Houses
from runtime.simulation.scenarios import run_scenario
from tests.docs.pages import LANGUAGE, blocks_of, files_of


def test_the_examples_hold(houses: Houses) -> None:
    """Every scenario of the page, in a clinic with core."""
    page = (LANGUAGE / "scenarios.md").read_text("utf-8")
    source = read_bytes(files_of({block.path: block.text for block in blocks_of(page) if not block.mark}))
    model = check(source).model
    assert model is not None and "without_pain" in model.scenarios
    for scenario in model.scenarios.values():
        assert [str(failure) for failure in run_scenario(houses, source, scenario).failures] == []
