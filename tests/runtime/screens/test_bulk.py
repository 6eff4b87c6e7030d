"""Doing one thing with many rows of a list.

1. A list offers it to whom anything is allowed; the page says what may be done, with how many of the rows, and what goes one by one.
2. A transition and a new assignee are done with each row that they can be done with; each other row says why not.
3. Undo takes back what was done, but not where somebody was there since; another person's request gives nothing to take back.
4. Rows that she may not read are not there; an unknown action, a missing reason and a foreign way back change nothing.
"""

from collections.abc import Callable

import sqlalchemy as sa

from runtime.store import system
from tests.runtime.api.world import FILES, Web, person_id
from tests.runtime.screens.surfing import Seen, Surfer

Surf = Callable[..., Surfer]
PATH = "/o/task/bulk"


def chosen(surfer: Surfer, *ids: str, back: str = "/o/task") -> Seen:
    return surfer.send(PATH, [("csrf_token", surfer.token()), *(("id", id) for id in ids), ("back", back)])


def done(surfer: Surfer, ids: list[str], **answers: str) -> Seen:
    page = chosen(surfer, *ids)
    return surfer.send(f"{PATH}/do", page.form(f"{PATH}/do"), **answers)


def states(web: Web, *ids: str) -> list[str]:
    manager = web.as_("manager")
    return [manager.get(f"/task/{id}").json["status"] for id in ids]


def undo_path(page: Seen) -> str:
    return next(form["action"] for form in page.read.forms if "/undo/" in form["action"])


def test_what_is_offered(web: Web, surf: Surf) -> None:
    """Requirement 1."""
    one, two = web.task(step="bulk a"), web.task(step="bulk b")
    manager = surf("manager")
    assert f'data-select-url="{PATH}"' in manager.get("/o/task").html
    assert "data-select-url" not in surf("desk").get("/o/visit").html
    web.as_("manager").post(f"/task/{one}/transitions/start", {})
    page = chosen(manager, one, two)
    assert "Several at once: 2" in page.text
    assert "possible for 1 of them" in page.text
    assert "One by one, because they ask for a form: Finish" in page.text


def test_transitions_and_undo(web: Web, surf: Surf) -> None:
    """Requirements 2 and 3."""
    ids = [web.task(step=f"bulk {n}") for n in range(3)]
    web.as_("manager").post(f"/task/{ids[0]}/transitions/start", {})
    manager = surf("manager")
    page = done(manager, ids, action="start")
    assert (page.status, states(web, *ids)) == (200, ["running"] * 3)
    assert "Done: 2" in page.text and "Not done: 1" in page.text
    assert "Taken back: 0" in surf("nurse").send(undo_path(page)).text
    assert states(web, *ids) == ["running"] * 3
    web.as_("manager").patch(f"/task/{ids[2]}", {"rank": 7}, version=2)
    back = manager.send(undo_path(page))
    assert "Taken back: 1" in back.text and "Not done: 1" in back.text
    assert states(web, *ids) == ["running", "planned", "running"]


def test_a_new_assignee(own_web: Web) -> None:
    """Requirements 2 and 3: the field that `task:` names; nobody is a choice; undo gives each row who had it."""
    own_web.publish({"objects/task.yaml": FILES["objects/task.yaml"] + "task: {due: due, assignee: assignee, label: step}\n"})
    nurse = person_id("nurse")
    ids = [own_web.task(step="assign 1", assignee=nurse), own_web.task(step="assign 2")]
    manager = Surfer.of(own_web, "manager")

    def assignees() -> list[str | None]:
        rows = [own_web.as_("manager").get(f"/task/{id}").json["assignee"] for id in ids]
        return [row and row["id"] for row in rows]

    page = done(manager, ids, action="assign", person=person_id("caller"))
    assert ("Done: 2" in page.text, assignees()) == (True, [person_id("caller")] * 2)
    manager.send(undo_path(page))
    assert assignees() == [nurse, None]
    assert "Nothing to change: 1" in done(manager, ids, action="assign", person="").text
    assert assignees() == [None, None]


def test_a_reason_that_is_missing(web: Web, surf: Surf) -> None:
    """Requirement 4: the page comes again with what was chosen."""
    ids = [web.task(step="bulk r")]
    manager = surf("manager")
    page = done(manager, ids, action="drop", reason=" ")
    assert (page.status, states(web, *ids)) == (422, ["planned"])
    assert "Give a reason." in page.text and 'value="drop" checked' in page.html
    assert "Done: 1" in manager.send(f"{PATH}/do", page.form(f"{PATH}/do"), action="drop", reason="no answer").text
    assert states(web, *ids) == ["done"]


def test_what_is_not_hers(web: Web, surf: Surf) -> None:
    """Requirement 4."""
    theirs, own = web.task(step="bulk t"), web.task(step="bulk o", assignee=person_id("caller"))
    caller = surf("caller")
    page = chosen(caller, theirs, own, "0" * 32, "nonsense")
    assert ("bulk o" in page.text, "bulk t" in page.text) == (True, False)
    manager = surf("manager")
    assert done(manager, [own], action="read").status == 422
    assert done(manager, [own], action="assign_all").status == 422
    page = chosen(manager, own, back="https://elsewhere.example/")
    assert 'href="/o/task"' in page.html and "elsewhere" not in page.html
    assert "not there any more" in chosen(manager).text


def test_requests_that_changed_no_record(web: Web, surf: Surf) -> None:
    """Requirement 3: an entry of the audit without a version, such as the begin of a plan, is nothing to take back."""
    with web.store.write() as connection:
        connection.execute(sa.insert(system.audit).values(
            id=web.site.new_id(), at=web.clock(), actor=person_id("manager"), action="begin_plan", object="test:task", record_id="0" * 32,
            request_id="a-plan", outcome="done", detail={"plan": "x"}))
    assert "Taken back: 0" in surf("manager").send(f"{PATH}/undo/a-plan").text


def test_what_no_database_keeps(surf: Surf) -> None:
    """Requirement 4: NUL in an address is a bad request or nothing found, on both databases."""
    assert surf("manager").send(f"{PATH}/undo/a%00b").status in (200, 400)
