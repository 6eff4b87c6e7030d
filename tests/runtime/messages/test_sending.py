"""Sending a message: what is checked again when it leaves, and what is written down of it.

1. A patient's message is sent once to her address, in her language, with the fields that it may show.
2. A refusal of all contact, or of the channel, made after queueing stops it, and the reason stands in the row (C-01, C-27, A-68).
3. Quiet hours hold it until they end; an urgent one and the inbox are not held.
4. A channel that cannot reach her is left for the next one; none left is a failure that is told.
5. A server that is away opens the breaker: others wait without trying, and go on when it is back (F-30, F-31).
6. What may have been sent twice is marked, and keeps its key (F-27).
7. Who may not read the record, or is of another clinic, gets nothing (A-30).
8. A message that is late by days, or whose record or definition is gone, is settled and never retried.
9. Neither the job nor the row nor the audit holds a name, an address or a text (H6).
10. The link in a message is the same in every attempt, made of the configured address alone (A-53), and held back without one.
"""

from __future__ import annotations

import dataclasses
import datetime

import pytest
import sqlalchemy as sa

from runtime.channels import Again, Letter, Refused
from runtime.records.commands import Delete
from runtime.store import system
from tests.runtime.messages.world import LI, SOUTH, WANG, Recording, World


def test_sent_once_in_her_language(world: World) -> None:
    """Requirement 1."""
    patient = world.patient(language="English")
    visit = world.visit(patient, pain=3, well=True)
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient))
    world.queue("reminder", visit, ("patient", patient))
    assert runner.run_due() == 1
    [(address, letter, key, doubtful)] = world.channel.sent
    assert (address, key, doubtful) == ("fang@example.org", "message:k1", False)
    assert letter.subject == "Visit of 王芳"
    assert letter.body == "Dear 王芳, Check-up on 2026-03-05. Pain 3Yes"
    row = world.row()
    assert (row["state"], row["channel"], row["language"], row["sent_at"], row["doubtful"]) == ("sent", "email", "en", world.clock(), False)
    assert runner.run_due() == 0


def test_the_organisations_language_where_hers_is_not_known(world: World) -> None:
    """Requirement 1: null prints nothing."""
    patient = world.patient(language="Deutsch")
    visit = world.visit(patient)
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient))
    runner.run_due()
    assert world.channel.sent[0][1].body == "王芳，复查，2026-03-05。"


@pytest.mark.parametrize(("change", "reason"), [({"no_contact": True}, "refuses"), ({"ways": ["email"]}, "refused_channel")])
def test_refusal_after_queueing(world: World, change: dict[str, object], reason: str) -> None:
    """Requirement 2, with its planted fault: without the change the same message goes out."""
    patient = world.patient()
    visit = world.visit(patient)
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient), "before")
    runner.run_due()
    world.queue("reminder", visit, ("patient", patient))
    world.change("patient", patient, **change)
    runner.run_due()
    assert [key for _, _, key, _ in world.channel.sent] == ["message:before"]
    assert (world.row()["state"], world.row()["reason"]) == ("refused", reason)
    assert world.job()["state"] == "done"


@pytest.mark.parametrize("agreed", [True, False, None])
def test_marketing_needs_consent(world: World, agreed: bool | None) -> None:
    """Requirement 2: as it stands when the message leaves; nobody agreed by saying nothing (C-01, C-27)."""
    patient = world.patient(offers=not agreed)
    visit = world.visit(patient)
    runner = world.runner()
    world.queue("offer", visit, ("patient", patient))
    world.queue("reminder", visit, ("patient", patient), "care")
    world.change("patient", patient, offers=agreed)
    runner.run_due()
    assert (world.row()["state"], world.row()["reason"]) == (("sent", "") if agreed else ("refused", "no_consent"))
    assert world.row("care")["state"] == "sent"
    world.queue("offer", visit, ("staff", LI), "staff")
    runner.run_due()
    assert world.row("staff")["reason"] == "no_consent"


def test_quiet_hours(world: World) -> None:
    """Requirement 3."""
    patient = world.patient()
    visit = world.visit(patient)
    runner = world.runner()
    world.at(23)
    world.queue("reminder", visit, ("patient", patient))
    world.queue("alert", visit, ("staff", LI), "urgent")
    runner.run_due()
    row = world.row()
    assert (row["state"], row["reason"], row["held_until"]) == ("held", "quiet", datetime.datetime(2026, 3, 3, 0, 0, tzinfo=datetime.UTC))
    assert world.row("urgent")["state"] == "sent"
    world.at(31.9)
    assert runner.run_due() == 0
    world.at(32)
    runner.run_due()
    assert world.row()["state"] == "sent"
    assert world.row()["held_until"] is None


