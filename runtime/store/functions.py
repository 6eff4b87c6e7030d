"""The SQL functions that compiled expressions call on SQLite; PostgreSQL has its own."""

from __future__ import annotations

import sqlite3

from engine.expressions.sql.sqlite_functions import FUNCTIONS

__all__ = ["register"]


def register(connection: sqlite3.Connection) -> None:
    """Add the functions to a connection."""
    for name, (function, arguments, deterministic) in FUNCTIONS.items():
        connection.create_function(name, arguments, function, deterministic=deterministic)
