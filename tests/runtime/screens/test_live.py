"""Live forms without scripts: the server decides what is shown, demanded and fixed, whatever a page sends.

1. A form says how its items stand; a form without conditions carries none of it and loads no interpreter.
2. What is typed into items that are not shown is not stored: kept by default, cleared where the item says so; the person is told.
3. Conditional required is demanded when it holds, never of a hidden item; fixed items keep what is stored. A-22.
4. Rows are saved with their record in one transaction: added, changed, removed, in the order of the form; a refusal writes nothing at all.
5. Rows of another record are never touched; who may not delete a row cannot remove it.
6. Conditions never say more than the reader may see: a hidden field is unknown to them, and its name is not in the page. Threats 0.2.
7. A transition's form is decided by the service, for pages and API alike; a program that sends a hidden item is refused. A-29.
8. Drafts: kept, offered, continued, dropped on save; nobody else's; another version becomes the conflict screen, another release says so. F-22, F-25.
9. What is behind a link comes for readers of the record alone, and is audited.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.jobs.purging import purge
from runtime.store import system
from tests.fixtures.databases import Backend
from tests.runtime.api.world import SOUTH, Web, build
from tests.runtime.screens.live_world import LIVE
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]


@pytest.fixture(scope="module")
def web(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The chain with a live form."""
    url = backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path_factory.mktemp("keys"))
    opened.publish(LIVE)
    yield opened
    opened.close()
    backend.drop(url)


@pytest.fixture
def surf(web: Web) -> Surf:
    return lambda login, language="en": Surfer.of(web, login, language)


def checkup(web: Web, **values: object) -> str:
    return web.make("checkup", None, patient=web.patient(name="Live", born="1980-05-06"), **values)


def stored(web: Web, id: str, *names: str) -> list[Any]:
    table = web.store.release().tables.object("checkup")
    with web.store.read() as connection:
        row = connection.execute(sa.select(*(table.column(name) for name in names)).where(table.table.c.id == id)).one()
    return list(row)


def drugs(web: Web, id: str) -> list[tuple[str, int | None, int | None]]:
    table = web.store.release().tables.object("drug")
    columns = [table.column(name) for name in ("name", "dose", "place")]
    with web.store.read() as connection:
        rows = connection.execute(sa.select(*columns).where(table.column("checkup") == id).order_by(table.column("place"))).all()
    return [tuple(row) for row in rows]


def marks(page: str) -> dict[str, str]:
    return {name: classes.strip() for classes, name in re.findall(r'<div class="item([^"]*)" data-item="(\w+)"', page)}


