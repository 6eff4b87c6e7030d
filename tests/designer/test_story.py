"""The story of a follow-up that an admin builds from nothing in the browser, and that a nurse and a patient then live with.

1. Without seeing text of a definition she makes objects, a form with a condition and a score, a workflow with a guard, a plan of three steps
   with a branch, and says what nurses may do; no problem stands on the way.
2. She tries the plan on a patient who does not exist, publishes, and everybody works with it.
3. A nurse at her desk and a patient with a phone do the first step; the guard holds, the score is computed, and the branch follows it.
4. The pack, taken along as files, passes `carework check` and `carework test`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from runtime.cli.main import main
from runtime.identity.actor import system_actor
from runtime.identity.own import set_language
from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.records.commands import Create
from runtime.records.outcomes import Written
from tests.designer.hands import TEXTUAL, Hands
from tests.designer.studio import HEAD, NURSE, Studio, build
from tests.fixtures.databases import Backend
from tests.runtime.screens.serving import served
from tests.runtime.screens.test_look import OVERFLOW

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
PACKS = Path(__file__).parents[2] / "definitions" / "packs"
PATIENTS = ("Ann Lee", "Bo Chen")


@pytest.fixture
def studio(sqlite_backend: Backend, tmp_path: Path) -> Iterator[Studio]:
    """What hands do in a browser does not depend on the database."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path)
    for person in (HEAD, NURSE):
        set_language(opened.store, person, "en")
    yield opened
    opened.close()


def sign_in(page: Page, studio: Studio, origin: str, person: str) -> None:
    page.context.add_cookies([{"name": studio.site.cookie, "value": studio.session(person), "url": origin}])


def test_a_follow_up_from_nothing(studio: Studio, page: Page, phone_page: Page, page_errors: list[str], tmp_path: Path) -> None:
    """1 to 4."""
    with served(studio.client.application) as origin:
        admin = Hands(page, origin)
        sign_in(page, studio, origin, HEAD)
        begin(admin)
        objects(admin)
        score(admin)
        form(admin)
        workflow(admin)
        plan(admin)
        access(admin)
        simulate(admin)
        exported = download(admin)
        publish(admin)
        assert [url for url in admin.seen if TEXTUAL.search(url)] == []

        patients(studio)
        nurse = Hands(page, origin)
        sign_in(page, studio, origin, NURSE)
        removals(nurse)
        days(studio, 3)
        sign_in(page, studio, origin, NURSE)
        first_step_by_the_nurse(nurse)
        first_step_by_the_patient(nurse, phone_page)
        days(studio, 3)
        sign_in(page, studio, origin, NURSE)
        branch(nurse)
    assert [error for error in page_errors if "422" not in error and "404" not in error] == []  # the refused guard, the used link
    files(exported, tmp_path)


# --- the admin ---


def begin(admin: Hands) -> None:
    admin.visit("/design")
    admin.page.get_by_label("What is it for?").or_(admin.main().locator("form input[name=name]")).first.fill("Cast removal")
    admin.press("New draft")
    admin.page.get_by_role("navigation", name="Draft").get_by_role("link", name="New").click()
    admin.page.get_by_text("A pack of its own").click()
    admin.page.get_by_label("Name", exact=True).fill("orthopaedics")
    admin.page.get_by_label("Label", exact=True).fill("Orthopaedics")
    admin.press("New pack")


def objects(admin: Hands) -> None:
    """What begins the follow-up, and the check that is done at each step."""
    admin.new("Objects", "Cast")
    admin.page.get_by_label("is about a patient").check()
    admin.press("Make it")
    admin.add("Fields", "Removed on", type="Date")
    admin.page.get_by_label("Required").first.check()
    admin.press("Apply")
    admin.new("Objects", "Cast check")
    admin.page.get_by_label("is something to do").check()
    admin.press("Make it")
    admin.add("Fields", "Pain", type="Whole number")
    admin.page.get_by_label("At least").fill("0")
    admin.page.get_by_label("At most").fill("10")
    admin.press("Apply")
    for label, type in (("Swelling", "Yes or no"), ("Where", "Short text")):
        admin.add("Fields", label, type=type)
        admin.follow("Back")
    admin.no_problems()


def score(admin: Hands) -> None:
    """Pain and swelling as points."""
    admin.new("Scores", "Cast score")
    admin.choose("Whose answers does it read?", "Cast check")
    admin.press("Make it")
    admin.follow("Swelling")
    admin.page.get_by_label("Points").fill("2")
    admin.press("Apply")
    admin.add("Items", "Pain")
    admin.without("If")
    admin.compare("If", "Pain", "is at least", "7")
    admin.page.get_by_label("Points").fill("4")
    admin.press("Apply")
    admin.no_problems()


