"""Record pages of the real screens over the chain.

1. Facts are shown as the reader may see them in this row; hidden ones are not there at all.
2. What links here is shown where it may be read, with a link to a new one that is prefilled.
3. The history says who changed what from what to what, masked where the value is.
4. Buttons are the transitions that leave the state; a grey one says why; a step that comes too late keeps what was typed.
5. Deleting can be undone; a record that others point to is kept, with the reason.
6. Nothing is shown to somebody outside the record's clinics, and every page leaves one entry with all ids on it.
"""

from collections.abc import Callable

from tests.runtime.api.world import SOUTH, Web, person_id
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]


def test_facts_follow_the_reader(web: Web, surf: Surf) -> None:
    """Requirement 1."""
    patient = web.patient(name="Facts", phone="13812345678", born="1980-05-06", wages="77.00")
    nurse, desk = (surf(login).get(f"/o/patient/{patient}") for login in ("nurse", "desk"))
    assert "13812345678" in nurse.text
    assert "1980-05-06" in nurse.text
    assert "13812345678" not in desk.html
    assert 'class="masked"' in desk.html
    assert "1980-05-06" not in desk.html
    assert "Born" not in desk.text
    assert "77.00" not in nurse.html + desk.html


def test_related_rows_and_prefilled_new_ones(web: Web, surf: Surf) -> None:
    """Requirement 2: the visit is listed; a new one opens with the patient in it, and saving leads back."""
    patient = web.patient(name="Related")
    nurse = surf("nurse")
    assert f"/o/visit/new?v.patient={patient}" in nurse.get(f"/o/patient/{patient}").html
    path = f"/o/visit/new?v.patient={patient}&back=/o/patient/{patient}"
    assert 'value="Related"' in nurse.get(path).html
    saved = nurse.fill(path, kind="first look")
    assert (saved.status, saved.location) == (303, f"/o/patient/{patient}")
    assert "first look" in nurse.get(f"/o/patient/{patient}").text


def test_history_says_who_and_what(web: Web, surf: Surf) -> None:
    """Requirement 3."""
    patient = web.patient(name="Old Name", phone="13812345678")
    nurse = surf("nurse")
    nurse.fill(f"/o/patient/{patient}/edit", name="New Name", phone="13900001111")
    page = nurse.get(f"/o/patient/{patient}")
    assert "Nurse changed" in page.text
    assert "before: Old Name → after: New Name" in page.text
    assert "13812345678" in page.text
    desk = surf("desk").get(f"/o/patient/{patient}").html
    assert "13812345678" not in desk
    assert "13900001111" not in desk


def test_buttons_and_a_grey_one(web: Web, surf: Surf) -> None:
    """Requirement 4: `finish` asks for the pain; `drop` is not the nurse's and is no button of hers."""
    task = web.task(step="buttons")
    nurse = surf("nurse")
    page = nurse.get(f"/o/task/{task}")
    assert f'action="/o/task/{task}/t/start"' in page.html
    assert "t/drop" not in page.html
    assert nurse.send(f"/o/task/{task}/t/start").location == f"/o/task/{task}"
    ask = f"/o/task/{task}/t/finish"
    assert f'href="{ask}" data-ask' in nurse.get(f"/o/task/{task}").html
    missing = nurse.fill(ask, _reason="spoke to her")
    assert missing.status == 422
    assert "spoke to her" in missing.html
    assert 'href="#f-pain"' in missing.html
    assert nurse.fill(ask, pain="4", _reason="spoke to her").status == 303
    done = nurse.get(f"/o/task/{task}")
    assert "spoke to her" in done.text
    assert "state-done" in done.html


def test_a_guard_that_fails_makes_a_button_grey(web: Web, surf: Surf) -> None:
    """Requirement 4: with a guard over what is stored the button stays, says why, and leads nowhere."""
    web.publish({"workflows/task.yaml": _GUARDED})
    try:
        task = web.task(step="guarded")
        page = surf("nurse").get(f"/o/task/{task}")
        assert 'aria-disabled="true"' in page.html
        assert "Rank" in page.text
        assert f'action="/o/task/{task}/t/start"' not in page.html
        assert surf("nurse").send(f"/o/task/{task}/t/start").status == 422
    finally:
        web.publish({})


