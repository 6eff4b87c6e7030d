"""The entry for WSGI servers: `gunicorn "runtime.web.wsgi:application()"`."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping

from flask import Flask

from runtime.settings import Settings
from runtime.web.app import create_app
from runtime.web.site import site_of

__all__ = ["application"]


def application(environment: Mapping[str, str] = os.environ) -> Flask:
    """The application with the settings of this process's environment. Raises BadSetting and what `create_app` raises.

    It does jobs from now on, so it is to be called in the process that serves: without gunicorn's `--preload`.
    """
    app = create_app(Settings.from_environment(environment), watch=True)
    site = site_of(app)
    site.begin()
    atexit.register(site.end)
    return app
