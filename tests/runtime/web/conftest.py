"""The same chain as for the API's tests."""

from tests.runtime.api.conftest import web

__all__ = ["web"]
