"""The clinic chain of the API's tests, which every attack is made on."""

from tests.attacks.canaries import planted, poisoned_web
from tests.runtime.api.conftest import web
from tests.runtime.records.conftest import world

__all__ = ["planted", "poisoned_web", "web", "world"]
