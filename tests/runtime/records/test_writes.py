"""Creates and updates: what is allowed is written once with history and audit, everything else is refused with a reason.

1. Unknown, runtime, computed, masked and hidden fields are refused, never dropped (A-21, A-22).
2. A row belongs to the actor's clinic or follows its link; unique rules hold per clinic and tell nothing of other rows.
3. One list is one transaction; without `atomic` the refused commands alone are left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.audit.changes import change_digest
from runtime.audit.keys import Keys
from runtime.records.commands import Create, Encoding, JoinClinic, LeaveClinic, Transition, Update
from runtime.records.outcomes import Kind, Written
from runtime.records.query import ListQuery
from runtime.store import system
from tests.runtime.records.world import LI, NORTH, SOUTH, WANG, World, person

NURSE = person(("nurse", NORTH))
DESK = person(("desk", NORTH))


def codes(refused: Any) -> dict[str, str]:
    return {error.field: error.code for error in refused.errors}


def stored(world: World, object: str, id: str) -> Mapping[str, Any]:
    table = world.release.tables.object(object).table
    with world.store.read() as connection:
        return connection.execute(sa.select(table).where(table.c.id == id)).mappings().one()


def test_a_create_writes_row_history_and_audit_once(world: World):
    """Values in every form, defaults of the runtime, companions, number, subject and stays; history lists what was given."""
    id = world.make("patient", actor=NURSE, name="王小明", sex="male", phone="138 1234 5678", born="1990-05-01", doctor=LI)
    row = stored(world, "patient", id)
    assert (row["version"], row["clinic_id"], row["subject_id"], row["created_by"]) == (1, NORTH, id, LI)
    assert (row["phone"], row["phone__e164"], row["number"]) == ("138 1234 5678", "+8613812345678", "P-2026-0001")
    history = world.scalars(sa.select(system.history.c.changes))
    assert history == [{
        "base:patient.name": [None, "王小明"], "base:patient.sex": [None, "male"], "base:patient.phone": [None, "138 1234 5678"],
        "base:patient.born": [None, "1990-05-01"], "base:patient.doctor": [None, LI], "base:patient.number": [None, "P-2026-0001"],
    }]
    with world.store.read() as connection:
        audit = connection.execute(sa.select(system.audit)).mappings().one()
    assert (audit["actor"], audit["action"], audit["record_id"], audit["clinic_id"], audit["subject_id"]) == (LI, "create", id, NORTH, id)
    assert "王小明" not in repr(dict(audit)) and "1234" not in repr(dict(audit))
    assert audit["digest"] == change_digest(
        Keys(b"k" * 32).derive("audit"), record_id=id, version=1, action="create", changes=history[0], reason=None)
    assert world.count(system.record_clinic, system.record_clinic.c.record_id == id) == 1
    assert world.count(system.record_subject, system.record_subject.c.record_id == id) == 1


@pytest.mark.parametrize("values,kind,expected", [
    ({"name": "A", "nope": 1}, Kind.INVALID, {"nope": "unknown_field"}),
    ({"name": "A", "id": "0" * 32}, Kind.INVALID, {"id": "unknown_field"}),
    ({"name": "A", "version": 7}, Kind.INVALID, {"version": "unknown_field"}),
    ({"name": "A", "clinic_id": SOUTH}, Kind.INVALID, {"clinic_id": "unknown_field"}),
    ({"name": "A", "created_by": WANG}, Kind.INVALID, {"created_by": "unknown_field"}),
    ({"name": "A", "wages": "1.00"}, Kind.INVALID, {"wages": "unknown_field"}),
    ({"name": "A", "number": "P-1"}, Kind.FORBIDDEN, {"number": "computed"}),
    ({"name": 5}, Kind.INVALID, {"name": "not_text"}),
    ({"name": "A\0"}, Kind.INVALID, {"name": "control_character"}),
    ({"name": "  "}, Kind.INVALID, {"name": "required"}),
    ({"sex": "male"}, Kind.INVALID, {"name": "required"}),
    ({"name": "A", "sex": "other"}, Kind.INVALID, {"sex": "unknown_option"}),
    ({"name": "A", "born": "2026-02-30", "sex": 1}, Kind.INVALID, {"born": "invalid_date", "sex": "not_option"}),
    ({"name": "A", "doctor": "f" * 32}, Kind.INVALID, {"doctor": "unknown_link"}),
    ({"name": "A", "doctor": "x"}, Kind.INVALID, {"doctor": "invalid_link"}),
])
def test_bad_values_change_nothing(chain: World, values: dict[str, Any], kind: Kind, expected: dict[str, str]):
    """Requirement 1: each problem stands beside its field, and nothing is written."""
    refused = chain.no(Create("patient", values), NURSE)
    assert (refused.kind, codes(refused)) == (kind, expected)
    assert chain.count(chain.release.tables.object("patient").table) == chain.count(system.history) == 0


@pytest.fixture(scope="module")
def chain(backend: Any, module_database_url: str) -> Any:
    """A chain that refused commands share."""
    from tests.runtime.records.conftest import release
    from tests.runtime.records.world import build

    build(module_database_url)
    opened = World.open(module_database_url, release(backend.name))
    yield opened
    opened.store.close()


def test_an_update_writes_what_differs(world: World):
    """Only changed values stand in the history; the same values again write nothing; a stale version is told."""
    id = world.make("patient", clinic=NORTH, name="A", sex="male", wages="1.50")
    done = world.ok(Update("patient", id, {"name": "B", "sex": "male"}, 1), NURSE)
    assert (done.version, done.changed) == (2, True)
    assert world.scalars(sa.select(system.history.c.changes).where(system.history.c.version == 2)) == [{"base:patient.name": ["A", "B"]}]
    again = world.ok(Update("patient", id, {"name": "B"}, 2), NURSE)
    assert (again.version, again.changed, world.count(system.history)) == (2, False, 2)
    stale = world.no(Update("patient", id, {"name": "C"}, 1), NURSE)
    assert (stale.kind, stale.version, stored(world, "patient", id)["name"]) == (Kind.STALE, 2, "B")
    assert stored(world, "patient", id)["wages"] == Decimal("1.50")


def test_rights_depend_on_row_and_field(world: World):
    """The desk may change phones of her own patients; elsewhere she sees a mask, and an echo of it is never stored."""
    hers = world.make("patient", clinic=NORTH, name="A", phone="13812345678", doctor=LI)
    other = world.make("patient", clinic=NORTH, name="B", phone="13812345679")
    south = world.make("patient", clinic=SOUTH, name="C")
    world.ok(Update("patient", hers, {"phone": "13912345678"}, 1), DESK)
    echo = world.no(Update("patient", other, {"phone": "138****5679"}, 1), DESK)
    assert (echo.kind, codes(echo)) == (Kind.FORBIDDEN, {"phone": "masked"})
    assert codes(world.no(Update("patient", other, {"born": "2000-01-01"}, 1), DESK)) == {"born": "unknown_field"}
    assert codes(world.no(Update("patient", other, {"wages": "1.00"}, 1), DESK)) == {"wages": "unknown_field"}
    missing = world.no(Update("patient", "f" * 32, {"name": "X"}, 1), DESK)
    hidden = world.no(Update("patient", south, {"name": "X"}, 1), DESK)
    assert (hidden.kind, hidden.message) == (missing.kind, missing.message) == (Kind.NOT_FOUND, missing.message)
    assert world.no(Create("patient", {"name": "D"}), DESK).kind is Kind.FORBIDDEN
    assert world.no(Create("task", {"step": "D"}), DESK).kind is Kind.NOT_FOUND
    assert stored(world, "patient", other)["phone"] == "13812345679"


def test_texts_are_read_as_people_write_them(world: World):
    """With Encoding.TEXT labels, local dates and empty texts are understood."""
    id = world.ok(Create("patient", {"name": " A ", "sex": "Female", "born": "2000-01-31", "wages": ""}, NORTH, encoding=Encoding.TEXT)).id
    row = stored(world, "patient", id)
    assert (row["name"], row["sex"], row["born"], row["wages"]) == ("A", "female", stored(world, "patient", id)["born"], None)
    assert row["born"].isoformat() == "2000-01-31"


def test_the_clinic_is_the_actors_own(world: World):
    """Requirement 2: by default the first clinic where she may create; another must be hers to create in."""
    both = person(("desk", NORTH), ("nurse", SOUTH))
    assert stored(world, "patient", world.make("patient", actor=both, name="A"))["clinic_id"] == SOUTH
    for clinic in (NORTH, "f" * 32, LI):
        refused = world.no(Create("patient", {"name": "B"}, clinic=clinic), both)
        assert (refused.kind, codes(refused)) == (Kind.INVALID, {"clinic": "unknown_clinic"})
    assert codes(world.no(Create("patient", {"name": "B"}), world.system)) == {"clinic": "clinic_required"}
    everywhere = person(("nurse", None))
    assert codes(world.no(Create("patient", {"name": "B"}), everywhere)) == {"clinic": "clinic_required"}
    assert stored(world, "patient", world.make("patient", clinic=SOUTH, actor=everywhere, name="C"))["clinic_id"] == SOUTH


def test_unique_rules_hold_per_clinic(world: World):
    """A-18: the same card may exist in two clinics; within one the rule is named and the other row is not."""
    first = world.make("patient", clinic=SOUTH, name="A", card="7")
    here = world.make("patient", actor=NURSE, name="Zed", card="7")
    refused = world.no(Create("patient", {"name": "C", "card": "7"}), NURSE)
    assert (refused.kind, refused.rule, codes(refused)) == (Kind.DUPLICATE, "by_card", {"card": "duplicate"})
    assert first not in repr(refused) and here not in repr(refused) and "Zed" not in repr(refused)
    other = world.make("patient", actor=NURSE, name="D", card="8")
    assert world.no(Update("patient", other, {"card": "7"}, 1), NURSE).kind is Kind.DUPLICATE
    twice = world.run(*(Create("patient", {"name": name, "card": "9"}) for name in "EF"), actor=NURSE, atomic=False)
    assert [type(outcome) is Written for outcome in twice] == [True, False]


def test_rows_follow_their_links(world: World):
    """Clinic and subject of visits and tasks are their patient's, also when a link further up changes."""
    north, south = (world.make("patient", clinic=clinic, name="A") for clinic in (NORTH, SOUTH))
    visit = world.make("visit", patient=north, kind="check")
    task = world.make("task", visit=visit, step="call")
    assert [stored(world, "task", task)[name] for name in ("clinic_id", "subject_id")] == [NORTH, north]
    world.ok(Update("visit", visit, {"patient": south}, 1))
    for object, id in (("visit", visit), ("task", task)):
        assert [stored(world, object, id)[name] for name in ("clinic_id", "subject_id")] == [SOUTH, south]
    assert set(world.scalars(sa.select(system.record_subject.c.subject_id).where(system.record_subject.c.record_id == task))) == {south}
    assert world.no(Update("visit", visit, {"kind": "x"}, 2), NURSE).kind is Kind.NOT_FOUND


