"""The clinic chain of the API's tests, which every attack is made on."""

from tests.runtime.api.conftest import web

__all__ = ["web"]
