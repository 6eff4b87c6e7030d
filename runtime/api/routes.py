"""The addresses of the API."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response

from runtime.api.batch import batch
from runtime.api.converters import NameConverter, RecordIdConverter
from runtime.api.description import openapi_json
from runtime.api.export import export_csv
from runtime.api.files import download, upload
from runtime.api.lists import list_records
from runtime.api.own import me
from runtime.api.plans import begin_plan, list_plans, stop_plan
from runtime.api.records import (
    create_record,
    delete_record,
    fire_transition,
    get_record,
    record_history,
    restore_record,
    update_record,
)
from runtime.api.search import search
from runtime.api.trying import try_expression

__all__ = ["register"]

PREFIX = "/api/v1"
ONE = "/<name:name>/<record:id>"
_ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/me", me),
    ("GET", "/openapi.json", openapi_json),
    ("GET", "/search", search),
    ("POST", "/attachments", upload),
    ("GET", "/<name:name>", list_records),
    ("POST", "/<name:name>", create_record),
    ("POST", "/<name:name>/batch", batch),
    ("POST", "/<name:name>/try", try_expression),
    ("GET", "/<name:name>/export.csv", export_csv),
    ("GET", ONE, get_record),
    ("PATCH", ONE, update_record),
    ("DELETE", ONE, delete_record),
    ("GET", f"{ONE}/history", record_history),
    ("POST", f"{ONE}/restore", restore_record),
    ("GET", f"{ONE}/plans", list_plans),
    ("POST", f"{ONE}/plans", begin_plan),
    ("DELETE", f"{ONE}/plans/<record:enrolment>", stop_plan),
    ("POST", f"{ONE}/transitions/<name:transition>", fire_transition),
    ("GET", f"{ONE}/attachments/<name:field>", download),
)
"""Literal addresses come before objects of the same name."""


def register(app: Flask) -> None:
    """Add the routes."""
    app.url_map.converters["name"] = NameConverter
    app.url_map.converters["record"] = RecordIdConverter
    for method, path, view in _ROUTES:
        app.add_url_rule(f"{PREFIX}{path}", f"api.{view.__name__}", view, methods=[method])
