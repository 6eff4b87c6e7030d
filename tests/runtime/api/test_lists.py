"""Lists, their parameters and CSV.

1. A list is `{items, next}`; pages by cursor hold every record once, in order, also with equal and missing sort values.
2. A cursor serves only its own list and person; a changed one is 400.
3. A parameter that is unknown, repeated or malformed is 400 and names itself.
4. What a caller may not see reads as unknown: same body for a hidden field and for one that never was, in filter, sort and fields.
5. Masked fields come masked in lists too and cannot be filtered or sorted by.
6. The download holds what may be exported, is safe for spreadsheets, and is audited with the ids delivered.
"""

from __future__ import annotations

import csv
import io

import pytest

from tests.runtime.api.world import SOUTH, Web


@pytest.fixture(scope="module")
def cards(web: Web) -> list[str]:
    """Twelve patients of the north whose card begins with L-, some without date of birth; returns ids, oldest first."""
    born = ["1990-01-01", None, "1990-01-01", "1980-05-05", None, "2001-01-01"] * 2
    return [web.patient(card=f"L-{n:02}", name=f"Name {n:02}", **({"born": day} if day else {})) for n, day in enumerate(born)]


FILTER = "card != null && startsWith(card, 'L-')"


def test_pages_hold_every_record_once(web: Web, cards: list[str]) -> None:
    """Requirement 1."""
    nurse = web.as_("nurse")
    for sort in ("", "born", "-born,name", "name"):
        found, after = [], None
        while True:
            page = nurse.get("/patient", filter=FILTER, sort=sort, limit=5, **({"after": after} if after else {})).json
            assert set(page) == {"items", "next"} and len(page["items"]) <= 5
            found += [item["id"] for item in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert sorted(found) == sorted(cards), sort
        if sort == "born":
            days = [item["born"] for item in nurse.get("/patient", filter=FILTER, sort=sort).json["items"]]
            assert days == [*sorted(day for day in days if day), None, None, None, None]


def test_cursors_are_bound_to_their_list_and_person(web: Web, cards: list[str]) -> None:
    """Requirement 2."""
    nurse = web.as_("nurse")
    after = nurse.get("/patient", filter=FILTER, limit=2).json["next"]
    flipped = after[:-1] + ("A" if after[-1] != "A" else "B")
    for bad in (flipped, "x", "", "é", after + "=="):
        answer = nurse.get("/patient", filter=FILTER, limit=2, after=bad)
        assert answer.status_code in ((200,) if bad == "" else (400, 200) if bad == after + "==" else (400,)), bad
    assert nurse.get("/patient", limit=2, after=after).status_code == 400
    assert web.as_("manager").get("/patient", filter=FILTER, limit=2, after=after).status_code == 400


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [("color=red", "color", "unknown_parameter"), ("limit=5&limit=6", "limit", "repeated_parameter"),
     ("limit=x", "limit", "invalid_parameter"), ("limit=0", "limit", "invalid_limit"), ("limit=201", "limit", "invalid_limit"),
     ("limit=-1", "limit", "invalid_parameter"), ("limit=9999999999999999999", "limit", "invalid_parameter"),
     ("sort=nothing", "sort", "unknown_field"), ("sort=,", "sort", "unknown_field"), ("sort=photo", "sort", "unknown_field"),
     ("fields=name,nothing", "fields", "unknown_field"), ("filter=name%20%3D%3D%20%00", "filter", "invalid_parameter"),
     ("after=%00", "after", "invalid_parameter"), ("sort=name,name,name,name,name,name", "sort", "too_many_keys")],
)
def test_bad_parameters_name_themselves(web: Web, query: str, parameter: str, code: str) -> None:
    """Requirement 3."""
    answer = web.as_("nurse").get(f"/patient?{query}")
    assert answer.status_code == 400, answer.json
    (error,) = answer.json["errors"]
    assert error["parameter"] == parameter
    assert error["code"] in (code, "not_sortable")


@pytest.mark.parametrize(
    "text", ["name ==", "1", "nothing == 1", "name == 'a' ||", "(" * 500, "name == " + "'x'" * 999, "name.b.c == 1", "%"])
def test_bad_filters_are_400_with_a_place(web: Web, text: str) -> None:
    """Requirement 3."""
    answer = web.as_("nurse").get("/patient", filter=text)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "filter")


