"""Stale bases: what both sides left alone or changed alike merges by itself, the rest is refused with both places."""

from __future__ import annotations

import pytest

from runtime.store.errors import Refused
from runtime.store.lines import merge_lines
from tests.runtime.store.publishing import VISIT, Clinic, codes

FEE = "  fee: {type: integer}\n"
DUE = "  due: {type: date}\n"
ORGANISATION = "name: chain\nlabel: Chain\npacks: [base, test]\n"


def fields(clinic: Clinic) -> set[str]:
    return set(clinic.store.releases.refresh().model.objects["visit"].fields)


def test_two_fields_added_at_one_place_merge(clinic: Clinic):
    """Both sides append a field to the same file: both are there, comments and layout of the text too."""
    base = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT + FEE + "  # theirs\n"})
    clinic.publish({"objects/visit.yaml": VISIT + DUE}, base=base)
    assert fields(clinic) == {"patient", "note", "fee", "due"}
    assert b"# theirs" in clinic.store.release().files["test/objects/visit.yaml"]


def test_changes_of_different_files_merge(clinic: Clinic):
    """File by file: a new file of one side stands beside the changed file of the other."""
    base = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT + FEE})
    role = "name: nurse\ngrants: {v: {object: visit, can: [read]}}\n"
    clinic.publish({"objects/visit.yaml": VISIT, "roles/nurse.yaml": role}, base=base)
    assert "fee" in fields(clinic) and "nurse" in clinic.store.release().model.roles


def test_settings_of_different_elements_in_one_file_merge(clinic: Clinic):
    """Element by element: one side changes a label, the other the length of another field."""
    base = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT.replace("Visit", "Consultation")})
    clinic.publish({"objects/visit.yaml": VISIT.replace("max: 80", "max: 90")}, base=base)
    visit = clinic.store.release().model.objects["visit"]
    assert visit.label("en") == "Consultation" and visit.fields["note"].type.max == 90


def test_the_same_change_on_both_sides_is_no_conflict(clinic: Clinic):
    """Changed alike: nothing is left to do."""
    base = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT + FEE})
    assert clinic.plan({"objects/visit.yaml": VISIT + FEE}, base=base).nothing_to_do


def test_one_element_changed_differently_is_refused_with_both_places(clinic: Clinic):
    """The refusal names the element, the place here and the place in the live release; nothing is published."""
    base = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT.replace("max: 80", "max: 90")})
    live = clinic.live
    with pytest.raises(Refused) as refusal:
        clinic.publish({"objects/visit.yaml": VISIT.replace("max: 80", "max: 100")}, base=base)
    (problem,) = refusal.value.problems
    assert problem.code.code == "PLAN-011"
    assert "fields.note.max" in problem.message and "test/objects/visit.yaml:8:" in problem.message
    assert (problem.place.file, problem.place.line) == ("test/objects/visit.yaml", 8)
    assert clinic.live == live


def test_a_file_removed_here_and_changed_there_is_refused(clinic: Clinic):
    """Removing what somebody else has just worked on is no quiet matter."""
    role = "name: nurse\ngrants: {v: {object: visit, can: [read]}}\n"
    clinic.publish({"objects/visit.yaml": VISIT, "roles/nurse.yaml": role})
    base = clinic.live
    clinic.publish({"objects/visit.yaml": VISIT, "roles/nurse.yaml": role.replace("read]", "read, update]")})
    assert codes(clinic.plan({"objects/visit.yaml": VISIT}, base=base)) == ["PLAN-011"]


def test_an_unknown_or_missing_base_is_refused(clinic: Clinic):
    """A folder that does not say what it is based on may not replace what is live."""
    files = {"objects/visit.yaml": VISIT + FEE}
    assert codes(clinic.plan(files, base="")) == ["PLAN-012"]
    assert codes(clinic.plan(files, base="9" * 64)) == ["PLAN-013"]


def test_an_organisation_must_list_its_packs(clinic: Clinic):
    """A pack that is live but no longer listed needs --remove; one that is not listed cannot be published alone."""
    clinic.publish({"objects/visit.yaml": VISIT, "organisation.yaml": ORGANISATION}, base=clinic.live)
    unlisted = {"objects/visit.yaml": VISIT, "organisation.yaml": ORGANISATION.replace(", test", "")}
    assert "PLAN-009" in codes(clinic.plan(unlisted))
    assert codes(clinic.plan(unlisted, remove=frozenset({"test"}))) == []
    other = {"other/pack.yaml": "name: other\nversion: 1.0.0\nlanguage: 1\nlabel: Other\n"}
    assert "PLAN-010" in codes(clinic.plan(other, packs=frozenset({"other"})))
    assert "PLAN-014" in codes(clinic.plan(unlisted, remove=frozenset({"nowhere"})))


@pytest.mark.parametrize(("base", "theirs", "ours", "merged"), [
    ("abc", "abc", "abc", ["abc"]), ("abc", "aXbc", "abcY", ["aXbcY"]), ("abc", "aXc", "abc", ["aXc"]),
    ("abc", "abX", "abY", []), ("ab", "aXb", "aYb", ["aXYb", "aYXb"]), ("abc", "ac", "abc", ["ac"]), ("", "X", "Y", ["XY", "YX"]),
])
def test_lines(base: str, theirs: str, ours: str, merged: list[str]):
    """Three-way merge of lines: one side's change wins over none, two insertions stand in either order, the rest is open."""
    assert ["".join(lines) for lines in merge_lines(base, theirs, ours)] == merged
