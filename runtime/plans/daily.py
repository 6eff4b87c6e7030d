"""Every day: plans whose conditions read the clock look at all records, for nobody writes anything when only time passes."""

from __future__ import annotations

import datetime
import zoneinfo

from engine.expressions import refs
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Ref
from engine.expressions.types import TEXT
from engine.model import Model, Plan
from engine.model.reads import reads
from engine.targets.plan_reads import real_path
from runtime.identity.callers import clinic_day
from runtime.jobs.job import NewJob
from runtime.plans.sweeping import SWEEP
from runtime.store.compiled import Release

__all__ = ["by_clock", "day_job"]

_CLOCK = frozenset({"today", "now"})


def by_clock(release: Release) -> tuple[Plan, ...]:
    """The plans that somebody may come to, or that may end, because of the day; found once per release."""
    found: tuple[Plan, ...] | None = release.cache.get("plans.by_clock")
    if found is None:
        plans = release.model.plans.values()
        found = release.cache["plans.by_clock"] = tuple(plan for plan in plans if _reads_clock(release.model, plan))
    return found


def day_job(release: Release, now: datetime.datetime) -> tuple[NewJob, ...]:
    """The job for when the clinics' next day begins; none where no plan needs it."""
    if not by_clock(release):
        return ()
    day = clinic_day(release, now) + datetime.timedelta(days=1)
    begins = datetime.datetime.combine(day, datetime.time(), zoneinfo.ZoneInfo(release.model.organisation.timezone))
    return (NewJob(kind=SWEEP, key=f"{SWEEP}:day:{day}", due_at=begins.astimezone(datetime.UTC), payload={"day": True}),)


def _reads_clock(model: Model, plan: Plan) -> bool:
    rules = [rule for rule in (plan.enrol_when, plan.stop_when) if rule is not None]
    for path in (path for rule in rules for path in refs(rule.tree)):
        if path[0] in _CLOCK:
            return True
        if path[0] in BOUND_ROOTS or path[0] == "answers":
            continue
        read = reads(model.objects, plan.object, Ref(TEXT, 0, real_path(model, plan, path)))
        if any(not one.object and one.name in _CLOCK for one in read):
            return True
    return False
