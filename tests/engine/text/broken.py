"""One broken pack or more for each problem code.

In a file, `«` stands right before the character at which the problem is to be reported; it is taken out before the check.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping

import yaml

from engine.text.scalars import resolve
from tests.engine.text.broken_automation import AUTOMATION
from tests.engine.text.broken_messages import MESSAGES
from tests.engine.text.broken_pages import PAGES
from tests.engine.text.broken_plans import PLANS
from tests.engine.text.broken_scenarios import SCENARIOS
from tests.engine.text.broken_tables import TABLES

__all__ = ["CASES", "Case", "as_json", "marked"]


@dataclasses.dataclass(frozen=True)
class Case:
    """Files with one mark and the code expected there. `yaml_only` for what only YAML can say or where no scalar is marked."""

    code: str
    files: Mapping[str, str]
    yaml_only: bool = False
    base: bool = True

    @property
    def name(self) -> str:
        return f"{self.code} {'+'.join(self.files)}"


def marked(files: Mapping[str, str]) -> tuple[dict[str, str], str, int, int]:
    """The files without the mark, and its file, line and column."""
    path, text = next((path, text) for path, text in files.items() if "«" in text)
    before = text[: text.index("«")]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return {p: t.replace("«", "") for p, t in files.items()}, path, line, column


def as_json(files: Mapping[str, str]) -> dict[str, str]:
    """The same files as JSON, with the mark before the same key or value, or within the same text."""
    found = {}
    for path, text in files.items():
        # BaseLoader keeps every scalar as text; `resolve` then reads plain ones as the compiler does.
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        found[re.sub(r"yaml$", "json", path)] = _dump(node, 0)
    return found


def _dump(node: yaml.Node, depth: int) -> str:
    space = "  " * (depth + 1)
    if isinstance(node, yaml.MappingNode):
        lines = [f"{space}{_text(key.value)}: {_dump(value, depth + 1)}" for key, value in node.value]
        return "{\n" + ",\n".join(lines) + f"\n{'  ' * depth}}}" if lines else "{}"
    if isinstance(node, yaml.SequenceNode):
        return "[" + ", ".join(_dump(item, depth + 1) for item in node.value) + "]"
    if node.style or not node.value:
        return _text(node.value) if node.style else "null"
    mark, value = ("«", node.value[1:]) if node.value.startswith("«") else ("", node.value)
    if mark and value[0] in "'\"":
        return _text(mark + yaml.compose(value, Loader=yaml.CSafeLoader).value)
    return _text(node.value) if isinstance(resolve(value), str) else mark + json.dumps(resolve(value), default=str)


def _text(value: str) -> str:
    mark, value = ("«", value[1:]) if value.startswith("«") else ("", value)
    return mark + json.dumps(value, ensure_ascii=False)


def _object(fields: str, name: str = "visit", more: str = "") -> dict[str, str]:
    return {f"objects/{name}.yaml": f"name: {name}\n{more}fields:\n{fields}"}


def _with(fields: str, **files: str) -> dict[str, str]:
    """An object `visit` with fields, and other files by `<folder>_<name>`."""
    return {**_object(fields), **{path.replace("__", "/") + ".yaml": text for path, text in files.items()}}


_PART = "name: part\nfields:\n  visit: {type: link, to: visit, inverse: parts}\n  word: {type: text}\n"
_A = "  a: {type: text}\n"
_FLOW = (
    "object: visit\nfield: status\ninitial: {initial}\nstates: {{new: {{}}, done: {{}}}}\n"
    "transitions: {{finish: {{from: new, to: {to}}}}}\n"
)
_RULED = "  a: {type: text}\n  n: {type: integer}\n  m: {type: choice, options: {x: {was: [w]}, y: {}}}\n"


def _wide(name: str, read: str) -> str:
    """A formula that reads another forty times."""
    return f"  {name}:\n    type: integer\n    formula: min({', '.join([read] * 40)})\n"


def _rule(expression: str, fields: str = _RULED) -> dict[str, str]:
    return _object(fields + f"  f: {{type: boolean, formula: '{expression}'}}\n")


def _text_case(code: str, text: str, kind: str = "choices/x.yaml") -> Case:
    return Case(code, {kind: text}, yaml_only=True)


CASES = [
    # Characters and YAML
    _text_case("TEXT-001", "name: x\noptions: {a: {}\n«label: y: z\n"),
    _text_case("TEXT-002", '{"name": "x",\n "options": {"a": 1,«}}', "choices/x.json"),
    _text_case("TEXT-005", "name: x\nlabel: a«\x00b\noptions: {a: {}}\n"),
    _text_case("TEXT-005", '{"name": «"\\ud800"}', "choices/x.json"),
    _text_case("TEXT-006", "name: x\noptions:\n«\ta: {}\n"),
    _text_case("TEXT-007", "name: x\noptions: {a: «&here {}}\n"),
    _text_case("TEXT-008", "name: x\noptions: {a: «*here}\n"),
    _text_case("TEXT-009", "name: «!!python/object/apply:os.system x\noptions: {a: {}}\n"),
    _text_case("TEXT-010", "name: x\noptions:\n  «<<: {a: {}}\n  b: {}\n"),
    _text_case("TEXT-011", "name: x\noptions: {a: {}}\n«name: y\n"),
    _text_case("TEXT-011", '{"name": "x", "options": {"a": {}, «"a": {}}}', "choices/x.json"),
    _text_case("TEXT-012", "name: x\noptions: {a: {}}\n«---\nname: y\n"),
    _text_case("TEXT-013", "name: x\noptions: " + "[" * 31 + "«" + "[" * 569 + "]" * 600 + "\n"),
    _text_case("TEXT-013", '{"options": ' + "[" * 31 + "«" + "[" * 569 + "]" * 600 + "}", "choices/x.json"),
    _text_case("TEXT-013", "".join(f"{' ' * n}{'«' if n == 32 else ''}a{n}:\n" for n in range(600))),
    _text_case("TEXT-014", "name: x\noptions: [" + "0," * 119_995 + "«0,0,0]\n"),
    _text_case("TEXT-015", "name: x\noptions: {a: {retired: «.inf}}\n"),
    _text_case("TEXT-015", "name: x\noptions: {a: {retired: «1e999999999}}\n"),
    _text_case("TEXT-015", '{"name": "x", "options": «NaN}', "choices/x.json"),
    _text_case("TEXT-016", "name: x\noptions: {«[a]: {}}\n"),
    _text_case("TEXT-017", "«# nothing\n"),
    _text_case("TEXT-017", "«", "choices/x.json"),
    _text_case("TEXT-018", "«%YAML 1.1\n---\nname: x\noptions: {a: {}}\n"),
    Case("FILE-007", {"choices/x.yaml": "«# " + "x" * 1_000_000}, yaml_only=True),
    Case("FILE-008", {"test/visit.yaml": "«name: x\n"}, yaml_only=True),
    # Keys and values
    Case("SHAPE-001", _object("  a: {type: text, «mx: 5}\n")),
    Case("SHAPE-001", {"choices/x.yaml": "name: x\n«option: {a: {}}\noptions: {a: {}}\n"}),
    Case("SHAPE-002", _object("  a: {type: text, max: «many}\n")),
    Case("SHAPE-002", {"choices/x.yaml": "name: «5\noptions: {a: {}}\n"}),
    Case("SHAPE-003", {"roles/r.yaml": "name: r\ngrants:\n  «g: {object: patient}\n"}),
    Case("SHAPE-004", {"roles/r.yaml": "name: r\nsystem: [«desing]\n"}),
    Case("SHAPE-005", _object("  a: {type: text, max: «0}\n")),
    Case("SHAPE-006", _object("  a: {type: attachment, accept: «[]}\n"), yaml_only=True),
    Case("SHAPE-007", _object(_A, more="icon: «Big_Icon\n")),
    Case("SHAPE-008", {"roles/r.yaml": "name: r\nsystem: [design, «design]\n"}),
    Case("SHAPE-009", {"objects/p.yaml": "extend: base:patient\n«name: p\n"}),
    # Names and layers
    Case("NAME-001", _object("  «Big: {type: text}\n")),
    Case("NAME-001", _object("  «名: {type: text}\n")),
    Case("NAME-001", _object("  «__proto__: {type: text}\n")),
    Case("NAME-002", _object("  «clinic_id: {type: text}\n")),
    Case("NAME-002", _object("  «in: {type: text}\n")),
    Case("NAME-002", {"choices/x.yaml": "name: «x__\noptions: {a: {}}\n"}),
    Case("NAME-003", {"objects/patient.yaml": "name: «patient\nfields: {a: {type: text}}\n"}),
    Case("NAME-003", {"objects/patient.yaml": "extend: base:patient\nfields: {«name: {type: text}}\n"}),
    Case("NAME-004", {"choices/a.yaml": "name: a\noptions: {x: {}}\n", "choices/b.yaml": "name: «a\noptions: {x: {}}\n"}),
    Case("NAME-005", _object("  mobile: {type: text, was: [phone]}\n  «phone: {type: text}\n")),
    Case("NAME-006", _object("  a: {type: text, id: «'base:patient.a'}\n")),
    Case("NAME-007", {"objects/patient.yaml": "extend: base:patient\nfields: {name: {«was: [title]}}\n"}),
    Case("NAME-007", {"objects/patient.yaml": "extend: base:patient\nfields: {name: {«retired: true}}\n"}),
    Case("NAME-008", _object("  a: {type: text, was: [b]}\n", more="unique: {u: [«b]}\n")),
    Case("NAME-008", _object("  a: {type: text, was: [b]}\n", more="title: '{«b}'\n")),
    Case("NAME-009", _object("  a: {type: text, after: «b}\n")),
    Case("NAME-010", _object("  x: {type: text}\n  a: {type: text, after: «b}\n  b: {type: text, after: a}\n")),
    Case("NAME-011", _object("  a: {type: text, retired: true}\n  b: {type: text}\n", more="indexes: {i: [«a]}\n")),
    # Packs
    Case("PACK-001", {"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nrequires: {bsae: «'>=1.0'}\n"}),
    Case("PACK-002", {"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nrequires: {base: «'>=2.0'}\n"}),
    Case("PACK-003", {"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nrequires: {other: '>=1.0'}\n",
                      "other/pack.yaml": "name: other\nversion: 1.0.0\nlanguage: 1\nrequires: {test: «'>=1.0'}\n"}),
    Case("PACK-004", {"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nrequires: {base: «latest}\n"}),
    Case("PACK-005", {"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: «2\n"}),
    Case("PACK-006", {"pack.yaml": "name: «other\nversion: 1.0.0\nlanguage: 1\n"}),
    Case("PACK-007", {"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\n",
                      "objects/p.yaml": "extend: «'base:patient'\n"}),
    Case("PACK-008", {"organisation.yaml": "name: o\npacks: [test, base]\n",
                      "pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nrequires: {base: «'>=1.0'}\n"}),
    Case("PACK-009", {"objects/p.yaml": "extend: «'base:pateint'\n"}),
    Case("PACK-010", {"organisation.yaml": "name: o\npacks: [test]\n",
                      "pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nrequires: {base: «'>=1.0'}\n"}),
    Case("PACK-013", {"organisation.yaml": "name: o\npacks: [base]\nholidays: [2026-10-01, «2026-10-32]\n"}),
    Case("PACK-011", {"organisation.yaml": "name: o\npacks: [base]\ntimezone: «Asia/Shangai\n"}),
    Case("PACK-012", {"organisation.yaml": "name: o\npacks: [base]\ncountry: «XX\n"}),
    # Objects
    Case("OBJECT-001", _object("  a: {type: link, to: «pateint}\n")),
    Case("OBJECT-002", _object(_A, more="account: «true\n")),
    Case("OBJECT-003", _object(_A, more="belongs_to: {via: «a}\n")),
    Case("OBJECT-004", {"objects/a.yaml": "name: a\nbelongs_to: {via: «b}\nfields: {b: {type: link, to: b}}\n",
                        "objects/b.yaml": "name: b\nbelongs_to: {via: a}\nfields: {a: {type: link, to: a}}\n"}),
    Case("OBJECT-005", _object("  who: {type: link, to: staff}\n", more="subject: «who\n")),
    Case("OBJECT-006", _object(_A, more="title: 'Visit «{a'\n")),
    Case("OBJECT-007", {"objects/a.yaml": "name: a\ntitle: «'{b}'\nfields: {b: {type: link, to: b}}\n",
                        "objects/b.yaml": "name: b\ntitle: '{a}'\nfields: {a: {type: link, to: a}}\n"}),
    Case("OBJECT-008", _object("  who: {type: link, to: patient}\n  team: {type: link, to: team}\n",
                               more="roster: {team: team, person: «who}\n")),
    Case("OBJECT-009", _object("  a: {type: text, max: 400}\n", more="indexes: {u: [«a]}\n")),
    Case("OBJECT-009", _object("  a: {type: text}\n  b: {type: text, formula: a}\n", more="unique: {u: [a, «b]}\n")),
    Case("OBJECT-010", _object(_A, more="belongs_to: organisation\nunique: {u: {fields: [a], scope: «clinic}}\n")),
    Case("OBJECT-011", {"objects/a.yaml": "name: «a\nfields: {}\n"}),
    Case("OBJECT-008", _object(_A, more="roster: {team: «a, person: a}\n")),
    # Fields
    Case("FIELD-001", {**_object(_A), "views/v.yaml": "name: v\nobject: visit\ncolumns: {c: {path: «b}}\n"}),
    Case("FIELD-002", _object("  phone: {type: «phonee}\n")),
    Case("FIELD-003", _object("  «a: {label: A}\n")),
    Case("FIELD-004", _object("  a: {type: integer, min: «5, max: 1}\n")),
    Case("FIELD-004", _object("  a: {type: sequence, pattern: «P-abc}\n")),
    Case("FIELD-005", _object("  a: {type: integer, max: 3, default: «5}\n")),
    Case("FIELD-006", _object("  a: {type: integer, formula: '1 + 1', «required: true}\n")),
    Case("FIELD-007", _object("  a: {type: integer, formula: «b + 1}\n  b: {type: integer, formula: 'a + 1'}\n")),
    Case("FIELD-008", {**_object(_A), "views/v.yaml": "name: v\nobject: visit\ncolumns: {c: {path: «a.b}}\n"}),
    Case("FIELD-009", {**_object("  up: {type: link, to: visit}\n"),
                       "views/v.yaml": "name: v\nobject: visit\ncolumns: {c: {path: «up.up.up.up.up.up}}\n"}),
    Case("FIELD-010", _object("  a: {type: sequence, pattern: 'V-{0000}', «default: x}\n")),
    Case("FIELD-011", _object("  a: {type: link, to: staff, required: true, on_delete: «clear}\n")),
    Case("FIELD-013", {"objects/visit.yaml": "name: visit\nbelongs_to: {via: who}\nfields:\n"
                       "  a: {type: text}\n  who: {type: link, to: patient, on_delete: «clear}\n"}),
    Case("FIELD-012", _object("  «a: {type: state}\n")),
    Case("FIELD-010", _object("  a: {type: sequence, pattern: 'V-{0000}', «default: {formula: '\"x\"'}}\n")),
    Case("FIELD-017", _object("  a: {type: text}\n  b: {type: text, default: {formula: «a}}\n")),
    Case("EXPR-016", _object("  b: {type: date, default: {formula: '«1 + 1'}}\n")),
    Case("FIELD-014", _object("  a: {type: integer, «stored: true}\n")),
    Case("FIELD-015", _object("  a: {type: date}\n  b: {type: boolean, formula: «a < today, stored: true}\n")),
    Case("EXPR-018", _object("  up: {type: link, to: visit, inverse: parts}\n"
                             "  a: {type: boolean, formula: 'parts.exists(p, parts.«exists(q, true))'}\n")),
    Case("FIELD-016", _object("  a: {type: link, to: patient, inverse: «name}\n")),
    Case("CHOICE-001", _object("  a: {type: choice, of: «sexx}\n")),
    Case("CHOICE-002", {"choices/x.yaml": "name: «x\noptions: {}\n"}),
    # Forms and lists
    Case("FORM-001", {**_object(_A), "forms/a.yaml": "name: a\nobject: visit\ndefault: true\nitems: {a: {}}\n",
                      "forms/b.yaml": "name: b\nobject: visit\ndefault: «true\nitems: {a: {}}\n"}),
    Case("FORM-002", {**_object("  a: {type: integer, formula: '1'}\n"), "forms/a.yaml": "name: a\nobject: visit\nitems: {«a: {}}\n"}),
    Case("FORM-003", {**_object(_A), "forms/a.yaml": "name: a\nobject: visit\nitems: {a: {}, b: {field: «a}}\n"}),
    Case("FORM-004", {**_object(_A), "workflows/visit.yaml":
                      _FLOW.format(initial="new", to="done, ask: «call")}),
    Case("FORM-005", {**_object(_A), "forms/a.yaml": "name: a\nobject: visit\nitems: {a: {required: true, read_only: «true}}\n"}),
    Case("FORM-006", {**_object(_A + "  b: {type: text}\n"),
                      "forms/a.yaml": "name: a\nobject: visit\nitems: {a: {show: «b == 'x'}, b: {show: a == 'y'}}\n"}),
    Case("FORM-007", {**_object(_A), "forms/a.yaml": "name: a\nobject: visit\nitems: {h: {heading: H, required: «true}}\n"}),
    Case("FORM-008", {**_object(_A), "forms/a.yaml": "name: a\nobject: visit\nitems: {r: {rows: «parts, items: {}}}\n"}),
    Case("FORM-009", {**_object(_A), "objects/part.yaml": _PART,
                      "forms/a.yaml": "name: a\nobject: visit\nitems: {r: {rows: parts, order: «word, items: {word: {}}}}\n"}),
    Case("FORM-010", {**_object("  a: {type: text, required: true}\n  b: {type: text}\n"),
                      "forms/a.yaml": "name: a\nobject: visit\ndefault: true\nitems: {b: {}, a: {show: «has(b)}}\n"}),
    Case("FORM-011", {**_object(_A), "objects/part.yaml": _PART,
                      "forms/a.yaml": "name: a\nobject: visit\nitems: {r: {rows: parts, min: «3, max: 2, items: {word: {}}}}\n"}),
    Case("VIEW-001", {**_object(_A), "views/a.yaml": "name: a\nobject: visit\ndefault: true\ncolumns: {a: {}}\n",
                      "views/b.yaml": "name: b\nobject: visit\ndefault: «true\ncolumns: {a: {}}\n"}),
    Case("VIEW-002", {**_object("  a: {type: attachment}\n"), "views/a.yaml": "name: a\nobject: visit\ncolumns: {a: {}}\nsort: [«-a]\n"}),
    Case("VIEW-003", {**_object(_A), "views/a.yaml": "name: «a\nobject: visit\ncolumns: {}\n"}),
    Case("VIEW-004", {**_object("  a: {type: attachment}\n"), "views/a.yaml": "name: a\nobject: visit\ncolumns: {a: {}}\nfilters: [«a]\n"}),
    # Workflows
    Case("FLOW-001", {**_object(_A), "workflows/visit.yaml": _FLOW.format(initial="«nwe", to="done")}),
    Case("FLOW-002", {**_object(_A), "workflows/visit.yaml":
                      "object: visit\nfield: status\ninitial: new\nstates: {new: {}, «lost: {}}\ntransitions: {}\n"}),
    Case("FLOW-003", {**_object(_A), "workflows/a.yaml": _FLOW.format(initial="new", to="done"),
                      "workflows/b.yaml": _FLOW.format(initial="new", to="done").replace("object: ", "object: «")}),
    Case("FLOW-004", {**_object("  status: {type: text}\n"),
                      "workflows/visit.yaml": _FLOW.format(initial="new", to="done").replace("field: ", "field: «")}),
    Case("FLOW-005", {**_object(_A), "forms/f.yaml": "name: f\nobject: patient\nitems: {name: {}}\n",
                      "workflows/visit.yaml": _FLOW.format(initial="new", to="done, ask: «f")}),
    Case("FLOW-006", {**_object(_A), "workflows/visit.yaml":
                      "object: «visit\nfield: status\ninitial: new\nstates: {}\ntransitions: {}\n"}),
    # Roles
    Case("ROLE-001", {"roles/r.yaml": "name: r\ngrants: {g: {object: patient, can: [«raed]}}\n"}),
    Case("ROLE-002", {"roles/r.yaml": "name: r\ngrants: {g: {object: patient, can: [read], show: [phone], hide: [«phone]}}\n"}),
    Case("ROLE-003", {"roles/r.yaml": "name: r\ndenials: {«d: {object: patient}}\n"}),
    # Records
    Case("DATA-001", {**_object(_A), "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {«one: {}}\n"}),
    Case("DATA-002", {**_object(_A), "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {one: {a: x}, «two: {a: x}}\n"}),
    Case("DATA-003", {**_object("  a: {type: text}\n  n: {type: integer}\n"),
                      "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {one: {a: x, n: «many}}\n"}),
    Case("DATA-004", {**_object("  a: {type: text}\n  v: {type: link, to: visit}\n"),
                      "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {one: {a: x, v: {record: «d.two}}}\n"}),
    Case("DATA-005", {**_object("  a: {type: text}\n  n: {type: integer, formula: '1'}\n"),
                      "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {one: {a: x, «n: 1}}\n"}),
    Case("DATA-006", {**_object("  a: {type: text}\n  n: {type: integer, required: true}\n"),
                      "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {«one: {a: x}}\n"}),
    Case("DATA-007", {**_object("  a: {type: text}\n  p: {type: link, to: patient}\n"),
                      "data/d.yaml": "name: d\nobject: visit\nkey: [a]\nrecords: {one: {a: x, p: {record: «d.one}}}\n"}),
    # Expressions, placed within the scalar they stand in
    Case("EXPR-001", _rule("n > 1 «and a != null")),
    Case("EXPR-002", _rule("n > 1 && «b == null")),
    Case("EXPR-003", _rule("n «== a")),
    Case("EXPR-004", _rule("«abs(n, n) > 1")),
    Case("EXPR-005", _rule("n > 1 && «sizes(a) > 1")),
    Case("EXPR-006", _rule(" && ".join(["n > 1"] * 166) + " «&& " + " && ".join(["n > 1"] * 84)), yaml_only=True),
    Case("EXPR-007", _rule("(" * 40 + "n «> 1" + ")" * 40)),
    Case("EXPR-008", _rule("m == «\"z\"")),
    Case("EXPR-009", _rule("m == «\"w\"")),
    Case("EXPR-010", _rule("a.matches(«\"(a+)+\")")),
    Case("EXPR-011", {"roles/r.yaml": "name: r\ngrants: {g: {object: patient, can: [read], rows: 'size(«user.clinics) > 0'}}\n"}),
    Case("EXPR-012", _rule("«up.up.up.up.up.a == null", "  a: {type: text}\n  up: {type: link, to: visit}\n")),
    Case("EXPR-013", _rule("«import == null")),
    Case("EXPR-014", _rule("n > «99999999999999999999")),
    Case("EXPR-015", _rule("date(«\"yesterday\") < today")),
    Case("EXPR-017", _rule("user.roles.«all(a, user.roles.all(b, user.roles.all(c, a == b)))")),
    Case("EXPR-019", _rule("user.roles.exists(«user, true)")),
    Case("EXPR-016", _object("  n: {type: integer, formula: «today}\n")),
    Case("EXPR-020", _object("  n: {type: integer}\n" + _wide("a", "n") + _wide("b", "a") + _wide("c", "b").replace("min", "«min", 1))),
    # Decision tables and scores
    *(Case(code, files) for code, files in AUTOMATION),
    *(Case(code, files) for code, files in MESSAGES),
    *(Case(code, files) for code, files in PAGES),
    *(Case(code, files) for code, files in PLANS),
    *(Case(code, files, yaml_only="«{" in files["scenarios/s.yaml"]) for code, files in SCENARIOS),
    *(Case(code, files) for code, files in TABLES),
]
