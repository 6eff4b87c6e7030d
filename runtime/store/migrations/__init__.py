"""Migrations of the system tables: numbered steps that run once, in order, at open.

A step never changes after it was released. A new one is a module beside these with `VERSION` and `upgrade(operations)`,
added to `MAIN` or `AUDIT`; `system.py` then describes the tables as they are after it (a test compares the two).
"""

from __future__ import annotations

from runtime.store.migrations import (
    m0001_first,
    m0001_views,
    m0002_idempotent_headers,
    m0003_recompute,
    m0004_jobs,
    m0005_plans,
    m0006_messages,
    m0007_drafts,
    m0008_links,
    m0009_search,
    m0010_saved_views,
    m0011_designer,
)
from runtime.store.migrations.upgrade import Migrations

__all__ = ["AUDIT", "MAIN"]

MAIN = Migrations("cw_schema", (
    m0001_first, m0002_idempotent_headers, m0003_recompute, m0004_jobs, m0005_plans, m0006_messages, m0007_drafts, m0008_links,
    m0009_search, m0010_saved_views, m0011_designer,
))
AUDIT = Migrations("cw_audit_schema", (m0001_views,))
