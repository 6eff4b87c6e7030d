"""Lists of the real screens over the chain.

1. A list shows the rows and fields that the reader may see; masks are marked; what is hidden is no column.
2. Search, quick filters and sorting narrow and order; what is in force stands in chips that take it away.
3. Paging goes forth and back by key without losing a row.
4. Every list leaves one durable entry of who saw which ids.
5. The CSV needs the right to export, holds permitted columns and is safe to open in a spreadsheet.
"""

import html
import re
from collections.abc import Callable

import pytest

from runtime.identity.actor import system_actor
from runtime.records.commands import Create
from tests.runtime.api.world import NORTH, TODAY, Web, person_id
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]


def test_rows_masks_and_columns_follow_the_reader(web: Web, surf: Surf) -> None:
    """Requirement 1: the desk sees phones masked and no dates of birth, the nurse the phone, nobody the wages."""
    web.patient(name="Zhang Mask", phone="13812345678", born="1980-05-06", wages="9999.00")
    desk, nurse = surf("desk").get("/o/patient?q=Zhang+Mask"), surf("nurse").get("/o/patient?q=Zhang+Mask")
    assert nurse.rows() == desk.rows() == ["Zhang Mask"]
    assert "13812345678" in nurse.text
    assert "1980-05-06" in nurse.text
    assert "13812345678" not in desk.html
    assert 'class="masked"' in desk.html
    assert "1980-05-06" not in desk.html
    assert "9999" not in nurse.html + desk.html


def test_an_object_nobody_granted_is_not_there(surf: Surf) -> None:
    """Requirement 1: like one that does not exist, and not in the navigation."""
    caller = surf("caller")
    assert caller.get("/o/patient").status == caller.get("/o/no_such_object").status == 404
    assert 'href="/o/patient"' not in caller.get("/o/task").html


def test_search_filter_and_sort(web: Web, surf: Surf) -> None:
    """Requirement 2."""
    for name, sex in (("Fi Anna", "female"), ("Fi Bert", "male"), ("Fi Clara", "female")):
        web.patient(name=name, sex=sex)
    nurse = surf("nurse")
    found = nurse.get("/o/patient?q=fi+&sort=name")
    assert found.rows() == ["Fi Anna", "Fi Bert", "Fi Clara"]
    assert nurse.get("/o/patient?q=fi+&sort=-name").rows() == ["Fi Clara", "Fi Bert", "Fi Anna"]
    assert 'aria-sort="ascending"' in found.html
    assert "Search: fi" in found.text
    assert nurse.get("/o/patient?q=no+such+person").rows() == []
    assert nurse.get("/o/patient?q=%27%22%29+||+true").status == 200


def test_a_workflow_offers_its_states(web: Web, surf: Surf) -> None:
    """Requirement 2: the generated list filters by state; a value that is not offered says nothing."""
    task = web.task(step="filter me")
    nurse = surf("nurse")
    nurse.send(f"/o/task/{task}/t/start")
    assert "filter me" in nurse.get("/o/task?f.status=running").text
    assert "filter me" not in nurse.get("/o/task?f.status=planned").text
    assert "filter me" in nurse.get("/o/task?f.status=nonsense").text
    assert "Status: Running" in nurse.get("/o/task?f.status=running").text


@pytest.mark.parametrize("field", ["born", "wages"])
def test_what_is_not_shown_whole_cannot_be_sorted_by(web: Web, surf: Surf, field: str) -> None:
    """Requirement 2: no link offers it, and an address made by hand leads to the list as it is."""
    desk = surf("desk")
    answer = desk.get(f"/o/patient?sort={field}")
    assert answer.status == 302
    assert answer.location == "/o/patient"
    assert f"sort={field}" not in desk.get("/o/patient").html


def test_pages_by_key_forth_and_back(web: Web, surf: Surf) -> None:
    """Requirement 3."""
    made = [Create("patient", {"name": f"Page {number:03}"}, clinic=NORTH) for number in range(103)]
    assert all(outcome.ok for outcome in web.site.records.execute(made, system_actor(TODAY)))
    nurse = surf("nurse")
    first = nurse.get("/o/patient?q=Page&sort=name")
    second = nurse.get(_link(first.html, "next"))
    third = nurse.get(_link(second.html, "next"))
    assert [len(page.rows()) for page in (first, second, third)] == [50, 50, 3]
    assert first.rows() + second.rows() + third.rows() == [f"Page {number:03}" for number in range(103)]
    assert nurse.get(_link(third.html, "prev")).rows() == second.rows()
    assert nurse.get("/o/patient?q=Page&after=forged").location.endswith("q=Page")


def test_every_list_is_audited_with_its_ids(web: Web, surf: Surf) -> None:
    """Requirement 4: the entry is there when the page is."""
    seen = web.patient(name="Audit Me")
    nurse = surf("nurse")
    nurse.get("/o/patient?q=Audit+Me")
    entry = web.views(kind="list")[-1]
    assert entry.actor == person_id("nurse")
    assert entry.ids == [seen]
    assert entry.object == "base:patient"


def test_csv_holds_what_may_be_exported(web: Web, surf: Surf) -> None:
    """Requirement 5."""
    exported = web.patient(name="=1+1 Export", phone="13812345678", born="1970-01-02")
    answer = surf("desk").client.get("/o/patient/export.csv?q=Export")
    text = answer.get_data().decode("utf-8-sig")
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert "'=1+1 Export" in text
    assert "13812345678" not in text
    assert "1970-01-02" not in text
    assert web.views(kind="export")[-1].ids == [exported]
    assert surf("nurse").get("/o/patient/export.csv").status == 403
    assert "export.csv" not in surf("nurse").get("/o/patient").html


def _link(text: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    assert found is not None
    return html.unescape(found[1])


def test_a_page_says_in_both_languages(surf: Surf) -> None:
    """Requirement 2: labels come in the reader's language."""
    assert "姓名" in surf("nurse", "zh").get("/o/patient").html
    assert "Name" in surf("nurse", "en").get("/o/patient").html


