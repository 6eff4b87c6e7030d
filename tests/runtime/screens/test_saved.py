"""Columns of one's own choice, and lists that a person keeps for herself.

1. Chosen columns stand in the list in their order; what she may not see is no choice, and reads like what does not exist.
2. A kept list stands above the list with its filters, search, order and columns; only its owner has it; it can be replaced and forgotten.
3. Names and numbers are bounded; a refused form comes back with everything chosen.
"""

import re
from collections.abc import Callable

from runtime.screens import saved
from tests.runtime.api.world import Web
from tests.runtime.screens.surfing import Seen, Surfer

Surf = Callable[..., Surfer]
PAGE = "/o/patient/adjust"


def heads(page: Seen) -> list[str]:
    found = re.search("<thead>(.*?)</thead>", page.html, re.S)
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall("<th.*?</th>", found[1] if found else "", re.S)]


def labels(page: Seen) -> list[str]:
    found = re.search('<nav class="views".*?</nav>', page.html, re.S)
    return [" ".join(re.sub("<[^>]+>", " ", one).split()) for one in re.findall("<a .*?</a>", found[0] if found else "", re.S)]


def test_columns(web: Web, surf: Surf) -> None:
    """Requirement 1."""
    web.patient(name="Column Carla", phone="13812340000", born="1980-01-02")
    nurse = surf("nurse")
    page = nurse.send(PAGE, nurse.get(f"{PAGE}?q=Column").form(PAGE), col=["name", "born", "wages", "nonsense"])
    assert page.location == "/o/patient?q=Column&cols=name%2Cborn"
    assert heads(nurse.get(page.location)) == ["Name", "Born"]
    assert heads(nurse.get("/o/patient?cols=born,name")) == ["Born", "Name"]
    for vain in ("wages", "nonsense"):
        told = nurse.get(f"/o/patient?cols=name,{vain}")
        assert heads(told) == ["Name"] and f"was left out: {vain}" in told.text
    assert 'value="wages"' not in nurse.get(PAGE).html
    desk = surf("desk")
    assert "1980-01-02" not in desk.get("/o/patient?cols=name,born&q=Column").html
    assert desk.get("/o/patient?cols=name,phone&q=Column").html.count('class="masked"') == 1


def test_the_views_own_columns_are_no_choice(surf: Surf) -> None:
    """Requirement 1: the address stays short."""
    nurse = surf("nurse")
    assert nurse.fill(PAGE).location == "/o/patient"


def test_kept_lists(web: Web, surf: Surf) -> None:
    """Requirement 2."""
    web.patient(name="Kept Karl", sex="male")
    nurse = surf("nurse")
    page = nurse.fill(f"{PAGE}?q=Kept&f.sex=male&sort=-name", PAGE, col=["name"], _name="  My   men ")
    assert labels(nurse.get("/o/patient"))[-1] == "My men"
    there = nurse.get(page.location)
    assert (there.rows(), heads(there)) == (["Kept Karl"], ["Name"])
    assert 'aria-current="page">' in re.findall("<a [^>]*>", there.html[there.html.index('<nav class="views"'):there.html.index("My men")])[-1]
    assert "My men" not in surf("desk").get("/o/patient").html
    nurse.fill(f"{PAGE}?q=Other", PAGE, _name="My men")
    assert labels(nurse.get("/o/patient")).count("My men") == 1
    forget = next(form["action"] for form in nurse.get(PAGE).read.forms if form["action"].endswith("/drop"))
    surf("desk").send(forget)
    assert labels(nurse.get("/o/patient"))[-1] == "My men"
    nurse.send(forget)
    assert "My men" not in nurse.get("/o/patient").html


def test_bounds(surf: Surf, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Requirement 3."""
    nurse = surf("manager")
    page = nurse.fill(PAGE, PAGE, col=["name", "born"], _name="x" * 41)
    assert page.status == 422 and "at most 40 characters" in page.text
    assert re.search('value="born" checked', page.html) and "x" * 41 in page.html
    monkeypatch.setattr(saved, "MAX_KEPT", 1)
    assert nurse.fill(PAGE, PAGE, _name="one").status == 303
    assert nurse.fill(PAGE, PAGE, _name="two").status == 422
    assert nurse.fill(PAGE, PAGE, _name="one", col=["born"]).status == 303
