"""Layers and identity: what a later pack may change, what it may not, and the ids that renames keep."""

from __future__ import annotations

import pytest

from tests.builders import model_of, problems_of

LOW = "name: low\nversion: 1.4.0\nlanguage: 1\n"
MID = "name: mid\nversion: 1.0.0\nlanguage: 1\nrequires: {low: '>=1.2, <2'}\n"
TOP = "name: top\nversion: 1.0.0\nlanguage: 1\nrequires: {mid: '~=1.0'}\n"
OBJECT = """
name: visit
label: {en: Visit, zh: 就诊}
fields:
  title: {type: text, max: 60, label: {en: Title, zh: 标题}}
  income: {type: integer}
  kind: {type: choice, options: {first: {}, again: {label: Again}}}
unique: {u: [title]}
checks: {c: {rule: income == null || income > 0, message: Positive}}
"""


def layered(mid: dict[str, str], top: dict[str, str] | None = None, low: dict[str, str] | None = None) -> dict[str, str]:
    files = {"low/pack.yaml": LOW, "mid/pack.yaml": MID, "low/objects/visit.yaml": OBJECT}
    files |= {f"low/{path}": text for path, text in (low or {}).items()}
    files |= {f"mid/{path}": text for path, text in mid.items()}
    if top is not None:
        files |= {"top/pack.yaml": TOP, **{f"top/{path}": text for path, text in top.items()}}
    return files


def codes(files: dict[str, str]) -> list[tuple[str, str]]:
    return [(p.code.code, str(p.place)) for p in problems_of(files, base=False)]


def test_scalars_and_lists_replace_and_maps_merge_by_name() -> None:
    """Semantics, Packs and layers."""
    model = model_of(layered(
        {"objects/visit.yaml": "extend: low:visit\nlabel: {zh: 来访}\nfields: {title: {max: 80}, kind: {options: {third: {}}}}\n"
                               "unique: {u: [title, income]}\n"},
        {"objects/visit.yaml": "extend: low:visit\nfields: {title: {max: 90, required: true}}\n"}), base=False)
    visit = model.objects["visit"]
    assert visit.label.texts == {"en": "Visit", "zh": "来访"}
    assert visit.fields["title"].type.max == 90 and visit.fields["title"].required  # type: ignore[attr-defined]
    assert list(model.choices["visit.kind"].options) == ["first", "again", "third"]
    assert visit.unique["u"].fields == ("title", "income")


def test_what_a_pack_adds_is_its_own() -> None:
    """Identity: the id begins with the pack that adds the element, and names the object by its first name."""
    model = model_of(layered({"objects/visit.yaml": "extend: low:visit\nfields: {extra: {type: text, after: title}}\n"}), base=False)
    visit = model.objects["visit"]
    assert list(visit.fields) == ["title", "extra", "income", "kind"]
    assert (visit.fields["extra"].id, visit.fields["extra"].pack, visit.fields["title"].id) == ("mid:visit.extra", "mid", "low:visit.title")


def test_two_packs_that_claim_one_name_are_told_both_places() -> None:
    """Neither knows of the other, so neither overrides."""
    files = {
        "low/pack.yaml": LOW, "low/objects/visit.yaml": OBJECT,
        "mid/pack.yaml": MID, "mid/objects/visit.yaml": "extend: low:visit\nfields: {kind: {options: {third: {}}}}\n",
        "top/pack.yaml": TOP.replace("mid", "low").replace("~=1.0", ">=1"),
        "top/objects/visit.yaml": "extend: low:visit\nfields: {kind: {options: {third: {}}}}\n",
    }
    (problem,) = problems_of(files, base=False)
    assert (problem.code.code, str(problem.place)) == ("NAME-003", "top/objects/visit.yaml:2:27")
    assert "mid/objects/visit.yaml:2:27" in problem.message


def test_hidden_elements_leave_forms_lists_and_rules_of_lower_layers_in_peace() -> None:
    """A layer hides a field of core; core's own form and list name it still, and are not at fault."""
    low = {"forms/visit.yaml": "name: visit\nobject: visit\ndefault: true\nitems: {title: {}, income: {}}\n",
           "views/visit.yaml": "name: visit\nobject: visit\ndefault: true\ncolumns: {title: {}, income: {}}\nsort: [-income]\n",
           "roles/r.yaml": "name: r\ngrants: {g: {object: visit, can: [read], hide: [income]}}\n"}
    model = model_of(layered({"objects/visit.yaml": "extend: low:visit\nfields: {income: {hidden: true}}\nchecks: {c: {hidden: true}}\n"},
                             low=low), base=False)
    visit = model.objects["visit"]
    assert "income" not in visit.fields and visit.retired_fields["income"].id == "low:visit.income" and not visit.checks
    assert model.form("visit").fields == ("title",)
    assert list(model.view("visit").columns) == ["title"] and model.view("visit").sort == ()
    assert model.roles["r"].grants["g"].hide == frozenset()


def test_a_rule_that_needs_a_hidden_field_is_told_where_it_was_hidden() -> None:
    assert codes(layered({"objects/visit.yaml": "extend: low:visit\nfields: {income: {hidden: true}}\n"})) == [
        ("NAME-011", "low/objects/visit.yaml:9:20"), ("NAME-011", "low/objects/visit.yaml:9:38")]


