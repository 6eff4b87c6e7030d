"""What is told of deliveries.

1. A reason or channel that tells of the recipient's contact is told to whoever may see that (0.2); the planted fault is who may.
2. Older deliveries that she may read are found behind many that she may not.
3. Messages that are not for care are told to whoever may see that the recipient agreed, however they stand; planted: care.
4. One whose job was set aside or dropped is not "to be sent"; in doubt stays in doubt, for its own reason when the job is forgotten.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from runtime.identity.actor import Actor
from runtime.messages import told
from runtime.messages.told import told_about
from runtime.store import system
from tests.runtime.messages.world import FILES, LI, ORGANISATION, SOUTH, WANG, World
from tests.runtime.store.publishing import Clinic


def lines(world: World, reader: Actor, about: str, limit: int = 50) -> list[tuple[str, str, str | None]]:
    with world.place.store.read() as connection:
        rows = told_about(connection, world.place.store.release(), reader, world.clock(), about, subject=True, limit=limit)
    return [(row["state"], row["reason"], row["channel"]) for row in rows]


@pytest.mark.parametrize(("values", "state", "reason", "nurse"), [
    ({"no_contact": True}, "refused", "refuses", ("refused", "refuses", None)),
    ({"email": None}, "failed", "unreachable", ("refused", "", None)),
    ({}, "sent", "", ("sent", "", None)),
])
def test_reasons_tell_no_contact(
    world: World, values: dict[str, object], state: str, reason: str, nurse: tuple[str, str, str | None],
) -> None:
    """Requirement 1: the nurse sees whether the patient wants messages, and not her address."""
    patient = world.patient(**values)
    visit = world.visit(patient)
    world.queue("reminder", visit, ("patient", patient))
    world.runner().run_due()
    assert lines(world, world.system, patient) == [(state, reason, "email" if state == "sent" else None)]
    assert lines(world, world.actor(LI), patient) == [nurse] == lines(world, world.actor(WANG), visit)


def test_behind_what_she_may_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 2."""
    monkeypatch.setattr(told, "SLICE", 2)
    here, there = world.visit(world.patient()), world.visit(world.patient(SOUTH))
    world.queue("alert", here, ("staff", LI), "old")
    for number in range(5):
        world.queue("alert", there, ("staff", LI), f"k{number}")
    assert len(lines(world, world.system, LI)) == 6
    assert len(lines(world, world.actor(LI), LI, limit=1)) == 1


@pytest.mark.parametrize("agreed", [True, False])
def test_offers_tell_no_consent(world: World, agreed: bool) -> None:
    """Requirement 3: also not by being the one line that is missing, nor once the message is out of the definitions."""
    patient = world.patient(offers=agreed)
    visit = world.visit(patient)
    for number, message in enumerate(("offer", "reminder")):
        world.queue(message, visit, ("patient", patient), f"k{number}")
    world.runner().run_due()
    all_of_them = [("sent", "", None), ("sent", "", None) if agreed else ("refused", "no_consent", None)]
    assert lines(world, world.actor(WANG), visit) == all_of_them
    files = {**FILES, "organisation.yaml": ORGANISATION, "roles/desk.yaml": FILES["roles/desk.yaml"].replace("[read]}", "[read], hide: [offers]}", 1)}
    for offer in (FILES["messages/offer.yaml"], FILES["messages/offer.yaml"] + "retired: true\n"):
        Clinic(world.place.store).publish({**files, "messages/offer.yaml": offer})
        assert lines(world, world.actor(WANG), visit) == all_of_them[:1] and len(lines(world, world.actor(LI), visit)) == 2


def test_what_is_not_sent_any_more(world: World) -> None:
    """Requirement 4."""
    patient = world.patient()
    visit = world.visit(patient)
    for number, (state, doubtful) in enumerate([("waiting", False), ("aside", False), ("cancelled", True)]):
        world.queue("reminder", visit, ("patient", patient), f"k{number}")
        with world.place.store.write() as connection:
            connection.execute(sa.update(system.job).where(system.job.c.key == f"message:k{number}").values(state=state, doubtful=doubtful))
    assert [found[:2] for found in lines(world, world.system, patient)] == [("doubtful", "dropped"), ("failed", "set_aside"), ("queued", "")]


def test_in_doubt_when_its_job_is_forgotten(world: World) -> None:
    """Requirement 4: what was given up was not dropped."""
    patient = world.patient()
    world.queue("reminder", world.visit(patient), ("patient", patient))
    with world.place.store.write() as connection:
        connection.execute(sa.update(system.message).values(state="doubtful", reason="given_up", doubtful=True))
        connection.execute(sa.delete(system.job).where(system.job.c.kind == "message"))
    assert [found[:2] for found in lines(world, world.system, patient)] == [("doubtful", "given_up")]
