"""The inbox, what was told about a record, and links that patients open, as people and patients use them.

1. The inbox shows her messages newest first with what she may read now; what she may not is not there, whatever the text was when sent (0.2).
2. Opening, marking one and marking all make the number fall; nobody opens another's.
3. A record's page says what was told to whom and why not; only where its reader may read the record.
4. A link is made by who could fill the form herself (A-30), shown with its code, and withdrawn.
5. A visitor sees the form alone: empty inputs, unrestricted values, no names, no navigation; no-store and no referrer.
6. Her answers land in the record with the transition, audited for her, and use the link up; opening does not.
7. Two tabs: one wins, the other gets the same kind page as a forged, ended, used or withdrawn link (A-71): no oracle.
8. Required answers are asked for even where the record has some; what is left empty changes nothing.
9. Canaries in answers and definitions come back as text (H3, H4), and the token is in no table, log or audit (H6).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from runtime.identity.sessions import Sessions
from runtime.links.making import token_of
from runtime.settings import BadSetting, Settings
from runtime.store import system
from runtime.web.app import create_app
from runtime.web.limits import Limits
from runtime.web.site import site_of
from tests.fixtures.clock import FixedClock
from tests.fixtures.databases import Backend
from tests.runtime.messages.world import BASE_URL, FILES, LI, ORGANISATION, SOUTH, WANG, World, build
from tests.runtime.screens.surfing import Seen
from tests.runtime.store.publishing import Clinic as Publishing


@pytest.fixture(scope="module")
def backend(sqlite_backend: Backend) -> Backend:
    """What visitors and staff are shown does not depend on the database; what sends does, in `tests/runtime/messages`."""
    return sqlite_backend

CANARY = "{{7*7}}\"'><svg/onload=alert(1)>"


class Clinic:
    """The world behind the real screens."""

    def __init__(self, world: World, app: Flask) -> None:
        self.world, self.app = world, app

    def browser(self, login: str = "", language: str = "en") -> FlaskClient:
        client = self.app.test_client()
        client.set_cookie("carework-language", language)
        if login:
            with self.world.place.store.write() as connection:
                secret = Sessions(self.world.place.store).start(connection, {"li": LI, "wang": WANG}[login], self.world.clock())
            client.set_cookie("carework", secret)
        return client

    def post(self, client: FlaskClient, url: str, page: str, **values: str) -> Seen:
        """Posts with the token of a page."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
        assert token is not None, page
        return Seen(client.post(url, data={"csrf_token": token[1], **values}))

    def link(self, visit: str, **values: object) -> str:
        """The path of a new link to the visit's form, made by the nurse."""
        page = f"/o/visit/{visit}/messages"
        client = self.browser("li")
        made = self.post(client, f"/o/visit/{visit}/links", page, form=str(values.get("form", "how_are_you|answer")), days="3")
        assert made.status == 303, made.text
        address = re.search(r'value="(https://[^"]+)"', client.get(made.response.headers["Location"]).text)
        assert address is not None
        return address[1].removeprefix(BASE_URL)

    def record(self, visit: str) -> dict[str, object]:
        table = self.world.place.store.release().tables.object("visit")
        with self.world.place.store.read() as connection:
            names = ("pain", "well", "comment", "status", "day")
            row = connection.execute(sa.select(*(table.column(name) for name in names)).where(table.column("id") == visit)).one()
        return dict(zip(names, row, strict=True))


@pytest.fixture
def clinic(prepared_database: Callable[..., str], clock: FixedClock, new_id: Callable[[], str], tmp_path: Path) -> Iterator[Clinic]:
    world = World.open(prepared_database("messages", build), clock, new_id)
    settings = Settings(keys_path=tmp_path / "keys", base_url=BASE_URL)
    app = create_app(settings, store=world.place.store, clock=clock, limits=Limits({}))
    site_of(app).keys = world.place.keys
    yield Clinic(world, app)
    world.place.store.close()


