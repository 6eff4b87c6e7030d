"""Tables of a Model: columns, foreign keys, indexes, under stable names, on both databases."""

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from engine.fields.base import Storage, StorageKind
from engine.model import BoardView, Index, ListView, Model, SortKey, UniqueRule
from engine.targets.tables import RUNTIME_COLUMNS, Layout, Tables, tables
from tests.builders import model_of
from tests.engine.samples import PLACE, a_model, an_object, field, label

_NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def unique(name: str, *fields: str, scope: str = "clinic") -> UniqueRule:
    return UniqueRule(id=f"core:patient.{name}", name=name, label=label(name), place=PLACE, fields=fields, scope=scope)


def view(name: str, *sort: SortKey) -> ListView:
    return ListView(id=f"core:{name}", name=name, label=label(name), place=PLACE, object="patient", columns={}, sort=sort)


def clinic() -> Model:
    """Patients with a link in a circle, a retired field, words of SQL for names, and lists with orders."""
    patient = an_object(
        "patient",
        {
            "name": field("name", "{type: text, max: 60}", indexed=True), "order": "{type: integer}", "due": "{type: date}",
            "fee": "{type: decimal, places: 3}", "tags": "{type: choices, of: channel}", "phone": "{type: phone}",
            "doctor": "{type: link, to: staff}", "essay": field("essay", "{type: text, max: 2000}", indexed=True),
            "seen": "{type: datetime}", "select": "{type: boolean}", "at": "{type: time}", "photo": "{type: attachment}",
        },
        subject=((),),
        retired_fields={"old_doctor": field("old_doctor", "{type: link, to: staff}", retired=True)},
        unique={"by_order": unique("by_order", "order"), "by_name": unique("by_name", "name", "due", scope="organisation")},
        indexes={"by_due": Index(id="core:patient.by_due", name="by_due", label=label(""), place=PLACE, fields=("due", "id"))},
    )
    staff = an_object("staff", {"patient": field("patient", "{type: link, to: patient}", object_name="staff")}, scope="organisation")
    views = (
        view("by_due", SortKey(("due",), descending=True), SortKey(("name",))), view("by_essay", SortKey(("essay",))),
        view("by_doctor", SortKey(("doctor", "name"))), view("newest"), view("again", SortKey(("due",), True), SortKey(("name",))),
    )
    return a_model(patient, staff, views=views)


def made(model: Model) -> Tables:
    return tables(model, Layout().extend(model))


def indexed(found: Tables, name: str) -> dict[tuple[str, ...], bool]:
    """Columns of each index (a minus for descending) → whether it is unique."""
    specs = found.object(name).indexes.values()
    return {tuple(f"-{c.name}" if c.descending else c.name for c in spec.columns): spec.unique for spec in specs}


def test_every_table_has_the_runtimes_columns_first() -> None:
    """Runtime columns, then fields with their companions; definition columns are nullable whatever is required."""
    patient = made(clinic()).object("patient")
    names = [column.name for column in patient.table.columns]
    assert tuple(names[:8]) == RUNTIME_COLUMNS
    assert "phone__e164" in names and "old_doctor" in names
    assert all(patient.table.c[name].nullable for name in names[8:])
    assert {n for n in RUNTIME_COLUMNS if patient.table.c[n].nullable} == {"clinic_id", "subject_id"}
    assert patient.storages["fee"] == Storage(StorageKind.DECIMAL, 3) and patient.storages["created_at"].kind is StorageKind.INSTANT


def test_columns_are_found_by_current_names() -> None:
    """Current fields, companions and runtime columns by name; retired ones only by id."""
    patient = made(clinic()).object("patient")
    assert patient.column("phone", "e164").name == "phone__e164" and patient.column("clinic_id").name == "clinic_id"
    assert patient.retired_columns["core:patient.old_doctor", ""].name == "old_doctor"
    for name in ("old_doctor", "nothing"):
        with pytest.raises(KeyError):
            patient.column(name)


