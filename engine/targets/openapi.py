"""The description of the REST API (OpenAPI 3.1.0) of a Model, narrowed to what one kind of caller may see."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from engine.fields.attachment import Attachment
from engine.model import Field, Model, Object, Transition

__all__ = ["ObjectView", "openapi"]

Json = dict[str, Any]
ID: Json = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
MOST_ROWS = 200
MOST_COMMANDS = 500
MOST_CHARACTERS = 4_000
_KEPT_FORMATS = frozenset({"date", "date-time", "int64"})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ObjectView:
    """What a caller may see and do of an object. `read` maps field names to whether they may come masked."""

    object: Object
    can: frozenset[str]
    """Of `create, read, update, delete, export`."""
    read: Mapping[str, bool] = dataclasses.field(default_factory=dict)
    create: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    transitions: Mapping[str, tuple[Transition, tuple[str, ...]]] = dataclasses.field(default_factory=dict)
    """By name, with the fields that it asks for."""
    plans: tuple[str, ...] | None = None
    """Names of the plans that its records begin; None where no plan is about them either."""


def openapi(model: Model, views: Sequence[ObjectView], language: str, *, server: str = "/api/v1") -> Json:
    """The whole document."""
    paths: Json = {**_own_paths(any(isinstance(f.type, Attachment) for v in views for f in v.object.fields.values()))}
    schemas: Json = {"Problem": _problem(), "Written": _written(), "Outcomes": _outcomes()}
    for view in views:
        schemas.update(_schemas(view, language))
        paths.update(_paths(view, language))
    organisation = model.organisation
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{organisation.label(language)} · Carework", "version": model.hash[:12]},
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": [_tag(view, language) for view in views],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": _response("A refusal", "Problem", "application/problem+json")},
            "parameters": _parameters(),
            "headers": {"ETag": {"description": "The version, in quotes.", "schema": {"type": "string"}}},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "carework",
                            "description": "Writes need the header X-CSRFToken too."},
            },
        },
    }


def _tag(view: ObjectView, language: str) -> Json:
    text = view.object.help or view.object.label
    return {"name": view.object.name, "description": text(language)}


def _parameters() -> Json:
    text: Json = {"type": "string"}
    return {
        "filter": _query("filter", "An expression of the language over the fields, such as `due < today`.", text),
        "sort": _query("sort", "Field names, each with `-` in front for descending, such as `-due,name`.", text),
        "limit": _query("limit", "How many records at most.", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 50}),
        "after": _query("after", "`next` of the page before.", text),
        "fields": _query("fields", "Which fields, separated by commas; links lead on with points.", text),
        "id": {"name": "id", "in": "path", "required": True, "schema": ID},
        "if_match": {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
                     "description": "The ETag that was read, such as `\"3\"`."},
        "idempotency_key": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[!#-~]{1,128}$"},
                            "description": "The same key and body have one effect and one answer, for a day."},
    }


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _own_paths(files: bool) -> Json:
    free = _operation("me", "Who you are and what you may do", {"200": {"description": "You", **_content({"type": "object"})}})
    hits = {"type": "object", "properties": {
        "items": {"type": "array", "items": {"type": "object", "properties": {
            "object": {"type": "string"}, "id": {"type": "string"}, "title": {"type": ["string", "null"]},
            "because": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Fields beside the title that hold it."},
        }}},
        "more": {"type": "array", "items": {"type": "string"}, "description": "Objects with more than that."},
    }}
    find = _operation("search", "Records of every object by a part of a name, its pinyin, a number or a phone", {
        "200": {"description": "What was found", **_content(hits)}})
    find["parameters"] = [
        {**_query("q", "What is looked for.", {"type": "string", "minLength": 1, "maxLength": 160}), "required": True},
        _query("objects", "Names of objects, with commas between.", {"type": "string"}),
        _query("limit", "The most records of each object.", {"type": "integer", "minimum": 1, "maximum": 50, "default": 5}),
    ]
    found: Json = {"/me": {"get": free}, "/search": {"get": find}}
    if files:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        part = {"type": "object", "required": ["file"], "properties": {"file": file}}
        body = {"required": True, "content": {"multipart/form-data": {"schema": part}}}
        kept = {"description": "Kept", **_content(_file_schema())}
        found["/attachments"] = {
            "post": _operation("upload", "Send a file; a field takes its id", {"201": kept}, body=body, parameters=["idempotency_key"])
        }
    return found


def _operation(
    name: str, summary: str, responses: Json, *, tag: str = "", parameters: Sequence[str] = (), body: Json | None = None,
) -> Json:
    found: Json = {"operationId": name, "summary": summary}
    if tag:
        found["tags"] = [tag]
    if parameters:
        found["parameters"] = [{"$ref": f"#/components/parameters/{each}"} for each in parameters]
    if body is not None:
        found["requestBody"] = body
    return {**found, "responses": {**responses, "default": {"$ref": "#/components/responses/Problem"}}}


def _content(schema: Json, kind: str = "application/json") -> Json:
    return {"content": {kind: {"schema": schema}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _response(description: str, schema: str, kind: str = "application/json") -> Json:
    return {"description": description, **_content(_ref(schema), kind)}


def _body(schema: Json, *, required: bool = True) -> Json:
    return {"required": required, **_content(schema)}


def _written_response(description: str = "Written") -> Json:
    return {**_response(description, "Written"), "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}


def _paths(view: ObjectView, language: str) -> Json:
    name = view.object.name
    whole: Json = {}
    one: Json = {"parameters": [{"$ref": "#/components/parameters/id"}]}
    if "read" in view.can:
        whole["get"] = _operation(
            f"list_{name}", "List", {"200": {"description": "A page", **_content(_page(name))}}, tag=name,
            parameters=("filter", "sort", "limit", "after", "fields"))
        found = {**_response("The record", f"{name}"), "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}
        one["get"] = _operation(f"get_{name}", "Read", {"200": found}, tag=name)
    if "create" in view.can:
        whole["post"] = _operation(
            f"create_{name}", "Create", {"201": _written_response("Created")}, tag=name, parameters=["idempotency_key"],
            body=_body(_ref(f"{name}.create")))
    if "update" in view.can:
        one["patch"] = _operation(
            f"update_{name}", "Change", {"200": _written_response()}, tag=name, parameters=["if_match"], body=_body(_ref(f"{name}.update")))
    if "delete" in view.can:
        one["delete"] = _operation(f"delete_{name}", "Delete", {"204": {"description": "Deleted"}}, tag=name, parameters=["if_match"])
    found_paths = {f"/{name}": whole} if whole else {}
    if len(one) > 1:
        found_paths[f"/{name}/{{id}}"] = one
    return {**found_paths, **_more_paths(view), **_plan_paths(view), **_transition_paths(view, language)}


def _plan_paths(view: ObjectView) -> Json:
    """The plans of a record: read, begin, stop."""
    if view.plans is None or "read" not in view.can:
        return {}
    name, at = view.object.name, [{"$ref": "#/components/parameters/id"}]
    rows: Json = {"type": "array", "items": {"type": "object"}}
    listed = {"type": "object", "required": ["items", "offers"], "properties": {"items": rows, "offers": rows}}
    every: Json = {"parameters": at, "get": _operation(
        f"plans_{name}", "Its plans, how far each is, and those that it may be put on",
        {"200": {"description": "Plans", **_content(listed)}}, tag=name)}
    found: Json = {f"/{name}/{{id}}/plans": every}
    if "update" in view.can:
        if view.plans:
            made = {"description": "Enrolled", **_content({"type": "object", "required": ["id"], "properties": {"id": ID}})}
            every["post"] = _operation(
                f"enrol_{name}", "Put it on a plan", {"201": made, "200": {**made, "description": "It is on that plan already"}}, tag=name,
                parameters=["idempotency_key"], body=_body(_closed({"plan": {"enum": list(view.plans)}}, ["plan"])))
        one = {"name": "enrolment", "in": "path", "required": True, "schema": ID}
        reason = _query("reason", "Why.", {"type": "string", "maxLength": 500})
        found[f"/{name}/{{id}}/plans/{{enrolment}}"] = {"parameters": [*at, one, reason], "delete": _operation(
            f"stop_plan_{name}", "Take it off a plan", {"204": {"description": "It is off the plan"}}, tag=name)}
    return found


def _more_paths(view: ObjectView) -> Json:
    name, at = view.object.name, [{"$ref": "#/components/parameters/id"}]
    found: Json = {}
    if view.can & {"create", "update", "delete"} or view.transitions:
        found[f"/{name}/batch"] = {"post": _operation(
            f"batch_{name}", "Many commands at once", {"200": _response("What became of each", "Outcomes")}, tag=name,
            parameters=["idempotency_key"], body=_body(_ref(f"{name}.batch")))}
    if "read" in view.can:
        entry = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "object"}}}, "required": ["items"]}
        found[f"/{name}/{{id}}/history"] = {"parameters": at, "get": _operation(
            f"history_{name}", "What happened to it", {"200": {"description": "Newest first", **_content(entry)}}, tag=name)}
        for field_name in view.read:
            if isinstance(view.object.fields[field_name].type, Attachment):
                file = {"description": "The file", **_content({}, "application/octet-stream")}
                found[f"/{name}/{{id}}/attachments/{field_name}"] = {"parameters": at, "get": _operation(
                    f"download_{name}_{field_name}", "Download", {"200": file}, tag=name)}
        found[f"/{name}/try"] = {"post": _operation(
            f"try_{name}", "Try an expression", {"200": {"description": "Value, type and trace", **_content(_tried())}}, tag=name,
            body=_body(_trial()))}
    if "export" in view.can and "read" in view.can:
        table = {"description": "CSV", **_content({"type": "string"}, "text/csv")}
        found[f"/{name}/export.csv"] = {"get": _operation(
            f"export_{name}", "Download as CSV", {"200": table}, tag=name, parameters=("filter", "sort", "fields"))}
    if "delete" in view.can:
        found[f"/{name}/{{id}}/restore"] = {"parameters": at, "post": _operation(
            f"restore_{name}", "Undo a delete", {"200": _written_response()}, tag=name, parameters=["idempotency_key"])}
    return found


def _trial() -> Json:
    return _closed({
        "expression": {"type": "string", "maxLength": MOST_CHARACTERS}, "id": {"anyOf": [ID, {"type": "null"}]},
        "values": {"type": "object", "description": "Fields that stand in place of the record's own."},
        "now": {"type": "string", "format": "date-time", "description": "An instant to compute with."},
    }, ["expression"])


def _tried() -> Json:
    texts: Json = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object", "required": ["object", "expression", "type", "value", "trace", "hidden"],
        "properties": {"object": {"type": "string"}, "expression": {"type": "string"}, "type": {"type": "string"}, "value": {},
                       "trace": {"type": ["object", "null"], "description": "A part of the text with its span, type, value and parts."},
                       "hidden": {**texts, "description": "What was read that the caller may not see."}},
    }


def _transition_paths(view: ObjectView, language: str) -> Json:
    name, at = view.object.name, [{"$ref": "#/components/parameters/id"}]
    return {
        f"/{name}/{{id}}/transitions/{each}": {"parameters": at, "post": _operation(
            f"{each}_{name}", transition.label(language), {"200": _written_response()}, tag=name, parameters=["idempotency_key"],
            body=_body(_transition_schema(view.object, transition, asked, language), required=False))}
        for each, (transition, asked) in view.transitions.items()
    }


def _page(name: str) -> Json:
    return {
        "type": "object", "required": ["items", "next"],
        "properties": {"items": {"type": "array", "maxItems": MOST_ROWS, "items": _ref(name)}, "next": {"type": ["string", "null"]}},
    }


def _schemas(view: ObjectView, language: str) -> Json:
    object = view.object
    found: Json = {}
    if "read" in view.can:
        found[object.name] = {
            "type": "object", "required": ["id", "version"],
            "properties": {
                "id": ID, "version": {"type": "integer", "minimum": 1},
                **{name: _outgoing(object.fields[name], masked, language) for name, masked in view.read.items()},
                "_masked": {"type": "array", "items": {"type": "string"}, "description": "Fields whose value is a mask."},
            },
        }
    inputs: Json = {name: _incoming(object.fields[name], language) for name in {**dict.fromkeys(view.create), **dict.fromkeys(view.update)}}
    created: Json = {name: inputs[name] for name in view.create}
    needed = [name for name in view.create if object.fields[name].required and not object.fields[name].filled]
    if "create" in view.can:
        clinic = {"clinic_id": {**ID, "description": "The clinic it belongs to; your own when left out."}}
        found[f"{object.name}.create"] = _closed({**created, **clinic}, needed)
    if "update" in view.can:
        found[f"{object.name}.update"] = _closed({name: inputs[name] for name in view.update}, [])
    found[f"{object.name}.batch"] = _closed(
        {"commands": {"type": "array", "maxItems": MOST_COMMANDS, "items": {"oneOf": _commands(view, found)}},
         "atomic": {"type": "boolean", "default": True}}, ["commands"])
    return found


def _commands(view: ObjectView, schemas: Json) -> list[Json]:
    name, version = view.object.name, {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    at: Json = {"id": ID, "version": version}
    found: Json = {}
    if "create" in view.can:
        found["create"] = _ref(f"{name}.create")
    if "update" in view.can:
        found["update"] = _closed({**at, **schemas[f"{name}.update"]["properties"]}, ["id", "version"])
    if "delete" in view.can:
        found["delete"] = _closed(at, ["id", "version"])
    if view.transitions:
        moves: Json = {"name": {"enum": list(view.transitions)}, "values": {"type": "object"}, "reason": {"type": "string"}}
        found["transition"] = _closed({**at, **moves}, ["id", "name"])
    return [_closed({kind: schema}, [kind]) for kind, schema in found.items()] or [{"type": "object", "maxProperties": 0}]


def _closed(properties: Json, required: Sequence[str]) -> Json:
    found: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _transition_schema(object: Object, transition: Transition, asked: Sequence[str], language: str) -> Json:
    properties: Json = {"version": {"type": "integer", "minimum": 1, "maximum": 999_999_999}}
    if asked:
        properties["values"] = _closed({name: _incoming(object.fields[name], language) for name in asked}, [])
    if transition.reason != "none":
        properties["reason"] = {"type": "string"}
    return _closed(properties, ["reason"] if transition.reason == "required" else [])


def _incoming(field: Field, language: str) -> Json:
    schema = _described(field.type.json_schema(), field, language)
    return schema if field.required else {"anyOf": [schema, {"type": "null"}]}


def _outgoing(field: Field, masked: bool, language: str) -> Json:
    """Looser than what goes in: rows keep what earlier releases allowed."""
    kind = field.type
    if kind.link_to:
        schema: Json = {"type": "object", "required": ["id"], "properties": {"id": ID, "title": {"type": "string"}}}
    elif isinstance(kind, Attachment):
        schema = _file_schema()
    else:
        schema = _loose(kind.json_schema())
    choices = [schema, {"type": "null"}, *([{"type": "string", "description": "A mask."}] if masked else [])]
    return _described({"anyOf": choices}, field, language)


def _loose(schema: Json) -> Json:
    found = {"type": schema.get("type", "string")}
    if schema.get("format") in _KEPT_FORMATS:
        found["format"] = schema["format"]
    if "items" in schema:
        found["items"] = _loose(schema["items"])
    return found


def _described(schema: Json, field: Field, language: str) -> Json:
    return {**schema, "title": field.label(language), **({"description": field.help(language)} if field.help else {})}


def _file_schema() -> Json:
    kinds: Json = {"id": ID, "name": {"type": "string"}, "size": {"type": "integer"}, "type": {"type": "string"}}
    return {"type": "object", "required": list(kinds), "properties": kinds}


def _error() -> Json:
    return {
        "type": "object", "required": ["code", "message"],
        "properties": {"pointer": {"type": "string"}, "parameter": {"type": "string"}, "code": {"type": "string"},
                       "message": {"type": "string"}, "offset": {"type": "integer"}, "fix": {"type": "string"}},
    }


def _problem() -> Json:
    """RFC 9457, section 3."""
    return {
        "type": "object", "required": ["type", "title", "status", "code", "request_id"],
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
            "code": {"type": "string"}, "request_id": {"type": "string"}, "errors": {"type": "array", "items": _error()},
            "changed": {"type": "array", "items": {"type": "string"}},
        },
    }


def _written() -> Json:
    return {
        "type": "object", "required": ["id", "version", "warnings"],
        "properties": {"id": ID, "version": {"type": "integer"}, "warnings": {"type": "array", "items": _error()}},
    }


def _outcomes() -> Json:
    either = {"anyOf": [_ref("Written"), _ref("Problem")]}
    return {"type": "object", "required": ["outcomes"], "properties": {"outcomes": {"type": "array", "items": either}}}