def test_links_lead_only_to_readable_rows(world: World):
    """A link to a row of another clinic is refused like one to nothing."""
    south = world.make("patient", clinic=SOUTH, name="A")
    hidden, missing = (world.no(Create("visit", {"patient": id}), NURSE) for id in (south, "f" * 32))
    assert (codes(hidden), hidden.message) == (codes(missing), missing.message) == ({"patient": "unknown_link"}, missing.message)


def test_a_shared_patient_is_seen_by_both_clinics(world: World):
    """A patient joined to a second clinic is read and changed from there, with what hangs on it; leaving ends that."""
    id = world.make("patient", actor=NURSE, name="A")
    visit = world.make("visit", actor=NURSE, patient=id, kind="check")
    south, both = person(("nurse", SOUTH), id=WANG), person(("nurse", NORTH), ("nurse", SOUTH))
    assert world.records.get("patient", id, south) is None
    world.ok(JoinClinic("patient", id, SOUTH), both)
    assert world.records.get("patient", id, south) and world.records.get("visit", visit, south)
    world.ok(Update("patient", id, {"name": "B"}, 2), south)
    assert not world.ok(JoinClinic("patient", id, SOUTH), both).changed
    assert codes(world.no(LeaveClinic("patient", id, NORTH), NURSE)) == {"clinic": "first_clinic"}
    world.ok(LeaveClinic("patient", id, SOUTH), both)
    assert world.records.get("patient", id, south) is None and world.records.get("visit", visit, south) is None


