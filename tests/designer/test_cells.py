"""Tables and scores without their text.

1. A rule of a decision table shows an input for each answer it may ask about and for what it gives; what is typed there is what the table does.
2. An item of a score has points for each answer; a band its range.
3. Opened and applied unchanged, nothing changes; what a line cannot say is left alone; a wrong number is refused and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from designer.cells import cell_inputs
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from tests.designer.studio import HEAD, Studio, build
from tests.fixtures.databases import Backend

LABEL = {"label.en": "Swelling risk"}


@pytest.fixture(scope="module")
def studio(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path_factory.mktemp("keys"))
    opened.sign_in(HEAD)
    yield opened
    opened.close()


def draft_of(studio: Studio, id: str) -> Draft:
    found = studio.drafts.find(id)
    assert found is not None
    return found


def shown(studio: Studio, id: str, place: dict[str, str]) -> dict[str, str]:
    """The cells of an element's page."""
    address = "&".join(f"{key}={value}" for key, value in place.items())
    page = studio.get(f"/design/{id}/element?{address}").get_data(as_text=True)
    return dict(re.findall(r'<input class="form-control" name="((?:when|then|points)\.[a-z_0-9]+)" value="([^"]*)"', page))


def test_rules_of_a_table(studio: Studio) -> None:
    """Requirements 1 and 3."""
    id = studio.draft()
    studio.post(f"/design/{id}/create", kind="decisions", about="patient", boxes="shown", shown="true", **LABEL)
    place = {"kind": "decisions", "name": "swelling_risk", "section": "rules", "element": "first"}
    cells = shown(studio, id, place)
    assert (cells["when.smoker"], cells["then.result"], cells["when.sex"]) == ("true", "yes", "")
    before = draft_of(studio, id).files
    studio.post(f"/design/{id}/element", **place, **cells)
    assert draft_of(studio, id).files == before
    studio.post(f"/design/{id}/element", **place, **{**cells, "when.smoker": "", "when.age": "> 60", "then.result": "watch"})
    draft = draft_of(studio, id)
    rule = draft.layers.elements("decisions", "swelling_risk", ("rules",))["first"]
    assert (rule["when"], rule["then"]) == ({"age": "> 60"}, "watch") and [str(p) for p in problems_of(draft)] == []


def test_what_a_line_cannot_say_stays(studio: Studio) -> None:
    """Requirement 3: a computed value and a list of cells are no line of text; the shipped table shows what it asks."""
    layers = draft_of(studio, studio.draft()).layers
    found = {one.key: one.value for one in cell_inputs(layers, "decisions", "healing_time", ("rules",), next(iter(
        layers.elements("decisions", "healing_time", ("rules",)))), "en")}
    assert found["then"] and all(isinstance(value, str | int) for value in found["then"].values())


def test_points_and_bands(studio: Studio) -> None:
    """Requirements 2 and 3."""
    id = studio.draft()
    studio.post(f"/design/{id}/create", kind="scores", about="patient", **LABEL)
    item: dict[str, Any] = {"kind": "scores", "name": "swelling_risk", "section": "items", "element": "smoker"}
    assert shown(studio, id, item) == {}
    studio.post(f"/design/{id}/element", **item, **{"if": "", "points": "1", "input": "sex"})
    cells = shown(studio, id, item)
    assert set(cells) == {f"points.{name}" for name in draft_of(studio, id).layers.elements("choices", "sex", ("options",))}
    studio.post(f"/design/{id}/element", **item, **dict.fromkeys(cells, "0.5x"))
    assert draft_of(studio, id).layers.elements("scores", "swelling_risk", ("items",))["smoker"]["points"] == 1
    studio.post(f"/design/{id}/element", **item, **{name: str(number) for number, name in enumerate(cells)})
    band = {"kind": "scores", "name": "swelling_risk", "section": "bands", "element": "high"}
    studio.post(f"/design/{id}/element", **{**band, "element": "low"}, range="..1")
    studio.post(f"/design/{id}/element", **band, range=">= 2")
    draft = draft_of(studio, id)
    assert [str(p) for p in problems_of(draft)] == []
    assert draft.layers.elements("scores", "swelling_risk", ("bands",))["high"]["range"] == ">= 2"
    assert list(draft.layers.elements("scores", "swelling_risk", ("items",))["smoker"]["points"].values()) == list(range(len(cells)))