def test_hiding_an_object_takes_its_grants_and_forms_along() -> None:
    low = {"forms/v.yaml": "name: v\nobject: visit\nitems: {title: {}}\n",
           "roles/r.yaml": "name: r\ngrants: {g: {object: visit, can: [read]}}\n"}
    model = model_of(layered({"objects/visit.yaml": "extend: low:visit\nhidden: true\n"}, low=low), base=False)
    assert "visit" not in model.objects and not model.forms and not model.roles["r"].grants
    assert "object low:visit" in model.retired


def test_a_rename_keeps_every_id() -> None:
    """Identity is in the text: the last entry of the cumulative `was` is the first name."""
    files = {
        "objects/patient_visit.yaml":
            "name: patient_visit\nwas: [call, visit]\nfields:\n  remark: {type: text, was: [note]}\n"
            "  kind: {type: choice, options: {early: {was: [first]}}}\n",
        "workflows/patient_visit.yaml":
            "object: patient_visit\nfield: status\ninitial: open\nstates: {open: {was: [new]}}\ntransitions: {}\n",
    }
    model = model_of(files)
    visit = model.objects["patient_visit"]
    assert (visit.id, visit.former) == ("test:visit", ("call", "visit"))
    assert visit.fields["remark"].id == "test:visit.note"
    assert visit.fields["status"].id == "test:visit.status"
    early = model.choices["patient_visit.kind"].options["early"]
    assert (early.id, early.stored, early.former) == ("test:visit.kind.first", "first", ("first",))
    assert model.workflows["patient_visit"].states["open"].stored == "new"
    assert model.workflows["patient_visit"].id == "test:visit"


def test_a_name_used_again_needs_an_id_of_its_own() -> None:
    """`phone` was renamed to `mobile`; the new `phone` is another field."""
    fields = "  mobile: {type: text, was: [phone]}\n  phone: {type: text, id: 'test:visit.phone_2'}\n"
    visit = model_of({"objects/visit.yaml": f"name: visit\ntitle: '{{phone}}'\nfields:\n{fields}"}).objects["visit"]
    assert (visit.fields["mobile"].id, visit.fields["phone"].id) == ("test:visit.phone", "test:visit.phone_2")


@pytest.mark.parametrize("mention", [
    {"objects/b.yaml": "name: b\nfields: {a: {type: link, to: old}}\n"},
    {"views/v.yaml": "name: v\nobject: new\ncolumns: {g: {}}\n"},
    {"views/v.yaml": "name: v\nobject: new\ncolumns: {f: {}}\nfilter: g != null\n"},
    {"views/v.yaml": "name: v\nobject: new\ncolumns: {f: {}}\nsort: [-g]\n"},
    {"forms/f.yaml": "name: f\nobject: new\nitems: {g: {}}\n"},
    {"roles/r.yaml": "name: r\ngrants: {x: {object: new, can: [went]}}\n"},
    {"roles/r.yaml": "name: r\ngrants: {x: {object: new, can: [read], hide: [g]}}\n"},
    {"data/d.yaml": "name: d\nobject: new\nkey: [g]\nrecords: {}\n"},
    {"upper/pack.yaml": "name: upper\nversion: '1'\nlanguage: 1\nrequires: {test: '>=1'}\n",
     "upper/objects/x.yaml": "extend: test:new\nfields: {g: {required: true}}\n"},
    {"upper/pack.yaml": "name: upper\nversion: '1'\nlanguage: 1\nrequires: {test: '>=1'}\n",
     "upper/objects/x.yaml": "extend: test:old\n"},
], ids=lambda mention: next(reversed(mention)) + ":" + next(reversed(mention.values())).splitlines()[-1])
def test_a_former_name_is_told_the_current_one(mention: dict[str, str]) -> None:
    """Mentioning a former name gives one problem that names the current one."""
    found = problems_of({
        "objects/new.yaml": "name: new\nwas: [old]\nfields: {f: {type: text, was: [g]}}\n",
        "workflows/new.yaml": "object: new\nfield: s\ninitial: a\nstates: {a: {}, b: {}}\n"
                              "transitions: {go: {was: [went], from: a, to: b}}\n",
        **mention,
    })
    assert [p.code.code for p in found] == ["NAME-008"]
    assert any(f"write '{name}'" in found[0].fix for name in ("f", "go", "new", "test:new"))


def test_an_added_element_must_be_whole() -> None:
    """A change of an element may leave keys out; an element that a layer adds may not."""
    role = {"roles/r.yaml": "name: r\ngrants: {g: {object: visit, can: [read]}}\n"}
    change = {"roles/r.yaml": "extend: low:r\ngrants: {g: {can: [read, update]}}\n"}
    assert codes(layered(change, low=role)) == []
    added = {"roles/r.yaml": "extend: low:r\ngrants: {h: {can: [read, update]}}\n"}
    assert codes(layered(added, low=role)) == [("SHAPE-003", "mid/roles/r.yaml:2:10")]