def about(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(html.unescape(re.search(r' data-about="([^"]*)"', page)[1]))  # type: ignore[index]
    return found


def test_a_form_says_how_its_items_stand(web: Web, surf: Surf) -> None:
    """Requirement 1."""
    page = surf("nurse").get(f"/o/checkup/{checkup(web, pain=8, kind='wound')}/edit")
    found = marks(page.html)
    assert (found["note"], found["strong"], found["film"], found["pain"]) == ("is-must", "is-off", "is-off", "is-must")
    assert "live/decide.js" in page.html
    assert about(page.html)["known"]["patient.born"] == "1980-05-06"
    plain = surf("nurse").get(f"/o/visit/{web.make('visit', None, patient=web.patient())}/edit")
    assert "data-live" not in plain.html
    assert "expressions/" not in plain.html


def test_hidden_items_store_nothing(web: Web, surf: Surf) -> None:
    """Requirement 2: the note is kept, the film number cleared, and a word is said of what was typed for nothing."""
    id = checkup(web, pain=8, note="upper left", kind="xray", film="F-1")
    nurse, path = surf("nurse"), f"/o/checkup/{id}/edit"
    saved = nurse.fill(path, pain="2", note="changed", kind="wound", film="F-2")
    assert saved.status == 303, saved.text
    assert stored(web, id, "pain", "note", "film") == [2, "upper left", None]
    assert "What hurts: Not saved" in nurse.get(saved.location).text


def test_conditional_required_and_fixed(web: Web, surf: Surf) -> None:
    """Requirement 3."""
    id = checkup(web, pain=1, fee="12.50", paid=True)
    nurse, path = surf("nurse"), f"/o/checkup/{id}/edit"
    refused = nurse.fill(path, pain="8", note="")
    assert refused.status == 422
    assert 'href="#f-note"' in refused.html
    assert "is-off" not in marks(refused.html)["note"]
    assert nurse.fill(path, pain="7", note="", fee="99").status == 303
    assert [str(value) for value in stored(web, id, "pain", "fee")] == ["7", "12.50"]
    assert nurse.fill(path, pain="").status == 422
    assert nurse.fill(path, fee="13", paid="false").status == 303
    assert str(stored(web, id, "fee")[0]) == "13.00"


def test_rows_are_saved_with_their_record(web: Web, surf: Surf) -> None:
    """Requirement 4."""
    patient = web.patient(name="Rows", born="2020-01-01")
    nurse = surf("nurse")
    fields = {"patient": patient, "patient.text": "Rows", "pain": "3", "drugs._keys": ["0", "1", "2"], "drugs.0.name": "second", "drugs.0.dose": "2",
              "drugs.1.name": "first", "drugs.1.dose": "1", "drugs.2.name": "", "drugs.2.dose": ""}
    made = nurse.fill("/o/checkup/new", **fields)
    assert made.status == 303, made.text
    id = made.location.rpartition("/")[2]
    assert drugs(web, id) == [("second", 2, 1), ("first", 1, 2)]
    page = nurse.get(f"/o/checkup/{id}/edit")
    sent = page.form(f"/o/checkup/{id}/edit")
    keys = [value for name, value in sent if name == "drugs._keys"]
    assert keys[:2] == ["0", "1"]
    saved = nurse.send(f"/o/checkup/{id}/edit", sent, **{
        "drugs._keys": ["1", "5", "0"], "drugs.0._remove": "true", "drugs.5.name": "third", "drugs.5.dose": "4", "drugs.1.dose": "3"})
    assert saved.status == 303, saved.text
    assert drugs(web, id) == [("first", 3, 1), ("third", 4, 2)]
    before = drugs(web, id), stored(web, id, "pain")
    more = {"pain": "5", "drugs._keys": ["0", "1", "7"], "drugs.7.name": "fourth", "drugs.7.dose": "99"}
    refused = nurse.fill(f"/o/checkup/{id}/edit", **more)
    assert refused.status == 422
    assert 'value="fourth"' in refused.html
    assert (drugs(web, id), stored(web, id, "pain")) == before
    longer = nurse.fill(f"/o/checkup/{id}/edit", _add="drugs")
    assert (longer.status, longer.html.count('name="drugs._keys"')) == (200, page.html.count('name="drugs._keys"') + 1)
    many = {"drugs._keys": [str(n) for n in range(10, 15)], **{f"drugs.{n}.{f}": "1" for n in range(10, 15) for f in ("name", "dose")}}
    assert "At most 4 rows" in nurse.fill(f"/o/checkup/{id}/edit", **many).text


def test_rows_of_others_are_not_touched(web: Web, surf: Surf) -> None:
    """Requirement 5: the id of another record's row is none of this form's."""
    mine, theirs = checkup(web, pain=1), checkup(web, pain=1)
    row = web.make("drug", None, checkup=theirs, name="theirs", dose=1)
    sent = {"drugs._keys": ["0"], "drugs.0._id": row, "drugs.0._version": "1", "drugs.0.name": "stolen", "drugs.0._remove": "true"}
    assert surf("nurse").fill(f"/o/checkup/{mine}/edit", **sent).status == 303
    assert [name for name, *_ in drugs(web, theirs)] == ["theirs"]
    assert drugs(web, mine) == []


def test_conditions_say_no_more_than_the_reader_may_see(web: Web, surf: Surf) -> None:
    """Requirement 6: the desk may not see the pain, so the note stays away, for pain or none, and nothing in the page differs."""
    pages = [surf("desk").get(f"/o/checkup/{checkup(web, pain=pain)}/edit").html for pain in (9, 1)]
    for page in pages:
        assert "is-off" in marks(page)["note"]
        assert "is-off" in marks(page)["strong"]
        assert '"pain"' not in html.unescape(re.search(r' data-live="([^"]*)"', page)[1])  # type: ignore[index]
        assert "pain" not in about(page)["known"]


ASK = {
    **LIVE,
    "forms/outcome.yaml": "name: outcome\nobject: task\n"
                          "items: {pain: {required: true}, due: {show: pain >= 5, required: true}, rank: {read_only: pain < 3}}\n",
}


def test_the_form_of_a_step_is_decided_by_the_service(backend: Backend, tmp_path: Path) -> None:
    """Requirement 7."""
    url = backend.prepared("api-chain", build)
    web = Web.open(url, tmp_path)
    web.publish(ASK)

    def task() -> str:
        id = web.task()
        assert nurse.post(f"/task/{id}/transitions/start").status_code == 200
        return id

    nurse = web.as_("nurse")
    first, second, third = task(), task(), task()
    hidden = nurse.post(f"/task/{first}/transitions/finish", {"values": {"pain": 2, "due": "2026-03-01"}})
    assert (hidden.status_code, hidden.json["errors"][0]["code"]) == (400, "not_asked")
    assert nurse.post(f"/task/{first}/transitions/finish", {"values": {"pain": 2, "rank": 1}}).json["errors"][0]["code"] == "fixed_now"
    assert nurse.post(f"/task/{first}/transitions/finish", {"values": {"pain": 2}}).status_code == 200
    demanded = nurse.post(f"/task/{second}/transitions/finish", {"values": {"pain": 6}})
    assert (demanded.status_code, demanded.json["errors"][0]["pointer"]) == (400, "#/values/due")
    assert nurse.post(f"/task/{second}/transitions/finish", {"values": {"pain": 6, "due": "2026-03-09"}}).status_code == 200
    page = Surfer.of(web, "nurse").fill(f"/o/task/{third}/t/finish", pain="2", due="2026-03-09", rank="4")
    assert page.status == 303, page.text
    record = nurse.get(f"/task/{third}").json
    assert (record["pain"], record["due"], record["rank"]) == (2, None, None)
    web.close()
    backend.drop(url)


def keep(surfer: Surfer, path: str, **changes: Any) -> str:
    """Sends what scripts send while somebody types."""
    fields = [(name, value) for name, value in surfer.get(path).form(path) if name not in changes]
    answer = surfer.client.post(f"{path}/draft", data={**dict(fields), **changes}, headers={"X-CSRFToken": surfer.token()})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.json["id"])


