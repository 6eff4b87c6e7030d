"""The real screens in a real browser, over the example organisation's definitions.

1. On list, record, form, refused form, conflict and a step: no breach of the policy, no script error, no sideways scroll, at
   1440 and 390 px, in both languages.
2. By keyboard alone: pick a patient in the link picker, save, take a step in its dialog, see the result.
3. Leaving a form with unsaved work asks first; deleting asks, and can be undone.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from engine.text import read_folder
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, system_actor
from runtime.identity.own import set_language
from runtime.identity.sessions import Sessions
from runtime.records.commands import Create, Update
from runtime.records.outcomes import Written
from runtime.records.seeding import Seeding
from runtime.settings import Settings
from runtime.store import publish, system
from runtime.store.database import Store
from runtime.store.publish import Incoming
from runtime.web.app import create_app
from runtime.web.limits import Limits
from runtime.web.site import Site, site_of
from tests.fixtures.clock import FixedClock
from tests.fixtures.databases import Backend
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_look import OVERFLOW, STYLED

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[3] / "examples" / "hexin"
MANAGER, NURSE = f"{0x51:032x}", f"{0x52:032x}"


@dataclasses.dataclass
class Clinic:
    """The example served: a clinic, a manager, a nurse, two patients and a task."""

    origin: str
    site: Site
    ids: dict[str, str]

    def sign_in(self, page: Page, language: str = "zh") -> None:
        with self.site.store.write() as connection:
            secret = Sessions(self.site.store).start(connection, MANAGER, self.site.clock())
        set_language(self.site.store, MANAGER, language)
        page.context.add_cookies([{"name": self.site.cookie, "value": secret, "url": self.origin}])

    def make(self, object: str, values: dict[str, object], clinic: str | None = None, id: str | None = None) -> str:
        [outcome] = self.site.records.execute([Create(object, values, clinic=clinic, id=id)], self.system)
        assert isinstance(outcome, Written), outcome
        return outcome.id

    def patient(self, name: str, **values: object) -> str:
        return self.make("patient", {"name": name, **values}, self.ids["home"])

    @property
    def system(self) -> Actor:
        return system_actor(self.site.clock().date())


@pytest.fixture(scope="module")
def clinic(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """What screens look like does not depend on the database."""
    clock = FixedClock()
    url = sqlite_backend.fresh()
    store = Store.open(url, clock=clock)
    settings = Settings(database_url=url, keys_path=tmp_path_factory.mktemp("keys") / "keys")
    ids = (f"{n:032x}" for n in itertools.count(0x900))
    seeding = Seeding(clock, lambda: next(ids), Keys.load_or_make(settings.keys_path))
    incoming = Incoming(source=read_folder(EXAMPLE), base="")
    publish.publish(store, incoming, system_actor(clock().date()), new_id=lambda: next(ids), seed=seeding, wait=0)
    app = create_app(settings, store=store, clock=clock, limits=Limits({}))
    with served(app) as origin:
        made = Clinic(origin, site_of(app), {})
        _populate(made)
        yield made
    store.close()


def _populate(clinic: Clinic) -> None:
    table = clinic.site.store.release().tables.object("clinic").table
    with clinic.site.store.read() as connection:
        home = str(connection.execute(sa.select(table.c.id).limit(1)).scalar_one())
    for id, name in ((MANAGER, "高明"), (NURSE, "林静")):
        clinic.make("staff", {"name": name}, id=id)
    with clinic.site.store.write() as connection:
        connection.execute(sa.insert(system.user).values(id=MANAGER, login="gao", created_at=clinic.site.clock()))
        connection.execute(sa.insert(system.membership).values(id=f"{0x61:032x}", user_id=MANAGER, role="core:manager", clinic_id=home))
    ids = clinic.ids
    ids["home"] = home
    ids["patient"] = clinic.patient("欧阳明月", phone="13812345678", birth_date="1968-03-14")
    clinic.patient("阿卜杜拉·买买提艾力·吾斯曼江·阿不都热合曼")
    task = {"patient": ids["patient"], "step": "术后第 7 天电话随访", "due": "2026-02-20", "assignee": MANAGER}
    ids["task"] = clinic.make("followup_task", task)


def _fine(page: Page, where: str) -> None:
    assert page.evaluate(OVERFLOW) <= 0, where
    assert page.evaluate(STYLED) == [], where


def _walk(clinic: Clinic, page: Page, mine: str) -> None:
    """Every kind of screen once."""
    patient, task = clinic.ids["patient"], clinic.ids["task"]
    for path in ("/", "/o/patient", "/o/followup_task?view=all_followup_tasks&f.status=planned", f"/o/patient/{patient}", "/o/patient/new",
                 f"/o/followup_task/{task}", f"/o/followup_task/{task}/t/cancel", "/me"):
        page.goto(clinic.origin + path)
        _fine(page, path)
    edit = f"{clinic.origin}/o/patient/{patient}/edit"
    page.goto(edit)
    page.fill("#f-name", "")
    page.click("[data-save]")
    expect(page.locator(".summary")).to_be_focused()
    _fine(page, "refused")
    page.fill("#f-name", f"欧阳 {mine}")
    other = Update("patient", patient, {"name": f"司马 {mine}"}, None)
    assert clinic.site.records.execute([other], clinic.system)[0].ok
    page.click("[data-save]")
    expect(page.locator(".clash")).to_have_count(1)
    _fine(page, "conflict")
    page.click("[data-save]")
    expect(page.locator("h1")).to_contain_text(f"欧阳 {mine}")
    _fine(page, "saved")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_desk(clinic: Clinic, page: Page, page_errors: list[str], language: str) -> None:
    """Requirement 1."""
    page.set_viewport_size({"width": 1440, "height": 900})
    clinic.sign_in(page, language)
    _walk(clinic, page, f"{language} desk")
    assert [error for error in page_errors if "422" not in error and "409" not in error] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_phone(clinic: Clinic, phone_page: Page, page_errors: list[str], language: str) -> None:
    """Requirement 1."""
    clinic.sign_in(phone_page, language)
    _walk(clinic, phone_page, f"{language} phone")
    assert [error for error in page_errors if "422" not in error and "409" not in error] == []


def test_by_keyboard(clinic: Clinic, page: Page, page_errors: list[str]) -> None:
    """Requirement 2."""
    clinic.sign_in(page, "en")
    page.goto(f"{clinic.origin}/o/followup_task")
    page.keyboard.press("n")
    page.wait_for_url("**/new")
    page.locator("#f-patient").focus()
    page.keyboard.type("阿卜")
    expect(page.locator("#f-patient-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.locator("#f-step").fill("call by keyboard")
    page.locator("#f-due").fill("2026-03-05")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("call by keyboard")
    page.locator(".next-steps a[data-ask]").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_be_visible()
    page.locator("#ask #f-_reason").fill("not needed")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1 .state")).to_have_text("Cancelled")
    expect(page.locator(".history")).to_contain_text("not needed")
    assert page_errors == []


def test_unsaved_work_and_undo(clinic: Clinic, page: Page) -> None:
    """Requirement 3."""
    clinic.sign_in(page, "en")
    patient = f"{clinic.origin}/o/patient/{clinic.patient('仇英')}"
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{patient}/edit")
    page.locator("#f-city").press_sequentially("上海")
    page.goto(patient)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Delete").click()
    page.locator("#confirm button[value=no]").click()
    page.get_by_role("button", name="Delete").click()
    page.locator("#confirm button[value=yes]").click()
    expect(page.locator(".flash")).to_contain_text("Deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_contain_text("仇英")
