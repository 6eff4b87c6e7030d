"""Each kind of edit changes the lines that it is about, and no others; undone, the first bytes are back.

1. Every shipped file can be opened, and saving it unchanged leaves its bytes as they are.
2. Each kind of edit gives exactly the lines below, on files as they are shipped.
3. The reverse of each gives the first bytes back, and each says itself in both languages.
4. What cannot be done is refused with a reason in both languages, and nothing is changed.
"""

from __future__ import annotations

import difflib
import json

import pytest

from designer.edits import definitions, elements, granting, primitive, renaming, retiring
from designer.edits import files as texts
from designer.edits.catalogue import EDITS, edit_of
from designer.edits.edit import Edit
from designer.edits.patch import Files
from designer.edits.refused import EditRefused
from designer.edits.text import read
from designer.starting import CreateDefinition, CreatePack
from engine.text import check, read_bytes
from engine.text.nodes import plain
from tests.designer.edits.texts import shipped

FILES = {
    "house/pack.yaml": "name: house\nversion: 1.0.0\nlanguage: 1\nlabel: House\nrequires: {}\n",
    "house/objects/clinic.yaml":
        'name: clinic\ntitle: "{name}"\nbelongs_to: organisation\nclinic: true\nfields:\n  name: {type: text, max: 60}\n',
    "house/objects/staff.yaml": 'name: staff\ntitle: "{name}"\nbelongs_to: organisation\naccount: true\nfields:\n  name: {type: text, max: 60}\n',
    "house/objects/patient.yaml": (
        "# Who comes to us.\nname: patient\nlabel: {en: Patient, zh: 患者}\ntitle: \"{name}\"\nbelongs_to: clinics\nsubject: self\nfields:\n"
        "  name: {type: text, required: true, max: 60}   # as in the passport\n\n  # how to reach\n"
        "  phone: {type: phone, label: {en: Phone, zh: 电话}}\n"
        "  mood:\n    type: choice\n    # from good to bad\n    options:\n      good: {label: {en: Good, zh: 好}}\n      bad: {}\n"
        "  born: {type: date}\n  age: {type: integer, formula: \"age(born)\"}\nchecks:\n"
        "  past: {rule: \"born <= today\", message: {en: In the future, zh: 在将来}}\n"),
    "house/forms/patient.yaml": (
        "name: patient\nobject: patient\ndefault: true\nitems:\n  who: {heading: {en: Person, zh: 个人}}\n  name: {width: half}\n"
        "  born: {width: half}\n  phone: {}\n"),
    "house/workflows/patient.yaml": (
        "object: patient\nfield: status\ninitial: new\nstates:\n  new: {}\n  seen: {category: done}\ntransitions:\n"
        "  see: {from: new, to: seen, when: \"has(phone)\"}\n"),
    "house/roles/nurse.yaml": "name: nurse\ngrants:\n  patients: {object: patient, can: [read, update], show: [phone]}\n",
    "local/pack.yaml": "name: local\nversion: 1.0.0\nlanguage: 1\nlabel: Local\nrequires: {house: \">=1.0\"}\n",
    "organisation.yaml": "name: org\npacks: [house, local]\n",
}
PATIENT = {"folder": "objects", "definition": "patient", "pack": "house"}
FIELDS = {**PATIENT, "section": ("fields",)}
ITEMS = {"folder": "forms", "definition": "patient", "pack": "house", "section": ("items",)}
FLOW = {"folder": "workflows", "definition": "patient", "pack": "house"}

