"""The entry for WSGI servers: `gunicorn "runtime.web.wsgi:application()"`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask import Flask

from runtime.settings import Settings
from runtime.web.app import create_app

__all__ = ["application"]


def application(environment: Mapping[str, str] = os.environ) -> Flask:
    """The application with the settings of this process's environment. Raises BadSetting and what `create_app` raises."""
    return create_app(Settings.from_environment(environment), watch=True)
