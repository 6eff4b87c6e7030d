"""What `carework doctor` says of deliveries and links, and what is forgotten: each breach is planted, and was not there before."""

from __future__ import annotations

import datetime

import sqlalchemy as sa

from runtime.jobs.purging import KEPT, purge
from runtime.messages.examining import faults
from runtime.store import system
from tests.runtime.messages.world import World


def found(world: World) -> list[str]:
    with world.place.store.read() as connection:
        return list(faults(connection, world.clock()))


def test_each_breach(world: World) -> None:
    """A message that nothing sends, a link that nobody made, one that opens another record now, one used too late."""
    patient = world.patient()
    visit, other = world.visit(patient), world.visit(patient)
    runner = world.runner()
    for key in ("sent", "lost", "dropped"):
        world.queue("questions", visit, ("patient", patient), key)
        if key == "sent":
            runner.run_due()
    assert found(world) == []
    link, message = system.link, system.job
    with world.place.store.write() as connection:
        connection.execute(sa.delete(message).where(message.c.key == "message:lost"))
        connection.execute(sa.update(message).where(message.c.key == "message:dropped").values(state="cancelled", done_at=world.clock()))
        connection.execute(sa.update(link).values(used_at=link.c.expires_at, record_id=other))
    assert [text.partition(" ")[2].partition(" ")[2] for text in found(world)] == [
        "is still to be sent, and no job will send it", "stands in no audit: it was not made by this program, or what it opens was changed",
        "was used after its end"]


def test_links_are_forgotten(world: World) -> None:
    """Three months after their end; what was told, and the audit of the link, stays."""
    patient = world.patient()
    world.queue("questions", world.visit(patient), ("patient", patient))
    world.runner().run_due()
    ends = world.clock() + datetime.timedelta(days=3)
    counts = []
    for after in (KEPT, KEPT + datetime.timedelta(seconds=1)):
        purge(world.place.store, ends + after)
        with world.place.store.read() as connection:
            counts.append([connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (system.link, system.message)])
    assert counts == [[1, 1], [0, 1]]
    assert found(world) == []
