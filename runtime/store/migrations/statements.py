"""Statements kept as text, so that a migration stays what it was when the program's tables move on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["run_file"]


def run_file(operations: Operations, name: str) -> None:
    """Run the statements of `<name>.<dialect>.sql`; each ends with `;` before an empty line or the end."""
    connection = operations.get_bind()
    text = (Path(__file__).parent / f"{name}.{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().removesuffix(";").split(";\n\n"):
        connection.exec_driver_sql(statement)
