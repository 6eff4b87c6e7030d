"""The designer's templates: its own, then those of the screens, which they extend."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, Template

from designer.words import catalogue
from runtime.screens.assets import asset_urls
from runtime.screens.environment import TEMPLATES, make_environment

__all__ = ["STATIC", "environment", "page"]

STATIC = Path(__file__).parent / "static"
_OWN = Path(__file__).parent / "templates"


@functools.cache
def _assets() -> Callable[[str], str]:
    """Addresses of the screens' assets, and of the designer's below `designer/`."""
    screens, own = asset_urls(), asset_urls("/static/designer", STATIC)
    return lambda path: own(path.removeprefix("designer/")) if path.startswith("designer/") else screens(path)


@functools.cache
def environment(language: str) -> Environment:
    """The environment of a language."""
    return make_environment((_OWN, TEMPLATES), catalogue(language), _assets())


def page(name: str, language: str) -> Template:
    """A page of `templates/`."""
    return environment(language).get_template(name)
