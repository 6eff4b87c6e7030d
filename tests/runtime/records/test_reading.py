"""History, serialized forms and the fence: every way out shows what the reader may see of the row now, and nothing else."""

from __future__ import annotations

import contextlib

import pytest
import sqlalchemy as sa

from engine.fields.base import Locale
from runtime.access import Sight
from runtime.records.commands import Create, JoinClinic, RequestInfo, Transition, Update
from runtime.records.outcomes import Kind
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery
from runtime.records.serializer import Serializer, guarded
from runtime.store import system
from tests.runtime.records.test_writes import codes
from tests.runtime.records.world import FILES, LI, NORTH, SOUTH, World, model, person, put, release_of

NURSE = person(("nurse", NORTH))
DESK = person(("desk", NORTH))
ENGLISH, CHINESE = Locale(language="en"), Locale(language="zh")


@pytest.fixture
def patient(world: World) -> str:
    id = world.make("patient", clinic=NORTH, name="Chen", sex="female", phone="13812345678", wages="10.50", born="1990-05-01", doctor=LI)
    world.ok(Update("patient", id, {"phone": "13912345679", "wages": "11.00", "doctor": None}, 1))
    return id


def test_history_follows_the_sight_of_now(world: World, patient: str):
    """A-11: hidden fields are absent from history, masked ones masked, in old and new values; unreadable rows have none."""
    def seen(actor: object) -> list[dict[str, object]]:
        return [{c.field.name: (c.old, c.new) for c in entry.changes} for entry in world.records.history("patient", patient, actor)]

    assert seen(world.system)[0]["phone"] == ("13812345678", "13912345679")
    desk = seen(DESK)
    assert desk[0] == {"phone": ("138****5678", "139****5679"), "doctor": (LI, None)}
    assert "born" not in desk[1] and "wages" not in desk[1]
    assert "wages" not in seen(NURSE)[0]
    assert world.records.history("patient", patient, person(("nurse", SOUTH))) is None


def test_json_by_the_semantics(world: World, patient: str):
    """Decimals are strings, dates ISO, links objects, hidden fields absent, masked ones named in `_masked`, null is null."""
    page = world.records.list(ListQuery(object="patient"), DESK)
    item = Serializer(page.columns, ENGLISH).page(page)
    assert item == {"items": [{
        "id": patient, "version": 2, "name": "Chen", "sex": "female", "phone": "139****5679", "team": None, "doctor": None,
        "card": None, "number": "P-2026-0001", "_masked": ["phone"]}], "next": None}
    world.make("visit", patient=patient, kind="x", fee="2.50", tags=["first"], day="2026-03-01")
    page = world.records.list(ListQuery(object="visit"), NURSE)
    row = Serializer(page.columns, ENGLISH).json(page.rows[0])
    assert row["patient"] == {"id": patient, "title": "Chen"}
    assert (row["fee"], row["day"], row["tags"], row["late"]) == ("2.50", "2026-03-01", ["first"], True)


def test_texts_for_people(world: World, patient: str):
    """Cells are in the reader's language, links lead to records that she may open, masks are told as such."""
    page = world.records.list(ListQuery(object="patient", fields=("name", "sex", "phone")), DESK)
    cells = Serializer(page.columns, CHINESE).cells(page.rows[0])
    assert [(cell.text, cell.sight) for cell in cells] == [("Chen", Sight.VALUE), ("女", Sight.VALUE), ("139****5679", Sight.MASK)]
    world.make("visit", patient=patient, kind="x")
    visits = world.records.list(ListQuery(object="visit", fields=("patient",)), DESK)
    assert Serializer(visits.columns, ENGLISH).cells(visits.rows[0])[0].link == ("patient", patient)


@pytest.mark.parametrize("text,guarding", [
    ("=1+1", True), ("+1", True), ("-1", True), ("@SUM", True), ("\t=1", True), ("\r1", True), (" =1", True), ("\ufeff=1", True),
    ("\u00a0@x", True), ("＝1", True), ("　－1", True), ("\u200b=1", True), (";=1", True), ("Chen", False), (" Chen", False), ("", False),
    ("1-1", False), ("王", False),
])
def test_export_cells_are_no_formulas(text: str, guarding: bool):
    """A-56: signs at the beginning, full-width ones and ones after space, BOM or separators get an apostrophe in front."""
    assert guarded(text) == (f"'{text}" if guarding else text)


def test_exports_keep_numbers(world: World):
    """A negative number stays a number; only texts are guarded."""
    patient = world.make("patient", clinic=NORTH, name="=1+1", wages="-2.50")
    page = next(world.records.export(ListQuery(object="patient", fields=("name", "wages"), ids=(patient,)), world.system))
    serializer = Serializer(page.columns, ENGLISH)
    assert (serializer.header(), serializer.export(page.rows[0])) == (["Name", "Wages"], ["'=1+1", "-2.50"])


