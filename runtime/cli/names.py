"""Titles of people and clinics for tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.cli.context import records_of, system_account
from runtime.records.query import MAX_LIMIT, ListQuery
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["titles"]


def titles(store: Store, release: Release, ids: Iterable[str]) -> dict[str, str]:
    """Id → title of records of the account and the clinic object, as the built-in account sees them."""
    wanted = tuple(dict.fromkeys(ids))
    records, actor = records_of(store), system_account(store)
    found: dict[str, str] = {}
    for object in (release.model.account, release.model.clinic):
        if object is None:
            continue
        for start in range(0, len(wanted), MAX_LIMIT):
            some = wanted[start:start + MAX_LIMIT]
            page = records.list(ListQuery(object=object.name, fields=(), ids=some, limit=MAX_LIMIT), actor, release)
            found.update({row.id: row.title or "" for row in page.rows})
    return found
