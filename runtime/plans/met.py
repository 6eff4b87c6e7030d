"""Who meets the condition of a plan already: remembered, for a plan enrols those who come to meet it and not those who stay.

What is remembered of a condition stands under a key of its own, which a setting names. So a publish can look at all records before
the flip, while the condition of before goes on to be followed, and at the flip only at those that have changed meanwhile.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Text

from engine.expressions import sql_problem, to_python, to_sql
from engine.expressions.tree import Path
from engine.model import Plan, Rule
from engine.targets.plan_reads import real_path
from runtime.identity.actor import system_actor
from runtime.identity.callers import clinic_day
from runtime.plans.meanwhile import changed_since
from runtime.plans.values import Read, begun
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.ids import chunks
from runtime.records.prepared import Prepared, PreparedRows
from runtime.records.sources import ChildRows, RowSource
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import StoreError

__all__ = ["begin_anew", "bring_up_to_date", "forget", "holds", "look_ahead", "out_of_use"]

_met, _setting = system.plan_met, system.setting
_PAGE = 1000
_FORGOTTEN = 2000
_CHUNK = 500
_MARGIN = datetime.timedelta(minutes=5)
"""So long before its commit a change may say that it took place."""
_AHEAD = "plans.met_ahead"
_values = PreparedRows(sa.select(_setting.c.value).where(_setting.c.name == sa.bindparam("b_name")))


def holds(rule: Rule | None, read: Read) -> bool:
    """Whether a condition holds; one that is not there does not."""
    return rule is not None and bool(rule.position.settle(to_python(rule.tree)(read)))


def key_of(connection: Connection, plan_id: str) -> str:
    """What is remembered of the plan's condition stands under this.

    It changes with publishes alone, and is no part of a release: who goes back to one comes to another key.
    """
    found = _values.one_or_none(connection, {"b_name": _name(plan_id)})
    return str(found.value) if found is not None else plan_id


def bring_up_to_date(connection: Connection, plan: Plan, looked_at: Iterable[str], fulfil: set[str]) -> list[str]:
    """Remember who of some records meets the condition now; those who come to it."""
    key = key_of(connection, plan.id)
    before: set[str] = set()
    looked_at = tuple(looked_at)
    for chunk in chunks(looked_at) if looked_at else ():
        statement = sa.select(_met.c.record_id).where(_met.c.plan == key, _met.c.record_id.in_(chunk))
        before.update(connection.execute(statement).scalars())
    new, gone = sorted(fulfil - before), sorted(before - fulfil)
    _remember(connection, key, new)
    _take_out(connection, key, gone)
    return new


def look_ahead(store: Store, release: Release, plan: Plan, *, now: datetime.datetime, new_id: Callable[[], str]) -> None:
    """Before the flip to a release in which the plan has a new condition: look at all records, a page in each transaction.

    Where the condition reads what the release has yet to make, all are left to the flip.
    """
    key, last = f"{plan.id}@{new_id()}", ""
    try:
        with store.write() as connection:  # what a publish that fails leaves behind is found by this
            connection.execute(sa.insert(_setting).values(name=_ahead_name(key), value=key))
        while True:
            with store.write() as connection:
                id = release.tables.object(plan.object).table.c.id
                ids = list(connection.scalars(sa.select(id).where(id > last).order_by(id).limit(_PAGE)))
                _judge(connection, release, plan, key, ids, now)
            if len(ids) < _PAGE:
                break
            last = ids[-1]
    except (DBAPIError, StoreError):
        return
    release.cache.setdefault(_AHEAD, {})[plan.id] = (key, now - _MARGIN)


def begin_anew(
    connection: Connection, release: Release, plan: Plan, *, now: datetime.datetime, new_id: Callable[[], str],
) -> list[str]:
    """At the flip: from now on the plan's new condition counts, and who meets it did not come to it. Keys of what is to be forgotten."""
    forgotten = out_of_use(connection, plan.id)
    key, since = release.cache.get(_AHEAD, {}).pop(plan.id, (None, None))
    if key is None:
        key = f"{plan.id}@{new_id()}"
        _judge(connection, release, plan, key, None, now)
    else:
        changed = changed_since(connection, release, plan, since)
        _take_out(connection, key, changed)
        for chunk in chunks(changed) if changed else ():
            _judge(connection, release, plan, key, chunk, now)
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_setting).values(name=_name(plan.id), value=key)
    connection.execute(statement.on_conflict_do_update(index_elements=[_setting.c.name], set_={"value": key}))
    return [each for each in forgotten if each != key]