GOLDEN: dict[str, tuple[Edit, str]] = {
    "add a field": (
        elements.AddElement(**FIELDS, name="note", value={"type": "long_text", "label": {"en": "Note", "zh": "备注"}}, after="phone"), """
house/objects/patient.yaml
+  note: {type: long_text, label: {en: Note, zh: 备注}}
"""),
    "change a field": (elements.ChangeElement(**FIELDS, name="name", changes={"max": 80, "index": True, "required": None}), """
house/objects/patient.yaml
-  name: {type: text, required: true, max: 60}   # as in the passport
+  name: {type: text, max: 80, index: true}   # as in the passport
"""),
    "reorder a field": (elements.MoveElement(**FIELDS, name="phone", after=""), """
house/objects/patient.yaml
+  # how to reach
+  phone: {type: phone, label: {en: Phone, zh: 电话}}
-  # how to reach
-  phone: {type: phone, label: {en: Phone, zh: 电话}}
"""),
    "retire a field": (retiring.RetireElement(**FIELDS, name="phone"), """
house/forms/patient.yaml
-  phone: {}
house/objects/patient.yaml
-  phone: {type: phone, label: {en: Phone, zh: 电话}}
+  phone: {type: phone, label: {en: Phone, zh: 电话}, retired: true}
house/roles/nurse.yaml
-  patients: {object: patient, can: [read, update], show: [phone]}
+  patients: {object: patient, can: [read, update]}
"""),
    "rename a field": (renaming.RenameElement(**FIELDS, name="born", to="birth_date"), """
house/forms/patient.yaml
-  born: {width: half}
+  birth_date: {width: half}
house/objects/patient.yaml
-  born: {type: date}
-  age: {type: integer, formula: "age(born)"}
+  birth_date: {type: date, was: [born]}
+  age: {type: integer, formula: "age(birth_date)"}
-  past: {rule: "born <= today", message: {en: In the future, zh: 在将来}}
+  past: {rule: "birth_date <= today", message: {en: In the future, zh: 在将来}}
"""),
    "rename what no release has seen": (renaming.RenameElement(**FIELDS, name="born", to="birth_date", was=False), """
house/forms/patient.yaml
-  born: {width: half}
+  birth_date: {width: half}
house/objects/patient.yaml
-  born: {type: date}
-  age: {type: integer, formula: "age(born)"}
+  birth_date: {type: date}
+  age: {type: integer, formula: "age(birth_date)"}
-  past: {rule: "born <= today", message: {en: In the future, zh: 在将来}}
+  past: {rule: "birth_date <= today", message: {en: In the future, zh: 在将来}}
"""),
    "an option": (elements.AddElement(
        **PATIENT, section=("fields", "mood", "options"), name="fair", value={"label": {"en": "Fair", "zh": "一般"}}, after="good"), """
house/objects/patient.yaml
+      fair: {label: {en: Fair, zh: 一般}}
"""),
    "a form item": (elements.AddElement(**ITEMS, name="mood", value={"width": "half"}, after="name"), """
house/forms/patient.yaml
+  mood: {width: half}
"""),
    "another order of items": (elements.MoveElement(**ITEMS, name="phone", after="who"), """
house/forms/patient.yaml
+  phone: {}
-  phone: {}
"""),
    "without a form item": (retiring.RemoveElement(**ITEMS, name="born"), """
house/forms/patient.yaml
-  born: {width: half}
"""),
    "a state": (elements.AddElement(
        **FLOW, section=("states",), name="lost", value={"label": {"en": "Lost", "zh": "失访"}, "category": "cancelled"}), """
house/workflows/patient.yaml
+  lost: {label: {en: Lost, zh: 失访}, category: cancelled}
"""),
    "a transition drawn": (elements.AddElement(**FLOW, section=("transitions",), name="lose", value={"from": ["new", "seen"], "to": "new"}), """
house/workflows/patient.yaml
+  lose: {from: [new, seen], to: new}
"""),
    "a condition": (elements.ChangeElement(**FLOW, section=("transitions",), name="see", changes={"when": "has(phone) && age >= 18"}), """
house/workflows/patient.yaml
-  see: {from: new, to: seen, when: "has(phone)"}
+  see: {from: new, to: seen, when: "has(phone) && age >= 18"}
"""),
    "a label in one language": (definitions.SetLabel(**PATIENT, at=("fields", "phone"), language="zh", text="手机"), """
house/objects/patient.yaml
-  phone: {type: phone, label: {en: Phone, zh: 电话}}
+  phone: {type: phone, label: {en: Phone, zh: 手机}}
"""),
    "a label where there was none": (definitions.SetLabel(folder="roles", definition="nurse", pack="house", language="zh", text="护士"), """
house/roles/nurse.yaml
+label: {zh: 护士}
"""),
    "a cell of the matrix": (granting.SetGrant(role="nurse", object="patient", action="delete", on=True, pack="house"), """
house/roles/nurse.yaml
-  patients: {object: patient, can: [read, update], show: [phone]}
+  patients: {object: patient, can: [read, update, delete], show: [phone]}
"""),
    "a cell without a grant yet": (granting.SetGrant(role="nurse", object="staff", action="create", on=True, pack="house"), """
house/roles/nurse.yaml
+  staff: {object: staff, can: [read, create]}
"""),
    "a cell off": (granting.SetGrant(role="nurse", object="patient", action="update", on=False, pack="house"), """
house/roles/nurse.yaml
-  patients: {object: patient, can: [read, update], show: [phone]}
+  patients: {object: patient, can: [read], show: [phone]}
"""),
    "a field of another pack": (elements.ChangeElement(**{**FIELDS, "pack": "local"}, name="born", changes={"required": True}), """
local/objects/patient.yaml
+extend: house:patient
+fields: {born: {required: true}}
"""),
    "another pack's field hidden": (retiring.RetireElement(**{**FIELDS, "pack": "local"}, name="mood"), """
local/objects/patient.yaml
+extend: house:patient
+fields: {mood: {hidden: true}}
"""),
    "another pack's field hidden with its items": (retiring.RetireElement(**{**FIELDS, "pack": "local"}, name="phone"), """
local/forms/patient.yaml
+extend: house:patient
+items: {phone: {hidden: true}}
local/objects/patient.yaml
+extend: house:patient
+fields: {phone: {hidden: true}}
"""),
    "a definition from nothing": (
        CreateDefinition(folder="objects", pack="local", label={"zh": "拆石膏", "en": "Cast removal"}), """
local/objects/cast_removal.yaml
+name: cast_removal
+label: {zh: 拆石膏, en: Cast removal}
+title: "{topic}"
+belongs_to: {via: patient}
+subject: patient
+fields:
+  patient: {type: link, to: patient, required: true, label: {en: Patient, zh: 患者}}
+  topic: {type: text, required: true, max: 100, label: {en: Subject, zh: 主题}}
"""),
    "a file": (texts.CreateFile(path="local/choices/side.yaml", value={"name": "side", "options": {"left": {}, "right": {"color": "red"}}}), """
local/choices/side.yaml
+name: side
+options:
+  left: {}
+  right: {color: red}
"""),
    "no file": (texts.DeleteFile(path="house/roles/nurse.yaml"), """
house/roles/nurse.yaml
-name: nurse
-grants:
-  patients: {object: patient, can: [read, update], show: [phone]}
"""),
    "a pack": (CreatePack(name="ortho", label={"en": "Orthopaedics"}), """
organisation.yaml
-packs: [house, local]
+packs: [house, local, ortho]
ortho/pack.yaml
+name: ortho
+version: 0.1.0
+language: 1
+label: {en: Orthopaedics}
+requires: {house: ">=0", local: ">=0"}
"""),
    "a long list in brackets": (primitive.SetValue(
        path="house/roles/nurse.yaml", at=("grants", "patients", "hide"), value=[f"a_field_of_a_long_name_{n}" for n in range(5)]), """
house/roles/nurse.yaml
-  patients: {object: patient, can: [read, update], show: [phone]}
+  patients:
+    object: patient
+    can: [read, update]
+    show: [phone]
+    hide: [a_field_of_a_long_name_0, a_field_of_a_long_name_1, a_field_of_a_long_name_2, a_field_of_a_long_name_3, a_field_of_a_long_name_4]
"""),
}