def test_drafts_come_back_to_their_owner(web: Web, surf: Surf) -> None:
    """Requirement 8."""
    id = checkup(web, pain=1)
    nurse, path = surf("nurse"), f"/o/checkup/{id}/edit"
    draft = keep(nurse, path, pain="9", note="half a sen", **{"drugs._keys": "0", "drugs.0.name": "new drug", "drugs.0.dose": "1"})
    row = {"drugs._keys": "0", "drugs.0.name": "new drug", "drugs.0.dose": "1"}
    assert keep(nurse, path, pain="9", note="half a sentence", _draft=draft, **row) == draft
    offer = nurse.client.get(f"{path}/draft").json
    assert offer["id"] == draft
    assert "half" not in json.dumps(offer)
    again = nurse.get(offer["url"])
    assert "half a sentence" in again.html
    assert 'value="new drug"' in again.html
    assert marks(again.html)["note"] == "is-must"
    assert "not saved yet" in again.text
    others = surf("manager").client.get(offer["url"]).get_data(as_text=True)
    assert "half a sentence" not in others
    assert surf("desk").client.get(f"{path}/draft").json == {}
    assert nurse.send(path, again.form(path)).status == 303
    assert nurse.client.get(f"{path}/draft").json == {}
    assert stored(web, id, "note") == ["half a sentence"]