def test_a_lost_step_keeps_what_was_typed(web: Web, surf: Surf) -> None:
    """Requirement 4: somebody else finished it while the form was open."""
    task = web.task(step="lost")
    nurse, manager = surf("nurse"), surf("manager")
    nurse.send(f"/o/task/{task}/t/start")
    ask = f"/o/task/{task}/t/finish"
    form = nurse.get(ask).form(ask)
    manager.fill(ask, pain="1")
    lost = nurse.send(ask, form, pain="7", _reason="called twice")
    assert lost.status == 409
    assert "no longer possible: the record is now “Done”" in lost.text
    assert "called twice" in lost.text
    assert "7" in lost.text
    page = nurse.get(f"/o/task/{task}").text
    assert "Manager Finish" in page, page[page.index("History"):]


def test_delete_and_undo(web: Web, surf: Surf) -> None:
    """Requirement 5."""
    patient = web.patient(name="Delete Me")
    nurse = surf("nurse")
    gone = nurse.send(f"/o/patient/{patient}/delete")
    assert gone.location == "/o/patient"
    after = nurse.get("/o/patient")
    assert f'action="/restore/{patient}"' in after.html
    assert nurse.get(f"/o/patient/{patient}").status == 404
    assert f'action="/restore/{patient}"' not in nurse.get("/o/patient").html
    assert nurse.send(f"/restore/{patient}").location == f"/o/patient/{patient}"
    assert "Delete Me" in nurse.get(f"/o/patient/{patient}").text


def test_what_others_point_to_is_kept(web: Web, surf: Surf) -> None:
    """Requirement 5."""
    patient = web.patient(name="Kept")
    web.make("visit", None, patient=patient)
    refused = surf("nurse").send(f"/o/patient/{patient}/delete")
    assert refused.status == 409
    assert f'href="/o/patient/{patient}"' in refused.html
    assert surf("nurse").get(f"/o/patient/{patient}").status == 200


def test_another_clinic_sees_nothing_until_it_is_shared(web: Web, surf: Surf) -> None:
    """Requirement 6: page, form and deletion of a record of another clinic are not there; sharing opens it.

    Who works in one clinic alone is not offered to share.
    """
    patient = web.patient(name="Far Away")
    other = surf("elsewhere")
    assert other.get(f"/o/patient/{patient}").status == other.get(f"/o/patient/{patient}/edit").status == 404
    assert other.send(f"/o/patient/{patient}/delete").status == 404
    assert f"/o/patient/{patient}/share" not in surf("nurse").get(f"/o/patient/{patient}").html
    assert surf("nurse").send(f"/o/patient/{patient}/share", _clinic=SOUTH).status == 400
    both = surf("mixed")
    assert f'action="/o/patient/{patient}/share"' in both.get(f"/o/patient/{patient}").html
    assert both.send(f"/o/patient/{patient}/share", [], _clinic=SOUTH).status == 400
    assert both.send(f"/o/patient/{patient}/share", None, _clinic=SOUTH).status == 303
    assert other.get(f"/o/patient/{patient}").status == 200


def test_one_entry_with_all_ids(web: Web, surf: Surf) -> None:
    """Requirement 6."""
    patient = web.patient(name="Seen")
    visit = web.make("visit", None, patient=patient)
    surf("nurse").get(f"/o/patient/{patient}")
    entry = web.views(kind="record", actor=person_id("nurse"))[-1]
    assert entry.ids == [patient, visit]


_GUARDED = """
object: task
field: status
initial: planned
states: {planned: {}, running: {}, done: {category: done}}
transitions:
  start: {from: planned, to: running, when: "has(rank)"}
  finish: {from: running, to: done, ask: outcome, reason: optional}
  drop: {from: [planned, running], to: done, reason: required}
"""