def _told(clinic: Clinic, message: str, visit: str, to: tuple[str, str], key: str = "k1") -> None:
    clinic.world.queue(message, visit, to, key)
    clinic.world.runner().run_due()


def test_inbox_shows_what_she_may_read_now(clinic: Clinic) -> None:
    """Requirement 1: the same message, two readers; the planted fault is the reader who may read the field."""
    world = clinic.world
    patient = world.patient(id_number="zq-number")
    visit = world.visit(patient, pain=8, secret="zq-secret")
    for key, person in (("k1", LI), ("k2", WANG)):
        _told(clinic, "alert", visit, ("staff", person), key)
    nurse, desk = (Seen(clinic.browser(login).get("/inbox")) for login in ("li", "wang"))
    assert "王芳: pain 8" in nurse.text
    assert "Secret zq-secret" in nurse.text
    assert "王芳: pain 8" in desk.text
    assert "zq-secret" not in desk.html
    assert "none" in desk.text  # the expression over what is hidden from her
    assert "zq-number" not in nurse.html + desk.html
    with world.place.store.audit.read() as connection:
        seen = connection.execute(sa.select(system.view).where(system.view.c.kind == "inbox")).mappings().all()
    assert {(row["actor"], tuple(row["ids"])) for row in seen} == {(LI, (visit,)), (WANG, (visit,))}


def test_inbox_after_the_right_is_gone(clinic: Clinic) -> None:
    """Requirement 1."""
    visit = clinic.world.visit(clinic.world.patient(), pain=8)
    _told(clinic, "alert", visit, ("staff", LI))
    with clinic.world.place.store.write() as connection:
        connection.execute(sa.update(system.membership).where(system.membership.c.user_id == LI).values(clinic_id=SOUTH))
    page = Seen(clinic.browser("li").get("/inbox"))
    assert "王芳" not in page.html
    assert "You may no longer read the record" in page.text


def test_numbers_and_reading(clinic: Clinic) -> None:
    """Requirement 2."""
    world = clinic.world
    visit = world.visit(world.patient(), pain=8)
    for number in range(3):
        _told(clinic, "alert", visit, ("staff", LI), f"k{number}")
    client, other = clinic.browser("li"), clinic.browser("wang")
    assert client.get("/inbox/count").text == "3"
    assert (other.get("/inbox/count").text, clinic.browser().get("/inbox/count").text) == ("", "")
    id = world.row("k0")["id"]
    assert clinic.post(other, f"/inbox/{id}/open", "/inbox").status == 404
    assert client.get("/inbox/count").text == "3"
    opened = clinic.post(client, f"/inbox/{id}/open", "/inbox")
    assert (opened.status, opened.response.headers["Location"]) == (303, f"/o/visit/{visit}")
    assert client.get("/inbox/count").text == "2"
    newest = world.row("k1")["id"]
    clinic.post(client, "/inbox/read", "/inbox", newest=newest)
    assert client.get("/inbox/count").text == "1"
    assert client.get("/inbox?unread=1").text.count('<li class="mail') == 1
    assert clinic.post(client, "/inbox/read", "/inbox", newest="x").status == 400
    assert "No messages yet" in Seen(other.get("/inbox")).text


def test_what_was_told(clinic: Clinic) -> None:
    """Requirement 3, in both languages."""
    world = clinic.world
    patient = world.patient(no_contact=True)
    visit = world.visit(patient)
    _told(clinic, "reminder", visit, ("patient", patient))
    page = Seen(clinic.browser("li").get(f"/o/patient/{patient}/messages"))
    assert "Reminder Not sent" in page.text
    assert "She wants no messages at all." in page.text
    assert "fang@example.org" not in page.html
    elsewhere = world.patient(SOUTH)
    assert clinic.browser("li").get(f"/o/patient/{elsewhere}/messages").status_code == 404
    other = world.visit(elsewhere)
    _told(clinic, "reminder", other, ("patient", elsewhere), "k2")
    assert clinic.browser("li").get(f"/o/visit/{other}/messages").status_code == 404


