"""The inbox: messages to the person who is signed in, written as she may read them now; and the number beside its sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from engine.model import Message
from runtime.messages.deliveries import Delivery
from runtime.messages.inbox import MOST, inbox_rows, mark_read, one_of, unread
from runtime.messages.recipients import by_id
from runtime.messages.rendering import Written, reading_as, write
from runtime.records.ids import is_id
from runtime.screens.blueprint import screens
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.screens.shell import object_icon, show
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

ROWS = 30


@screens.get("/inbox")
@declare(policy=Policy.SIGNED_IN, audit=Audit.VIEW)
def inbox() -> Response:
    """Messages, newest first; `?unread=1` shows those alone, `?before=` goes on."""
    state = here()
    before, only = request.args.get("before", ""), request.args.get("unread") == "1"
    with state.store.read() as connection:
        rows = inbox_rows(connection, state.who.id, before=before if is_id(before) else "", only_unread=only, limit=ROWS)
        texts = _texts(state, connection, rows[:ROWS])
        count = unread(connection, state.who.id)
    lines = [_line(state, row, texts.get(row["id"])) for row in rows[:ROWS]]
    more = f"/inbox?before={rows[ROWS - 1]['id']}{'&unread=1' if only else ''}" if len(rows) > ROWS else None
    return show(
        "inbox.html", current="inbox", lines=lines, more_url=more, only_unread=only, unread=count, first_page=not before,
        newest=rows[0]["id"] if rows else "")


@screens.get("/inbox/count")
@declare(policy=Policy.ANONYMOUS)
def inbox_count() -> Response:
    """How many are unread, as a plain text; empty for none. Asked every half minute, so it costs one look at an index."""
    state = here()
    text = ""
    if state.actor is not None:
        with state.store.glance() as connection:
            count = unread(connection, state.actor.id)
        text = f"{MOST}+" if count > MOST else str(count or "")
    return Response(text, content_type="text/plain; charset=utf-8")


@screens.post("/inbox/<record:id>/open")
@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def open_message(id: str) -> BaseResponse:
    """Goes to the record, and marks the message as read."""
    state = here()
    with state.store.write() as connection:
        row = one_of(connection, state.who.id, id)
        mark_read(connection, state.who.id, state.now, [id])
    about = by_id(state.release.model, row["object"]) if row else None
    if row is None or about is None:
        raise HttpProblem("not_found")
    return redirect(f"/o/{about.name}/{row['record_id']}", 303)


@screens.post("/inbox/<record:id>/read")
@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def read_message(id: str) -> BaseResponse:
    """Marks one message as read."""
    state = here()
    with state.store.write() as connection:
        mark_read(connection, state.who.id, state.now, [id])
    return redirect("/inbox?unread=1" if request.form.get("unread") == "1" else "/inbox", 303)


@screens.post("/inbox/read")
@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the newest message seen")
def read_all() -> BaseResponse:
    """Marks everything up to the newest message that the page showed as read: what came since stays unread."""
    state = here()
    newest = request.form.get("newest", "")
    if not is_id(newest):
        raise HttpProblem("bad_request")
    with state.store.write() as connection:
        mark_read(connection, state.who.id, state.now, until=newest)
    return redirect("/inbox", 303)


def _texts(state: RequestState, connection: Connection, rows: Sequence[Delivery]) -> dict[str, Written]:
    """What each message says now, by its row's id; a row is left out whose record she may not read any more."""
    reading = reading_as(connection, state.release, state.who, state.now)
    known = {message.id: message for message in state.release.model.messages.values()}
    grouped: dict[str, list[Delivery]] = {}
    for row in rows:
        grouped.setdefault(row["message"], []).append(row)
    found: dict[str, Written] = {}
    for id, several in grouped.items():
        message: Message | None = known.get(id)
        if message is None or state.release.model.objects[message.object].id != several[0]["object"]:
            continue
        written = write(message, list(dict.fromkeys(row["record_id"] for row in several)), reading, state.language)
        state.seen("inbox", several[0]["object"], list(written), {"message": id})
        found |= {row["id"]: written[row["record_id"]] for row in several if row["record_id"] in written}
    return found


def _line(state: RequestState, row: Delivery, text: Written | None) -> dict[str, Any]:
    about = by_id(state.release.model, row["object"])
    message = next((one for one in state.release.model.messages.values() if one.id == row["message"]), None)
    label = message.label(state.language) if message else ""
    return {
        "id": row["id"], "unread": row["read_at"] is None, "at": row["sent_at"].isoformat(), "subject": text.subject if text else label,
        "at_text": moment(row["sent_at"], locale_of(state.release, state.language)), "body": text.body.strip() if text else None,
        "record": text.title or f"#{row['record_id'][-6:]}" if text else None, "icon": object_icon(about) if about else "inbox",
        "object": about.label(state.language) if about else "", "open_url": f"/inbox/{row['id']}/open" if text else None,
        "read_url": f"/inbox/{row['id']}/read",
    }
