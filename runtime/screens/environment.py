"""Jinja2 environments, one per language, so that fixed texts cost a dictionary look-up and no question for the language."""

from __future__ import annotations

import functools
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, cast

from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, Template, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from runtime.screens.assets import STATIC, asset_urls, icon_marks
from runtime.screens.words import catalogue

__all__ = ["TEMPLATES", "environment", "make_environment", "page"]

TEMPLATES = STATIC.parent / "templates"


class _Fixed(NodeTransformer):
    """Texts, icons and addresses that a template names outright are the same on every page of a language: they become part of it."""

    names = frozenset({"_", "icon", "asset"})

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """See Jinja2."""
        self.generic_visit(node)
        called = node.node
        fixed = len(node.args) == 1 and isinstance(node.args[0], nodes.Const) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if not fixed or not isinstance(called, nodes.Name) or called.name not in self.names:
            return node
        say: Any = self._environment.globals[called.name]
        said = say(node.args[0].value)  # type: ignore[attr-defined]
        return nodes.Const(said, lineno=node.lineno, environment=self._environment)


class _Plain(Environment):
    """Templates share the environment's globals instead of a chain of maps, which each import of macros would walk through;
    `page.label` of a dict is its item, asked for first; and what is fixed is said once (see `_Fixed`)."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return cast("nodes.Template", _Fixed(self).visit(super()._parse(source, name, filename)))

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """See Jinja2."""
        return {**self.globals, **d} if d else self.globals

    def getattr(self, obj: Any, attribute: str) -> Any:
        """See Jinja2."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)


@functools.cache
def environment(language: str) -> Environment:
    """The environment of a language: everything is escaped unless a template of ours made it. Templates are read once."""
    return make_environment((TEMPLATES,), catalogue(language), asset_urls())


def make_environment(folders: Sequence[Path], translations: NullTranslations, assets: Callable[[str], str]) -> Environment:
    """An environment over folders of templates, of which the first that has one counts; the designer adds its own to these."""
    made = _Plain(
        loader=FileSystemLoader(folders), autoescape=True, trim_blocks=True, lstrip_blocks=True, auto_reload=False, cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(translations.gettext, translations.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["_"] = made.globals["gettext"] = _saying(translations.gettext)
    made.globals["asset"] = assets
    made.globals["icon"] = icon_marks(assets)
    return made


def _saying(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """Jinja2's own `_` in its new style, without asking the context at each call and with fixed texts made once."""

    @functools.cache
    def fixed(text: str) -> Markup:
        return Markup(gettext(text)) % {}

    def say(text: str, **variables: object) -> Markup:
        return Markup(gettext(text)) % variables if variables else fixed(text)

    return say


def page(name: str, language: str) -> Template:
    """A page of `templates/`, compiled when first asked for."""
    return environment(language).get_template(name)