def test_refusal_while_held(world: World) -> None:
    """Requirement 2: what waits for the morning is checked in the morning."""
    patient = world.patient()
    visit = world.visit(patient)
    runner = world.runner()
    world.at(22)
    world.queue("reminder", visit, ("patient", patient))
    runner.run_due()
    world.change("patient", patient, no_contact=True)
    world.at(32)
    runner.run_due()
    assert (world.channel.sent, world.row()["reason"]) == ([], "refuses")


def test_next_channel(world: World) -> None:
    """Requirement 4: a patient has no inbox; an address that is refused for good leaves nothing to try."""
    patient = world.patient()
    visit = world.visit(patient)
    runner = world.runner()
    world.queue("two_ways", visit, ("patient", patient))
    runner.run_due()
    assert world.row()["channel"] == "email"
    world.channel.answer = lambda letter: Refused("RCPT answered 550")
    world.queue("two_ways", visit, ("patient", patient), "k2")
    runner.run_due()
    assert (world.row("k2")["state"], world.row("k2")["tried"]) == ("queued", ["email"])
    world.clock.advance(hours=1)
    runner.run_due()
    assert (world.row("k2")["state"], world.row("k2")["reason"], world.job("k2")["state"]) == ("failed", "unreachable", "done")
    world.queue("alert", visit, ("patient", patient), "k3")
    runner.run_due()
    assert world.row("k3")["reason"] == "unreachable"


def test_without_an_address(world: World) -> None:
    """Requirement 4."""
    patient = world.patient(email=None)
    visit = world.visit(patient)
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient))
    runner.run_due()
    assert (world.row()["state"], world.row()["reason"]) == ("failed", "unreachable")


def test_breaker(world: World) -> None:
    """Requirement 5."""
    patient = world.patient()
    visit = world.visit(patient)
    calls: list[Letter] = []

    def away(letter: Letter) -> Again:
        calls.append(letter)
        return Again("ConnectionRefusedError")

    world.channel.answer = away
    runner = world.runner()
    for number in range(10):
        world.queue("reminder", visit, ("patient", patient), f"k{number}")
    runner.run_due()
    assert len(calls) == 3
    states = {world.row(f"k{number}")["reason"] for number in range(10)}
    assert states == {"retry", "away"}
    world.channel.answer = None
    world.clock.advance(minutes=15)
    runner.run_due()
    assert len(world.channel.sent) == 10
    assert {world.row(f"k{number}")["state"] for number in range(10)} == {"sent"}


def test_doubt_stays(world: World) -> None:
    """Requirement 6: what may have arrived is not said to be unsent, and not sent by another channel either."""
    patient = world.patient()
    visit = world.visit(patient)

    def hangs(letter: Letter) -> None:
        raise TimeoutError("after the text")

    world.channel.answer = hangs
    runner = world.runner()
    world.change("staff", LI, ways=["inbox"], email="li@example.org")
    for key, to in (("k1", ("patient", patient)), ("k2", ("staff", LI))):
        world.queue("two_ways", visit, to, key)
    runner.run_due()
    assert {world.row(key)["state"] for key in ("k1", "k2")} == {"doubtful"}
    world.change("patient", patient, no_contact=True)
    world.change("staff", LI, ways=None)
    world.channel.answer = lambda letter: Refused("RCPT answered 550")
    for _ in range(3):
        world.clock.advance(hours=1)
        runner.run_due()
    found = [(world.row(key)["state"], world.row(key)["reason"], world.row(key)["channel"], world.job(key)["state"]) for key in ("k1", "k2")]
    assert found == [("doubtful", "refuses", "email", "done"), ("doubtful", "unreachable", "email", "done")]


def test_doubtful_repeat(world: World) -> None:
    """Requirement 6."""
    patient = world.patient()
    visit = world.visit(patient)

    def hangs(letter: Letter) -> None:
        raise TimeoutError("after the text")

    world.channel.answer = hangs
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient))
    runner.run_due()
    assert (world.row()["state"], world.row()["doubtful"]) == ("doubtful", True)
    world.channel.answer = None
    world.clock.advance(hours=1)
    runner.run_due()
    [(_, _, key, doubtful)] = world.channel.sent
    assert (key, doubtful) == ("message:k1", True)
    assert (world.row()["state"], world.row()["doubtful"]) == ("sent", True)