def test_who_makes_links(clinic: Clinic) -> None:
    """Requirement 4: the desk may not write the fields, so no link of hers does."""
    visit = clinic.world.visit(clinic.world.patient())
    desk = clinic.browser("wang")
    assert "Make a link" not in Seen(desk.get(f"/o/visit/{visit}/messages")).text
    assert clinic.post(desk, f"/o/visit/{visit}/links", f"/o/visit/{visit}/messages", form="how_are_you", days="3").status == 400
    path = clinic.link(visit)
    nurse = clinic.browser("li")
    page = Seen(nurse.get(f"/o/visit/{visit}/messages"))
    assert "Not opened yet" in page.text
    url = re.search(rf"/o/visit/{visit}/links/([0-9a-f]{{32}})", page.html)
    assert url is not None
    assert "data:image/svg+xml" in nurse.get(url[0]).text
    assert desk.get(url[0]).status_code == 404
    assert clinic.post(desk, f"{url[0]}/revoke", "/inbox").status == 404
    assert clinic.browser().get(path).status_code == 200
    assert clinic.post(nurse, f"{url[0]}/revoke", f"/o/visit/{visit}/messages").status == 303
    with clinic.world.place.store.read() as connection:
        noted = connection.execute(sa.select(system.audit.c.action).where(
            system.audit.c.record_id == visit, system.audit.c.action.like("%_link")).order_by(system.audit.c.id)).scalars().all()
    assert noted[-2:] == ["make_link", "revoke_link"]
    assert clinic.browser().get(path).status_code == 404
    assert nurse.get(url[0]).status_code == 404


def test_a_visitor_sees_the_form_alone(clinic: Clinic) -> None:
    """Requirement 5."""
    visit = clinic.world.visit(clinic.world.patient(), pain=3, secret="zq-secret", comment="zq-comment", doctor=LI)
    path = clinic.link(visit)
    page = Seen(clinic.browser().get(path))
    assert page.status == 200
    assert "2026-03-05" in page.text
    for hidden in ("zq-secret", "zq-comment", "王芳", ">Li<", 'value="3"', "/o/visit", "Sign out"):
        assert hidden not in page.html, hidden
    headers = page.response.headers
    assert (headers["Cache-Control"], headers.getlist("Referrer-Policy")) == ("no-store", ["no-referrer"])
    assert '<nav class="side"' not in clinic.browser("li").get(path).text
    with clinic.world.place.store.audit.read() as connection:
        seen = connection.execute(sa.select(system.view).where(system.view.c.kind == "link", system.view.c.actor == "link")).mappings().all()
    assert [tuple(row["ids"]) for row in seen] == [(visit,)] * 2


def test_answers(clinic: Clinic) -> None:
    """Requirements 6 and 8."""
    world = clinic.world
    patient = world.patient()
    visit = world.visit(patient, pain=3, comment="before")
    path = clinic.link(visit)
    phone = clinic.browser(language="zh")
    for _ in range(3):
        assert phone.get(path).status_code == 200
    missing = clinic.post(phone, path, path, well="true", pain="")
    assert missing.status == 422
    assert "此项必填" in missing.text
    assert clinic.post(phone, path, path).status == 422
    page = phone.get(path).get_data(as_text=True)
    bare = phone.post(path, data={"csrf_token": re.findall('name="csrf_token" value="([^"]+)"', page)[-1]})
    assert bare.status_code == 422
    assert "before" not in bare.get_data(as_text=True), "what the record has is told to whoever sends nothing"
    wrong = clinic.post(phone, path, path, pain="99")
    assert wrong.status == 422
    assert 'value="99"' in wrong.html
    assert clinic.record(visit)["status"] == "planned"
    sent = clinic.post(phone, path, path, pain="7", well="", comment="", day="2020-01-01", secret="x", patient="y")
    assert (sent.status, sent.response.headers["Location"]) == (303, "/f/thanks")
    found = clinic.record(visit)
    assert (found["pain"], found["comment"], found["status"], found["day"]) == (7, "before", "answered", datetime.date(2026, 3, 5))
    with world.place.store.read() as connection:
        entry = connection.execute(sa.select(system.audit).where(
            system.audit.c.record_id == visit, system.audit.c.action == "answer")).mappings().one()
    assert (entry["actor"], entry["acting_for"], entry["detail"]["channel"]) == ("link", patient, "link")
    assert "诊所已收到" in phone.get("/f/thanks").text


