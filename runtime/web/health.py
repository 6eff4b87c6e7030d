"""Whether this process can serve, for load balancers, and counters, for Prometheus. Neither tells anything of a clinic."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.jobs.operating import overview
from runtime.store.errors import StoreError
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.site import Site, site_of
from runtime.web.state import here

__all__ = ["register"]

_LOCAL = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})


def register(app: Flask) -> None:
    """Add `/healthz` and `/metrics`."""
    app.add_url_rule("/healthz", "health", healthz)
    app.add_url_rule("/metrics", "metrics", metrics)
    registry = CollectorRegistry()
    registry.register(_SiteCollector(site_of(app)))
    app.extensions["carework-metrics"] = registry


@declare(policy=Policy.ANONYMOUS, audit=Audit.NONE, rate=Rate.FREE, csrf=Csrf.SAFE)
def healthz() -> tuple[Response, int]:
    """200 when the database answers and a release is live, else 503; `release` is the first part of its hash."""
    site = here().site
    try:
        with site.store.read() as connection:
            connection.execute(sa.select(sa.literal(1)))
        hash_ = here().release.hash
    except StoreError as error:
        return jsonify(status="unavailable", why=type(error).__name__), 503
    return jsonify(status="ok", release=hash_[:12], database=site.store.dialect), 200


@declare(policy=Policy.ANONYMOUS, audit=Audit.NONE, rate=Rate.FREE, csrf=Csrf.SAFE)
def metrics() -> Response:
    """Counters, for callers on this machine and for people with the right to operate; for others there is no such page."""
    state = here()
    local = request.remote_addr in _LOCAL and "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
    if not local and (state.actor is None or not state.access.system("operate")):
        raise HttpProblem("not_found")
    registry: CollectorRegistry = _registry()
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    from flask import current_app

    found: CollectorRegistry = current_app.extensions["carework-metrics"]
    return found


class _SiteCollector(Collector):
    """Reads the counters of a site when asked; nothing is counted with labels that name a person or a record."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterable[Metric]:
        responses = CounterMetricFamily("carework_responses", "Responses by class of status.", labels=["status"])
        for status, count in sorted(self._site.responses.items()):
            responses.add_metric([f"{status}xx"], count)
        yield responses
        views = CounterMetricFamily("carework_views", "Pages whose view was audited.")
        views.add_metric([], self._site.views_written)
        yield views
        release = GaugeMetricFamily("carework_release_info", "The live release of this process.", labels=["release"])
        with contextlib.suppress(StoreError):
            release.add_metric([self._site.store.release().hash[:12]], 1)
        yield release
        yield from self._jobs()

    def _jobs(self) -> Iterable[Metric]:
        jobs = GaugeMetricFamily("carework_jobs", "Jobs by kind and state.", labels=["kind", "state"])
        late = GaugeMetricFamily("carework_jobs_late_seconds", "How long the oldest job is due that nobody has begun.", labels=["kind"])
        now = self._site.clock()
        with contextlib.suppress(StoreError), self._site.store.read() as connection:
            for line in overview(connection, (), now):
                for state, count in (("waiting", line.waiting), ("due", line.due), ("sending", line.sending), ("aside", line.aside)):
                    jobs.add_metric([line.kind, state], count)
                late.add_metric([line.kind], (now - line.oldest).total_seconds() if line.oldest else 0)
        yield jobs
        yield late
