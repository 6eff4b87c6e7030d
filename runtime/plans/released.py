"""What a publish means for plans: who is on one that differs is looked at anew, and who meets a new condition already is remembered."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.model import Running
from engine.targets.operations import Operation
from engine.targets.plans_under_way import BeginPlan, EndPlan, MovePlan
from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.plans import met
from runtime.plans.daily import day_job
from runtime.plans.enrolment import active
from runtime.plans.met import begin_anew, out_of_use
from runtime.plans.round import plan_of
from runtime.plans.sweeping import forget_job, sweep_job
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["look_ahead", "released"]

_enrolment, _release = system.enrolment, system.release


def look_ahead(
    store: Store, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """See `runtime.store.released`."""
    for operation in operations:
        plan = plan_of(release, operation.id) if isinstance(operation, BeginPlan) else None
        if plan is not None:
            met.look_ahead(store, release, plan, now=now, new_id=new_id)


def released(
    connection: Connection, operations: tuple[Operation, ...], release: Release, *, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """See `runtime.store.released`."""
    jobs: list[NewJob] = list(day_job(release, now))
    forgotten: list[str] = []
    for operation in operations:
        if isinstance(operation, BeginPlan):
            plan = plan_of(release, operation.id)
            assert plan is not None
            forgotten += begin_anew(connection, release, plan, now=now, new_id=new_id)
        elif isinstance(operation, EndPlan):
            forgotten += out_of_use(connection, operation.id)
            jobs.append(sweep_job(operation.id, now, new_id, whole=False))
        elif isinstance(operation, MovePlan) and operation.running is not Running.KEEP:
            jobs.append(sweep_job(operation.id, now, new_id, whole=False, replan=operation.running is Running.REPLAN))
    jobs += [forget_job(key, now, new_id) for key in forgotten]
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