def test_hidden_reads_as_unknown(web: Web, cards: list[str]) -> None:
    """Requirement 4: `wages` and `born` are hidden from the desk, `wagez` never was. Harness H1's question, asked once."""
    desk = web.as_("desk")
    for hidden, unknown in (("wages", "wagez"), ("born", "bornn")):
        for parameters in ({"filter": "{} == null"}, {"sort": "-{}"}, {"fields": "name,{}"}):
            one, two = (
                desk.get("/patient", **{key: value.format(name) for key, value in parameters.items()}) for name in (hidden, unknown)
            )
            assert (one.status_code, two.status_code) == (400, 400), (parameters, one.json)
            one_body, two_body = ({**answer.json, "request_id": ""} for answer in (one, two))
            assert str(one_body).replace(hidden, "?") == str(two_body).replace(unknown, "?")


def test_masked_fields_in_lists(web: Web, cards: list[str]) -> None:
    """Requirement 5."""
    desk = web.as_("desk")
    items = desk.get("/patient", filter=FILTER, fields="name,phone").json["items"]
    assert len(items) == 12
    assert all(item["_masked"] == ["phone"] and "1234" not in item["phone"] for item in items)
    for parameters in ({"filter": "phone == '13812345678'"}, {"sort": "phone"}):
        answer = desk.get("/patient", **parameters)
        assert answer.status_code == 400 or "13812345678" not in answer.text
    assert web.as_("mixed").get("/patient", filter=FILTER, fields="phone").json["items"][0]["phone"] == "13812345678"


def test_fields_of_linked_records_and_of_nobody(web: Web) -> None:
    """`fields` follows links as far as the caller may read."""
    id = web.task()
    nurse = web.as_("nurse")
    item = nurse.get("/task", filter=f"id == '{id}'", fields="step,visit.patient.name").json["items"][0]
    assert item == {"id": id, "version": 1, "step": "call", "visit.patient.name": "欧阳明月"}
    assert nurse.get("/task", fields="visit.patient.wages").status_code == 400


def test_other_clinics_rows_are_not_in_the_list(web: Web, cards: list[str]) -> None:
    """Rows of another clinic are in no page."""
    other = web.patient(SOUTH, card="L-99")
    ids = [item["id"] for item in web.as_("nurse").get("/patient", filter=FILTER, limit=200).json["items"]]
    assert other not in ids and set(cards) <= set(ids)
    assert [item["id"] for item in web.as_("elsewhere").get("/patient", filter=FILTER).json["items"]] == [other]


def test_csv_is_permitted_safe_and_audited(web: Web, cards: list[str]) -> None:
    """Requirement 6 (A-56, A-61)."""
    evil = web.patient(name="=HYPERLINK(1)", card="X-1")
    desk = web.as_("desk")
    answer = desk.get("/patient/export.csv", filter="card == 'X-1' || startsWith(card, 'L-')", fields="name,phone,card")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == "attachment; filename=patient.csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["Name", "phone", "card"] or rows[0][0] == "Name"
    assert [row[0] for row in rows if row[2] == "X-1"] == ["'=HYPERLINK(1)"]
    assert "13812345678" not in answer.text
    (entry,) = web.views(request_id=answer.headers["X-Request-Id"])
    assert entry.kind == "export" and set(entry.ids) == {evil, *cards}
    assert web.as_("nurse").get("/patient/export.csv").status_code == 403
    assert web.as_("caller").get("/patient/export.csv").status_code == 404


def test_former_names_are_told(web: Web) -> None:
    """Semantics, "Names and ids": a request with a former name gets 400 naming the new one."""
    from tests.runtime.api.world import FILES

    renamed = FILES["objects/visit.yaml"].replace("  day: {type: date}", "  date_of: {type: date, was: [day]}")
    renamed = renamed.replace("day < today", "date_of < today")
    web.publish({"objects/visit.yaml": renamed})
    web.site.store.releases.refresh()
    nurse = web.as_("nurse")
    for answer in (nurse.get("/visit", sort="day"), nurse.get("/visit", fields="day"), nurse.get("/visit", filter="day == today")):
        assert answer.status_code == 400 and "date_of" in answer.text, answer.text
    body = nurse.post("/visit", {"patient": web.patient(), "day": "2026-01-01"})
    assert body.status_code == 400 and "date_of" in body.text