def test_indexes() -> None:
    """Those that lists, links and rules need, each once; none on what could be too long, none for another table's order."""
    found = indexed(made(clinic()), "patient")
    assert found == {
        ("clinic_id", "order"): True, ("name", "due"): True, ("clinic_id", "id"): False, ("subject_id", "id"): False, ("name", "id"): False,
        ("doctor", "id"): False, ("clinic_id", "-due", "name", "id"): False, ("due", "id"): False,
    }
    assert indexed(made(clinic()), "staff") == {("patient", "id"): False}


def test_state_is_indexed_within_the_clinic() -> None:
    """Lists of a workflow's object filter by state."""
    task = an_object("task", {"status": "{type: state}"}, workflow="status")
    assert ("clinic_id", "status", "id") in indexed(made(a_model(task)), "task")


def test_a_board_is_indexed_by_state_and_order() -> None:
    """A board of many records finds the first of each state without passing by the others; an order by the state adds no column twice."""
    task = an_object("task", {"status": field("status", "{type: state}"), "due": "{type: date}"}, workflow="status")

    def board(name: str, *sort: SortKey) -> BoardView:
        return BoardView(
            id=f"core:{name}", name=name, label=label(name), place=PLACE, object="task", columns={}, sort=sort, states=("open",), limit=20)

    boards = (board("by_due", SortKey(("due",))), board("by_state", SortKey(("status",)), SortKey(("due",), descending=True)))
    found = indexed(made(a_model(task, views=boards)), "task")
    assert {columns for columns in found if columns[:1] == ("clinic_id",)} == {
        ("clinic_id", "id"), ("clinic_id", "status", "id"), ("clinic_id", "status", "due", "id"), ("clinic_id", "status", "-due", "-id")}


def test_row_rules_have_indexes() -> None:
    """What a grant's rule holds against the user or fixed values is found by an index, and in the order of the default list where it
    is one value; what it reads behind links or computes is not."""
    found = made(model_of({
        "objects/call.yaml": "name: call\ntitle: '{note}'\nbelongs_to: clinic\nfields: {note: {type: text, max: 60}, due: {type: date}, "
                             "rank: {type: integer}, size: {type: integer}, caller: {type: link, to: staff}}\n",
        "views/calls.yaml": "name: calls\nobject: call\ndefault: true\ncolumns: {note: {}}\nsort: [-due]\n",
        "roles/caller.yaml": "name: caller\ngrants:\n"
                             "  own: {object: call, can: [read], rows: 'user.id == caller && rank in [1, 2]'}\n"
                             "  odd: {object: call, can: [read], rows: 'size + 1 == 3 || caller.name == \"x\"'}\n",
    }))
    own = {columns for columns in indexed(found, "call") if columns[0] in ("caller", "rank", "size")}
    assert own == {("caller", "id"), ("caller", "-due", "-id"), ("rank", "id")}


def test_names_are_stable_and_short() -> None:
    """Equal indexes have equal names in every release, other columns another name; a rename changes none."""
    before = made(clinic()).object("patient")
    model = clinic()
    patient = model.objects["patient"]
    fields = {("fee_due" if name == "fee" else name): one for name, one in patient.fields.items()}
    fields["deadline"] = dataclasses.replace(fields.pop("due"), name="deadline", former=("due",))
    rules = {"by_order": patient.unique["by_order"], "by_name": unique("by_name", "name", "deadline", scope="organisation")}
    after = dataclasses.replace(patient, fields=fields, unique=rules, indexes={})
    views = tuple(dataclasses.replace(v, sort=tuple(SortKey(("deadline",), k.descending) if k.path == ("due",) else k for k in v.sort))
                  for v in model.views.values())
    renamed = a_model(after, model.objects["staff"], views=views)
    now = tables(renamed, Layout().extend(clinic()).extend(renamed)).object("patient")
    assert set(before.indexes) - set(now.indexes) == {name for name, i in before.indexes.items() if i.columns[0].name == "due"}
    assert set(now.indexes) < set(before.indexes)
    assert all(len(name) <= 63 for name in before.indexes)


