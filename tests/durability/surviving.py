"""After a fault: is everything that was acknowledged there, and is nothing half?"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from runtime.store import system
from runtime.store.database import Store
from runtime.store.invariants import breaches


def faults(store: Store, acknowledged: Iterable[str]) -> list[str]:
    """What is missing of the journal's words, and the invariants that do not hold; [] when all is well."""
    found = [f"{breach}" for breach in breaches(store, deep=True)]
    live = store.releases.refresh()
    with store.read() as connection:
        history = {
            (row.record_id, row.version) for row in connection.execute(sa.select(system.history.c.record_id, system.history.c.version))
        }
        table = live.tables.object("task")
        states = dict(map(tuple, connection.execute(sa.select(table.table.c.id, table.column("status")))))
        changed = set(connection.execute(sa.select(system.audit.c.record_id)).scalars())
    with store.audit.read() as connection:
        views = set(connection.execute(sa.select(system.view.c.id)).scalars())
    for word in acknowledged:
        kind, _, rest = word.partition(":")
        id, _, detail = rest.partition(":")
        kept = {
            "c": lambda id=id: (id, 1) in history and id in changed,
            "u": lambda id=id, detail=detail: (id, int(detail)) in history,
            "t": lambda id=id, detail=detail: states.get(id) == detail,
            "v": lambda id=id: id in views,
            "p": lambda rest=rest: live.hash == rest,
        }[kind]
        if not kept():
            found.append(f"lost {word}")
    return found