def out_of_use(connection: Connection, plan_id: str) -> list[str]:
    """At a flip that ends or replaces the plan's condition: the keys of what is to be forgotten once that has taken place.

    Those of looks ahead are among them whose publish failed, or will, because this one comes before it.
    """
    ahead = _setting.c.name.startswith(_ahead_name(f"{plan_id}@"), autoescape=True)
    return [key_of(connection, plan_id), *connection.execute(sa.delete(_setting).where(ahead).returning(_setting.c.value)).scalars()]


def forget(connection: Connection, key: str, after: str) -> str | None:
    """Take out the next of what is remembered under a key; the last record, None when there were no more."""
    own = (_met.c.plan == key, _met.c.record_id > after)
    ids = list(connection.scalars(sa.select(_met.c.record_id).where(*own).order_by(_met.c.record_id).limit(_FORGOTTEN)))
    if ids:
        connection.execute(sa.delete(_met).where(*own, _met.c.record_id <= ids[-1]))
    return ids[-1] if len(ids) == _FORGOTTEN else None


def _name(plan_id: str) -> str:
    return f"plan_met:{plan_id}"


def _ahead_name(key: str) -> str:
    return f"plan_met_ahead:{key}"


def _remember(connection: Connection, key: str, ids: Sequence[str]) -> None:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_met).on_conflict_do_nothing()
    for start in range(0, len(ids), _CHUNK):
        connection.execute(statement, [{"plan": key, "record_id": id} for id in ids[start:start + _CHUNK]])


def _take_out(connection: Connection, key: str, ids: Sequence[str]) -> None:
    for chunk in chunks(ids) if ids else ():
        connection.execute(sa.delete(_met).where(_met.c.plan == key, _met.c.record_id.in_(chunk)))


def _judge(
    connection: Connection, release: Release, plan: Plan, key: str, ids: Sequence[str] | None, now: datetime.datetime,
) -> None:
    """Remember who of these records, or of all, meets the condition."""
    assert plan.enrol_when is not None
    actor = system_actor(clinic_day(release, now))
    if sql_problem(plan.enrol_when.tree) is None:
        source = RowSource(release, plan.object, dialect_name(connection))
        condition = to_sql(plan.enrol_when.tree, _PlanSource(source, plan), source.dialect, where=True)
        found = sa.select(source.id, sa.literal(key, sa.Text())).select_from(source.clause).where(condition)
        if ids is not None:
            found = found.where(source.id.in_(sa.bindparam("ids", expanding=True, type_=Text())))
        binds = expression_binds(actor, now, release.model, source.dialect)
        for chunk in (None,) if ids is None else chunks(ids) if ids else ():
            Prepared(sa.insert(_met).from_select(["record_id", "plan"], found), connection.dialect).change(connection, {**binds, "ids": chunk})
        return
    for some in (ids,) if ids is not None else _pages(connection, release, plan):
        reads = begun(connection, release, actor, plan, some, now)
        _remember(connection, key, [id for id, read in reads.items() if holds(plan.enrol_when, read)])


def _pages(connection: Connection, release: Release, plan: Plan) -> Iterable[list[str]]:
    id, last = release.tables.object(plan.object).table.c.id, ""
    while ids := list(connection.scalars(sa.select(id).where(id > last).order_by(id).limit(_PAGE))):
        yield ids
        last = ids[-1]


class _PlanSource:
    """A row as a plan's rules name it: `subject` and `anchor` are paths from it. A source of expressions."""

    def __init__(self, source: RowSource, plan: Plan) -> None:
        self._source = source
        self._plan = plan

    def _real(self, path: Path) -> Path:
        return real_path(self._source.release.model, self._plan, path)

    def column(self, path: Path) -> ColumnElement[Any]:
        """See `RowSource.column`."""
        return self._source.whole.column(self._real(path))

    def rows(self, path: Path) -> ChildRows:
        """See `RowSource.rows`."""
        return self._source.whole.rows(self._real(path))

    def bind(self, path: Path) -> ColumnElement[Any]:
        """See `RowSource.bind`."""
        return self._source.bind(path)