def test_a_publish_between_reading_and_saving(world: World, patient: str):
    """A form made for an older release is saved when its fields mean the same, else refused with their names; nothing is lost."""
    old = world.release
    changed = FILES["base/objects/patient.yaml"].replace("card: {type: text, max: 20}", "card: {type: text, max: 10}")
    changed = changed.replace("label: {en: Name, zh: 姓名}", "label: {en: Full name, zh: 姓名}")
    world.release = release_of(model({"base/objects/patient.yaml": changed}), old.layout)
    put(world.store, world.release)
    world.store.releases.load = lambda hash_: old  # type: ignore[method-assign]
    form = RequestInfo(release=old.hash)
    done, = world.records.execute([Update("patient", patient, {"name": "Chan"}, 2)], NURSE, request=form)
    assert done.ok
    refused, = world.records.execute([Update("patient", patient, {"name": "X", "card": "12345678901"}, 3)], NURSE, request=form)
    assert (refused.kind, refused.changed) == (Kind.FENCE, ("card",))
    refused, = world.records.execute([Update("patient", patient, {"card": "1"}, 3)], NURSE, release=old)
    assert (refused.kind, refused.changed) == (Kind.FENCE, ("card",))
    late, = world.records.execute([Update("patient", patient, {"sex": "male"}, 3)], NURSE, release=old)
    assert late.ok
    assert world.scalars(sa.select(system.history.c.release).where(system.history.c.version == 4)) == [world.release.hash]


def test_nothing_that_callers_send_raises(world: World, patient: str):
    """Whatever stands in a command, the outcome is a value."""
    strange: list[object] = [None, True, 1.5, float("nan"), "", "\0", "x" * 5000, "\ud800", [], {}, [None], {"a": 1}, 10**30, "=1", "１２"]
    fields = model().objects["patient"].fields
    for value in strange:
        for name in fields:
            change = Update("patient", patient, {name: value}, None)
            world.run(Create("patient", {"name": "A", name: value}, clinic=NORTH), change, atomic=False)
    for id in ("", "x", "\0", "f" * 31, "F" * 32, "\ud800"):
        for command in (Update("patient", id, {"name": "x"}, 1), Transition("task", id, "start"), JoinClinic("patient", patient, id)):
            assert not world.one(command).ok
    assert codes(world.no(Create("patient", {"name": "x", "\ud800": 1, "a" * 500: 2}), NURSE)).keys() == {"\ud800", "a" * 500}


def test_values_in_titles_are_never_partly_shown(world: World, patient: str):
    """A title is shown whole or not at all."""
    visit = world.make("visit", patient=patient, kind="secret")
    files = {"roles/desk.yaml": "name: desk\ngrants:\n  visits: {object: visit, can: [read]}\n"}
    world.release = release_of(model(files), world.release.layout)
    put(world.store, world.release)
    row = world.records.list(ListQuery(object="visit"), DESK).rows[0]
    assert (row.id, row.title, row.values[0].title) == (visit, None, None)


def test_columns_say_whose_they_are(world: World):
    """A column through links keeps its path, its owner and the label that the caller's view gives."""
    page = world.records.list(ListQuery(object="task", fields=("step", "visit.patient.name")), NURSE)
    assert [(c.key, c.path, c.owner) for c in page.columns] == [
        ("step", ("step",), "task"), ("visit.patient.name", ("visit", "patient", "name"), "patient")]


def test_a_page_reads_what_it_shows(world: World, patient: str):
    """`fields` narrows the columns and nothing else: sights, title, state and rights are those of the whole record."""
    whole, narrow = (world.records.get("patient", patient, DESK, fields=fields) for fields in (None, ("phone", "name")))
    assert [column.key for column in narrow.columns] == ["phone", "name"]
    assert dict(narrow.values) == {name: whole.values[name] for name in ("phone", "name")} == {"phone": "139****5679", "name": "Chen"}
    assert (narrow.row.title, narrow.row.version, narrow.row.sights[0]) == (whole.row.title, whole.row.version, Sight.MASK)
    assert (narrow.actions, narrow.writable, narrow.offers, narrow.clinic) == (whole.actions, whole.writable, whole.offers, whole.clinic)
    with pytest.raises(BadQuery):
        world.records.get("patient", patient, DESK, fields=("wages",))
    release = world.records.store.release()
    with world.records.together(DESK, release):  # what follows on the same snapshot is not narrowed by it
        world.records.get("patient", patient, DESK, release, fields=("name",))
        assert world.records.get("patient", patient, DESK, release).values == whole.values
        assert world.records.stream("patient", patient, DESK, release).happenings


def test_nothing_that_readers_send_raises(world: World, patient: str):
    """Strange ids, texts and filters give nothing, or BadQuery."""
    for id in ("", "x", "\0", "f" * 31, "\ud800", "F" * 32):
        assert world.records.get("patient", id, NURSE) is None
        assert world.records.history("patient", id, NURSE) is None
        assert [len(related.page.rows) for related in world.records.related("patient", id, NURSE)] == [0]
    for text in ("\0", "\ud800", "%", "_", "!", "x" * 5000, "'\"", "\u202e"):
        world.records.lookup("patient", text, NURSE)
        for filter in (text, f"name == '{text}'", f'name == "{text}"', f"name.startsWith('{text}')", f"'{text}' in [name]", f"{text} == 1"):
            for parameter in ("filter", "sort", "view", "after"):
                with contextlib.suppress(BadQuery):
                    world.records.list(ListQuery(object="patient", **{parameter: filter}), NURSE)
        with contextlib.suppress(BadQuery):
            world.records.list(ListQuery(object="patient", fields=(text,)), NURSE)


def test_pages_and_rows_serialize_alike(world: World, patient: str):
    """A page read a column at a time gives what each row gives by itself, with and without masks."""
    world.make("patient", clinic=NORTH, name="B", phone="13712345678", doctor=LI)
    for actor in (NURSE, DESK, world.system):
        page = world.records.list(ListQuery(object="patient"), actor)
        serializer = Serializer(page.columns, ENGLISH)
        assert len(page.rows) == 2 and serializer.items(page.rows) == [serializer.json(row) for row in page.rows]
