"""Files: uploaded first, then named by the record that keeps them; downloaded through the record and field they stand in."""

from __future__ import annotations

import hashlib

from flask import Response, request

from engine.fields.attachment import Attachment
from engine.model import Object
from runtime.access import Sight
from runtime.api.body import refuse_body
from runtime.api.idempotent import once
from runtime.api.lists import json_response
from runtime.api.objects import readable
from runtime.api.parameters import parameters
from runtime.records.attachments import TooLarge, read_chunks, remove_unlinked, store_upload
from runtime.records.query import ListQuery
from runtime.records.rows import FileRef
from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.messages import say
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["download", "file_response", "upload"]

PART = "file"


@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="one file", upload=True)
def upload() -> Response:
    """201 with `{id, name, size, type}`; a field takes the id. Whether it fits a field is checked when a record names it."""
    state = here()
    parameters(state.language)
    if request.mimetype != "multipart/form-data":
        raise HttpProblem("media_type", headers={"Accept": "multipart/form-data"})
    files = list(request.files.items(multi=True))
    if len(files) != 1 or files[0][0] != PART or request.form or not files[0][1].filename:
        refuse_body("one_file", state.language)
    limit = largest(state)
    sent = files[0][1]
    digest = hashlib.sha256((sent.filename or "").encode("utf-8", "replace"))
    while part := sent.stream.read(1 << 20):
        digest.update(part)
    sent.stream.seek(0)

    def work() -> Response:
        kept = store_upload(
            state.store, sent.filename or "", sent.stream, owner=state.who.id, limit=limit, now=state.now, new_id=state.site.new_id
        )
        remove_unlinked(state.store, state.now)
        return json_response({"id": kept.id, "name": kept.name, "size": kept.size, "type": kept.media_type}, 201)

    try:
        return once(state, digest.digest(), work)
    except TooLarge:
        message = say("file_too_large", state.language, limit=limit)
        raise HttpProblem("too_large", detail=message, errors=[ProblemError("file_too_large", message)]) from None


def largest(state: RequestState) -> int:
    """The most bytes that any attachment field of the release takes; 0 when there is no such field."""
    found: int | None = state.release.cache.get("api.largest_file")
    if found is None:
        kinds = [field.type for object in state.release.model.objects.values() for field in object.fields.values()]
        found = max((kind.max_size for kind in kinds if isinstance(kind, Attachment)), default=0)
        state.release.cache["api.largest_file"] = found
    return found


@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.SAFE)
def download(name: str, id: str, field: str) -> Response:
    """The file in a field of a record, always as a download."""
    state = here()
    object = readable(state, name)
    parameters(state.language)
    return file_response(state, object, id, field)


def file_response(state: RequestState, object: Object, id: str, field: str) -> Response:
    """The file of a record's field, for whom the field is shown whole. Raises HttpProblem 404. Screens use it too."""
    kind = object.fields[field].type if field in object.fields else None
    if not isinstance(kind, Attachment) or state.access.object(object.name).field("read", field).fixed is Sight.ABSENT:
        raise HttpProblem("not_found")
    page = state.records.list(ListQuery(object=object.name, fields=(field,), ids=(id,), limit=1), state.who, state.release)
    row = page.rows[0] if page.rows else None
    file = row.values[0] if row is not None and row.sights[0] is Sight.VALUE else None
    if not isinstance(file, FileRef):
        raise HttpProblem("not_found")
    state.seen("attachment", object.id, (id,), {"field": object.fields[field].id, "file": file.id})
    response = Response(read_chunks(state.store, file.id), content_type=file.media_type or "application/octet-stream")
    response.content_length = file.size
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response
