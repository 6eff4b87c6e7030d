"""The story of part one, in a real browser against `carework demo`: a day at the desk, what marketing may not see, and
definitions that change while people work.
"""

from __future__ import annotations

import datetime
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.audit.keys import Keys
from runtime.identity.actor import system_actor
from runtime.records.commands import JoinClinic
from runtime.records.ids import Ids
from runtime.records.outcomes import Written
from runtime.records.service import Records
from runtime.store.database import Store
from tests.story.clinic import RunningClinic

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("story")]
Page = Any
TODAY = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClinic]:
    """One running example for the story; its chapters change it one after the other."""
    running = RunningClinic(tmp_path_factory.mktemp("story"), patients=24)
    yield running
    running.stop()


def sign_in(page: Page, clinic: RunningClinic, login: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{clinic.base}/sign-in")
    page.fill("#username", login)
    page.fill("#password", clinic.passwords[login])
    page.click("button.signin-go")
    page.wait_for_url(f"{clinic.base}/")


def share(clinic: RunningClinic) -> tuple[str, str]:
    """Let a patient of Pudong be seen in Xuhui as well; id and name."""
    found = sqlite3.connect(clinic.database)
    clinics = dict(found.execute('SELECT "code", "id" FROM "o_clinic"'))
    patient, name = found.execute(
        'SELECT "id", "name" FROM "o_patient" WHERE "clinic_id" = ? AND "id" NOT IN '
        '(SELECT "record_id" FROM "cw_record_clinic" GROUP BY "record_id" HAVING count(*) > 1) ORDER BY "id" DESC', (clinics["PD"],),
    ).fetchone()
    found.close()
    store = Store.open(f"sqlite:///{clinic.database}")
    keys = Keys.load_or_make(clinic.database.with_suffix(".keys"))
    records = Records(store, lambda: TODAY, Ids(lambda: int(TODAY.timestamp() * 1000), lambda bits: 1), keys=keys)
    outcome = records.execute([JoinClinic("patient", patient, clinics["XH"])], system_actor(TODAY.date()))[0]
    store.close()
    assert isinstance(outcome, Written), outcome
    return patient, name


def names_in_list(page: Page) -> list[str]:
    """First cells of every page of a list."""
    found: list[str] = []
    while True:
        found += [text.strip() for text in page.locator("#results tbody th[scope=row]").all_inner_texts()]
        following = page.locator("#results a[rel=next]")
        if following.count() == 0:
            return found
        page.goto(page.url.split("/o/")[0] + following.first.get_attribute("href"))


def test_a_day_at_two_clinics(clinic: RunningClinic, page: Page, page_errors: list[str]) -> None:
    """A nurse of Xuhui who is reception in Pudong: one list with both clinics, the shared patient once, a form, a follow-up done."""
    shared, name = share(clinic)
    sign_in(page, clinic, "lin")
    page.goto(f"{clinic.base}/o/patient")
    rows = page.locator(f"#results a[href='/o/patient/{shared}']")
    listed = names_in_list(page)
    assert listed.count(name) >= 1
    page.goto(f"{clinic.base}/o/patient/{shared}")
    assert name in page.locator("h1").inner_text()
    assert rows.count() <= 1

    page.goto(f"{clinic.base}/o/patient/new")
    page.fill("[name=name]", "测试患者一")
    page.fill("[name=birth_date]", "1990-05-17")
    page.fill("[name=phone]", "138 0013 8000")
    page.click("form button[type=submit].btn-primary")
    page.wait_for_url(re.compile(r"/o/patient/[0-9a-f]{32}"))
    assert "测试患者一" in page.locator("h1").inner_text()
    assert "138 0013 8000" in page.locator("main").inner_text()

    page.goto(f"{clinic.base}/o/followup_task?f.status=due")
    page.goto(f"{clinic.base}/o/followup_task")
    task = _start_a_task(page, clinic)
    page.goto(f"{clinic.base}{task}")
    page.locator("a[href$='/t/complete'], button[formaction$='/t/complete'], [data-step=complete]").first.click()
    page.locator("[name=pain]").first.fill("2")
    if page.locator("[name=swelling]").count():  # the form of a step of the plan for implants
        page.check("[name=swelling][value=slight]")
    if page.locator("[name=medicine_taken]").count():
        page.check("[name=medicine_taken][value=true]")
    page.locator("dialog[open] button[type=submit], form button[type=submit].btn-primary").first.click()
    page.wait_for_load_state("networkidle")
    page.goto(f"{clinic.base}{task}")
    assert "已完成" in page.locator("main").inner_text()
    page.goto(f"{clinic.base}/o/followup_task")
    while True:
        assert page.locator(f"#results a[href='{task}']").count() == 0
        following = page.locator("#results a[rel=next]")
        if following.count() == 0:
            break
        page.goto(clinic.base + following.first.get_attribute("href"))
    assert page_errors == []


def _start_a_task(page: Page, clinic: RunningClinic) -> str:
    """Open tasks from the list until one can be started; its address."""
    addresses = [link.get_attribute("href") for link in page.locator("#results tbody th a").all()]
    for address in addresses:
        page.goto(f"{clinic.base}{address}")
        start = page.locator("form[action$='/t/start'] button:not([aria-disabled=true])")
        if start.count():
            start.first.click()
            page.wait_for_load_state("networkidle")
            return str(address)
    raise AssertionError("no task that can be started")


MASKED = re.compile(r"\d{3}\*{4}\d{4}|\*{3}")
DIGITS = re.compile(r"(?<![0-9a-f])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9a-f])")


def test_marketing_sees_masks_everywhere(clinic: RunningClinic, page: Page, page_errors: list[str]) -> None:
    """Phones are masked for marketing in list, record, JSON, history and export; no filter, sort or look-up reaches them."""
    found = sqlite3.connect(clinic.database)
    # Whoever may be listed by marketing, has a phone, and is no VIP (whose phone is hidden altogether).
    patient, phone = found.execute(
        'SELECT "id", "phone" FROM "o_patient" WHERE "phone" IS NOT NULL AND "deceased_on" IS NULL '
        "AND coalesce(\"tags\", '') NOT LIKE '%vip%' ORDER BY \"id\" DESC"
    ).fetchone()
    found.close()
    digits = re.sub(r"\D", "", phone)[-11:]
    sign_in(page, clinic, "he")
    page.goto(f"{clinic.base}/o/patient")
    listed = page.locator("#results").inner_text()
    assert MASKED.search(listed) and not DIGITS.search(listed)
    page.goto(f"{clinic.base}/o/patient/{patient}")
    record = page.content()
    assert MASKED.search(page.locator("main").inner_text()) and digits not in re.sub(r"[ -]", "", record)
    exported = page.request.get(f"{clinic.base}/o/patient/export.csv").text()
    assert exported.count("\n") > 20 and not DIGITS.search(exported)

    token = clinic.token("he")
    status, body = clinic.api(f"/api/v1/patient/{patient}", token)
    assert (status, body["_masked"]) == (200, ["phone"]) or "phone" in body["_masked"]
    assert digits not in str(body) and MASKED.fullmatch(body["phone"])
    assert not DIGITS.search(str(clinic.api(f"/api/v1/patient/{patient}/history", token)[1]))
    unknown = clinic.api("/api/v1/patient", token, filter="nonsense == 'x'")
    hidden = clinic.api("/api/v1/patient", token, filter=f"phone == '{phone}'")
    assert hidden[0] == unknown[0] == 400
    told = re.sub(r"Did you mean '\w+'\? |是不是“\w+”？", "", str(hidden[1]["errors"]))  # a suggestion names what he may see
    assert told.replace("phone", "nonsense") == str(unknown[1]["errors"])
    assert clinic.api("/api/v1/patient", token, sort="phone")[0] == 400
    looked = page.request.get(f"{clinic.base}/o/patient/lookup?q={digits[-4:]}").json()
    assert patient not in [item["id"] for item in looked["items"]]
    searched = page.request.get(f"{clinic.base}/o/patient?q={digits[-6:]}").text()
    assert f"/o/patient/{patient}" not in searched
    assert page_errors == []


@pytest.fixture(scope="module")
def definitions(clinic: RunningClinic) -> Path:
    """What is live, exported into a folder that the chapters edit and publish."""
    folder = clinic.folder / "definitions"
    clinic.run("export", str(folder))
    return folder


def publish(clinic: RunningClinic, definitions: Path, **files: str) -> None:
    """Write or replace files (`__` stands for `/`) and publish the folder."""
    for name, text in files.items():
        (definitions / f"{name.replace('__', '/')}.yaml").write_text(text, "utf-8")
    clinic.run("publish", str(definitions), "--yes")


PATIENT = """\
extend: core:patient
fields:
  member_level: {type: choice, of: member_level, after: tags, label: {en: Membership, zh: 会员等级}}
  nurse: {type: link, to: staff, on_delete: clear, after: doctor, label: {en: Nurse, zh: 责任护士}}
"""


def test_a_new_field_is_everywhere_without_a_restart(clinic: RunningClinic, definitions: Path, page: Page) -> None:
    """After `carework publish` the field is in form, list, API and OpenAPI of the running server; old records are there."""
    token = clinic.token("gao")
    before = clinic.api("/api/v1/patient", token, limit="200")[1]["items"]
    publish(
        clinic, definitions,
        hexin__objects__patient=PATIENT + "  shoe_size: {type: integer, min: 15, max: 60, label: {en: Shoe size, zh: 鞋码}}\n",
        hexin__views__patients="extend: core:patients\ncolumns:\n  member_level: {after: team}\n  shoe_size: {after: member_level}\n",
        hexin__forms__patient="extend: core:patient\nitems:\n  member_level: {width: half, after: tags}\n  shoe_size: {after: member_level}\n",
    )
    clinic.soon(lambda: "shoe_size" in clinic.api("/api/v1/patient", token, limit="1")[1]["items"][0], True)
    assert "shoe_size" in str(clinic.api("/api/v1/openapi.json", token)[1])
    after = clinic.api("/api/v1/patient", token, limit="200")[1]["items"]
    assert {item["id"] for item in before} <= {item["id"] for item in after}
    sign_in(page, clinic, "gao")
    page.goto(f"{clinic.base}/o/patient")
    assert "鞋码" in page.locator("#results thead").inner_text()
    page.goto(f"{clinic.base}/o/patient/{after[0]['id']}/edit")
    page.fill("[name=shoe_size]", "42")
    page.click("form button[type=submit].btn-primary")
    page.wait_for_url(re.compile(rf"/o/patient/{after[0]['id']}$"))
    assert clinic.api(f"/api/v1/patient/{after[0]['id']}", token)[1]["shoe_size"] == 42


def test_a_rename_keeps_every_value(clinic: RunningClinic, definitions: Path) -> None:
    """The renamed field has the values under its new name; the former name is answered with the new one."""
    token = clinic.token("gao")
    sizes = {item["id"]: item["shoe_size"] for item in clinic.api("/api/v1/patient", token, limit="200")[1]["items"]}
    assert 42 in sizes.values()
    publish(
        clinic, definitions,
        hexin__objects__patient=PATIENT
        + "  shoe: {was: [shoe_size], type: integer, min: 15, max: 60, label: {en: Shoe size, zh: 鞋码}}\n",
        hexin__views__patients="extend: core:patients\ncolumns:\n  member_level: {after: team}\n  shoe: {after: member_level}\n",
        hexin__forms__patient="extend: core:patient\nitems:\n  member_level: {width: half, after: tags}\n  shoe: {after: member_level}\n",
    )
    clinic.soon(lambda: "shoe" in clinic.api("/api/v1/patient", token, limit="1")[1]["items"][0], True)
    assert {item["id"]: item["shoe"] for item in clinic.api("/api/v1/patient", token, limit="200")[1]["items"]} == sizes
    status, body = clinic.api("/api/v1/patient", token, filter="shoe_size == 42")
    assert status == 400 and "'shoe'" in str(body["errors"])


def test_a_restricted_field_waits_for_a_grant(clinic: RunningClinic, definitions: Path, page: Page) -> None:
    """A restricted field is seen by nobody, in no form, list, JSON or description, until a grant shows it."""
    field = "  salary_note: {type: text, restricted: true, label: {en: Salary note, zh: 收入备注}}\n"
    renamed = "  shoe: {was: [shoe_size], type: integer, min: 15, max: 60, label: {en: Shoe size, zh: 鞋码}}\n"
    publish(clinic, definitions, hexin__objects__patient=PATIENT + renamed + field)
    live = clinic.api("/healthz", "")[1]["release"]
    clinic.soon(lambda: clinic.api("/healthz", "")[1]["release"], (definitions / ".carework-base").read_text().strip()[: len(live)])
    for login in ("gao", "lin", "wang", "he"):
        token = clinic.token(login)
        item = clinic.api("/api/v1/patient", token, limit="1")[1]["items"][0]
        assert "salary_note" not in item and "salary_note" not in item.get("_masked", [])
        assert "salary_note" not in str(clinic.api("/api/v1/openapi.json", token)[1])
    sign_in(page, clinic, "gao")
    patient = clinic.api("/api/v1/patient", clinic.token("gao"), limit="1")[1]["items"][0]["id"]
    for path in (f"/o/patient/{patient}", f"/o/patient/{patient}/edit", "/o/patient/new", "/o/patient"):
        page.goto(f"{clinic.base}{path}")
        assert "salary_note" not in page.content() and "收入备注" not in page.content()
    (definitions / "hexin" / "roles").mkdir()
    grant = "extend: core:manager\ngrants:\n  salaries: {object: patient, can: [read, update], show: [salary_note]}\n"
    publish(clinic, definitions, hexin__roles__manager=grant)
    token = clinic.token("gao")
    clinic.soon(lambda: "salary_note" in clinic.api(f"/api/v1/patient/{patient}", token)[1], True)
    page.goto(f"{clinic.base}/o/patient/{patient}")
    assert "收入备注" in page.content()
    assert "salary_note" not in clinic.api("/api/v1/patient", clinic.token("wang"), limit="1")[1]["items"][0]
