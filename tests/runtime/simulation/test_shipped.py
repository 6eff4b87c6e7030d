"""The scenarios of the shipped packs hold: what a pack promises of its plans, forms, messages and rights."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.text import check, read_folder
from runtime.simulation.houses import Houses
from runtime.simulation.scenarios import run_scenario

PACKS = Path(__file__).resolve().parents[3] / "definitions" / "packs"
WITH_PLANS = sorted(folder.parent.name for folder in PACKS.glob("*/plans"))


def test_every_pack_with_a_plan_has_a_scenario() -> None:
    """A plan that nothing tries is not shipped."""
    assert WITH_PLANS
    assert [name for name in WITH_PLANS if not list((PACKS / name / "scenarios").glob("*.yaml"))] == []


@pytest.mark.parametrize("pack", WITH_PLANS)
def test_scenarios_hold(houses: Houses, pack: str) -> None:
    source = read_folder(PACKS / pack)
    checked = check(source, search=(PACKS,))
    assert checked.model is not None
    for scenario in checked.model.scenarios.values():
        ran = run_scenario(houses, checked.source, scenario)
        assert [str(failure) for failure in ran.failures] == [] and ran.steps == len(scenario.steps)
