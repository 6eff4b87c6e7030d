"""Writes the entries of the view audit: one transaction for all that wait, durable when it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from runtime.audit.views import View
from runtime.records.prepared import Prepared
from runtime.store import system
from runtime.store.database import Store

__all__ = ["recent_views", "store_views"]


def store_views(store: Store) -> Callable[[Sequence[View]], None]:
    """The `commit` of a ViewWriter over a store's audit database."""
    columns = [column.name for column in system.view.columns]
    insert = sa.insert(system.view).values({column: sa.bindparam(column.name, type_=column.type) for column in system.view.columns})
    prepared = Prepared(insert, store.audit.writes.dialect)

    def commit(views: Sequence[View]) -> None:
        with store.audit.write() as connection:
            prepared.run_many(connection, [_row(view, columns) for view in views])

    return commit


def _row(view: View, columns: Sequence[str]) -> dict[str, Any]:
    row = {name: getattr(view, name) for name in columns}
    row["ids"] = list(view.ids)
    row["detail"] = dict(view.detail) if view.detail is not None else None
    return row


def recent_views(store: Store, actor: str, kind: str, limit: int) -> list[View]:
    """What somebody looked at last, newest first; only entries that name an object."""
    table = system.view
    wanted = sa.select(table).where(table.c.actor == actor, table.c.kind == kind).order_by(table.c.id.desc()).limit(limit)
    with store.audit.read() as connection:
        rows = connection.execute(wanted).all()
    return [View(id=row.id, at=row.at, actor=row.actor, kind=row.kind, ids=row.ids or (), object=row.object) for row in rows if row.object]