def test_longest_names_fit() -> None:
    """Names of 41 characters give tables, columns, indexes and constraints within PostgreSQL's 63 bytes."""
    long = "a" * 41
    model = a_model(an_object(long, {long: field(long, "{type: phone}", object_name=long), "staff": "{type: link, to: staff}"}),
                    an_object("staff", {}))
    found = made(model).object(long)
    names = [found.table.name, *found.indexes, *(link.constraint for link in found.links), *(c.name for c in found.table.columns)]
    assert max(map(len, names)) <= 63


def test_links_are_foreign_keys_checked_at_commit() -> None:
    """Also a retired field's link is known, since a delete has to clear it."""
    patient = made(clinic()).object("patient")
    assert {link.column.name: link.target.name for link in patient.links} == {"doctor": "o_staff", "old_doctor": "o_staff"}
    keys = list(patient.table.foreign_key_constraints)
    assert len(keys) == 2 and all(key.deferrable and key.initially == "DEFERRED" and key.ondelete is None for key in keys)


def test_retired_objects_keep_their_table() -> None:
    """They are found by id and not by name, and links to them still hold."""
    staff = dataclasses.replace(an_object("staff", {"name": "{type: text}"}), retired=True)
    patient = an_object("patient", {}, retired_fields={"doctor": field("doctor", "{type: link, to: staff}", retired=True)})
    found = made(a_model(patient, retired={staff.id: staff}))
    assert "staff" not in found.by_name and found.by_id["core:staff"].table.name == "o_staff"
    assert [link.target.name for link in found.object("patient").links] == ["o_staff"]



def test_tables_can_be_made(database_url: str) -> None:
    """Both databases make all of it, and name the index that a second row breaks."""
    found = made(clinic())
    engine = sa.create_engine(database_url)
    found.metadata.create_all(engine)
    patient = found.object("patient")
    at = {"version": 1, "created_at": _NOW, "created_by": "system", "updated_at": _NOW, "updated_by": "system", "clinic_id": "c"}
    with engine.begin() as connection:
        connection.execute(patient.table.insert(), [{"id": "1", "order": 7, **at}, {"id": "2", "order": None, **at}])
        connection.execute(patient.table.insert(), [{"id": "3", "order": None, **at}])
    with pytest.raises(sa.exc.IntegrityError) as refused, engine.begin() as connection:
        connection.execute(patient.table.insert(), [{"id": "4", "order": 7, **at}])
    broken = next(spec for spec in patient.indexes.values() if spec.unique and spec.columns[1].name == "order")
    assert broken.name in str(refused.value.orig) or "o_patient.clinic_id, o_patient.order" in str(refused.value.orig)
    assert found.violated(broken.name) == (patient, broken) and found.violated("other") is None
    reflected = {index["name"] for index in sa.inspect(engine).get_indexes("o_patient")}
    assert reflected == set(patient.indexes)
    engine.dispose()


def test_an_order_with_a_descending_key_uses_its_index(database_url: str) -> None:
    """A list sorted as declared, nulls last, is read from the index without sorting."""
    found = made(clinic())
    engine = sa.create_engine(database_url)
    found.metadata.create_all(engine)
    t = found.object("patient").table
    rows = sa.select(t.c.id).where(t.c.clinic_id == "c").limit(50)
    rows = rows.order_by(t.c.due.desc().nulls_last(), t.c.name.asc().nulls_last(), t.c.id)
    with engine.begin() as connection:
        statement = str(rows.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True}))
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_sort = off")
        plan = str(connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if engine.dialect.name == 'sqlite' else ''}{statement}").all())
    engine.dispose()
    index = next(n for n, spec in found.object("patient").indexes.items() if len(spec.columns) == 4)
    assert index in plan and "Sort" not in plan
