"""Publishing: every kind of change reaches the tables once, keeps every value, and is refused where rows stand in the way."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.targets.operations import CreateIndex, Risk
from runtime.store import ddl, schema
from runtime.store.errors import NothingToPublish, Overtaken, Refused
from tests.runtime.store.publishing import VISIT, Clinic, codes, kinds

P1, P2, V1, V2 = "a" * 32, "b" * 32, "c" * 32, "d" * 32
KIND = "  kind: {type: choice, options: {first: {}, again: {}}}\n"
TAGS = "  tags: {type: choices, options: {vip: {}, late: {}}}\n"
ROLE = "name: nurse\ngrants:\n  visits: {object: visit, can: [read]}\n"
FLOW = "object: visit\nfield: status\ninitial: open\nstates: {open: {}, waiting: {}, done: {}}\ntransitions:\n" \
       "  wait: {from: open, to: waiting}\n  finish: {from: [open, waiting], to: done}\n"


def visits(fields: str = "", **more: str) -> dict[str, str]:
    return {"objects/visit.yaml": VISIT + fields, **{path.replace("__", "/") + ".yaml": text for path, text in more.items()}}


# what changes → (files before, files after, operations expected among those of the plan)
CHANGES = {
    "object": (visits(), visits(objects__bill="name: bill\nbelongs_to: organisation\nfields: {sum: {type: decimal, places: 2}}"),
               {"CreateTable"}),
    "field": (visits(), visits("  fee: {type: decimal, places: 2}\n"), {"AddColumn"}),
    "link": (visits(), visits("  doctor: {type: link, to: staff}\n"), {"AddColumn", "CreateIndex"}),
    "companion": (visits(), visits("  call: {type: phone}\n"), {"AddColumn"}),
    "index": (visits("  due: {type: date}\n"), visits("  due: {type: date, index: true}\n"), {"CreateIndex", "ChangeElement"}),
    "index gone": (visits("  due: {type: date, index: true}\n"), visits("  due: {type: date}\n"), {"DropIndex", "ChangeElement"}),
    "unique": (visits(), visits("unique: {one: [patient, note]}\n"), {"CreateUnique"}),
    "unique gone": (visits("unique: {one: [patient, note]}\n"), visits(), {"DropUnique"}),
    "rename": (visits("  due: {type: date}\n"), visits("  planned: {type: date, was: [due]}\n"), {"RenameElement"}),
    "retire": (visits("  due: {type: date}\n"), visits("  due: {type: date, retired: true}\n"), {"RetireField"}),
    "restore": (visits("  due: {type: date, retired: true}\n"), visits("  due: {type: date}\n"), {"RestoreField"}),
    "option": (visits(KIND), visits(KIND.replace("again: {}", "again: {}, control: {}")), {"AddElement"}),
    "option renamed": (visits(KIND), visits(KIND.replace("again: {}", "repeat: {was: [again]}")), {"RenameElement"}),
    "option retired": (visits(KIND), visits(KIND.replace("again: {}", "again: {retired: true}")), {"RetireElement"}),
    "workflow": (visits(), visits(workflows__visit=FLOW), {"AddColumn", "AddElement"}),
    "state": (visits(workflows__visit=FLOW),
              visits(workflows__visit=FLOW.replace("done: {}}", "done: {}, lost: {}}") + "  lose: {from: open, to: lost}\n"),
              {"AddElement"}),
    "role": (visits(), visits(roles__nurse=ROLE), {"AddElement", "AccessChange"}),
    "retype empty": (visits("  due: {type: date}\n"), visits("  due: {type: integer}\n"), {"RetypeField"}),
    "form": (visits(), visits(forms__short="name: short\nobject: visit\nitems: {note: {}}\n"), {"AddElement"}),
    "pack removed": (visits(), {}, {"RemovePack"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_reaches_the_tables_once(clinic: Clinic, change: str):
    """The plan names the operation, the tables become those of the release, and a second publish has nothing to do."""
    before, after, expected = CHANGES[change]
    if before != visits():
        clinic.publish(before)
    remove = frozenset({"test"} if change == "pack removed" else ())
    plan = clinic.plan(after, remove=remove)
    assert not codes(plan)
    assert expected <= set(kinds(plan))
    clinic.publish(after, remove=remove)
    release = clinic.store.release()
    with clinic.store.read() as connection:
        assert schema.differences(connection, release.tables, release.layout) == []
    again = clinic.plan(after)
    assert again.nothing_to_do and again.operations == ()
    with pytest.raises(NothingToPublish):
        clinic.publish(after)


def test_the_plan_is_gravest_first(clinic: Clinic):
    """What people lose stands first, then rights, then the rest, in both languages."""
    plan = clinic.plan(visits("  fee: {type: integer, index: true}\n", roles__nurse=ROLE).copy() | {
        "objects/visit.yaml": VISIT.replace("max: 80}", "max: 80, retired: true}").replace("subject: patient", "subject: patient\ntitle: x")
        + "  fee: {type: integer, index: true}\n"})
    risks = [operation.risk for operation in plan.operations]
    assert risks == sorted(risks) and risks[0] is Risk.DESTRUCTIVE and Risk.ACCESS in risks
    assert plan.needs_grant
    for english, chinese in zip(plan.describe("en"), plan.describe("zh"), strict=True):
        assert english and chinese and english != chinese


def _statements(clinic: Clinic) -> list[str]:
    seen: list[str] = []
    sa.event.listen(clinic.store.main.writes, "before_cursor_execute", lambda c, cu, s, *a: seen.append(s))
    return seen


def test_a_rename_keeps_values_and_runs_no_ddl(clinic: Clinic):
    """Field, option and object take another name; no table is touched and every value is still there."""
    clinic.publish(visits(KIND))
    clinic.put("patient", P1)
    clinic.put("visit", V1, patient=P1, note="pain", kind="again")
    seen = _statements(clinic)
    renamed = VISIT.replace("name: visit", "name: consultation\nwas: [visit]").replace("  note: {", "  remark: {was: [note], ")
    clinic.publish({"objects/consultation.yaml": renamed + KIND.replace("again: {}", "repeat: {was: [again]}")})
    assert not [s for s in seen if s.startswith(("ALTER", "CREATE", "DROP"))]
    assert clinic.values("consultation", "remark") == ["pain"]
    assert clinic.values("consultation", "kind") == ["again"]


def test_retire_and_restore_keep_values(clinic: Clinic):
    """A retired field is out of the Model but not of the database; restoring brings its values back."""
    clinic.put("patient", P1)
    clinic.put("visit", V1, patient=P1, note="pain")
    title = VISIT.replace("subject: patient", "subject: patient\ntitle: x")
    clinic.publish({"objects/visit.yaml": title.replace("max: 80", "max: 80, retired: true")})
    assert "note" not in clinic.store.release().model.objects["visit"].fields
    assert "RestoreField" in kinds(clinic.plan(visits()))
    clinic.publish(visits())
    assert clinic.values("visit", "note") == ["pain"]


def test_a_removed_pack_comes_back_with_its_rows(clinic: Clinic):
    """Nobody but purge loses data: removing a pack keeps its tables."""
    clinic.put("patient", P1)
    clinic.put("visit", V1, patient=P1, note="pain")
    assert clinic.plan({}).nothing_to_do  # publishing other packs leaves this one alone
    clinic.publish({}, remove=frozenset({"test"}))
    assert "visit" not in clinic.store.release().model.objects
    clinic.publish(visits())
    assert clinic.values("visit", "note") == ["pain"]


REFUSALS = {
    "PLAN-001": (VISIT, VISIT.replace("note:", "remark:")),
    "PLAN-002": (VISIT, VISIT.replace("  note: {type: text, max: 80}\n", "").replace("subject:", "title: x\nsubject:")),
    "PLAN-003": (VISIT + KIND, VISIT + KIND.replace(", again: {}", "")),
    "PLAN-003 list": (VISIT + TAGS, VISIT + TAGS.replace(", late: {}", "")),
    "PLAN-004": (VISIT, VISIT.replace("{type: text, max: 80}", "{type: integer}").replace("subject:", "title: x\nsubject:")),
    "PLAN-005": (VISIT, VISIT + "unique: {one: [patient, note]}\n"),
    "PLAN-006": (VISIT, VISIT.replace("{via: patient}", "clinic")),
    "PLAN-006 subject": (VISIT, VISIT.replace("subject: patient", "subject: none")),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_lose_or_break_rows_is_refused(clinic: Clinic, case: str):
    """Each refusal has its code, a place and the number of rows, and changes nothing."""
    before, after = REFUSALS[case]
    if before != VISIT:
        clinic.publish({"objects/visit.yaml": before})
    clinic.put("patient", P1)
    extra = {"kind": "again"} if before == VISIT + KIND else {"tags": ("vip", "late")} if before == VISIT + TAGS else {}
    for id in (V1, V2):
        clinic.put("visit", id, patient=P1, note="pain", clinic_id="e" * 32, **extra)
    live = clinic.live
    with pytest.raises(Refused) as refusal:
        clinic.publish({"objects/visit.yaml": after})
    (problem,) = refusal.value.problems
    assert problem.code.code == case.partition(" ")[0]
    assert problem.place.file == "test/objects/visit.yaml" and problem.place.line > 1
    assert ("2 rows" in problem.message) == (problem.code.code not in ("PLAN-001", "PLAN-002"))
    assert clinic.live == live


def test_without_rows_the_same_changes_pass(clinic: Clinic):
    """What only rows forbid is allowed while there are none."""
    clinic.publish({"objects/visit.yaml": VISIT.replace("{via: patient}", "clinic") + KIND})
    clinic.publish({"objects/visit.yaml": VISIT.replace("{via: patient}", "clinic") + KIND.replace(", again: {}", "")})
    assert list(clinic.store.release().model.objects["visit"].fields["kind"].type.choices.options) == ["first"]


def test_rows_that_come_after_the_plan_stop_the_publish(clinic: Clinic):
    """The rows are asked again inside the transaction that would break them."""
    def late(point: str) -> None:
        if point == "prepared":
            clinic.put("patient", P1)
            for id in (V1, V2):
                clinic.put("visit", id, patient=P1, note="pain", clinic_id="e" * 32)

    incoming = clinic.incoming(visits("unique: {one: [patient, note]}\n"))
    with pytest.raises(Refused):
        clinic.send(incoming, reached=late)


def test_two_publishers_from_one_base_one_wins(clinic: Clinic):
    """The second to flip is told who came first, and leaves no trace in the tables."""
    first, second = clinic.incoming(visits("  one: {type: text}\n")), clinic.incoming(visits("  two: {type: text}\n"))

    def other_comes_first(point: str) -> None:
        if point == "indexed":
            clinic.send(first)

    with pytest.raises(Overtaken):
        clinic.send(second, reached=other_comes_first)
    assert set(clinic.store.releases.refresh().model.objects["visit"].fields) == {"patient", "note", "one"}
    with clinic.store.read() as connection:
        columns = {column["name"] for column in sa.inspect(connection).get_columns("o_visit")}
    assert "one" in columns and "two" not in columns


def test_a_publish_leaves_one_audit_entry(clinic: Clinic):
    """Who published what on which base stands in the audit, in the same transaction."""
    base = clinic.live
    done = clinic.publish(visits("  fee: {type: integer}\n"))
    with clinic.store.read() as connection:
        rows = connection.execute(sa.text("SELECT * FROM cw_audit WHERE release = :h"), {"h": done.hash}).mappings().all()
    (row,) = rows
    assert (row["action"], row["actor"], row["outcome"]) == ("publish", "system", "done")
    assert base in row["detail"]


def test_physical_names_never_collide(clinic: Clinic):
    """A name used again for something new gets a column of its own; the old one keeps its values."""
    clinic.put("patient", P1)
    clinic.put("visit", V1, patient=P1, note="pain")
    text = VISIT.replace("  note: {type: text, max: 80}", '  remark: {type: text, max: 80, was: [note]}\n'
                         '  note: {type: integer, id: "test:visit.note_2"}')
    clinic.publish({"objects/visit.yaml": text})
    assert clinic.values("visit", "remark") == ["pain"] and clinic.values("visit", "note") == [None]


def test_big_tables_are_indexed_beside_the_writers(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    """On PostgreSQL the index of a big table is built CONCURRENTLY before the flip, unfinished ones are built anew."""
    if clinic.store.dialect != "postgresql":
        return
    clinic.publish(visits("  due: {type: date}\n"))
    clinic.put("patient", P1)
    clinic.put("visit", V1, patient=P1)
    clinic.put("visit", V2, patient=P1)
    with clinic.store.write() as connection:
        connection.exec_driver_sql("ANALYZE o_visit")
    monkeypatch.setattr(ddl, "BIG_ROWS", 1)
    after = visits("  due: {type: date, index: true}\n  fee: {type: integer, index: true}\n")
    (index,) = (o.index for o in clinic.plan(after).operations if isinstance(o, CreateIndex) and "due" in o.columns)
    with clinic.store.write() as connection:
        connection.execute(sa.text(f'CREATE INDEX "{index}" ON o_visit (due, id)'))
        connection.execute(sa.text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('{index}')"))
    seen = _statements(clinic)
    clinic.publish(after)
    built = [" ".join(s.split()[:3]) for s in seen if index in s and "INDEX" in s]
    assert built == [f"DROP INDEX {index}", "CREATE INDEX CONCURRENTLY", "CREATE INDEX IF"]  # the last finds it there
    release = clinic.store.release()
    with clinic.store.read() as connection:
        assert schema.differences(connection, release.tables, release.layout) == []
