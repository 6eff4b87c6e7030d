"""The kinds of jobs of the search box."""

from __future__ import annotations

from runtime.jobs.kinds import Inside, Workplace
from runtime.search.filling import FillKind

__all__ = ["job_kinds"]


def job_kinds(workplace: Workplace) -> tuple[Inside, ...]:
    """See `runtime.jobs.kinds`."""
    return (FillKind(workplace),)
