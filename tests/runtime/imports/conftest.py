"""Imports run on the database of the command line's tests, where the example chain is live."""

from tests.runtime.cli.conftest import _cheap_hashes, cli, sqlite_cli  # noqa: F401 - fixtures