def test_one_page_for_all_that_is_over(clinic: Clinic) -> None:
    """Requirement 7."""
    world = clinic.world
    visit = world.visit(world.patient())
    path, ended = clinic.link(visit, form="how_are_you"), clinic.link(visit, form="how_are_you")
    one, two = clinic.browser(), clinic.browser()
    token = re.search(r'name="csrf_token" value="([^"]+)"', two.get(path).text)
    assert token is not None
    assert clinic.post(one, path, path, pain="4").status == 303
    loser = two.post(path, data={"csrf_token": token[1], "pain": "9"})
    assert clinic.record(visit)["pain"] == 4
    forged = f"/f/{token_of('f' * 32, world.place.keys)}"
    for_all = [loser, one.get(path), one.get(forged), one.get(path[:-1] + ("A" if path[-1] != "A" else "B")), one.get("/f/x")]
    world.clock.advance(days=4)
    for_all.append(one.get(ended))
    bodies = {re.sub(r'(?:csrf_token" value|content|next" value)="[^"]*"', "", answer.text) for answer in for_all}
    assert {answer.status_code for answer in for_all} == {404}
    assert len(bodies) == 1
    assert "This link cannot be used" in bodies.pop()


def test_moved_or_deleted_meanwhile(clinic: Clinic) -> None:
    """Requirement 7: a link whose record was answered otherwise says the same."""
    from runtime.records.commands import Delete, Transition

    world = clinic.world
    visit, other = world.visit(world.patient()), world.visit(world.patient())
    path, second = clinic.link(visit), clinic.link(other)
    world.ok(Transition("visit", visit, "answer", {"pain": 1}))
    world.ok(Delete("visit", other))
    assert {clinic.browser().get(each).status_code for each in (path, second)} == {404}


def test_ended_or_signed_off_meanwhile(clinic: Clinic) -> None:
    """Requirement 7: answers without a transition change nothing that was ended since; the planted fault is the record that was not."""
    from runtime.records.commands import Transition

    world = clinic.world
    visit, other = world.visit(world.patient()), world.visit(world.patient())
    path, good = clinic.link(visit, form="how_are_you"), clinic.link(other, form="how_are_you")
    world.clock.advance(hours=1)
    world.ok(Transition("visit", visit, "answer", {"pain": 1}))
    assert [clinic.browser().get(each).status_code for each in (path, good)] == [404, 200]
    world.clock.advance(hours=1)
    late = clinic.link(visit, form="how_are_you")
    assert clinic.browser().get(late).status_code == 200, "it was made of an ended visit, by somebody who may change that"