def test_rights_and_clinics(world: World) -> None:
    """Requirement 7."""
    away = world.patient(SOUTH)
    visit = world.visit(away)
    near = world.patient()
    runner = world.runner()
    world.queue("alert", visit, ("staff", LI))
    world.queue("reminder", visit, ("patient", near), "other")
    runner.run_due()
    assert (world.row()["state"], world.row()["reason"]) == ("refused", "no_right")
    assert (world.row("other")["state"], world.row("other")["reason"]) == ("refused", "other_clinic")
    with world.place.store.write() as connection:
        connection.execute(sa.update(system.user).where(system.user.c.id == WANG).values(disabled_at=world.clock()))
    world.queue("alert", world.visit(near), ("staff", WANG), "disabled")
    runner.run_due()
    assert world.row("disabled")["reason"] == "no_right"


def test_what_is_gone_or_late(world: World) -> None:
    """Requirement 8."""
    patient = world.patient()
    visit, other = world.visit(patient), world.visit(patient)
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient))
    world.ok(Delete("visit", visit))
    world.queue("reminder", other, ("patient", patient), "late")
    world.channel.answer = lambda letter: Again("busy", away=False)
    runner.run_due()
    assert (world.row()["state"], world.row()["reason"]) == ("refused", "gone")
    world.channel.answer = None
    world.clock.advance(days=6)
    runner.run_due()
    assert (world.row("late")["state"], world.row("late")["reason"]) == ("failed", "too_late")
    assert world.channel.sent == []


def test_nothing_of_a_person_is_kept(world: World) -> None:
    """Requirement 9, and the audit has who was told of which record before it left."""
    patient = world.patient()
    visit = world.visit(patient, secret="zq-secret")
    runner = world.runner()
    world.queue("reminder", visit, ("patient", patient))
    world.channel.answer = lambda letter: Again("busy", away=False)
    runner.run_due()
    world.channel.answer = None
    world.clock.advance(hours=1)
    runner.run_due()
    with world.place.store.read() as connection:
        entries = connection.execute(sa.select(system.audit).where(system.audit.c.action == "message")).mappings().all()
        told = " ".join(str(dict(row)) for table in (system.message, system.job) for row in connection.execute(sa.select(table)).mappings())
    assert [(e["record_id"], e["subject_id"], e["detail"]["to"]) for e in entries] == [(visit, patient, patient)] * 2
    for text in ("王芳", "fang@example.org", "zq-secret", "复查"):
        assert text not in told + str([dict(entry) for entry in entries])


def test_links(world: World) -> None:
    """Requirement 10."""
    patient = world.patient()
    visit = world.visit(patient)
    world.channel.answer = lambda letter: texts.append(letter.body) or (Again("busy", away=False) if len(texts) == 1 else None)
    texts: list[str] = []
    runner = world.runner()
    world.queue("questions", visit, ("patient", patient))
    runner.run_due()
    world.clock.advance(hours=1)
    runner.run_due()
    assert len(texts) == 2
    assert texts[0] == texts[1]
    assert texts[0].startswith("请填写：https://care.example.org/f/")
    with world.place.store.read() as connection:
        [link] = connection.execute(sa.select(system.link)).mappings().all()
    assert (link["form"], link["transition"], link["record_id"], link["message_id"]) == (
        "test:how_are_you", "test:visit.answer", visit, world.row()["id"])
    assert texts[0].rpartition("/")[2] not in str(dict(link))


@pytest.mark.parametrize("ended", ["used_at", "revoked_at"])
def test_a_link_that_is_over_is_not_sent_again(world: World, ended: str) -> None:
    """Requirement 10: whether the first attempt came through or staff withdrew it, a dead address helps nobody."""
    patient = world.patient()
    visit = world.visit(patient)
    texts: list[str] = []
    world.channel.answer = lambda letter: texts.append(letter.body) or Again("busy", away=False)
    runner = world.runner()
    world.queue("questions", visit, ("patient", patient))
    runner.run_due()
    with world.place.store.write() as connection:
        connection.execute(sa.update(system.link).values({ended: world.clock()}))
    world.clock.advance(hours=1)
    runner.run_due()
    assert len(texts) == 1
    assert (world.row()["state"], world.row()["reason"]) == ("refused", "link_ended")


def test_no_link_without_an_address_of_ours(world: World) -> None:
    """Requirement 10."""
    patient = world.patient()
    visit = world.visit(patient)
    world.place = dataclasses.replace(
        world.place, settings=dataclasses.replace(world.place.settings, base_url=""))
    runner = world.runner(Recording(name="sms"))
    world.queue("questions", visit, ("patient", patient))
    runner.run_due()
    assert (world.row()["state"], world.row()["reason"], world.channel.sent) == ("held", "no_base_url", [])