def form(admin: Hands) -> None:
    """What is asked; where it swells only of those who have a swelling."""
    admin.new("Forms", "Cast answers")
    admin.choose("For which object", "Cast check")
    admin.press("Make it")
    for label in ("Patient", "Subject", "Due", "Assignee"):
        admin.press(f"Remove {label}")
    admin.choose("Field", "Cast score: points")
    admin.press("Add")
    expect(admin.main().get_by_role("link", name="Cast score: points", exact=True)).to_be_visible()
    admin.follow("Where")
    admin.compare("Shown when", "Swelling", "is yes")
    admin.press("Apply")
    admin.no_problems()


def workflow(admin: Hands) -> None:
    """A check is complete when the pain is known."""
    admin.new("Workflows", "Cast check")
    admin.choose("For which object", "Cast check")
    admin.press("Make it")
    admin.follow("Draw")
    admin.page.locator("[data-node='transitions.complete']").click()
    admin.settled()
    admin.choose("Form to fill on the way", "Cast answers")
    admin.compare("Only when", "Pain", "is filled in")
    admin.press("Apply")
    expect(admin.page.locator("[data-node='transitions.complete'] .is-lock")).to_be_visible()
    admin.no_problems()


def plan(admin: Hands) -> None:
    admin.new("Follow-up plans", "Cast removal")
    admin.choose("Which record begins it?", "Cast")
    admin.choose("What is made at each step?", "Cast check")
    admin.press("Make it")
    admin.main().get_by_role("heading", name="Settings").click()
    admin.compare("Begins when", "Removed on", "is filled in")
    admin.press("Apply")
    admin.follow("Timeline")
    admin.follow("First step")
    panel = admin.page.locator("#panel-form")
    for language in ("English", "中文"):
        panel.get_by_label(f"Label {language}").fill("Three days")
    panel.get_by_label("How many", exact=True).fill("3")
    admin.press("Apply")
    for label, days in (("Recheck", "5"), ("Two weeks", "14")):
        admin.page.get_by_label("Label of the new step en").fill(label)
        admin.page.get_by_label("after", exact=True).fill(days)
        admin.press("Add a step")
        expect(admin.page.locator(".tl-lane").filter(has_text=label)).to_contain_text(f"{days} days after")
    admin.follow("Recheck")
    admin.compare("Only when", "Cast score: points", "is at least", "4", group="Answers of “Three days”")
    admin.press("Apply")
    expect(admin.page.locator(".tl-lane.is-branch")).to_contain_text("only if")
    admin.no_problems()


def access(admin: Hands) -> None:
    """Nurses see casts and do the checks."""
    admin.visit(f"{admin.draft}/access")
    admin.choose("Role", "Nurse")
    admin.page.wait_for_url("**role=nurse**")
    for cell in ("Cast – See", "Cast – Make", "Cast – Change", "Cast check – See", "Cast check – Change", "Cast check – Complete"):
        admin.main().get_by_role("button", name=f"{cell}: no", exact=True).click()
        expect(admin.main().get_by_role("button", name=f"{cell}: all records", exact=True)).to_be_visible()
    admin.no_problems()


def simulate(admin: Hands) -> None:
    """Strong pain after three days brings the recheck, none does not; the course is kept as a scenario of the pack."""
    admin.visit(f"{admin.draft}/simulate?plan=cast_removal")
    page = admin.page
    page.get_by_label("Days that pass").fill("20")
    page.get_by_role("button", name="Simulate", exact=True).click()
    events = page.locator(".sim-event")
    expect(events.filter(has_text="Two weeks").first).to_be_visible(timeout=60_000)
    expect(page.locator(".sim-event.is-created[data-step=recheck]")).to_have_count(0)
    slider = page.get_by_label("Today is")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(events.filter(has_text="Three days").first).to_be_visible()
    expect(events.filter(has_text="Two weeks").first).to_be_hidden()
    answers = page.locator(".sim-answers").first
    answers.locator("summary").click()
    answers.get_by_label("Pain").fill("8")
    answers.get_by_label("Swelling").select_option(label="No")
    answers.get_by_role("button", name="Simulate on").click()
    expect(page.locator(".sim-event.is-created[data-step=recheck]").first).to_be_attached(timeout=60_000)
    page.get_by_label("What the scenario is called").fill("Pain after three days")
    admin.press("Keep")
    admin.no_problems()


def download(admin: Hands) -> bytes:
    """The pack as files."""
    admin.visit(admin.draft)
    pack = admin.page.locator("details.pack").filter(has=admin.page.get_by_role("heading", name="Orthopaedics"))
    with admin.page.expect_download() as found:
        pack.get_by_role("link", name="Download as files").click()
    return Path(found.value.path()).read_bytes()


def publish(admin: Hands) -> None:
    admin.visit(f"{admin.draft}/plan")
    admin.press("Publish")
    expect(admin.main()).to_contain_text("Published. Everybody works with it from now on.")


# --- the clinic ---


