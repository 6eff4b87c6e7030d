"""The live release: pinned, swapped soon after a flip, guarded by the fence; processes prepare a candidate before the flip."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from runtime.store import releases as releases_module
from runtime.store.database import Store
from runtime.store.errors import FenceMoved, NoRelease, StoreBusy
from runtime.store.invariants import breaches
from runtime.store.processes import unprepared
from tests.runtime.store.publishing import VISIT, Clinic

FEE = {"objects/visit.yaml": VISIT + "  fee: {type: integer}\n"}


def test_before_the_first_publish_there_is_no_release(store: Store):
    """The message says what to do."""
    with pytest.raises(NoRelease, match="carework publish"):
        store.release()


def test_another_process_swaps_within_a_second(clinic: Clinic):
    """A store that knows nothing of the publish serves the new release within a second, without a restart."""
    other = Store.open(str(clinic.store.main.writes.url.render_as_string(hide_password=False)))
    pinned = other.release()
    done = clinic.publish(FEE)
    assert pinned.hash != done.hash and "fee" not in pinned.model.objects["visit"].fields
    time.sleep(releases_module.CHECK_SECONDS)
    assert other.release().hash == done.hash
    other.close()


def test_the_fence_tells_and_makes_the_next_look_immediate(clinic: Clinic):
    """A write pinned to a release that is not live any more is refused; the process then knows the new one at once."""
    other = Store.open(str(clinic.store.main.writes.url.render_as_string(hide_password=False)))
    pinned = other.release()
    done = clinic.publish(FEE)
    with pytest.raises(FenceMoved) as moved, other.write() as connection:
        other.fence(connection, pinned)
    assert moved.value.live == done.hash
    assert other.release().hash == done.hash
    with other.write() as connection:
        other.fence(connection, other.release())
    other.close()


def test_a_flip_waits_for_writes_that_hold_the_fence(clinic: Clinic):
    """Between fence and commit no other release can become live."""
    flipped = threading.Event()
    publisher = threading.Thread(target=lambda: (clinic.publish(FEE), flipped.set()))
    with clinic.store.write() as connection:
        pinned = clinic.store.release()
        clinic.store.fence(connection, pinned)
        publisher.start()
        assert not flipped.wait(0.4)
        assert connection.scalar(sa.text("SELECT hash FROM cw_live_release")) == pinned.hash
    assert flipped.wait(20)
    publisher.join()


def test_a_candidate_is_prepared_before_the_flip(clinic: Clinic):
    """Serving processes say by their heartbeat that they have compiled the candidate; the publish waits for them."""
    other = Store.open(str(clinic.store.main.writes.url.render_as_string(hide_password=False)))
    other.watch()
    prepared = []

    def look(point: str) -> None:
        if point == "prepared":
            plan_hash = clinic.plan(FEE).hash
            prepared.append(other.releases.has(plan_hash))
            with clinic.store.read() as connection:
                assert unprepared(connection, plan_hash, clinic.store.clock()) == ()
                assert unprepared(connection, "f" * 64, clinic.store.clock()) != ()

    done = clinic.send(clinic.incoming(FEE), reached=look)
    assert prepared == [True] and done.late == ()
    other.close()
    with clinic.store.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM cw_process")) == 0


def test_a_publish_does_not_wait_for_ever(clinic: Clinic):
    """A process that never answers is named, not waited for beyond the limit."""
    with clinic.store.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO cw_process VALUES ('stuck', 'h', 1, '2026-01-01T00:00:00Z', '9999-01-01T00:00:00Z', NULL, '[]')")
    done = clinic.send(clinic.incoming(FEE), wait=0.2)
    assert done.late == ("stuck",)


def test_going_back_needs_no_new_bytes(clinic: Clinic):
    """Publishing the files of an earlier release makes that release live again, with the layout that grew since."""
    first = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT.replace("note: {", "remark: {was: [note], ")})
    clinic.publish({"objects/visit.yaml": VISIT.replace("note: {", "note: {was: [remark, note], ")})
    again = {"objects/visit.yaml": VISIT}
    clinic.publish(again)
    assert clinic.live == first and clinic.store.release().hash == first
    assert breaches(clinic.store, deep=True) == []


def test_a_busy_database_is_said_so(clinic: Clinic):
    """A writer that holds on does not hang others for ever."""
    impatient = Store.open(str(clinic.store.main.writes.url.render_as_string(hide_password=False)), wait=0.05)
    if clinic.store.dialect == "sqlite":
        with clinic.store.write(), pytest.raises(StoreBusy), impatient.write():
            pass
    impatient.close()
