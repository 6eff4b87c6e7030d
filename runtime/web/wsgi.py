"""The entry for WSGI servers: `gunicorn "runtime.web.wsgi:application()"`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask import Flask

from runtime.settings import Settings
from runtime.web.app import create_app
from runtime.web.site import site_of
from runtime.web.starting import begin_soon

__all__ = ["application"]


def application(environment: Mapping[str, str] = os.environ) -> Flask:
    """The application with the settings of this process's environment. Raises BadSetting and what `create_app` raises.

    The process that serves with it does jobs as well, from some seconds after its start on: also one that nobody asks for anything.
    """
    app = create_app(Settings.from_environment(environment), watch=True)
    site = site_of(app)
    begin_soon(site.begin, site.end)
    return app
