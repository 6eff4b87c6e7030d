"""The SQL functions that compiled expressions call on SQLite; PostgreSQL has its own."""

from __future__ import annotations

import sqlite3

__all__ = ["register"]


def register(connection: sqlite3.Connection) -> None:
    """Add the functions to a connection."""
