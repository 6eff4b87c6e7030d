"""What must hold of deliveries and links, for `carework doctor`: none waits for nobody, and none was made past the audit."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.jobs.job import State
from runtime.messages.sending import KIND
from runtime.store import system

__all__ = ["faults"]

RECENT = datetime.timedelta(days=30)
"""A message is sent or given up within days, and jobs that are done are forgotten after months."""
SHOWN = 20
_message, _link, _job, _audit = system.message, system.link, system.job, system.audit


def faults(connection: Connection, now: datetime.datetime) -> Iterator[str]:
    """Each breach in words, by ids."""
    standing = sa.exists().where(_job.c.key == sa.literal(f"{KIND}:") + _message.c.key, _job.c.state != State.DONE.value)
    unsent = sa.select(_message.c.id).where(
        _message.c.state.in_(["queued", "held"]), _message.c.queued_at > now - RECENT, ~standing).order_by(_message.c.id).limit(SHOWN)
    for id in connection.execute(unsent).scalars():
        yield f"message {id} is still to be sent, and no job will send it"
    noted = sa.exists().where(
        _audit.c.record_id == _link.c.record_id, _audit.c.action == "make_link", _audit.c.at == _link.c.created_at)
    unknown = sa.select(_link.c.id).where(~noted).order_by(_link.c.id).limit(SHOWN)
    for id in connection.execute(unknown).scalars():
        yield f"link {id} stands in no audit: it was not made by this program, or what it opens was changed"
    both = sa.select(_link.c.id).where(_link.c.used_at.is_not(None), _link.c.used_at >= _link.c.expires_at).order_by(_link.c.id).limit(SHOWN)
    for id in connection.execute(both).scalars():
        yield f"link {id} was used after its end"
