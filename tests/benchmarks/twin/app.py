"""Routes: the list as HTML and JSON, one task with its contacts, an update, a transition, and an empty route as the floor."""

import base64
import datetime
import hashlib
import hmac
import os
import secrets
from typing import Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa
from flask import Flask, Response, abort, g, render_template, request

from tests.benchmarks.twin import changes, overview, pages, statements
from tests.benchmarks.twin.journal import Views, new_id
from tests.benchmarks.twin.people import People, Person
from tests.benchmarks.twin.store import Store

__all__ = ["application", "create_app"]

PAGE = 50
RELATED = 10
HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"), ("Cache-Control", "no-store"),
    ("Vary", "Cookie, Accept-Language, Authorization"),
)


def application() -> Flask:
    """For gunicorn; the address of the database stands in TWIN_DATABASE_URL."""
    return create_app(os.environ["TWIN_DATABASE_URL"])


def create_app(url: str) -> Flask:
    """The application over one database."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.auto_reload = False
    _Site(app, Store(url), hashlib.sha256(b"twin").digest())
    return app


class _Headers:
    """Safe headers on every answer."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            return start_response(status, [*headers, *HEADERS], error)

        return self._application(environ, start)


class _Site:
    def __init__(self, app: Flask, store: Store, key: bytes) -> None:
        self.store, self.key = store, key
        self.people, self.views = People(store), Views(store)
        app.add_url_rule("/empty", view_func=self.empty)
        app.add_url_rule("/tasks", view_func=self.list_html)
        app.add_url_rule("/tasks.json", view_func=self.list_json)
        app.add_url_rule("/board", view_func=self.board)
        app.add_url_rule("/patients/<id>", view_func=self.patient)
        app.add_url_rule("/tasks/<id>", view_func=self.record)
        app.add_url_rule("/tasks/<id>", view_func=self.update, methods=["PATCH"])
        app.add_url_rule("/tasks/<id>/<name>", view_func=self.move, methods=["POST"])
        app.before_request(self.begin)
        app.wsgi_app = _Headers(app.wsgi_app)  # type: ignore[method-assign]
        app.register_error_handler(changes.Refused, self.refused)

    def begin(self) -> None:
        """The time and the id of the request."""
        g.now, g.request_id = datetime.datetime.now(datetime.UTC), new_id()

    def refused(self, error: changes.Refused) -> tuple[dict[str, object], int]:
        """Problem details by hand."""
        return {"detail": error.message, "errors": [{"pointer": f"#/{error.field}", "message": error.message}]}, error.status

    def empty(self) -> str:
        """Nothing."""
        return ""

    def person(self, connection: sa.Connection) -> Person:
        """Who asks; 401 for nobody."""
        authorization = request.headers.get("Authorization", "")
        if authorization.startswith("Bearer "):
            found = self.people.by_token(connection, authorization[7:], g.now)
        else:
            secret = request.cookies.get("carework", "")
            found = self.people.by_session(connection, secret, g.now) if secret else None
            g.secret = secret
        if found is None:
            abort(401)
        return found

    def _tasks(self) -> tuple[Person, list[sa.Row[tuple[object, ...]]], str | None]:
        after = request.args.get("after", "")
        with self.store.read() as connection:
            person = self.person(connection)
            binds = {**person.binds, "clinic": request.args.get("clinic", ""), "state": request.args.get("status", ""), "row_limit": PAGE + 1}
            if after:
                binds["after"] = after
            rows = connection.execute(statements.list_of_tasks(person.teams, bool(after)), binds).all()
        more = rows[PAGE - 1].id if len(rows) > PAGE else None
        return person, rows[:PAGE], more

    def list_html(self) -> str:
        """The list screen."""
        person, rows, more = self._tasks()
        self.views.record(person.id, "list", [row[0] for row in rows], g.now, g.request_id)
        return render_template(
            "list.html", **self._frame(person), rows=pages.task_rows(rows, person), more=more, states=pages.STATES, count=len(rows),
            clinics=person.clinics, clinic=request.args.get("clinic"), status=request.args.get("status"), query=request.query_string.decode(),
        )

    def list_json(self) -> Response:
        """The same as JSON."""
        person, rows, more = self._tasks()
        self.views.record(person.id, "list", [row[0] for row in rows], g.now, g.request_id)
        return Response(orjson.dumps({"items": pages.task_json(rows), "next": more}), content_type="application/json")

    def record(self, id: str) -> str:
        """One task with its contacts and its history."""
        with self.store.read() as connection:
            person = self.person(connection)
            task = connection.execute(statements.one_task(person.teams), {**person.binds, "record": id}).one_or_none()
            if task is None:
                abort(404)
            binds = {**person.binds, "record": id, "row_limit": RELATED + 1}
            contacts = connection.execute(statements.contacts(person.teams), binds).all()
            history = connection.execute(statements.HISTORY, {"record": id}).all()
            people = sorted({row.by for row in history if len(row.by) == 32})
            names = dict(connection.execute(statements.NAMES, {"ids": people}).tuples().all()) if people else {}
        seen = [id, *(row.id for row in contacts[:RELATED])]
        self.views.record(person.id, "record", seen, g.now, g.request_id)
        lines = pages.history_lines(history, names)
        return render_template(
            "record.html", **self._frame(person), task=task, f=pages.facts(task), contacts=pages.contact_rows(contacts[:RELATED]),
            history=lines, made=lines[-1] if lines else None, clinic=person.clinics.get(task.clinic_id, ""),
        )

    def board(self) -> str:
        """Tasks of a clinic by state."""
        clinic = request.args.get("clinic", "")
        with self.store.read() as connection:
            person = self.person(connection)
            rows = connection.execute(overview.board(person.teams), {**person.binds, "clinic": clinic}).all()
        lanes = overview.board_lanes(rows, person)
        self.views.record(person.id, "list", [card[0] for lane in lanes for card in lane["cards"]], g.now, g.request_id)  # type: ignore[attr-defined]
        return render_template("board.html", **self._frame(person), lanes=lanes, clinics=person.clinics, clinic=clinic)

    def patient(self, id: str) -> str:
        """A patient with her tasks, contacts and one stream of what happened."""
        with self.store.read() as connection:
            person = self.person(connection)
            binds = {**person.binds, "record": id}
            row = connection.execute(overview.patient(person.teams), binds).one_or_none()
            if row is None:
                abort(404)
            tasks = connection.execute(overview.tasks_of(person.teams), binds).all()
            contacts = connection.execute(overview.contacts_of(person.teams), binds).all()
            entries = connection.execute(overview.stream(person.teams), binds).all()
            stays = connection.execute(statements.STAYS, binds).scalars().all()
            people = sorted({entry.by for entry in entries if len(entry.by) == 32})
            names = dict(connection.execute(statements.NAMES, {"ids": people}).tuples().all()) if people else {}
        self.views.record_all(person.id, overview.seen(id, tasks, contacts, entries), g.now, g.request_id)
        return render_template(
            "patient.html", **self._frame(person), patient=row, facts=overview.patient_facts(row, person), tasks=overview.task_rows_of(tasks, person),
            more_tasks=len(tasks) > 6, contacts=overview.contact_rows_of(contacts), more_contacts=len(contacts) > 5, more=len(entries) > 20,
            days=overview.stream_days(entries, names, person), today=person.today.isoformat(),
            clinic=" · ".join(person.clinics[stay] for stay in stays if stay in person.clinics),
        )

    def update(self, id: str) -> Response:
        """Change fields of a task; If-Match names the version that was seen."""
        given = orjson.loads(request.get_data())
        seen = request.headers.get("If-Match", "").strip('"')
        if not seen.isdigit():
            abort(428)
        with self.store.read() as connection:
            person = self.person(connection)
        version = changes.update(self.store, self.key, person, id, given, int(seen), g.now, g.request_id)
        return self._written(id, version)

    def move(self, id: str, name: str) -> Response:
        """Fire a transition."""
        with self.store.read() as connection:
            person = self.person(connection)
        version, _ = changes.move(self.store, self.key, person, id, name, g.now, g.request_id)
        return self._written(id, version)

    def _written(self, id: str, version: int) -> Response:
        body = orjson.dumps({"id": id, "version": version, "warnings": []})
        return Response(body, content_type="application/json", headers={"ETag": f'"{version}"'})

    def _frame(self, person: Person) -> dict[str, object]:
        salt = secrets.token_bytes(12)
        tag = hmac.digest(self.key, salt + g.secret.encode(), hashlib.sha256)
        return {"person": person, "csrf": base64.urlsafe_b64encode(salt + tag).decode(), "back": quote(request.full_path.rstrip("?"))}
