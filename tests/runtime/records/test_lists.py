"""Lists: every page holds what a sorted model holds, and nothing that a reader may not see can be asked about.

1. Keyset paging with nulls last in both directions, forwards and backwards, loses and repeats nothing.
2. A cursor serves only the list and the person it was made for.
3. What is hidden, masked or behind an unreadable row reads like what does not exist (A-01, A-02, A-03, A-06, A-09).
"""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from runtime.records.commands import Create
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, LinkRef, UnknownObject
from tests.runtime.records.world import LI, NORTH, SOUTH, WANG, World, person

DUES = (None, "2026-03-05", "2026-03-01", None, "2026-03-05", "2026-03-09", None)
RANKS = (1, None, 3, None, 2, 1, 1)


@pytest.fixture
def tasks(world: World) -> World:
    """Seven tasks whose due dates and ranks have gaps and ties."""
    patient = world.make("patient", clinic=NORTH, name="Chen", doctor=LI, phone="13812345678", wages="10.00", born="1990-05-01")
    visit = world.make("visit", patient=patient, kind="check")
    for place, (due, rank) in enumerate(zip(DUES, RANKS, strict=True)):
        world.make("task", visit=visit, step=f"s{place}", due=due, rank=rank, assignee=LI if place % 2 else None)
    return world


def steps(world: World, limit: int, sort: str, actor: object = None) -> tuple[list[str], list[str]]:
    """Steps in the order of all pages forwards, and of all pages walked back from the last one."""
    query = ListQuery(object="task", fields=("step",), sort=sort, limit=limit)
    who = actor or world.system
    pages = [world.records.list(query, who)]
    while pages[-1].next:
        pages.append(world.records.list(ListQuery(object="task", fields=("step",), sort=sort, limit=limit, after=pages[-1].next), who))
    back = [pages[-1]]
    while back[-1].previous:
        back.append(world.records.list(ListQuery(object="task", fields=("step",), sort=sort, limit=limit, after=back[-1].previous), who))
    return ([row.values[0] for page in pages for row in page.rows], [row.values[0] for page in reversed(back) for row in page.rows])


def expected(sort: str) -> list[str]:
    """The same order by Python, nulls last in both directions, the id as the last key in the direction of the key before."""
    columns = {"due": DUES, "rank": RANKS}
    found = list(range(len(DUES)))
    keys = [part for part in sort.split(",") if part]
    found.sort(reverse=not keys or keys[-1].startswith("-"))
    for key in reversed(keys):
        values = columns[key.lstrip("-")]
        known = [n for n in found if values[n] is not None]
        known.sort(key=lambda n: values[n], reverse=key.startswith("-"))
        found = known + [n for n in found if values[n] is None]
    return [f"s{n}" for n in found]


def test_pages_equal_a_sorted_model(tasks: World):
    """Requirement 1, for every combination of two keys and every page size."""
    sorts = ["", "due", "-due", "rank", "-rank", *(f"{a},{b}" for a, b in itertools.product(("due", "-due"), ("rank", "-rank")))]
    for sort, limit in itertools.product(sorts, (1, 2, 3, 7, 50)):
        forwards, backwards = steps(tasks, limit, sort)
        assert forwards == expected(sort), (sort, limit)
        assert backwards == expected(sort), (sort, limit)


def test_cursors_are_bound(tasks: World):
    """Requirement 2: another sort, filter, user or a changed byte is refused."""
    query = {"object": "task", "fields": ("step",), "limit": 2, "sort": "due"}
    cursor = tasks.records.list(ListQuery(**query), tasks.system).next
    assert cursor
    flipped = ("A" if cursor[5] != "A" else "B").join((cursor[:5], cursor[6:]))
    attempts = [
        (ListQuery(**query, after=flipped), tasks.system), (ListQuery(**query, after="garbage!"), tasks.system),
        (ListQuery(**query, after=cursor, filter="rank == 1"), tasks.system),
        (ListQuery(**{**query, "sort": "-due"}, after=cursor), tasks.system),
        (ListQuery(**query, after=cursor), person(("nurse", NORTH))),
        (ListQuery(object="visit", limit=2, after=cursor), tasks.system),
    ]
    for attempt, actor in attempts:
        with pytest.raises(BadQuery) as refused:
            tasks.records.list(attempt, actor)
        assert (refused.value.parameter, refused.value.code) == ("after", "invalid_cursor")


def refusal(world: World, actor: object, **query: object) -> tuple[str, str]:
    with pytest.raises(BadQuery) as refused:
        world.records.list(ListQuery(**{"object": "patient", **query}), actor)
    return refused.value.code, refused.value.message


