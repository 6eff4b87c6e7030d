"""The search box of every screen.

1. Finds stand below the box and on a page, by object, each a link to its record, with the field that holds it where the title does not.
2. Who sees a phone masked finds nobody by it, and nothing in the answer tells that somebody has it.
3. Each answer leaves an entry of who saw which ids; what was typed is not in it.
4. Markup that is stored or typed stays text.
"""

from collections.abc import Callable

import sqlalchemy as sa

from runtime.store import system
from tests.runtime.api.world import Web
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]


def test_below_the_box_and_on_the_page(web: Web, surf: Surf) -> None:
    """Requirement 1: by name, by sound, by the tail of a phone."""
    id = web.patient(name="单小芳", phone="13812347777")
    nurse = surf("nurse", "zh")
    for typed in ("小芳", "sxf", "7777", "shan 7777"):
        for address in ("/search", "/search/box"):
            found = nurse.get(f"{address}?q={typed}")
            assert f'href="/o/patient/{id}"' in found.html, (address, typed)
    assert "13812347777" in nurse.get("/search/box?q=7777").text
    assert "13812347777" not in nurse.get("/search/box?q=sxf").text
    assert "data-find-box" in nurse.get("/o/patient").html
    assert "请减少字数" in nurse.get("/search?q=nobodyhere").text


def test_more_of_one_object(web: Web, surf: Surf) -> None:
    """Requirement 1: the rest is a page of its own; an object that she may not read is not there."""
    for n in range(10):
        web.patient(name=f"Quirin Many{n}")
    nurse = surf("nurse")
    assert "in=patient" in nurse.get("/search?q=quirin").html
    assert nurse.get("/search?q=quirin&in=patient").html.count('href="/o/patient/') >= 10
    assert surf("caller").get("/search?q=quirin&in=patient").status == 404


def test_masked_phones_find_nobody(web: Web, surf: Surf) -> None:
    """Requirement 2 (threats 0.2): the same answer as for a phone that nobody has, but for what was typed."""
    web.patient(name="Masked Melanie", phone="13900000707")
    desk = surf("desk")
    assert "Masked Melanie" in desk.get("/search/box?q=melanie").text
    there, nowhere = (desk.get(f"/search/box?q={typed}").html for typed in ("0000070", "0000979"))
    assert there == nowhere


def test_finds_are_audited(web: Web, surf: Surf) -> None:
    """Requirement 3 (H5)."""
    id = web.patient(name="Zelda Audited")
    surf("nurse").get("/search/box?q=zelda")
    with web.store.audit.read() as connection:
        rows = connection.execute(sa.select(system.view).where(system.view.c.kind == "search").order_by(system.view.c.id.desc())).all()
    assert rows[0].ids == [id]
    assert "zelda" not in str(rows[0]).lower()


def test_markup_stays_text(web: Web, surf: Surf) -> None:
    """Requirement 4 (H4)."""
    web.patient(name="<svg/onload=alert(1)> Xaver")
    nurse = surf("nurse")
    for address in ("/search?q=xaver", "/search/box?q=xaver", '/search?q="><svg/onload=x>'):
        assert "<svg/onload" not in nurse.get(address).html
