"""Broken messages, contacts and quiet hours: code and files, each with one mark (see `broken.py`)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MESSAGES"]

_VISIT = {"objects/visit.yaml": """name: visit
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  n: {type: integer}
  secret: {type: text, restricted: true}
  file: {type: attachment}
""", "forms/ask.yaml": "name: ask\nobject: visit\nitems: {n: {}}\n", "forms/other.yaml": "name: other\nobject: visit\nitems: {n: {}, patient: {}}\n",
    "forms/upload.yaml": "name: upload\nobject: visit\nitems: {file: {}}\n",
    "forms/must.yaml": "name: must\nobject: visit\nitems: {n: {}, file: {required: true}}\n",
    "forms/of_patient.yaml": "name: of_patient\nobject: patient\nitems: {name: {}}\n",
    "workflows/visit.yaml": "object: visit\nfield: status\ninitial: a\nstates: {a: {}, b: {}, c: {}}\n"
                            "transitions: {go: {from: a, to: b, ask: ask}, why: {from: b, to: c, reason: required}}\n"}


def _message(body: str = "Hello", channels: str = "[email]", more: str = "") -> dict[str, str]:
    text = f"name: told\nobject: visit\nchannels: {channels}\nsubject: Hello\nbody:\n  en: {body}\n{more}"
    return {**_VISIT, "messages/told.yaml": text}


def _contact(contact: str) -> dict[str, str]:
    return {"objects/person.yaml": f"""name: person
belongs_to: organisation
contact: {{{contact}}}
fields:
  mail: {{type: email}}
  note: {{type: text}}
  none: {{type: boolean, formula: note == null}}
"""}


MESSAGES: list[tuple[str, Mapping[str, str]]] = [
    ("MESSAGE-002", _message(channels="[email, «emial]")),
    ("MESSAGE-003", _message("Hello {«patient.phone}")),
    ("MESSAGE-003", _message("Hello {«secret}", more="show: [patient.phone]\n")),
    ("MESSAGE-003", _message("Hello {«secret == null}", channels="[inbox, email]")),
    ("MESSAGE-003", {**_message("Hello {«other}"), "objects/other.yaml": "name: other\ntitle: '{s}'\nfields: {s: {type: text, restricted: true}}\n",
                     "objects/visit.yaml": _VISIT["objects/visit.yaml"] + "  other: {type: link, to: other}\n"}),
    ("MESSAGE-004", _message("Hello {«user.name}")),
    ("MESSAGE-004", _message("Hello {«link}")),
    ("MESSAGE-005", _message("«Hello", more="link: ask\n")),
    ("MESSAGE-006", _message("At {link}", more="link: «of_patient\n")),
    ("MESSAGE-006", _message("At {link}", more="link: «upload\n")),
    ("MESSAGE-006", _message("At {link}", more="link: {form: «must}\n")),
    ("MESSAGE-006", {**_message("At {link}", more="link: «curious\n"), "forms/curious.yaml":
                     "name: curious\nobject: visit\nitems: {n: {show: secret != 'x'}}\n"}),
    ("MESSAGE-007", _message("At {link}", more="link: {form: ask, transition: «went}\n")),
    ("MESSAGE-007", _message("At {link}", more="link: {form: ask, transition: «why}\n")),
    ("MESSAGE-007", _message("At {link}", more="link: {form: other, transition: «go}\n")),
    ("MESSAGE-008", _contact("email: «note")),
    ("MESSAGE-008", _contact("email: mail, refuses: «none")),
    ("FORM-004", _message("At {link}", more="link: «asked\n")),
    ("EXPR-002", _message("Hello {«nobody}")),
    ("OBJECT-006", _message("Hello «{n")),
    ("MESSAGE-009", {"organisation.yaml": "name: o\npacks: [base, test]\nquiet_hours: «from 21:00\n",
                     "choices/a.yaml": "name: a\noptions: {b: {}}\n"}),
]