def patients(studio: Studio) -> None:
    """Two patients of the nurse's team, as reception registered them."""
    def made(object: str, values: dict[str, object], clinic: str = "") -> str:
        [outcome] = studio.site.records.execute([Create(object, values, clinic=clinic or None)], system_actor(studio.clock().date()))
        assert isinstance(outcome, Written), outcome
        return outcome.id

    studio.store.releases.refresh()
    clinic = made("clinic", {"name": "North", "code": "N"})
    team = made("team", {"name": "Casts"}, clinic)
    made("team_member", {"team": team, "member": NURSE})
    for name in PATIENTS:
        made("patient", {"name": name, "birth_date": "1990-05-01", "team": team}, clinic)


def removals(nurse: Hands) -> None:
    """The nurse notes whose casts came off."""
    for name in PATIENTS:
        nurse.visit("/o/cast/new")
        nurse.page.get_by_role("combobox", name="Patient").fill(name)
        nurse.page.get_by_role("option", name=name).click()
        nurse.page.get_by_label("Subject").fill(f"Cast of {name}")
        nurse.page.get_by_label("Removed on").fill("2026-03-01")
        nurse.page.get_by_role("button", name="Save").click()
        expect(nurse.page.get_by_role("heading", level=1)).to_contain_text(f"Cast of {name}")


def days(studio: Studio, count: int) -> None:
    """Days pass, and what comes due is done."""
    site = studio.site
    workplace = Workplace(
        store=site.store, records=site.records, keys=site.keys, clock=studio.clock, new_id=site.new_id, settings=site.settings)
    for _ in range(count):
        studio.clock.advance(days=1)
        Runner(workplace, "story", chance=lambda: 0.5).run_due()


def first_step_by_the_nurse(nurse: Hands) -> None:
    """Ann's wrist hurts and swells: what swells is asked for, the score is there as she types, and without the pain it cannot be completed."""
    page = nurse.page
    nurse.visit("/")
    waiting = page.get_by_role("region", name="Due, and nobody has it yet").get_by_role("link")
    expect(waiting).to_have_count(len(PATIENTS))
    nurse.visit("/o/cast_check")
    page.get_by_role("row").filter(has_text="Ann Lee").get_by_role("link").first.click()
    page.get_by_role("link", name="Complete").or_(page.get_by_role("button", name="Complete")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Where")).to_be_hidden()
    dialog.get_by_label("Yes").check()
    dialog.get_by_label("Where").fill("wrist")
    dialog.get_by_role("button", name="Complete").click()
    answers = page.get_by_role("main")
    expect(answers.get_by_role("alert")).to_contain_text("“Complete” is not possible yet. It depends on: Pain.")
    expect(answers.get_by_label("Where")).to_have_value("wrist")
    answers.get_by_label("Pain").fill("8")
    expect(answers.get_by_text("6", exact=True)).to_be_visible()
    answers.get_by_role("button", name="Complete").click()
    expect(page.locator("header.head")).to_contain_text("Done")
    expect(page.get_by_role("main")).to_contain_text("wrist")


def first_step_by_the_patient(nurse: Hands, phone: Page) -> None:
    """Bo is sent a link and answers on a phone, without an account, once."""
    page = nurse.page
    nurse.visit("/o/cast_check")
    page.get_by_role("row").filter(has_text="Bo Chen").get_by_role("link").first.click()
    page.get_by_role("link", name="Messages and links").click()
    page.locator("select[name=form]").select_option(label="Cast answers → Complete")
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Address").input_value()
    phone.goto(nurse.origin + address)
    phone.get_by_role("button", name="English").or_(phone.get_by_role("link", name="English")).tap()
    expect(phone.get_by_text("Swelling")).to_be_visible()
    expect(phone.get_by_label("No", exact=True)).to_be_visible()
    assert phone.evaluate(OVERFLOW) <= 0
    expect(phone.get_by_role("heading", level=1)).to_have_text("Cast answers")
    expect(phone.get_by_label("Where")).to_be_hidden()
    phone.get_by_label("Pain").fill("1")
    phone.get_by_label("No", exact=True).tap()
    phone.get_by_role("button", name="Send").tap()
    expect(phone.get_by_role("main")).to_contain_text("Thank you")
    phone.goto(nurse.origin + address)
    expect(phone.get_by_label("Pain")).to_have_count(0)
    page.go_back()
    page.go_back()
    page.reload()
    expect(page.locator("header.head")).to_contain_text("Done")


def branch(nurse: Hands) -> None:
    """Five days after the removal only Ann is seen again: her score asked for it."""
    page = nurse.page
    nurse.visit("/o/cast_check?sort=-due")
    expect(page.get_by_role("row").filter(has_text="Recheck")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text="Recheck")).to_contain_text("Ann Lee")


def files(exported: bytes, folder: Path) -> None:
    """The exported pack holds together and its scenarios hold, beside the packs that it requires."""
    zipfile.ZipFile(io.BytesIO(exported)).extractall(folder / "out")
    pack = str(folder / "out" / "orthopaedics")
    checked = CliRunner().invoke(main, ["check", pack])
    assert checked.exit_code == 0 and checked.output.startswith("ok: "), checked.output
    tested = CliRunner().invoke(main, ["test", pack])
    assert tested.exit_code == 0 and "ok   pain_after_three_days" in tested.output, tested.output