TEXT = "p/objects/x.yaml"
COMMENTS: dict[str, tuple[str, Edit, str]] = {
    "the first entry behind another": (
        "name: x\nf:\n  # about a\n  a: 1\n  # about b\n  b: 2\n", primitive.MoveEntry(path=TEXT, at=("f", "a"), after="b"),
        "name: x\nf:\n  # about b\n  b: 2\n  # about a\n  a: 1\n"),
    "an entry before the first": (
        "name: x\nf:\n  # about a\n  a: 1\n  # about b\n  b: 2\n", primitive.MoveEntry(path=TEXT, at=("f", "b"), after=""),
        "name: x\nf:\n  # about b\n  b: 2\n  # about a\n  a: 1\n"),
    "a new entry before the first": (
        "name: x\nf:\n  # about a\n  a: 1\n", primitive.AddEntry(path=TEXT, at=("f",), name="b", value=2, after=""),
        "name: x\nf:\n  b: 2\n  # about a\n  a: 1\n"),
    "without the first entry": (
        "name: x\nf:\n  # about all\n\n  # about a\n  a: 1\n  # about b\n  b: 2\n", primitive.RemoveEntry(path=TEXT, at=("f", "a")),
        "name: x\nf:\n  # about all\n\n  # about b\n  b: 2\n"),
    "what a file begins with": (
        "# about the file\nname: x\n# about b\nb: 2\n", primitive.MoveEntry(path=TEXT, at=("b",), after=""),
        "# about the file\n# about b\nb: 2\nname: x\n"),
    "without the only entry": (
        "name: x\nf:  # all fields\n  # about all\n\n  # about a\n  a: 1  # one\nz: 1\n", primitive.RemoveEntry(path=TEXT, at=("f", "a")),
        "name: x\nf: {}  # all fields\n  # about all\n\nz: 1\n"),
    "without the only entry at the end": (
        "name: x\nf:\n  a: 1", primitive.RemoveEntry(path=TEXT, at=("f", "a")), "name: x\nf: {}"),
    "a list changed in the middle": (
        "name: x\nl:\n  - a # first\n  - b # second\n  - c # third\n  - d\n",
        primitive.SetValue(path=TEXT, at=("l",), value=["new", "a", "c", "e"]),
        "name: x\nl:\n  - new\n  - a # first\n  - c # third\n  - e\n"),
    "a list in another order": (
        "name: x\nl:\n  - a # first\n  - b # second\n  - c # third\n", primitive.SetValue(path=TEXT, at=("l",), value=["c", "a", "b"]),
        "name: x\nl:\n  - c # third\n  - a # first\n  - b # second\n"),
    "an item with what is said above it": (
        "name: x\nl:\n- a\n# about b\n- b\n- c\n", primitive.SetValue(path=TEXT, at=("l",), value=["a", "c"]), "name: x\nl:\n- a\n- c\n"),
    "a list in brackets": (
        "name: x\nl: [\n  a, # first\n  b, # second\n  c # third\n]\n", primitive.SetValue(path=TEXT, at=("l",), value=["z", "b"]),
        "name: x\nl: [\n  z, # first\n  b, # second\n]\n"),
}