def test_drafts_of_an_older_version_meet_the_conflict(web: Web, surf: Surf) -> None:
    """Requirement 8: nothing of either side is lost."""
    id = checkup(web, pain=1, fee="1.00")
    nurse, path = surf("nurse"), f"/o/checkup/{id}/edit"
    draft = keep(nurse, path, pain="4")
    assert surf("nurse").fill(path, pain="6").status == 303
    conflict = nurse.send(path, nurse.get(f"{path}?_draft={draft}").form(path))
    assert (conflict.status, 'name="pain.mine" value="4"' in conflict.html) == (409, True)


def test_drafts_of_an_older_release(backend: Backend, tmp_path: Path) -> None:
    """Requirement 8, F-22: what the form still asks for is there, what it lost is shown to be copied, and the page says so."""
    url = backend.prepared("api-chain", build)
    web = Web.open(url, tmp_path)
    web.publish(LIVE)
    nurse, path = Surfer.of(web, "nurse", "en"), f"/o/checkup/{checkup(web, pain=1)}/edit"
    draft = keep(nurse, path, pain="9", note="half a sentence")
    lost = {name: re.sub(r"^  note: .*\n", "", text, flags=re.M) for name, text in LIVE.items()}
    lost["objects/checkup.yaml"] = LIVE["objects/checkup.yaml"].replace("note: {type", "note: {retired: true, type")
    web.publish(lost)
    again = nurse.get(f"{path}?_draft={draft}")
    assert again.status == 200
    assert ("pain", "9") in again.form(path)
    assert "half a sentence" in again.text
    assert 'name="note"' not in again.html
    assert "The form has changed since then" in again.text
    assert nurse.send(path, again.form(path)).status == 303
    web.close()
    backend.drop(url)


def test_drafts_expire_and_are_thrown_away(web: Web, surf: Surf) -> None:
    """Requirement 8."""
    nurse, path = surf("nurse"), "/o/checkup/new"
    draft = keep(nurse, path, film="x")
    assert nurse.client.get(f"{path}/draft").json["id"] == draft
    nurse.client.post(f"{path}/draft", data={"_drop": draft}, headers={"X-CSRFToken": nurse.token()})
    assert nurse.client.get(f"{path}/draft").json == {}
    keep(nurse, path, film="y")
    with web.store.write() as connection:
        connection.execute(sa.update(system.draft).values(saved_at=web.clock() - dt.timedelta(days=8)))
    assert nurse.client.get(f"{path}/draft").json == {}
    purge(web.store, web.clock())
    assert web.count(system.draft, system.draft.c.saved_at < web.clock() - dt.timedelta(days=7)) == 0
    too_much = nurse.client.post(f"{path}/draft", data={"note": "x" * 300_000}, headers={"X-CSRFToken": nurse.token()})
    assert too_much.status_code == 413
    nurse.client.post(f"{path}/draft", data={"note": "x", "_release": "r" * 300_000}, headers={"X-CSRFToken": nurse.token()})
    with web.store.read() as connection:
        assert max(map(len, connection.scalars(sa.select(system.draft.c.release)))) == 64
    assert nurse.client.post("/o/staff/new/draft", data={"name": "x"}, headers={"X-CSRFToken": nurse.token()}).status_code == 404


def test_what_is_behind_a_link(web: Web, surf: Surf) -> None:
    """Requirement 9."""
    young, elsewhere = web.patient(name="Young", born="2020-01-01"), web.patient(clinic=SOUTH, name="South", born="2020-01-01")
    nurse = surf("nurse")

    def behind(id: str, **more: str) -> Any:
        return nurse.client.get("/o/checkup/behind", query_string={"form": "checkup", "field": "patient", "id": id, **more})

    assert behind(young).json == {"born": "2020-01-01"}
    assert any(young in view.ids for view in web.views(kind="form"))
    for refused in (behind(elsewhere), behind("0" * 32), behind("nonsense"), behind(young, field="pain"), behind(young, form="visit"),
                    behind(young, group="drugs"), behind(young, group="nothing")):
        assert refused.status_code == 404