NAMELESS = "zebra"


FILTERS = ("{} == null", "{} != '1'", "{} < '9'", "{} in ['1']", "{}.startsWith('1')", "has({})", "{} == {}", "!({} == null)")


def test_hidden_fields_read_like_unknown_ones(tasks: World):
    """A-01, A-03: hidden and restricted fields are refused with the very text of a name that does not exist."""
    for (role, field), test in itertools.product([("desk", "born"), ("desk", "wages"), ("nurse", "wages")], FILTERS):
        actor = person((role, NORTH), id=WANG)
        code, message = refusal(tasks, actor, filter=test.replace("{}", field))
        assert (code, message.replace(field, NAMELESS)) == refusal(tasks, actor, filter=test.replace("{}", NAMELESS)), test


def test_masked_fields_are_unknown_where_they_are_masked(tasks: World):
    """A-09: the desk sees phones whole only of her own patients; in other rows every condition on a phone is unknown."""
    desk = person(("desk", NORTH), id=WANG)
    for test in FILTERS:
        if not test.endswith(("== null", "== null)")):
            assert tasks.records.list(ListQuery(object="patient", filter=test.replace("{}", "phone")), desk).rows == [], test


def test_hidden_fields_cannot_order_lists(tasks: World):
    """A-06: sorting by a hidden field, own or behind a link, is refused like sorting by nothing."""
    desk = person(("desk", NORTH), id=WANG)
    for object, name, unknown in (("patient", "wages", "wagez"), ("patient", "born", "burn"), ("visit", "patient.wages", "patient.wagez")):
        assert refusal(tasks, desk, object=object, sort=name)[0] == refusal(tasks, desk, object=object, sort=unknown)[0] == "unknown_field"
        assert refusal(tasks, desk, object=object, fields=(name,))[0] == "unknown_field"


def test_filters_reach_only_through_readable_hops(tasks: World):
    """A-02: who may not read a hop's object, row or field may not filter through it."""
    caller = person(("caller", NORTH))
    assert refusal(tasks, caller, object="task", filter="visit.patient.name == 'Chen'")[0] == refusal(
        tasks, caller, object="task", filter="visit.patient.nome == 'Chen'")[0]
    nurse = person(("nurse", NORTH))
    assert len(tasks.records.list(ListQuery(object="task", filter="visit.patient.name == 'Chen'"), nurse).rows) == 7
    code, message = refusal(tasks, nurse, object="task", filter="visit.patient.wages > 1.0")
    assert (code, message.replace("wages", NAMELESS)) == refusal(tasks, nurse, object="task", filter=f"visit.patient.{NAMELESS} > 1.0")


def test_a_masked_sort_key_depends_on_the_row(world: World):
    """A-09: in rows where the phone is masked it neither filters nor sorts; in rows of her own it does."""
    for place, doctor in enumerate((LI, None, LI, None)):
        world.make("patient", clinic=NORTH, name=f"n{place}", phone=f"1381234567{place}", doctor=doctor)
    desk = person(("desk", NORTH))
    page = world.records.list(ListQuery(object="patient", fields=("name", "phone"), sort="phone"), desk)
    assert [row.values for row in page.rows] == [
        ("n0", "13812345670"), ("n2", "13812345672"), ("n1", "138****5671"), ("n3", "138****5673"),
    ]
    found = world.records.list(ListQuery(object="patient", fields=("name",), filter="phone.startsWith('138')"), desk)
    assert [row.values for row in found.rows] == [("n2",), ("n0",)]


def test_link_titles_follow_the_linked_row(tasks: World):
    """A link shows its title only where the linked row and the title's fields may be read; else the id alone."""
    nurse, caller = person(("nurse", NORTH)), person(("caller", NORTH))
    row = tasks.records.list(ListQuery(object="task", fields=("visit", "assignee"), limit=1, filter="assignee != null"), nurse).rows[0]
    visit, assignee = row.values
    assert (visit.title, assignee) == ("Chen · check", LinkRef("staff", LI, "Li"))
    hers = tasks.records.list(ListQuery(object="task", fields=("visit", "assignee"), limit=1), caller).rows[0]
    assert [ref.title for ref in hers.values] == [None, None]
    elsewhere = tasks.records.list(ListQuery(object="task"), person(("nurse", SOUTH)))
    assert elsewhere.rows == []


