"""Builds the application: opens the store, loads the keys, registers API, screens and health, and refuses undeclared routes."""

from __future__ import annotations

import importlib
import importlib.util
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, send_from_directory
from werkzeug.middleware.proxy_fix import ProxyFix

from runtime.audit.keys import Keys
from runtime.audit.views import ViewWriter
from runtime.channels import load_channels
from runtime.identity.callers import Callers
from runtime.jobs.kinds import Workplace
from runtime.records.ids import Ids
from runtime.settings import Settings
from runtime.store.database import Store
from runtime.store.views import store_views
from runtime.web.errors import install_errors
from runtime.web.gate import install_gate
from runtime.web.headers import STATIC_PATH, SafeHeaders
from runtime.web.limits import Limits
from runtime.web.routes import Audit, Csrf, Policy, Rate, declarations, declare, require_declared
from runtime.web.site import EXTENSION, Site
from runtime.web.watching import Watching

__all__ = ["create_app", "new_ids"]

EDGES = ("runtime.api.routes", "runtime.web.health", "runtime.screens.routes", "designer.routes")
"""Each has `register(app)`, which adds its routes; `site_of(app)` gives what they share."""
STATIC = Path(__file__).parent.parent / "screens" / "static"


def new_ids(milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> Ids:
    """Record ids by the machine's clock and its source of chance."""
    return Ids(milliseconds, secrets.randbits)


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], str] | None = None,
    limits: Limits | None = None,
    watch: bool = False,
) -> Flask:
    """The WSGI application. Raises UndeclaredRoute, BadKeys and the errors of `Store.open`.

    It holds no connection while it waits to fork: a server may build it before or after it starts its workers. With `watch`
    each process that serves tells publishers what it has prepared, from its first request on.
    """
    load_channels(settings.environment)  # a setting that no channel can use is told at start, not when the first message leaves
    app = Flask("carework", static_folder=None, template_folder=None)
    app.config.update(PROVIDE_AUTOMATIC_OPTIONS=False, MAX_FORM_MEMORY_SIZE=1_000_000, MAX_FORM_PARTS=1_000)
    app.url_map.strict_slashes = False
    app.url_map.redirect_defaults = False
    site = _site(settings, store or Store.open(settings.database_url, clock=clock), clock, new_id or new_ids(), limits or Limits())
    app.extensions[EXTENSION] = site
    watching = Watching(site.store, site.records, site.new_id, _workplace(site) if settings.jobs else None) if watch else None
    if watching is not None:
        site.begin, site.end = watching.here, watching.stop
    install_gate(app, site, watching)
    install_errors(app, lambda: site.error_page)
    app.add_url_rule(f"{STATIC_PATH}<path:filename>", "static", _static)
    for edge in EDGES:
        if importlib.util.find_spec(edge) is not None:
            importlib.import_module(edge).register(app)
    require_declared(app)
    site.declarations = declarations(app)
    app.wsgi_app = SafeHeaders(app.wsgi_app, secure=settings.secure_cookies)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0
        )
    return app


def _site(settings: Settings, store: Store, clock: Callable[[], datetime], new_id: Callable[[], str], limits: Limits) -> Site:
    from runtime.composition import records_for

    keys = Keys.load_or_make(settings.keys_path)
    return Site(
        settings=settings, store=store, keys=keys, views=ViewWriter(store_views(store)),
        records=records_for(store, clock, new_id, keys=keys), callers=Callers(store), limits=limits, clock=clock, new_id=new_id,
        cookie="__Host-carework" if settings.secure_cookies else "carework",
    )


def _workplace(site: Site) -> Workplace:
    return Workplace(
        store=site.store, records=site.records, keys=site.keys, clock=site.clock, new_id=site.new_id, settings=site.settings)


@declare(policy=Policy.ANONYMOUS, audit=Audit.NONE, rate=Rate.FREE, csrf=Csrf.SAFE)
def _static(filename: str) -> Response:
    """Styles, scripts and icons; nothing of a clinic is in them."""
    return send_from_directory(STATIC, filename, conditional=True)