def test_one_list_is_one_transaction(world: World):
    """Requirement 3: atomic lists write all or nothing; others leave out the refused commands, numbers without gaps."""
    good = [Create("patient", {"name": f"p{n}"}) for n in range(4)]
    bad = Create("patient", {"name": "x", "doctor": "f" * 32})
    outcomes = world.run(good[0], bad, good[1], actor=NURSE)
    assert [getattr(outcome, "kind", None) for outcome in outcomes] == [Kind.NOT_TRIED, Kind.INVALID, Kind.NOT_TRIED]
    assert world.count(world.release.tables.object("patient").table) == world.count(system.history) == world.count(system.sequence) == 0
    outcomes = world.run(good[0], bad, good[1], bad, good[2], actor=NURSE, atomic=False)
    assert [outcome.ok for outcome in outcomes] == [True, False, True, False, True]
    column = world.release.tables.object("patient").column("number")
    assert sorted(world.scalars(sa.select(column))) == ["P-2026-0001", "P-2026-0002", "P-2026-0003"]
    assert world.count(system.history) == world.count(system.audit) == 3


def test_checks_name_their_field(world: World):
    """A validation that fails is told in its own words beside its field; old rows that break it can be edited elsewhere."""
    patient = world.make("patient", clinic=NORTH, name="A")
    refused = world.no(Create("visit", {"patient": patient, "fee": "1.00"}))
    assert [(error.field, error.code, error.message) for error in refused.errors] == [("kind", "check", "A fee needs a kind")]
    visit = world.make("visit", patient=patient, fee="1.00", kind="check")
    assert codes(world.no(Update("visit", visit, {"kind": None}, 1))) == {"kind": "check"}
    world.ok(Update("visit", visit, {"day": "2026-03-01"}, 1))