def test_formulas_filter_and_show(world: World):
    """Formula fields are computed in SQL, can be filtered and sorted, and are null where their input is."""
    patient = world.make("patient", clinic=NORTH, name="A")
    for day in ("2026-03-01", "2026-03-02", None):
        world.make("visit", patient=patient, day=day)
    page = world.records.list(ListQuery(object="visit", fields=("day", "late"), sort="day"), world.system)
    assert [row.values for row in page.rows] == [(dt.date(2026, 3, 1), True), (dt.date(2026, 3, 2), False), (None, None)]
    assert len(world.records.list(ListQuery(object="visit", filter="late"), world.system).rows) == 1


def test_counts_are_capped_and_follow_rows(world: World):
    """A count stops at 501 and counts only rows that may be read (A-18)."""
    world.run(*(Create("patient", {"name": f"p{n}"}, clinic=NORTH if n else SOUTH) for n in range(503)))
    assert world.records.list(ListQuery(object="patient", count=True), world.system).count == 501
    assert world.records.list(ListQuery(object="patient", count=True), person(("nurse", SOUTH))).count == 1


def test_wrong_queries_are_refused(world: World):
    """Unknown objects, views, limits and unsortable fields are told apart from empty lists; nothing raises anything else."""
    for bad in ({"limit": 0}, {"limit": 201}, {"view": "nope"}, {"sort": "doctor"}, {"fields": ("nope",)}, {"filter": "name =="},
                {"filter": "name"}, {"sort": ",".join(["name"] * 9)}, {"linked": ("nope", LI)}, {"fields": ("doctor.nope",)}):
        with pytest.raises(BadQuery):
            world.records.list(ListQuery(object="patient", **bad), world.system)
    for actor, name in ((world.system, "nothing"), (person(("caller", NORTH)), "patient"), (person(), "patient")):
        with pytest.raises(UnknownObject):
            world.records.list(ListQuery(object=name), actor)


def test_lookup_searches_readable_titles_only(world: World):
    """A-05: a picker finds by the title's readable fields, beginnings first; wildcards are plain characters."""
    for name in ("Wu Lan", "Lan Wu", "100%", "Anna"):
        world.make("patient", clinic=NORTH, name=name, phone="13812345678", card=name[:2])
    nurse = person(("nurse", NORTH))
    found = [row.title for row in world.records.lookup("patient", "lan", nurse)]
    assert found == ["Lan Wu", "Wu Lan"]
    assert [row.title for row in world.records.lookup("patient", "%", nurse)] == ["100%"]
    assert world.records.lookup("patient", "138", nurse) == []
    assert [row.title for row in world.records.lookup("patient", "P-2026-0002", nurse)] == ["Lan Wu"]
    assert len(world.records.lookup("patient", "", nurse)) == 4
    assert world.records.lookup("patient", "lan", person(("nurse", SOUTH))) == []


def test_related_lists_and_exports(tasks: World):
    """Related lists hold the rows that link to a record; an export holds every row and needs the right to export."""
    nurse, desk = person(("nurse", NORTH)), person(("desk", NORTH))
    visit = tasks.records.list(ListQuery(object="visit"), nurse).rows[0]
    related = {(r.object.name, r.field.name): len(r.page.rows) for r in tasks.records.related("visit", visit.id, nurse, limit=5)}
    assert related == {("task", "visit"): 5}
    with pytest.raises(UnknownObject):
        next(tasks.records.export(ListQuery(object="patient"), nurse))
    pages = list(tasks.records.export(ListQuery(object="patient", fields=("name", "phone")), desk))
    assert [row.values for page in pages for row in page.rows] == [("Chen", "138****5678")]


def test_one_statement_serves_all_values(tasks: World):
    """Filters that differ in compared literals alone share a statement; each gets its own rows; functions keep theirs."""
    def found(filter: str) -> list[str]:
        return [row.values[0] for row in tasks.records.list(ListQuery(object="task", fields=("step",), filter=filter), tasks.system).rows]

    def kept() -> int:
        return len(tasks.release.cache["records.lists"])

    assert found("rank == 1 && step != 's0'") == ["s6", "s5"]
    before = kept()
    assert found("rank == 3 && step != 's77777'") == ["s2"]
    assert found("rank == 2 && step != ''") == ["s4"]
    assert kept() == before
    assert found("due in [date('2026-03-01'), date('2026-03-09')]") == ["s5", "s2"]
    assert found("step in ['s1', 's2']") == ["s2", "s1"] and found("step in ['s1', 's6']") == ["s6", "s1"]
    assert found("step.startsWith('s1')") == ["s1"] and found("step.startsWith('s2')") == ["s2"]
    assert found("status == 'planned' && visit.patient.sex == null")[:1] == ["s6"]
    assert found("status == 'done'") == []