@pytest.mark.parametrize("name", COMMENTS)
def test_comments_stay_with_what_they_are_about(name: str) -> None:
    """Requirement 2: those directly above an entry or at its end are its own; those above a blank line are about the whole."""
    text, edit, wanted = COMMENTS[name]
    patch = edit.patch({TEXT: text})
    assert patch.on({TEXT: text})[TEXT] == wanted
    assert patch.reversed().on({TEXT: wanted}) == {TEXT: text}


def has_chinese(text: str) -> bool:
    return any(character >= "\u4e00" for character in text)


def changed_lines(before: Files, after: Files) -> str:
    """Removed and added lines of each file that differs, without the lines around them."""
    found = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        if old != new or (path in before) != (path in after):
            lines = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
            found += [path, *(line for line in lines if not line.startswith("@@"))]
    return "\n" + "\n".join(found) + "\n"


def test_opening_and_saving_changes_no_byte() -> None:
    """Requirement 1: the text that is shown, saved as it is, and every value set to what it is."""
    files = shipped()
    assert len(files) > 60
    for path, text in files.items():
        assert texts.ReplaceText(path=path, text=text).patch(files).empty, path
        root = read(path, text).root
        for name, entry in root.entries.items():
            assert primitive.SetValue(path=path, at=(name,), value=plain(entry.node)).patch(files).empty, (path, name)