def test_signed_off_while_it_is_sent(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 7: a sign-off between the look at the record and the saving of the answers wins."""
    from runtime.links import filling
    from runtime.records.commands import Transition

    world = clinic.world
    visit = world.visit(world.patient())
    phone, path, looked = clinic.browser(), clinic.link(visit, form="how_are_you"), filling.maker_may
    token = re.search(r'name="csrf_token" value="([^"]+)"', phone.get(path).text)
    assert token is not None
    world.clock.advance(hours=1)
    once = [Transition("visit", visit, "answer", {"pain": 1})]

    def slowly(*given: object) -> bool:
        may = looked(*given)  # type: ignore[arg-type]
        while once:
            world.ok(once.pop())
        return may

    monkeypatch.setattr(filling, "maker_may", slowly)
    assert phone.post(path, data={"csrf_token": token[1], "pain": "4"}).status_code == 404
    assert clinic.record(visit)["pain"] == 1


@pytest.mark.parametrize("change", [{"role": "test:desk"}, {"clinic_id": SOUTH}, None])
def test_the_makers_right_is_gone(clinic: Clinic, change: dict[str, str] | None) -> None:
    """Requirement 4, when the link is used (A-29): she lost the role, the clinic, or left."""
    visit = clinic.world.visit(clinic.world.patient())
    paths = [clinic.link(visit), clinic.link(visit, form="how_are_you")]
    phone = clinic.browser()
    pages = [phone.get(path) for path in paths]
    token = re.search(r'name="csrf_token" value="([^"]+)"', pages[0].text)
    assert token is not None
    table = system.membership if change else system.user
    mine = table.c.user_id == LI if change else table.c.id == LI
    with clinic.world.place.store.write() as connection:
        connection.execute(sa.update(table).where(mine).values(change or {"disabled_at": clinic.world.clock()}))
    assert [page.status_code for page in pages] == [200, 200]
    assert [phone.get(path).status_code for path in paths] == [404, 404]
    assert phone.post(paths[0], data={"csrf_token": token[1], "pain": "4"}).status_code == 404
    assert clinic.record(visit)["pain"] is None


ONLY_SOME = """
name: nurse
grants:
  people: {object: patient, can: [read, create, update], show: [phone]}
  visits: {object: visit, can: [read, create], show: [secret]}
  quiet: {object: visit, can: [answer], hide: [pain], show: [secret]}
  urgent: {object: visit, can: [answer], rows: "kind == 'other'", show: [secret]}
"""
NEVER_UPDATES = """
name: nurse
grants:
  people: {object: patient, can: [read, create, update], show: [phone]}
  visits: {object: visit, can: [read, create, answer], show: [secret]}
"""


def test_no_link_past_a_field_that_rows_decide(clinic: Clinic) -> None:
    """Requirement 4 (A-30): what she may fill in some records only is no part of a link; else a visitor would fill it in others for her."""
    Publishing(clinic.world.place.store).publish({**FILES, "organisation.yaml": ORGANISATION, "roles/nurse.yaml": ONLY_SOME})
    visit = clinic.world.visit(clinic.world.patient(), kind="check")
    page = clinic.browser("li").get(f"/o/visit/{visit}/messages").text
    assert 'value="how_are_you|answer"' not in page
    with pytest.raises(AssertionError, match="That request was not understood"):
        clinic.link(visit)


def test_a_link_changes_nothing_that_its_maker_never_could(clinic: Clinic) -> None:
    """Requirement 4 (A-29): once the step asks for no form, the answers would be a change of the record, which she has no right to."""
    files = {**FILES, "organisation.yaml": ORGANISATION, "roles/nurse.yaml": NEVER_UPDATES}
    Publishing(clinic.world.place.store).publish(files)
    visit = clinic.world.visit(clinic.world.patient(), kind="check")
    path = clinic.link(visit)
    assert clinic.browser().get(path).status_code == 200
    told = files["messages/questions.yaml"].replace("transition: answer, ", "")
    Publishing(clinic.world.place.store).publish({
        **files, "workflows/visit.yaml": files["workflows/visit.yaml"].replace("ask: how_are_you, ", ""), "messages/questions.yaml": told})
    assert clinic.browser().get(path).status_code == 404
    assert clinic.record(visit)["pain"] is None


def test_a_visitor_sees_nothing_by_way_of_formulas(clinic: Clinic) -> None:
    """Requirement 5 (A-10): neither what a formula makes of a restricted field or of another record, nor of the answers so far."""
    visit = FILES["objects/visit.yaml"] + (
        '  said: {type: text, formula: "secret"}\n  again: {type: text, formula: "said"}\n  whose: {type: text, formula: "patient.name"}\n'
        '  hurt: {type: boolean, formula: "pain >= 5"}\n  later: {type: date, formula: "day + days(7)"}\n')
    computed = ", ".join(f"{name}: {{read_only: true}}" for name in ("later", "said", "again", "whose", "hurt"))
    items = f"items: {{{computed}, pain: {{required: true}}, comment: {{show: \"hurt\"}}}}\n"
    form = f"name: sums\nobject: visit\nlabel: {{en: Sums}}\n{items}"
    other = form.replace("name: sums", "name: sums2").replace('"hurt"', "\"again == 'zq-secret'\"")
    Publishing(clinic.world.place.store).publish({
        **FILES, "organisation.yaml": ORGANISATION, "objects/visit.yaml": visit, "forms/sums.yaml": form, "forms/sums2.yaml": other})
    made = clinic.world.visit(clinic.world.patient(), pain=8, secret="zq-secret")
    path = clinic.link(made, form="sums")
    page = clinic.browser().get(path).text
    shown = re.sub(r"\s+", " ", Seen(clinic.browser().get(path)).text)
    assert "2026-03-12" in shown and "zq-secret" not in page and "王芳" not in page
    assert "Yes" not in shown and "hurt&#34;: true" not in page and "hurt&#34;:true" not in page
    refused = clinic.post(clinic.browser("li"), f"/o/visit/{made}/links", f"/o/visit/{made}/messages", form="sums2", days="3")
    assert refused.status == 400, "its condition would tell the restricted field"
    assert clinic.post(clinic.browser(), path, path, pain="7", comment="sore").status == 303
    assert (clinic.record(made)["pain"], clinic.record(made)["comment"]) == (7, "sore")


def test_a_visitor_is_told_nothing_of_a_guard(clinic: Clinic) -> None:
    """Requirement 3: what a condition reads may be nothing that the page shows."""
    flow = FILES["workflows/visit.yaml"]
    assert "ask: how_are_you, " in flow
    guarded = flow.replace("ask: how_are_you, ", "ask: how_are_you, when: \"kind == 'other' && pain < 2\", ")
    Publishing(clinic.world.place.store).publish({**FILES, "organisation.yaml": ORGANISATION, "workflows/visit.yaml": guarded})
    path = clinic.link(clinic.world.visit(clinic.world.patient(), kind="check"))
    again = clinic.post(clinic.browser(), path, path, pain="2")
    assert (again.status, "'other'" in again.html, "It depends on" in again.text) == (422, False, False)
    assert "cannot be sent" in again.text


def test_canaries(clinic: Clinic, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Requirement 9."""
    world = clinic.world
    visit = world.visit(world.patient(name=CANARY))
    path = clinic.link(visit)
    phone = clinic.browser()
    again = clinic.post(phone, path, path, comment=CANARY, pain="x")
    assert again.status == 422
    assert "{{7*7}}" in again.html
    assert "<svg/onload" not in again.html
    assert clinic.post(phone, path, path, comment=CANARY, pain="2").status == 303
    assert clinic.record(visit)["comment"] == CANARY
    _told(clinic, "alert", visit, ("staff", LI))
    inbox = clinic.browser("li").get("/inbox").text
    assert "<svg/onload" not in inbox
    assert "{{7*7}}" in inbox
    token = path.removeprefix("/f/")
    out = capsys.readouterr()
    with world.place.store.read() as connection:
        rows = [str(dict(row)) for table in (system.link, system.audit, system.history, system.message, system.job)
                for row in connection.execute(sa.select(table)).mappings()]
    with world.place.store.audit.read() as connection:
        rows += [str(dict(row)) for row in connection.execute(sa.select(system.view)).mappings()]
    assert token not in " ".join(rows) + caplog.text + out.out + out.err


def test_hosts_of_requests_make_no_address(clinic: Clinic) -> None:
    """A-53: a forged Host never gets into an address."""
    visit = clinic.world.visit(clinic.world.patient())
    client = clinic.browser("li")
    made = clinic.post(client, f"/o/visit/{visit}/links", f"/o/visit/{visit}/messages", form="how_are_you", days="3")
    cookie = client.get_cookie("carework")
    assert cookie is not None
    plain = clinic.app.test_client(use_cookies=False)
    headers = {"X-Forwarded-Host": "evil.example", "Cookie": f"carework={cookie.value}"}
    page = plain.get(made.response.headers["Location"], headers=headers)
    assert f"{BASE_URL}/f/" in page.text
    forged = plain.get(made.response.headers["Location"], headers={**headers, "Host": "evil.example"})
    assert f"{BASE_URL}/f/" in forged.text or forged.status_code == 421
    assert "evil.example" not in page.text + forged.text


def test_live_forms(clinic: Clinic) -> None:
    """Requirements 5 and 8: conditions follow what she types, and know nothing of the record that the page does not show."""
    visit = clinic.world.visit(clinic.world.patient(), pain=8, comment="zq-comment", secret="zq-secret")
    path = clinic.link(visit, form="live")
    phone = clinic.browser()
    page = phone.get(path).text
    assert "data-live=" in page
    known = re.search(r'data-about="([^"]*)"', page)
    assert known is not None
    assert "zq-comment" not in page
    assert "&#34;known&#34;: {}" in known[1].replace("&#34;known&#34;:{}", "&#34;known&#34;: {}")
    told = f"/o/visit/{visit}/messages"
    watching = clinic.post(clinic.browser("li"), f"/o/visit/{visit}/links", told, form="watching", days="3")
    assert watching.status == 400, "its conditions would tell what the page does not show"
    asked = clinic.post(phone, path, path, pain="7")
    assert asked.status == 422
    assert 'href="#f-comment"' in asked.html
    assert clinic.post(phone, path, path, pain="2", comment="left over", well="true").status == 303
    found = clinic.record(visit)
    assert (found["pain"], found["comment"], found["well"]) == (2, "zq-comment", True)


def test_many_tabs(clinic: Clinic) -> None:
    """Requirement 7 under a race: eight answers at once, one of which counts."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from runtime.links.filling import answer

    place = clinic.world.place
    visit = clinic.world.visit(clinic.world.patient())
    token = clinic.link(visit, form="how_are_you").removeprefix("/f/")
    ready = Barrier(8)

    def send(pain: int) -> bool:
        ready.wait()
        return answer(place.store, place.records, place.keys, token, {"pain": str(pain)}, place.clock, "en", "") is not None

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(send, range(8)))
    assert won.count(True) == 1
    assert clinic.record(visit)["pain"] == won.index(True)
    with place.store.read() as connection:
        versions = connection.scalars(sa.select(system.history.c.version).where(system.history.c.record_id == visit)).all()
    assert sorted(versions) == [1, 2]


def test_a_setting_that_no_channel_can_use(clinic: Clinic, tmp_path: Path) -> None:
    """It is told when the server starts, without the password (A-66)."""
    settings = Settings(keys_path=tmp_path / "more", environment={"CAREWORK_SMTP_URL": "smtp://u:zq-password@host?from=nobody"})
    assert "zq-password" not in repr(settings)
    with pytest.raises(BadSetting, match="CAREWORK_SMTP_URL takes") as raised:
        create_app(settings, store=clinic.world.place.store, clock=clinic.world.clock)
    assert "zq-password" not in str(raised.value)


def test_links_are_limited(clinic: Clinic, tmp_path: Path) -> None:
    """Requirement 7: who tries addresses is made to wait."""
    place = clinic.world.place
    app = create_app(Settings(keys_path=tmp_path / "more"), store=place.store, clock=place.clock)
    client = app.test_client()
    found = [client.get("/f/nothing").status_code for _ in range(70)]
    assert set(found[:50]) == {404}
    assert found[-1] == 429
    assert client.get("/f/another").status_code == 404, "others at the same address fill theirs"
    assert client.get("/sign-in").status_code == 200
