"""Takes the pictures of the guides and of the README: `make pictures`, or `.ci/pictures.py NAME…` for some of them.

The example is made anew with a fixed seed on a fixed day and served here; each picture of `PICTURES` is a page, looked at by somebody, in one
language and one width. Needs the packages of requirements-dev.txt and a Chromium.
"""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from designer.drafts.keeping import Drafts  # noqa: E402
from runtime.audit.keys import Keys  # noqa: E402
from runtime.cli.demo import GENERATOR, ORGANISATION, SEED, load_people  # noqa: E402
from runtime.cli.releases import publish_folder  # noqa: E402
from runtime.identity.own import set_language  # noqa: E402
from runtime.identity.sessions import Sessions  # noqa: E402
from runtime.settings import Settings  # noqa: E402
from runtime.store import system  # noqa: E402
from runtime.store.database import Store  # noqa: E402
from runtime.web.app import create_app  # noqa: E402
from runtime.web.limits import Limits  # noqa: E402
from runtime.web.site import Site, site_of  # noqa: E402

FOLDER = ROOT / "docs" / "guide" / "pictures"
NOW = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)
"""Ten in the morning of a Friday, in the clinics."""
PATIENTS = 80
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ROLES = {"nurse": "core:nurse", "designer": "core:designer"}
Steps = Callable[[Page], None]


@dataclasses.dataclass(frozen=True)
class Picture:
    """A page as somebody sees it. `path` may name {task}, {patient} and {draft}; `steps` happen before the picture is taken."""

    path: str
    who: str = "nurse"
    language: str = "en"
    phone: bool = False
    steps: Steps | None = None


def _ask(page: Page) -> None:
    """The dialog of a step that asks something."""
    page.locator(".next-steps a[data-ask]").first.click()
    page.locator("#ask").wait_for()


def _simulate(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Simulate", exact=True).first.click()
    page.locator("input[type=range]").first.wait_for(timeout=60_000)


PICTURES: Mapping[str, Picture] = {
    "home-zh": Picture("/", language="zh"),
    "home-zh-phone": Picture("/", language="zh", phone=True),
    "patients-zh": Picture("/o/patient", language="zh"),
    "patient-en": Picture("/o/patient/{patient}"),
    "patient-zh-phone": Picture("/o/patient/{patient}", language="zh", phone=True),
    "task-zh": Picture("/o/followup_task/{task}", language="zh"),
    "outcome-en": Picture("/o/followup_task/{task}", steps=_ask),
    "board-zh": Picture("/o/followup_task/board", language="zh"),
    "definition-en": Picture("/design/{draft}/definition?kind=objects&name=patient", "designer"),
    "drawing-en": Picture("/design/{draft}/drawing?name=followup_task&at=transitions.complete", "designer"),
    "drawing-zh-phone": Picture("/design/{draft}/drawing?name=followup_task", "designer", "zh", phone=True),
    "timeline-en": Picture("/design/{draft}/timeline?name=implant_recovery&at=recall", "designer"),
    "access-en": Picture("/design/{draft}/access?role=nurse", "designer"),
    "simulation-en": Picture("/design/{draft}/simulate?plan=implant_recovery", "designer", steps=_simulate),
}
"""Every picture by its name; its file is NAME.png in `FOLDER`."""


@dataclasses.dataclass
class Example:
    """The example, served."""

    site: Site
    origin: str
    marks: dict[str, str]

    def enter(self, page: Page, role: str, language: str) -> None:
        """Be the first person who has the role."""
        with self.site.store.write() as connection:
            member = system.membership
            chosen = sa.select(member.c.user_id).where(member.c.role == ROLES[role]).order_by(member.c.user_id).limit(1)
            person = str(connection.execute(chosen).scalar_one())
            secret = Sessions(self.site.store).start(connection, person, NOW)
        set_language(self.site.store, person, language)
        page.context.add_cookies([{"name": self.site.cookie, "value": secret, "url": self.origin}])


@contextmanager
def example(folder: Path) -> Iterator[Example]:
    """Publish, fill and serve it."""
    url = f"sqlite:///{folder / 'example.sqlite3'}"
    settings = Settings(database_url=url, keys_path=folder / "example.keys")
    keys = Keys.load_or_make(settings.keys_path)
    store = Store.open(url)
    publish_folder(store, ROOT / ORGANISATION, keys=keys, note=False)
    generator: Any = importlib.import_module(GENERATOR)
    load_people(store, keys, generator.generate(seed=SEED, today=NOW.date(), patients=PATIENTS))
    app = create_app(settings, store=store, clock=lambda: NOW, limits=Limits({}))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = site_of(app)
    with store.read() as connection:
        designer = connection.execute(sa.select(system.membership.c.user_id).where(system.membership.c.role == ROLES["designer"])).scalars().first()
    draft = Drafts(store, site.new_id).create("Fewer calls", str(designer), NOW, base=store.release().hash)
    try:
        yield Example(site, f"http://127.0.0.1:{server.server_port}", {"draft": draft})
    finally:
        server.shutdown()
        store.close()


def _marks(shown: Example, page: Page) -> None:
    """A task of the nurse's that is being done, and its patient."""
    shown.enter(page, "nurse", "en")
    for state in ("in_progress", "due", "unreachable"):
        page.goto(f"{shown.origin}/o/followup_task?view=all_followup_tasks&f.status={state}")
        found = page.locator("#results th[scope=row] a")
        if found.count():
            break
    href = str(found.first.get_attribute("href"))
    shown.marks["task"] = re.findall(r"[0-9a-f]{32}", href)[0]
    page.goto(shown.origin + href)
    shown.marks["patient"] = re.findall(r"/o/patient/([0-9a-f]{32})", page.locator("main").inner_html())[0]


def take(browser: Browser, shown: Example, name: str) -> None:
    """One picture."""
    wanted = PICTURES[name]
    context = browser.new_context(viewport=PHONE if wanted.phone else DESK, locale="zh-CN" if wanted.language == "zh" else "en-GB",
                                  timezone_id="Asia/Shanghai", has_touch=wanted.phone, is_mobile=wanted.phone)
    page = context.new_page()
    if "task" not in shown.marks:
        _marks(shown, page)
    shown.enter(page, wanted.who, wanted.language)
    answer = page.goto(shown.origin + wanted.path.format(**shown.marks))
    assert answer is not None and answer.status == 200, (name, answer)
    if wanted.steps:
        wanted.steps(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
    context.close()
    print(f"{name}.png: {(FOLDER / f'{name}.png').stat().st_size // 1024} KB")


def main(names: list[str]) -> None:
    """The pictures of these names, or all."""
    binary = os.environ.get("CAREWORK_CHROMIUM") or shutil.which("chromium")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, example(Path(folder)) as shown, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        for name in names or PICTURES:
            take(browser, shown, name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
