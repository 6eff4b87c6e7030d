"""Examples of the jobs of messages, for what must hold for every kind."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from plugins.inbox import Inbox
from runtime.channels import Delivered, Letter
from runtime.jobs.kinds import Kind, Workplace
from runtime.messages.jobs import MessageJobs
from runtime.store import system
from tests.runtime.jobs.examples import Example
from tests.runtime.jobs.sinks import effects
from tests.runtime.messages.world import Recording, World, build


class Filing(Recording):
    """Appends a line `key doubtful` to a file, in one write that other processes cannot tear."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def send(self, letter: Letter, address: str, *, key: str, doubtful: bool) -> Any:
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{key} {int(doubtful)}\n".encode())
        finally:
            os.close(descriptor)
        return Delivered()


def _kinds(workplace: Workplace, folder: Path) -> dict[str, Kind]:
    return {"message": MessageJobs(workplace, {"email": Filing(folder / "sink"), "inbox": Inbox()})}


def _by_mail(workplace: Workplace) -> None:
    world = World(workplace, workplace.clock, Recording())  # type: ignore[arg-type]
    patient = world.patient()
    world.queue("reminder", world.visit(patient), ("patient", patient))


def _sent(workplace: Workplace, folder: Path) -> Sequence[Any]:
    with workplace.store.read() as connection:
        states = connection.scalars(sa.select(system.message.c.state)).all()
    assert states == ["sent"]
    return effects(folder / "sink")


EXAMPLES = (
    Example(kind="message", build=build, begin=_by_mail, effects=_sent, kinds=_kinds),
)
