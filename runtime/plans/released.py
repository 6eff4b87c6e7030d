"""What a publish means for plans: who is on one that differs is looked at anew, and who meets a new condition already is remembered."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from engine.expressions import sql_problem, to_sql
from engine.expressions.tree import Path
from engine.model import Plan, Running
from engine.targets.operations import Operation
from engine.targets.plans_under_way import BeginPlan, EndPlan, MovePlan
from runtime.identity.actor import system_actor
from runtime.identity.callers import clinic_day
from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.plans.daily import day_job
from runtime.plans.enrolling import holds
from runtime.plans.enrolment import active
from runtime.plans.needs import real_path
from runtime.plans.round import plan_of
from runtime.plans.sweeping import sweep_job
from runtime.plans.values import begun
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.prepared import Prepared
from runtime.records.sources import ChildRows, RowSource
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["released"]

_met, _enrolment, _release = system.plan_met, system.enrolment, system.release
_PAGE = 500


def released(
    connection: Connection, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """See `runtime.store.released`."""
    jobs: list[NewJob] = list(day_job(release, now))
    for operation in operations:
        if isinstance(operation, BeginPlan):
            plan = plan_of(release, operation.id)
            assert plan is not None
            _remember(connection, release, plan, now)
        elif isinstance(operation, EndPlan):
            connection.execute(sa.delete(_met).where(_met.c.plan == operation.id))
            jobs.append(sweep_job(operation.id, now, new_id, whole=False))
        elif isinstance(operation, MovePlan) and operation.running is not Running.KEEP:
            jobs.append(sweep_job(operation.id, now, new_id, whole=False, replan=operation.running is Running.REPLAN))
    schedule(connection, jobs, now=now, new_id=new_id, release=release)
    _keep_up(connection, release, {operation.id for operation in operations if isinstance(operation, MovePlan)})


def _keep_up(connection: Connection, release: Release, moved: set[str]) -> None:
    """Plans under way that stay as they began, and did not change, go by the new release: there is no need to keep the old one."""
    kept = [plan.id for plan in release.model.plans.values() if plan.running is Running.KEEP and plan.id not in moved]
    before = connection.scalar(
        sa.select(_release.c.hash).where(_release.c.hash != release.hash, _release.c.published_at.is_not(None))
        .order_by(_release.c.published_at.desc()).limit(1))
    if kept and before is not None:
        connection.execute(sa.update(_enrolment).where(_enrolment.c.plan.in_(kept), _enrolment.c.release == before, active).values(
            release=release.hash))


def _remember(connection: Connection, release: Release, plan: Plan, now: datetime.datetime) -> None:
    """Note who meets the condition already: they did not come to it."""
    assert plan.enrol_when is not None
    connection.execute(sa.delete(_met).where(_met.c.plan == plan.id))
    if sql_problem(plan.enrol_when.tree) is None:
        source = RowSource(release, plan.object, dialect_name(connection))
        condition = to_sql(plan.enrol_when.tree, _PlanSource(source, plan), source.dialect, where=True)
        found = sa.select(source.id, sa.literal(plan.id, sa.Text())).select_from(source.clause).where(condition)
        actor = system_actor(clinic_day(release, now))
        binds = expression_binds(actor, now, release.model, source.dialect)
        Prepared(sa.insert(_met).from_select(["record_id", "plan"], found), connection.dialect).change(connection, binds)
    else:
        _remember_by_pages(connection, release, plan, now)


def _remember_by_pages(connection: Connection, release: Release, plan: Plan, now: datetime.datetime) -> None:
    """The same for a condition that no database can judge."""
    actor, last = system_actor(clinic_day(release, now)), ""
    id = release.tables.object(plan.object).table.c.id
    while ids := list(connection.execute(sa.select(id).where(id > last).order_by(id).limit(_PAGE)).scalars()):
        met = [each for each, read in begun(connection, release, actor, plan, ids, now).items() if holds(plan.enrol_when, read)]
        if met:
            connection.execute(sa.insert(_met), [{"record_id": each, "plan": plan.id} for each in met])
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