@pytest.mark.parametrize("name", GOLDEN)
def test_only_the_needed_lines_change(name: str) -> None:
    """Requirements 2 and 3."""
    edit, wanted = GOLDEN[name]
    patch = edit.patch(FILES)
    after = patch.on(FILES)
    assert changed_lines(FILES, after) == wanted
    assert patch.reversed().on(after) == FILES
    assert edit.reverse(FILES).patch(after).on(after) == FILES
    english, chinese = edit.describe("en"), edit.describe("zh")
    assert english and has_chinese(chinese) and "{" not in english + chinese


@pytest.mark.parametrize("name", [name for name in GOLDEN if name not in ("no file", "a long list in brackets", "retire a field")
                                  and "with its items" not in name])
def test_what_an_edit_makes_compiles(name: str) -> None:
    """Requirement 2: none of them leaves a draft with problems."""
    after = GOLDEN[name][0].patch(FILES).on(FILES)
    found = check(read_bytes({path: text.encode() for path, text in after.items()}))
    assert [str(problem) for problem in found.problems.errors] == []


LOCAL = {**FIELDS, "pack": "local"}


def test_bringing_back_writes_into_the_own_pack_only() -> None:
    """Requirement 2: what a pack below hides is shown again by the pack above; who retired an element brings it back herself."""
    hidden = elements.ChangeElement(**FIELDS, name="mood", changes={"hidden": True}).patch(FILES).on(FILES)
    after = retiring.RestoreElement(**LOCAL, name="mood").patch(hidden).on(hidden)
    assert changed_lines(hidden, after) == "\nlocal/objects/patient.yaml\n+extend: house:patient\n+fields: {mood: {hidden: false}}\n"
    found = check(read_bytes({path: text.encode() for path, text in after.items()}))
    assert found.model is not None and "mood" in found.model.objects["patient"].fields
    own = retiring.RetireElement(**LOCAL, name="mood").patch(FILES).on(FILES)
    shown = retiring.RestoreElement(**LOCAL, name="mood").patch(own).on(own)
    assert {path for path in shown if shown[path] != FILES.get(path)} == {"local/objects/patient.yaml"} and "hidden" not in str(shown)
    retired = retiring.RetireElement(**FIELDS, name="mood").patch(FILES).on(FILES)
    for files, pack, code in ((own, "house", "hidden_above"), (retired, "local", "not_yours")):
        with pytest.raises(EditRefused) as refused:
            retiring.RestoreElement(**{**FIELDS, "pack": pack}, name="mood").patch(files)
        assert refused.value.code == code and has_chinese(refused.value.say("zh")) and refused.value.say("en")


def test_a_right_for_some_records_does_not_take_what_is_given_for_all() -> None:
    """Requirement 2: the cell pressed says what was asked for, and which records are seen stays as it was."""
    ruled = {**FILES, "house/roles/nurse.yaml": "name: nurse\ngrants:\n  mine: {object: patient, can: [read], rows: \"has(phone)\"}\n"}
    edit = granting.SetGrant(role="nurse", object="patient", action="delete", on=True, pack="house")
    after = edit.patch(ruled).on(ruled)
    assert changed_lines(ruled, after) == "\nhouse/roles/nurse.yaml\n+  patient: {object: patient, can: [delete]}\n"
    assert not check(read_bytes({path: text.encode() for path, text in after.items()})).problems.errors
    off = granting.SetGrant(role="nurse", object="patient", action="delete", on=False, pack="house")
    assert off.patch(after).on(after) == ruled


def test_every_kind_of_edit_travels_as_json() -> None:
    """Requirement 3: what a browser sends is the same value."""
    edits = [edit for edit, _ in GOLDEN.values()]
    assert {type(edit) for edit in edits} <= set(EDITS.values())
    for edit in edits:
        assert edit_of(json.loads(json.dumps(edit.as_json()))) == edit


