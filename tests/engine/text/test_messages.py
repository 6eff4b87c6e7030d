"""Messages as part of packs: what a text may read, how layers change it, how a release tells of it.

1. Restricted fields of child rows, behind links and in titles of links count; 'show' names them, the inbox needs no name.
2. A later layer changes a text, adds a language and hides a message; a renamed one keeps its id, a retired one is gone from the Model.
3. A plan names the message that changes.
4. Quiet hours and contacts come into the Model.
"""

from __future__ import annotations

import datetime

import pytest

from engine.model import Contact, Hole
from engine.targets.diff import diff
from engine.targets.layout import Layout
from engine.targets.operations import ChangeElement
from tests.builders import model_of, problems_of

VISIT = """
name: visit
title: "{secret}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true, inverse: visits}
  parent: {type: link, to: visit}
  n: {type: integer}
  secret: {type: text, restricted: true}
"""
FORM = "name: ask\nobject: visit\nitems: {n: {}}\n"


def _told(body: str, channels: str = "[email]", more: str = "", over: str = "visit") -> dict[str, str]:
    text = f"name: told\nlabel: {{en: Told}}\nobject: {over}\nchannels: {channels}\nsubject: {{en: Hi, zh: 您好}}\nbody: {{en: \"{body}\"}}\n{more}"
    return {"objects/visit.yaml": VISIT, "forms/ask.yaml": FORM, "messages/told.yaml": text}


@pytest.mark.parametrize(("files", "codes"), [
    (_told("{n} {patient.name}"), []),
    (_told("{parent}"), ["MESSAGE-003"]),
    (_told("{parent}", more="show: [parent.secret]\n"), []),
    (_told("{parent.parent.secret}", "[inbox]"), []),
    (_told("{visits.count(v, v.secret == 'x')}", over="patient"), ["MESSAGE-003"]),
    (_told("{visits.count(v, v.n > 1)}", over="patient"), []),
    (_told("{has(phone) ? 1 : 2}", over="patient"), ["MESSAGE-003"]),
    (_told("{has(phone) ? 1 : 2}", over="patient", more="show: [phone]\n"), []),
])
def test_what_a_text_may_read(files: dict[str, str], codes: list[str]) -> None:
    """Requirement 1."""
    assert [problem.code.code for problem in problems_of(files) if not problem.warning] == codes


COMPUTED = """\
  again: {type: text, formula: secret}
  more: {type: text, formula: again}
  above: {type: text, formula: parent.again}
  twice: {type: integer, formula: n + n}
  known: {type: integer, formula: "visits.count(v, v.secret == 'x')"}
  visit: {type: link, to: visit, inverse: visits}
"""


@pytest.mark.parametrize(("body", "more", "codes"), [
    ("{twice}", "", []),
    *((f"{{{name}}}", "", ["MESSAGE-003"]) for name in ("again", "more", "above", "known", "parent.more")),
    ("{more} {above}", "show: [secret, parent.again]\n", []),
    ("{more} {above}", "show: [secret]\n", ["MESSAGE-003"]),
])
def test_what_formulas_read(body: str, more: str, codes: list[str]) -> None:
    """Requirement 1 (A-10): what is computed of a restricted field is no more for a patient than the field."""
    files = _told(body, more=more)
    files["objects/visit.yaml"] += COMPUTED
    assert [problem.code.code for problem in problems_of(files) if not problem.warning] == codes
    assert problems_of({**files, **_told(body, "[inbox]"), "objects/visit.yaml": VISIT + COMPUTED}) == []


LAYER = {"over/pack.yaml": "name: over\nversion: 1.0.0\nlanguage: 1\nrequires: {test: '>=1.0'}\n"}


def test_layers() -> None:
    """Requirement 2."""
    files = {**_told("Old {n}"), **LAYER, "over/messages/told.yaml": "extend: test:told\nbody: {en: 'New {n}', zh: '新 {n}'}\nurgent: true\n"}
    message = model_of(files).messages["told"]
    assert {language: template.text for language, template in message.body.items()} == {"en": "New {n}", "zh": "新 {n}"}
    assert (message.urgent, message.id, message.channels) == (True, "test:told", ("email",))
    hidden = model_of({**_told("Old {n}"), **LAYER, "over/messages/told.yaml": "extend: test:told\nhidden: true\n"})
    assert hidden.messages == {}
    renamed = model_of({**_told("x"), "messages/told.yaml": _told("x")["messages/told.yaml"].replace("name: told", "name: said\nwas: [told]")})
    assert [message.id for message in renamed.messages.values()] == ["test:told"]
    retired = model_of({**_told("x"), "messages/told.yaml": _told("x")["messages/told.yaml"] + "retired: true\n"})
    assert (retired.messages, "message test:told" in retired.retired) == ({}, True)


def test_a_plan_names_the_message() -> None:
    """Requirement 3."""
    before, after, renamed = (model_of(files) for files in (
        _told("Old {n}"), _told("New {n}"), {**_told("Old {m}"), "objects/visit.yaml": VISIT.replace("n: {", "m: {was: [n], "),
                                             "forms/ask.yaml": FORM.replace("n: {}", "m: {}")}))
    layout = Layout().extend(before)
    changes = [op for op in diff(before, layout, after).operations if isinstance(op, ChangeElement)]
    assert ["told" in str(op) for op in changes] == [True]
    assert not diff(before, layout, before).operations
    assert renamed.messages["told"].id == "test:told"


def test_links_and_settings() -> None:
    """Requirement 4."""
    organisation = "name: o\npacks: [base, test]\nquiet_hours: \"21:00-08:00\"\n"
    files = _told("Go to {link}", more="link: {form: ask, days: 3}\n")
    person = "name: person\nbelongs_to: organisation\ncontact: {email: mail}\nfields: {mail: {type: email}}\n"
    model = model_of({**files, "organisation.yaml": organisation, "objects/person.yaml": person})
    assert model.organisation.quiet_hours == (datetime.time(21), datetime.time(8))
    assert model.objects["person"].contact == Contact(email="mail")
    message = model.messages["told"]
    assert message.body["en"].parts == ("Go to ", Hole.LINK)
    assert (message.link, message.filling and message.filling.days) == ("ask", 3)
