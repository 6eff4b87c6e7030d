"""The JSON Schema (draft 2020-12) of each kind of definition; `definitions/schemas` holds them as files for editors."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from engine.expressions.scope import RESERVED_ROOTS, RESERVED_WORDS
from engine.model.page import PANEL_KINDS
from engine.names import ACTIONS, NAME, RUNTIME_FIELDS, SYSTEM_RIGHTS
from engine.registry import Registry
from engine.text.kinds import KINDS

__all__ = ["RESERVED", "Schema", "as_text", "schemas"]

Schema = dict[str, Any]

RESERVED = sorted({*RUNTIME_FIELDS, *RESERVED_ROOTS, *RESERVED_WORDS})

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_DAY = "(mon(day)?|tue(sday)?|wed(nesday)?|thu(rsday)?|fri(day)?|sat(urday)?|sun(day)?)"
_DAYS = f"^{_DAY}(-{_DAY})?$"


def _ref(name: str, description: str = "") -> Schema:
    return {"$ref": f"#/$defs/{name}", **({"description": description} if description else {})}


def _list(items: Schema, description: str, **more: Any) -> Schema:
    return {"type": "array", "items": items, "uniqueItems": True, "description": description, **more}


def _map(values: Schema, description: str, **more: Any) -> Schema:
    """A map by name."""
    return {"type": "object", "propertyNames": _ref("name"), "additionalProperties": values, "description": description, **more}


def _keys(properties: Mapping[str, Schema], *required: str, **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False,
            **({"required": list(required)} if required else {}), **more}


_IDENTITY: Mapping[str, Schema] = {
    "was": _list(_ref("name"), "All names it had before, newest first."),
    "id": {"type": "string", "description": "Its id, where it is not made of the first name: <pack>:<name>."},
    "retired": {**_FLAG, "description": "Kept with its data, shown nowhere."},
    "hidden": {**_FLAG, "description": "Hidden by a later layer."},
}
_NAMED: Mapping[str, Schema] = {
    "label": _ref("label"), **_IDENTITY, "after": _ref("reference", "The element of the same map that it stands behind."),
}

_DEFS: Mapping[str, Schema] = {
    "name": {"type": "string", "pattern": NAME, "not": {"anyOf": [{"enum": RESERVED}, {"pattern": "__$"}]},
             "description": "Lower case letters, digits and _, first a letter."},
    "reference": {"type": "string", "minLength": 1, "maxLength": 200},
    "label": {"anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 500},
        {"type": "object", "minProperties": 1, "propertyNames": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
         "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 500}},
    ], "description": "A text for people: one for all languages, or by language, e.g. {en: …, zh: …}."},
    "expression": {"type": "string", "minLength": 1, "maxLength": 4000},
    "color": {"enum": [
        "blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "lime", "green", "teal", "cyan", "gray", "secondary",
    ]},
    "option": _keys({**_NAMED, "color": _ref("color")}),
    "options": _map(_ref("option"), "The options by name."),
}


def _field_defs(registry: Registry) -> dict[str, Schema]:
    """One schema per field type, and `field` that chooses among them by `type`."""
    shared = {
        "type": {"enum": list(registry.field_types), "description": "What the field holds."}, **_NAMED,
        "help": _ref("label", "A hint beside the input."),
        "required": {**_FLAG, "description": "Whether a record needs a value."},
        "restricted": {**_FLAG, "description": "Reached only by a grant that names it in show or mask."},
        "index": {**_FLAG, "description": "Whether the database keeps an index for it."},
        "search": {**_FLAG, "description": "Whether the search box looks in it."},
        "default": {
            "anyOf": [{"type": ["string", "number", "boolean", "array"]}, _keys({"formula": _ref("expression")}, "formula")],
            "description": "The value of a new record, or {formula: …} that computes it from user, today and now.",
        },
        "formula": _ref("expression", "Computes it from the record; it has no column then."),
        "stored": {**_FLAG, "description": "Whether a computed field keeps its value in a column, always up to date."},
    }
    found: dict[str, Schema] = {}
    every: dict[str, Schema] = dict(shared)
    for name, kind in registry.field_types.items():
        own = {key: dict(value) for key, value in kind.settings.items()}
        needs = kind.needs
        found[f"field.{name}"] = _keys({**shared, **own, "type": {"const": name}}, "type", *needs)
        every.update({key: {"description": value.get("description", "")} for key, value in own.items() if key not in shared})
    found["field.any"] = _keys({**every, "type": {"enum": list(registry.field_types)}})
    branches = [
        {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": _ref(f"field.{name}")}
        for name in registry.field_types
    ]
    found["field"] = {
        "type": "object", "properties": {"type": {"enum": list(registry.field_types)}}, "required": ["type"], "allOf": branches,
        "discriminator": {"propertyName": "type", "mapping": {name: f"#/$defs/field.{name}" for name in registry.field_types}},
    }
    return found


def _object() -> Schema:
    names = _list(_ref("reference"), "Fields.", minItems=1)
    rule = _keys({"fields": names, "scope": {"enum": ["clinic", "organisation"]}, "message": _ref("label"), **_NAMED}, "fields")
    check = _keys({"rule": _ref("expression"), "message": _ref("label"), "field": _ref("reference"), **_NAMED}, "rule", "message")
    via = _keys({"via": _ref("reference", "A link field.")}, "via")
    return {
        "plural": _ref("label"), "help": _ref("label"),
        "title": {"type": "string", "minLength": 1, "maxLength": 500, "description": "What a record is called, e.g. {name} · {number}."},
        "belongs_to": {"anyOf": [{"enum": ["clinic", "clinics", "organisation"]}, via], "description": "Whose row it is."},
        "subject": {"anyOf": [_ref("reference"), _list(_ref("reference"), "Paths.", minItems=1)], "description": "Whom it is about."},
        "account": {**_FLAG, "description": "Whether its records are the people who sign in."},
        "clinic": {**_FLAG, "description": "Whether its records are the clinics."},
        "roster": _keys({"team": _ref("reference"), "person": _ref("reference")}, "team", "person"),
        "contact": _keys({
            key: _ref("reference", words) for key, words in (
                ("email", "A field of type email."), ("phone", "A field of type phone."), ("language", "The language of messages to her."),
                ("refuses", "A yes/no field: no contact at all."), ("refused_channels", "A field of several choices, named as channels."),
                ("marketing", "A yes/no field: she agreed to messages of the purpose marketing."),
            )
        }, minProperties=1, description="How a person is reached."),
        "task": _keys({
            "due": _ref("reference", "When it is to be done: a date or an instant."), "assignee": _ref("reference", "Who does it."),
            "label": _ref("reference", "What it is called."),
        }, "due", description="Its records are things to do."),
        "icon": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,40}$"},
        "fields": _map(_ref("field"), "The fields by name."),
        "unique": _map({"anyOf": [names, rule]}, "Combinations of values that only one record has."),
        "indexes": _map({"anyOf": [names, _keys({"fields": names, **_NAMED}, "fields")]}, "Indexes of the database."),
        "checks": _map(check, "Conditions that every saved record fulfils."),
    }


def _form() -> Schema:
    policy: Schema = {"enum": ["keep", "clear"], "description": "What becomes of the value of an item that is not shown."}
    shared = {
        **_NAMED, "field": _ref("reference"), "heading": _ref("label"), "note": _ref("label", "A text between the fields."),
        "show": _ref("expression", "When the item is shown."),
        "required": {"anyOf": [_FLAG, _ref("expression")], "description": "true, or when a value is needed."},
        "read_only": {"anyOf": [_FLAG, _ref("expression")], "description": "true, or when the value is fixed."},
        "when_hidden": policy, "help": _ref("label"), "width": {"enum": ["full", "half", "third"]},
    }
    item = _keys({
        **shared, "step": _ref("label", "Begins a page of the form."),
        "rows": _ref("reference", "Rows that link here, by the name of their inverse."),
        "items": _map(_keys(shared), "What is asked of each row."),
        "min": {"type": "integer", "minimum": 0, "maximum": 100}, "max": {"type": "integer", "minimum": 1, "maximum": 100},
        "order": _ref("reference", "The field of the rows that keeps their order."),
    })
    return {"object": _ref("reference"), "default": _FLAG, "when_hidden": policy, "items": _map(item, "What the form asks, in order.")}


def _view() -> Schema:
    column = _keys({**_NAMED, "path": _ref("reference", "A field, or links and a field with points between.")})
    return {
        "object": _ref("reference"), "kind": {"enum": ["list", "board", "calendar"], "description": "How the records are shown."},
        "default": _FLAG, "columns": _map(column, "The columns of a list in their order."),
        "card": _map(column, "What stands below the title on a card of a board or an entry of a calendar."),
        "states": _list(_ref("reference"), "The states that have a column on the board, in order.", minItems=1),
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Cards of a column that are shown at first."},
        "start": _ref("reference", "When a record begins: a date or an instant."),
        "end": _ref("reference", "When it ends: a field of the same type."),
        "minutes": _ref("reference", "How long it takes: an integer."),
        "color_by": _ref("reference", "The choice or state whose colours the entries have."),
        "filter": _ref("expression"), "sort": _list(_ref("reference"), "Fields, with - in front from high to low."),
        "filters": _list(_ref("reference"), "Fields offered as quick filters."),
    }


def _page() -> Schema:
    panel = _keys({
        **_NAMED, "kind": {"enum": sorted({kind for kinds in PANEL_KINDS.values() for kind in kinds}), "description": "What it shows."},
        "object": _ref("reference", "Whose records."), "view": _ref("reference", "Which of them, their order and columns."),
        "link": _ref("reference", "The field that leads from the rows to the record of the page."),
        "fields": _list(_ref("reference"), "Which fields.", minItems=1), "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        "side": {**_FLAG, "description": "Whether it stands in the narrow column."},
        "alert": {**_FLAG, "description": "Whether it warns at the head of the page when it has a record."},
        "mine": {**_FLAG, "description": "Whether it shows only what is mine."},
    }, "kind")
    return {
        "object": _ref("reference", "Whose records have the page; without it, it is a home page."),
        "roles": _list(_ref("reference"), "Whose home page it is.", minItems=1),
        "head": _list(_ref("reference"), "Fields that stand in the head."), "panels": _map(panel, "The panels in their order."),
    }


def _workflow() -> Schema:
    state = _keys({**_NAMED, "category": {"enum": ["open", "waiting", "done", "cancelled"]}, "color": _ref("color")})
    sources = {"anyOf": [_ref("reference"), _list(_ref("reference"), "States.", minItems=1)]}
    effect = _keys({
        **_NAMED, "if": _ref("expression", "It takes place only where this is true."),
        "do": {"enum": ["set", "create", "transition", "enrol", "assign", "notify"]},
        "on": _ref("reference", "Links with points between, to the record that it is done to; subject for the patient."),
        "values": _map(_ref("expression"), "Fields and the expressions that give their values."),
        "object": _ref("reference", "What is created."), "name": _ref("reference", "The transition that fires."),
        "plan": _ref("reference", "The plan that begins."), "message": _ref("reference", "What is told."),
        "to": _ref("expression", "Whom: for assign an expression that gives a person, for notify links to a person or patient."),
    }, "do")
    transition = _keys({
        **_NAMED, "from": sources, "to": _ref("reference"), "ask": _ref("reference", "A form filled with the transition."),
        "when": _ref("expression"), "reason": {"enum": ["none", "optional", "required"]},
        "then": _map(effect, "What follows from it by itself, in order."),
    }, "from", "to")
    timer = _keys({
        **_NAMED, "in": _ref("reference", "The state that it waits in."),
        "at": _ref("expression", "When: a date or an instant, from the record's own fields."),
        "fire": _ref("reference", "The transition that fires by itself."),
        "missed": {"enum": ["run_late", "skip", "merge"], "description": "What becomes of it when nothing ran at its time."},
    }, "in", "at", "fire")
    return {
        "field": _ref("name"), "initial": _ref("reference"), "states": _map(state, "The states by name."),
        "transitions": _map(transition, "What leads from state to state."),
        "timers": _map(timer, "What time does to records by itself."),
    }


def _role() -> Schema:
    fields = _list(_ref("reference"), "Fields.")
    shared = {**_NAMED, "object": _ref("reference"), "rows": _ref("expression"), "mask": fields, "hide": fields,
              "can": _list(_ref("reference"), f"Any of {', '.join(ACTIONS)} and transitions.")}
    return {
        "grants": _map(_keys({**shared, "show": fields}, "object", "can"), "What people of the role may do."),
        "denials": _map(_keys(shared, "object"), "What they never may, whatever is granted."),
        "system": _list({"enum": list(SYSTEM_RIGHTS)}, "Rights on the system."),
    }


def _plan() -> Schema:
    """A follow-up plan."""
    step = _keys({
        **_NAMED, "at": _ref("expression", "When it is due, e.g. anchor + days(7)."),
        "every": _ref("expression", "It comes again after each such span of time, e.g. months(6)."),
        "from": _ref("expression", "When it comes first."),
        "times": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "How often; without it until the plan ends."},
        "window": _ref("expression", "So long it may still be done, e.g. days(3)."),
        "calendar": {"enum": ["clinic_hours"], "description": "Moves it to when the clinic is open."},
        "when": _ref("expression", "It takes place only where this is true when it is due."),
        "skip_when": _ref("expression", "It is left out where this is true when it is due."),
        "create": _ref("reference", "The object of the record that it makes."), "form": _ref("reference", "What is filled to complete it."),
        "values": _map(_ref("expression"), "Fields of the new record and the expressions that give their values."),
        "message": _ref("reference", "What is told."), "to": _ref("reference", "Links to whom it is told; the patient unless said."),
        "missed": {"enum": ["run_late", "skip", "merge"], "description": "What becomes of it when nothing ran at its time."},
    })
    return {
        "subject": _ref("reference", "The object whose records it follows, e.g. patient."), "help": _ref("label"),
        "anchor": _ref("reference", "The object that begins it and the date that steps count from, e.g. treatment.started_on."),
        "enrol_when": _ref("expression", "Records for which this becomes true begin it."), "stop_when": _ref("expression", "When it ends early."),
        "running": {"enum": ["keep", "move_at_next_step", "replan"], "description": "What a new release does to plans under way."},
        "steps": _map(step, "The steps in their order."),
    }


def _scenario() -> Schema:
    """A scenario."""
    literal: Schema = {"anyOf": [
        {"type": ["string", "number", "boolean", "null"]}, {"type": "array", "items": _TEXT},
        _keys({"record": _ref("reference", "The name of a record of the scenario.")}, "record"),
    ]}
    values: Schema = {"type": "object", "additionalProperties": literal, "description": "Values by field."}
    given = _keys({
        "object": _ref("reference"), "values": values, "clinic": _ref("reference", "The given clinic that it belongs to."),
        "role": _ref("reference", "Of a person who signs in: what she is."),
    }, "object")
    when = _keys({
        "create": _ref("reference", "The object of a new record."), "record": _ref("name", "What the new record is called from here on."),
        "update": _ref("reference", "The record that changes."), "transition": _ref("reference", "The transition that is taken."),
        "enrol": _ref("reference", "The plan that begins."), "of": _ref("reference", "The record it is done to."),
        "delete": _ref("reference", "The record that goes."), "values": values, "reason": {"type": "string", "minLength": 1, "maxLength": 2000},
    })
    expected = _keys({
        "object": _ref("reference", "Records of this object."), "record": _ref("reference", "This record."),
        "message": _ref("reference", "Messages of this name."), "plan": _ref("reference", "People on this plan."),
        "where": {**values, "description": "Which of them."}, "values": {**values, "description": "What they have."},
        "to": _ref("reference", "Who got it."), "of": _ref("reference", "Which record is on it."),
        "state": {"enum": ["queued", "held", "doubtful", "sent", "failed", "refused", "active", "finished", "stopped"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 10000, "description": "How many; one unless said."},
    })
    step = _keys({
        **_NAMED, "at": {"type": "string", "minLength": 1, "description": "A day, a time, or how long after the step before, e.g. +7d."},
        "as": _ref("reference", "Who does it: a given person, or a role."), "when": {**when, "description": "What is done."},
        "refused": {"anyOf": [_FLAG, {"enum": ["any", "invalid", "forbidden", "not_found", "lost", "duplicate", "in_use"]}],
                    "description": "That it must be refused."},
        "expect": _map(expected, "What must be there afterwards, by a name that later steps may use."),
        "nothing_else": {**_FLAG, "description": "That nothing else came about by itself since the step before."},
    })
    return {
        "help": _ref("label"), "from": {"type": "string", "minLength": 1, "description": "When it begins: a day, or a day with a time."},
        "given": _map(given, "The records that are there, by name."), "steps": _map(step, "What happens, in order."),
    }


def _message() -> Schema:
    """A message."""

    def template(longest: int, description: str) -> Schema:
        text: Schema = {"type": "string", "minLength": 1, "maxLength": longest}
        by_language = {
            "type": "object", "minProperties": 1, "propertyNames": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
            "additionalProperties": text,
        }
        return {"anyOf": [text, by_language], "description": description}

    filling = _keys({
        "form": _ref("reference", "A form over the object."), "transition": _ref("reference", "Taken with the answers."),
        "days": {"type": "integer", "minimum": 1, "maximum": 90, "description": "So long the link is good; 7 unless said."},
    }, "form")
    return {
        "object": _ref("reference", "The object whose records it is about."), "help": _ref("label"),
        "channels": _list(_ref("reference"), "Channels in the order they are tried.", minItems=1),
        "subject": template(300, "The subject line, with {path} or {expression} in it."),
        "body": template(8000, "The text, with {path}, {expression} or {link} in it."),
        "purpose": {"enum": ["care", "marketing"], "description": "What it is for; care unless said."},
        "urgent": {**_FLAG, "description": "Whether quiet hours do not hold it back."},
        "link": {"anyOf": [_ref("reference"), filling], "description": "The form that the recipient fills by the address {link}."},
        "show": _list(_ref("reference"), "Restricted fields that a patient may be told."),
    }


_VALUE_TYPES = ("boolean", "integer", "decimal", "text", "date", "datetime", "time", "choice")


def _table_input() -> Schema:
    """An argument with its type, or over an object an expression."""
    return _keys({
        **_NAMED, "type": {"enum": [*_VALUE_TYPES, "choices", "link"], "description": "What it holds."},
        "of": _ref("reference", "The choice set, or <object>.<field> for the options of a field."), "to": _ref("reference", "The object of a link."),
        "places": {"type": "integer", "minimum": 0, "maximum": 10}, "min": {"type": ["number", "string"]}, "max": {"type": ["number", "string"]},
        "value": _ref("expression", "Over an object: what it reads of the record."), "help": _ref("label"),
    })


def _decision() -> Schema:
    """A decision table."""
    scalar: Schema = {"type": ["string", "number", "boolean"]}
    cell = {"anyOf": [scalar, _list(scalar, "Several cells, one of which must fit.", minItems=1)]}
    value = {"anyOf": [{"type": ["string", "number", "boolean", "null"]}, _keys({"value": _ref("expression", "Computes it.")}, "value")]}
    values = {"anyOf": [{"type": ["string", "number", "boolean", "null"]},
                        {"type": "object", "additionalProperties": value, "minProperties": 1}]}
    rule = _keys({
        **_NAMED, "when": {"type": "object", "additionalProperties": cell, "description": "A cell by input: > 7, 18..65, in [...], a value, -."},
        "if": _ref("expression", "A condition besides the cells."), "then": values, "help": _ref("label"),
    }, "then")
    output = _keys({
        **_NAMED, "type": {"enum": list(_VALUE_TYPES), "description": "What it gives."}, "of": _ref("reference", "The choice set."),
        "places": {"type": "integer", "minimum": 0, "maximum": 10}, "order": _list(scalar, "Its values, the most important first."),
    }, "type")
    return {
        "on": _ref("reference", "The object whose records it reads, instead of arguments."), "help": _ref("label"),
        "inputs": _map(_table_input(), "The inputs in the order of the arguments."), "outputs": _map(output, "The outputs.", minProperties=1),
        "hit": {"enum": ["unique", "any", "first", "priority", "collect sum", "collect min", "collect max", "collect count"],
                "description": "What counts when several rules match."},
        "rules": _map(rule, "The rules in their order."), "default": {**values, "description": "What it gives when no rule matches."},
    }


def _score() -> Schema:
    """A score."""
    points = {"anyOf": [{"type": "integer", "minimum": -10_000, "maximum": 10_000}, {
        "type": "object", "minProperties": 1, "additionalProperties": {"type": "integer", "minimum": -10_000, "maximum": 10_000},
        "description": "Points by answer.",
    }]}
    item = _keys({**_NAMED, "input": _ref("reference", "What is asked, if it has another name."), "if": _ref("expression"), "points": points,
                  "help": _ref("label")}, "points")
    band = {"anyOf": [{"type": ["string", "integer"]}, _keys({**_NAMED, "range": {"type": ["string", "integer"]}, "help": _ref("label")}, "range")]}
    return {
        "on": _ref("reference", "The object whose records it reads, instead of arguments."), "help": _ref("label"),
        "inputs": _map(_table_input(), "The inputs in the order of the arguments."), "items": _map(item, "The items."),
        "missing": {"anyOf": [{"enum": ["unknown", "zero"]}, _keys({"at_least": {"type": "integer", "minimum": 1}}, "at_least")],
                    "description": "What a missing answer does."},
        "of": _ref("reference", "The choice set whose options the bands are."), "bands": _map(band, "Points by band: 0..6, >= 7."),
    }


def _dataset() -> Schema:
    record = _keys({"record": _ref("reference", "<data set>.<record>")}, "record")
    value = {"anyOf": [{"type": ["string", "number", "boolean", "null"]}, {"type": "array", "items": _TEXT}, record]}
    return {
        "object": _ref("reference"), "key": _list(_ref("reference"), "Fields by which a record is found again.", minItems=1),
        "upgrade": {"enum": ["keep", "fill", "replace"]},
        "records": _map({"type": "object", "additionalProperties": value}, "The records by name."),
    }


def schemas(registry: Registry) -> dict[str, Schema]:
    """The schemas by kind: pack, organisation, object, choices, form, view, workflow, page, decision, score, role, data."""
    fields = _field_defs(registry)
    return {
        "pack": _document("pack", {}, _keys({
            "name": _ref("name"), "version": {"type": ["string", "number"], "pattern": "^[0-9]+(\\.[0-9]+){0,3}$"},
            "language": {"type": "integer"}, "label": _ref("label"), "help": _ref("label"),
            "requires": _map({"type": ["string", "number"]}, "Pack name: version specification."),
        }, "name", "version", "language")),
        "organisation": _document("organisation", {}, _keys({
            "name": _ref("name"), "label": _ref("label"), "packs": _list(_ref("name"), "Packs, the lowest layer first.", minItems=1),
            "timezone": _TEXT, "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "languages": _list({"enum": ["zh", "en"]}, "Languages of the screens.", minItems=1),
            "holidays": _list(_TEXT, "Days of the week that are not worked."),
            "make_up_days": _list(_TEXT, "Days of a weekend that are worked."),
            "hours": {"type": "object", "propertyNames": {"type": "string", "pattern": _DAYS}, "additionalProperties": _TEXT,
                      "description": "When the clinics are open, e.g. {mon-fri: 08:30-17:30}."},
            "quiet_hours": {**_TEXT, "description": "When messages that are not urgent wait, e.g. 21:00-08:00."},
        }, "name", "packs")),
        "object": _kind("object", _object(), ["fields"], fields),
        "choices": _kind("choices", {"options": _ref("options")}, ["options"]),
        "form": _kind("form", _form(), ["object", "items"]),
        "view": _kind("view", _view(), ["object"]),
        "page": _kind("page", _page(), ["panels"]),
        "workflow": _kind("workflow", _workflow(), ["field", "initial", "states", "transitions"], name_key="object"),
        "decision": _kind("decision", _decision(), ["outputs", "rules"]),
        "score": _kind("score", _score(), ["items"]),
        "message": _kind("message", _message(), ["object", "channels", "subject", "body"]),
        "plan": _kind("plan", _plan(), ["subject", "anchor", "steps"]),
        "scenario": _kind("scenario", _scenario(), ["from", "steps"]),
        "role": _kind("role", _role(), []),
        "data": _kind("data", _dataset(), ["object", "key", "records"]),
    }


def _kind(kind: str, properties: Schema, required: list[str], defs: Mapping[str, Schema] | None = None, name_key: str = "name") -> Schema:
    """A kind that may be written whole, or as a change of another pack's definition with `extend`."""
    name = _ref("name") if name_key == "name" else _ref("reference")
    whole = _keys({name_key: name, "label": _ref("label"), **_IDENTITY, **properties}, name_key, *required)
    change = {key: value for key, value in properties.items() if key != "object"}
    changes = _keys({"extend": _ref("reference", "<pack>:<name> of what is changed."), "label": _ref("label"),
                     "hidden": _FLAG, **change}, "extend")
    known = {**_DEFS, **(defs or {}), "whole": whole}
    known.update(_changing(known, {"change": changes}))
    return _document(kind, known, {
        "type": "object", "if": {"required": ["extend"]}, "then": _ref("change"), "else": _ref("whole"),
    })