REFUSED: dict[str, tuple[Edit, str]] = {
    "taken": (elements.AddElement(**FIELDS, name="name", value={"type": "text"}), "name_taken"),
    "no name": (elements.AddElement(**FIELDS, name="Ünï", value={"type": "text"}), "bad_name"),
    "a name of the runtime": (elements.AddElement(**FIELDS, name="version", value={"type": "text"}), "reserved_name"),
    "nothing there": (elements.ChangeElement(**FIELDS, name="gone", changes={"max": 1}), "no_place"),
    "hidden characters": (definitions.SetLabel(**PATIENT, language="en", text="Pa\u202etient"), "hidden_characters"),
    "zero width": (elements.AddElement(**FIELDS, name="x", value={"type": "text", "label": "a\u200bb"}), "hidden_characters"),
    "another pack's name": (renaming.RenameElement(**{**FIELDS, "pack": "local"}, name="born", to="b"), "not_yours"),
    "outside": (texts.CreateFile(path="../x/objects/y.yaml", value={"name": "y"}), "bad_path"),
    "no label": (CreateDefinition(folder="objects", pack="local", label={"en": " "}), "empty_label"),
    "a map of no kind": (primitive.SetValue(path="house/objects/patient.yaml", at=("title", "x"), value=1), "not_a_map"),
    "nul": (texts.ReplaceText(path="house/objects/patient.yaml", text="name: \0"), "hidden_characters"),
    "direction in a file": (texts.ReplaceText(path="house/objects/patient.yaml", text="name: patient\nlabel: Pa\u202etient\n"), "hidden_in_line"),
    "zero width in a file": (texts.ReplaceText(path="house/roles/admin.yaml", text="name: admin\u200b\n"), "hidden_in_line"),
    "letters in parts": (texts.ReplaceText(path="house/objects/patient.yaml", text="label: Cafe\u0301\n"), "parts_in_line"),
    "another script's letters for a name": (renaming.RenameDefinition(**{**PATIENT, "to": "\u0430dmin"}), "bad_name"),
    "too large": (texts.ReplaceText(path="house/objects/patient.yaml", text="#" * 3_000_000), "too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_a_reason(name: str) -> None:
    """Requirement 4 (threats A-55, F-42)."""
    edit, code = REFUSED[name]
    with pytest.raises(EditRefused) as refused:
        edit.patch(FILES)
    assert refused.value.code == code
    assert refused.value.say("en") and has_chinese(refused.value.say("zh"))


@pytest.mark.parametrize("sent", [
    {}, {"kind": "nothing"}, {"kind": "set"}, {"kind": "set", "path": 1, "at": [], "value": 1},
    {"kind": "set", "path": "x", "at": "a", "value": 1},
    {"kind": "add_element", "folder": "objects", "definition": "patient", "pack": "house", "section": ["fields"], "name": "x", "value": [],
     "more": 1},
    {"kind": "add_element", "folder": "objects", "definition": "patient", "pack": "house", "section": [], "name": "x", "value": {}},
    {"kind": "add_element", "folder": "objects", "definition": "patient", "pack": "gone", "section": ["fields"], "name": "x", "value": {}},
    {"kind": "grant", "role": "nurse", "object": "patient", "action": "read", "on": "yes", "pack": "house"},
    {"kind": "set", "path": "house/objects/patient.yaml", "at": ["title"], "value": "\ud800"},
])
def test_what_is_sent_is_not_trusted(sent: dict[str, object]) -> None:
    """Requirement 4."""
    with pytest.raises(EditRefused):
        edit_of(sent).patch(FILES)


def test_a_file_that_cannot_be_read_is_mended_as_text_first() -> None:
    """Requirement 4."""
    files = {**FILES, "house/objects/patient.yaml": "name: patient\nname: again\n"}
    with pytest.raises(EditRefused) as refused:
        primitive.SetValue(path="house/objects/patient.yaml", at=("name",), value="x").patch(files)
    assert refused.value.code == "unreadable"


def test_a_new_pack_stands_below_the_organisations_own() -> None:
    """Packs of a specialty stand below the organisation's own, which may change them; they require what is below them and can be taken along."""
    files = {
        "organisation.yaml": "name: hexin\npacks: [base, hexin]\n", "base/pack.yaml": "name: base\nversion: 1.0.0\nlanguage: 1\n",
        "hexin/pack.yaml": "name: hexin\nversion: 1.0.0\nlanguage: 1\n"}
    after = CreatePack(name="ortho", label={"en": "Orthopaedics"}).patch(files).on(files)
    assert after["organisation.yaml"] == "name: hexin\npacks: [base, ortho, hexin]\n"
    assert 'requires: {base: ">=0"}' in after["ortho/pack.yaml"]
