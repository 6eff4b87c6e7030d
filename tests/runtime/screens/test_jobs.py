"""The operators' screen of jobs.

1. Counts by kind; late ones are said; what was set aside shows ids, attempts and the problem, with a word on doubt; empty states.
2. Run again, one or a kind; drop with a reason; both audited, and told when somebody else was first.
3. Others do not know of it: no page, no way in the navigation, no action.
4. On the command line the same; doctor and metrics tell what stands still.
5. In a browser it refreshes its counts by itself, on a phone too, without losing a reason that is being typed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from runtime.jobs.examining import doubts, faults
from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.store import system
from runtime.web.site import Site
from tests.runtime.api.world import Web
from tests.runtime.screens.example import Clinic
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]
PROBLEM = "SMTPServerDisconnected at runtime/messages/jobs.py:120"


def put(site: Site, *keys: str, kind: str = "timer", minutes: float = 0, **more: Any) -> dict[str, str]:
    """Jobs that are due so many minutes ago, with columns changed by hand; id by key."""
    now = site.clock()
    with site.store.write() as connection:
        due = now - datetime.timedelta(minutes=minutes)
        schedule(connection, [NewJob(kind=kind, key=key, due_at=due) for key in keys], now=now, new_id=site.new_id, release=site.store.release())
        changed = sa.update(system.job).where(system.job.c.key.in_(keys))
        if more:
            connection.execute(changed.values(more))
        rows = connection.execute(sa.select(system.job.c.key, system.job.c.id).where(system.job.c.key.in_(keys)))
        return {row.key: row.id for row in rows}


@pytest.fixture(autouse=True)
def _none_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """The module's databases without jobs."""
    for name in {"web", "clinic"} & set(request.fixturenames):
        with request.getfixturevalue(name).site.store.write() as connection:
            connection.execute(system.job.delete())
    yield


def row(site: Site, key: str) -> Any:
    with site.store.read() as connection:
        return connection.execute(sa.select(system.job).where(system.job.c.key == key)).one()


def audited(web: Web, action: str) -> list[dict[str, Any]]:
    with web.store.read() as connection:
        return list(connection.execute(sa.select(system.audit.c.detail).where(system.audit.c.action == action)).scalars())


def test_what_is_shown(web: Web, surf: Surf):
    """1."""
    page = surf("operator").get("/jobs")
    assert page.status == 200 and "Nothing is set aside" in page.text and "nobody does them" not in page.text
    put(web.site, "a", "b", minutes=9)
    ids = put(web.site, "m", kind="message", state="aside", attempts=24, problem=PROBLEM, doubtful=True)
    page = surf("operator").get("/jobs")
    assert "Timers 2 2 2026-" in page.text and "nobody does them" in page.text
    assert PROBLEM in page.text and "24 attempts" in page.text and "may have had its effect" in page.text and ids["m"] in page.text
    assert "已搁置" in surf("operator", "zh").get("/jobs").text


def test_run_again_and_drop(web: Web, surf: Surf):
    """2."""
    ids = put(web.site, "a", "b", "c", "d", state="aside", attempts=10, problem="x", doubtful=True)
    me = surf("operator")
    token = [("csrf_token", me.token())]
    assert me.send("/jobs/again", token, job=ids["a"]).location == "/jobs"
    assert "It waits to be run again." in me.get("/jobs").text
    found = row(web.site, "a")
    assert (found.state, found.attempts, found.problem, found.doubtful, found.due_at) == ("waiting", 0, None, True, web.site.clock())
    refused = me.send("/jobs/drop", token, job=ids["b"], reason="  ")
    assert (refused.status, row(web.site, "b").state) == (422, "aside") and "Say why." in refused.text
    me.send("/jobs/drop", token, job=ids["b"], reason="the clinic closed")
    assert row(web.site, "b").state == "cancelled" and "dropped" in me.get("/jobs").text
    me.send("/jobs/drop", token, job=ids["b"], reason="again")
    assert "Somebody else" in me.get("/jobs").text
    me.send("/jobs/again", token, kind="timer")
    assert {row(web.site, key).state for key in "cd"} == {"waiting"}
    assert [detail["job"] for detail in audited(web, "run_job_again")][0] == ids["a"]
    assert audited(web, "drop_job") == [{"job": ids["b"], "kind": "timer"}] and row(web.site, "b").problem == "x; dropped: the clinic closed"


def test_others_know_nothing_of_it(web: Web, surf: Surf):
    """3."""
    ids = put(web.site, "a", state="aside")
    nurse = surf("nurse")
    assert nurse.get("/jobs").status == 403 and 'href="/jobs"' not in nurse.get("/").html and 'href="/jobs"' in surf("operator").get("/jobs").html
    assert nurse.send("/jobs/again", [("csrf_token", nurse.token())], job=ids["a"]).status == 403
    assert row(web.site, "a").state == "aside"
    assert surf("operator").send("/jobs/again", [], job=ids["a"]).status in (400, 403)


def test_doctor_and_metrics(web: Web, surf: Surf):
    """4. I9, I10."""
    now = web.site.clock()
    put(web.site, "a", "b", minutes=45)
    put(web.site, "c", kind="message", state="aside", attempts=3)
    with web.store.read() as connection:
        assert list(faults(connection, now)) == []
        said = list(doubts(connection, now))
    assert len(said) == 2 and said[0].startswith("2 jobs are due since") and said[1].startswith("1 jobs are set aside")
    metrics = surf("operator").get("/metrics").html
    assert 'carework_jobs{kind="timer",state="due"} 2.0' in metrics and 'carework_jobs_late_seconds{kind="timer"} 2700.0' in metrics
    put(web.site, "d", state="done", done_at=None, attempts=1)
    put(web.site, "e", state="sending")
    put(web.site, "f", done_at=now)
    with web.store.read() as connection:
        assert sorted(number for number, _ in faults(connection, now)) == ["I10", "I9", "I9"]


@pytest.mark.browser
def test_in_a_browser(clinic: Clinic, page: Page, phone_page: Page, page_errors: list[str]):
    """5."""
    put(clinic.site, "t1", "t2", minutes=9)
    put(clinic.site, "x", kind="message", state="aside", attempts=24, problem=PROBLEM, doubtful=True, minutes=60)
    page.clock.install()
    for sheet, language in ((phone_page, "en"), (page, "zh")):
        clinic.sign_in(sheet, language)
        sheet.goto(f"{clinic.origin}/jobs")
        sheet.locator(".job-drop summary").click()
        sheet.locator(".job-drop input[name=reason]").fill("why")
        assert sheet.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    with clinic.site.store.write() as connection:
        connection.execute(system.job.update().where(system.job.c.key == "t1").values(state="done", done_at=clinic.site.clock()))
    page.clock.fast_forward(11_000)
    expect(page.locator("#job-counts tbody tr").filter(has_text="定时器").locator("td").nth(1)).to_have_text("1")
    expect(page.locator(".job-drop input[name=reason]")).to_have_value("why")
    assert page_errors == []
