"""`python -m tests.benchmarks.twin [--sql] [sqlite|postgresql]`: print every statement as the database gets it."""

import sys

from sqlalchemy.dialects import postgresql, sqlite

from tests.benchmarks.twin.statements import all_statements

__all__ = ["sql"]


def sql(dialect: str = "sqlite") -> str:
    """The application's SQL for a nurse with one team in each of two clinics."""
    chosen = postgresql.psycopg.dialect() if dialect == "postgresql" else sqlite.dialect()
    return "\n\n".join(f"-- {name}\n{statement.compile(dialect=chosen)};" for name, statement in all_statements((1, 1)).items())


if __name__ == "__main__":
    print(sql(next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "sqlite")))