def _document(kind: str, defs: Mapping[str, Schema], body: Schema) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:carework:language:1:{kind}",
        "title": f"Carework {kind}", "x-files": _files(kind), **body, "$defs": dict(defs or _DEFS),
    }


def _files(kind: str) -> list[str]:
    """Which files an editor checks with the schema, as patterns of paths."""
    stems = [f"{folder.folder}/*" for folder in KINDS.values() if folder.schema == kind] or [kind]
    return [f"**/{stem}{ending}" for stem in stems for ending in (".yaml", ".yml")]


def _changing(known: Mapping[str, Schema], roots: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions as a change writes them: nothing is required below the first level, a field may leave out its type."""
    found: dict[str, Schema] = {}

    def lenient(schema: Any, top: bool) -> Any:
        if isinstance(schema, list):
            return [lenient(item, False) for item in schema]
        if not isinstance(schema, dict):
            return schema
        made = {key: lenient(value, False) for key, value in schema.items() if top or key != "required"}
        target = str(made.get("$ref", "")).removeprefix("#/$defs/")
        if target:
            made["$ref"] = f"#/$defs/{'field.any' if target == 'field' else target}"
        return made

    for name, schema in roots.items():
        found[name] = lenient(copy.deepcopy(schema), True)
    assert known
    return found


def as_text(schema: Schema) -> str:
    """The file in `definitions/schemas`."""
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
