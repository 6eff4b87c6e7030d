"""Puts the screens into an application: their routes, and the page that says what went wrong."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask
from werkzeug.routing import BaseConverter

from runtime.screens import views
from runtime.screens.blueprint import screens
from runtime.screens.doors import install_doors
from runtime.screens.trouble import error_page
from runtime.web.site import site_of

__all__ = ["RecordId", "register"]


class RecordId(BaseConverter):
    """A record's id in an address: 32 hex digits in lower case."""

    regex = "[0-9a-f]{32}"


def register(app: Flask) -> None:
    """Add every screen's routes. Raises KeyError when the application has no site."""
    app.url_map.converters.setdefault("record", RecordId)
    for module in pkgutil.iter_modules(views.__path__):
        importlib.import_module(f"{views.__name__}.{module.name}")
    app.register_blueprint(screens)
    install_doors(app)
    site_of(app).error_page = error_page