def test_a_created_row_must_satisfy_the_rule_of_its_grant(world: World):
    """The predicate decides on the inserted row; what it does not return is rolled back whole."""
    files = {"roles/nurse.yaml": """
name: nurse
grants:
  mine: {object: patient, can: [read, create], rows: "doctor == user.id", show: [phone]}
  staff: {object: staff, can: [read]}
"""}
    from tests.runtime.records.world import model, put, release_of

    world.release = release_of(model(files))
    put(world.store, world.release)
    assert world.no(Create("patient", {"name": "A"}), NURSE).kind is Kind.FORBIDDEN
    assert world.no(Create("patient", {"name": "A", "doctor": WANG}), NURSE).kind is Kind.FORBIDDEN
    assert world.count(world.release.tables.object("patient").table) == world.count(system.sequence) == 0
    world.ok(Create("patient", {"name": "A", "doctor": LI}), NURSE)


def race(threads: int, work: Callable[[int], Any]) -> list[Any]:
    """What each of several threads that start together returns."""
    barrier, found = threading.Barrier(threads), [None] * threads

    def run(place: int) -> None:
        barrier.wait()
        found[place] = work(place)

    running = [threading.Thread(target=run, args=(place,)) for place in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return found


def test_numbers_have_no_gap_and_no_repeat(world: World):
    """Eight threads that create and fail in between share one counter."""
    def work(place: int) -> None:
        for n in range(3):
            pair = Create("patient", {"name": f"p{place}-{n}"}), Create("patient", {"name": "x", "sex": "?"})
            world.run(*pair, actor=NURSE, atomic=n % 2 == 0)
            world.ok(Create("patient", {"name": f"q{place}-{n}"}), NURSE)

    race(8, work)
    column = world.release.tables.object("patient").column("number")
    numbers = sorted(world.scalars(sa.select(column)))
    assert numbers == [f"P-2026-{n:04}" for n in range(1, 8 * 4 + 1)]


def test_racing_duplicates_have_one_winner(world: World):
    """A-80: of eight equal creates one is written; the others are told of the rule."""
    outcomes = race(8, lambda n: world.one(Create("patient", {"name": f"p{n}", "card": "7"}), NURSE))
    assert sorted(getattr(outcome, "kind", Kind.INVALID).value for outcome in outcomes) == ["duplicate"] * 7 + ["invalid"]
    assert world.count(world.release.tables.object("patient").table) == 1


def test_fifty_presses_have_one_winner(world: World):
    """A-80: fifty threads press one transition: one success, forty-nine conflicts, one history row, one audit row."""
    patient = world.make("patient", clinic=NORTH, name="A")
    task = world.make("task", visit=world.make("visit", patient=patient), step="call")
    before = world.count(system.history), world.count(system.audit)
    outcomes = race(50, lambda n: world.one(Transition("task", task, "start", version=1), NURSE))
    assert sum(outcome.ok for outcome in outcomes) == 1
    assert {(o.kind, o.state, o.version) for o in outcomes if not o.ok} == {(Kind.LOST, "running", 2)}
    assert (world.count(system.history), world.count(system.audit)) == (before[0] + 1, before[1] + 1)


def test_racing_updates_lose_nothing(world: World):
    """Eight threads that add one after reading: every stale attempt is told, the sum is the number of successes."""
    patient = world.make("patient", clinic=NORTH, name="A", wages="0.00")
    manager = person(("manager", NORTH))

    def add(_: int) -> int:
        done = 0
        while done < 3:
            seen = world.records.get("patient", patient, manager)
            assert seen is not None
            outcome = world.one(Update("patient", patient, {"wages": str(seen.values["wages"] + 1)}, seen.row.version), manager)
            assert outcome.ok or outcome.kind is Kind.STALE, outcome
            done += outcome.ok
        return done

    race(8, add)
    row = stored(world, "patient", patient)
    assert (row["wages"], row["version"]) == (24, 25)


def test_statements_of_one_update_are_few(world: World):
    """A one-record update costs the fence, one SELECT, one UPDATE and the two journal INSERTs; values travel as binds (H2)."""
    patient = world.make("patient", clinic=NORTH, name="A")
    world.ok(Update("patient", patient, {"name": "B", "card": "1"}, 1), NURSE)
    seen: list[str] = []
    canary = "zq'7\"k"

    def watch(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", watch)
    try:
        world.ok(Update("patient", patient, {"name": canary, "card": canary}, 2), NURSE)
        written = [text for text in seen if not text.startswith(("BEGIN", "COMMIT", "PRAGMA"))]
        world.records.list(ListQuery(object="patient", filter=f"name == '{canary.replace(chr(39), chr(92) + chr(39))}'"), NURSE)
        world.records.lookup("patient", canary, NURSE)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", watch)
    assert len(written) == 5, written
    assert not any(canary in text or "zq" in text for text in seen)
