"""The scripts that evaluate expressions in the browser, in the order in which a page loads them."""

from __future__ import annotations

__all__ = ["SCRIPTS"]

NAMES = (
    "values", "json", "zones", "rules", "patterns", "numbers", "conversions", "dates", "clock", "workdays", "texts", "macros", "evaluate",
)
SCRIPTS = tuple(f"expressions/{name}.js" for name in NAMES)
"""Paths for the templates' `asset(…)`. The last one gives `Carework.expressions.evaluate(tree, env)`; see docs/architecture.md."""
