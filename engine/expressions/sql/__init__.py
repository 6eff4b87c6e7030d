"""The back ends for SQL: a tree becomes one clause for SQLite or PostgreSQL."""
