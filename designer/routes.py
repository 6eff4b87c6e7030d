"""Puts the designer into an application: its routes below /design, and its assets. The web layer knows this module by name alone."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask, Response, send_from_directory

from designer import views
from designer.blueprint import designer
from designer.environment import STATIC
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the designer's routes. Raises KeyError when the application has no site."""
    for module in pkgutil.iter_modules(views.__path__):
        importlib.import_module(f"{views.__name__}.{module.name}")
    app.register_blueprint(designer)
    app.add_url_rule("/static/designer/<path:filename>", "designer_static", _static)


@declare(policy=Policy.ANONYMOUS, audit=Audit.NONE, rate=Rate.FREE, csrf=Csrf.SAFE)
def _static(filename: str) -> Response:
    """Styles and scripts; nothing of a clinic is in them."""
    return send_from_directory(STATIC, filename, conditional=True)
