"""Builds real Models out of files written in a test: `model_of({path: text})`."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Model
from engine.problems import Problem
from engine.text import Checked, check, read_bytes
from engine.text.kinds import KINDS

__all__ = ["BASE", "checked_of", "files_of", "model_of", "problems_of"]

BASE: Mapping[str, str] = {
    "base/pack.yaml": "name: base\nversion: 1.0.0\nlanguage: 1\nlabel: Base\n",
    "base/objects/clinic.yaml": """
name: clinic
label: {en: Clinic, zh: 诊所}
title: "{name}"
belongs_to: organisation
clinic: true
fields:
  name: {type: text, required: true, max: 60}
""",
    "base/objects/staff.yaml": """
name: staff
label: {en: Staff member, zh: 员工}
title: "{name}"
belongs_to: organisation
account: true
fields:
  name: {type: text, required: true, max: 60}
""",
    "base/objects/team.yaml": """
name: team
label: {en: Team, zh: 小组}
title: "{name}"
belongs_to: clinic
fields:
  name: {type: text, required: true, max: 60}
""",
    "base/objects/team_member.yaml": """
name: team_member
title: "{person.name}"
belongs_to: {via: team}
roster: {team: team, person: person}
fields:
  team: {type: link, to: team, required: true}
  person: {type: link, to: staff, required: true}
""",
    "base/choices/sex.yaml": """
name: sex
label: {en: Sex, zh: 性别}
options:
  male: {label: {en: Male, zh: 男}}
  female: {label: {en: Female, zh: 女}}
""",
    "base/objects/patient.yaml": """
name: patient
label: {en: Patient, zh: 患者}
title: "{name}"
belongs_to: clinics
subject: self
fields:
  name: {type: text, required: true, max: 60, label: {en: Name, zh: 姓名}}
  sex: {type: choice, of: sex, label: {en: Sex, zh: 性别}}
  birth_date: {type: date}
  phone: {type: phone, label: {en: Phone, zh: 电话}}
  id_number: {type: id_number}
  doctor: {type: link, to: staff, on_delete: clear}
  team: {type: link, to: team, on_delete: clear}
""",
}
"""A pack like core, as small as tests need it: clinic, staff, team with its members, patient."""


def files_of(files: Mapping[str, str | bytes], base: bool = True) -> dict[str, bytes]:
    """Paths of a release → bytes. `objects/x.yaml` stands in the pack `test`, which is added and requires `base`."""
    found = {path: text.encode() for path, text in BASE.items()} if base else {}
    for path, text in files.items():
        inside = path.split("/")[0] in KINDS or path in ("pack.yaml", "pack.json")
        found[f"test/{path}" if inside else path] = text.encode() if isinstance(text, str) else text
    if any(path.startswith("test/") for path in found) and "test/pack.json" not in found:
        requires = "requires: {base: '>=1.0'}\n" if base else ""
        found.setdefault("test/pack.yaml", f"name: test\nversion: 1.0.0\nlanguage: 1\nlabel: Test\n{requires}".encode())
    return found


def checked_of(files: Mapping[str, str | bytes], base: bool = True) -> Checked:
    return check(read_bytes(files_of(files, base)))


def problems_of(files: Mapping[str, str | bytes], base: bool = True) -> list[Problem]:
    """Every problem, in the order of places."""
    return list(checked_of(files, base).problems)


def model_of(files: Mapping[str, str | bytes], base: bool = True) -> Model:
    """The Model; fails with every problem when there is one. Pass `base=False` for files that stand alone."""
    checked = checked_of(files, base)
    assert checked.model is not None, "\n".join(str(problem) for problem in checked.problems)
    return checked.model
