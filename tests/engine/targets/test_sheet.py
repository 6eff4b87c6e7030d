"""What a form shows, demands and fixes: pure decisions, and the browser's to the same end.

1. `show`, `required`, `read_only` settle to the safe side when unknown; a heading or step takes what is below it along.
2. A hidden item counts as nothing with `clear` and as stored with `keep`; a fixed one as stored; a field's own `read_only` sees what is stored.
3. Formulas follow what is typed and feed conditions; what lies behind a typed link counts.
4. Rows see themselves and, behind their link, the record as it is typed; the record's conditions see its rows as they are typed.
5. Circles are found with every item in them, through formulas and rows too; none is seen where there is none.
6. In Chromium every random answer gives the whole sheet that Python gives; a planted fault shows.
7. What a person may not know of is not named in what her browser gets, and counts as unknown there.
"""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from engine.problems import Code
from engine.targets.browser_form import form_to_browser, needed
from engine.targets.browser_values import to_json
from engine.targets.sheet import LiveForm, Sheet, visible
from tests.builders import model_of, problems_of
from tests.runtime.imports.test_questionnaires import LATER, origin

__all__ = ["origin"]

RUN = """
window.run = (text) => {
  const [form, sets] = JSON.parse(text);
  return sets.map((set) => JSON.stringify(Carework.forms.decide(form, set)));
};
0
"""
OBJECTS = {
    "objects/stay.yaml": """
name: stay
fields:
  guest: {type: link, to: patient}
  a: {type: integer}
  b: {type: text}
  c: {type: choice, options: {x: {}, y: {was: [z]}}}
  d: {type: decimal, places: 2}
  e: {type: boolean}
  f: {type: date}
  sum: {type: integer, formula: "a + beds.count(r, r.size > 1)"}
  twice: {type: decimal, places: 2, formula: "d * 2"}
""",
    "objects/bed.yaml": """
name: bed
fields:
  stay: {type: link, to: stay, inverse: beds}
  size: {type: integer}
  note: {type: text}
  big: {type: boolean, formula: "size > 3"}
""",
}
ITEMS = """
  one: {step: One}
  guest: {}
  e: {}
  c: {show: b == 'q' || guest.name == 'Li', required: true}
  a: {read_only: (a ?? 0) == 9}
  h: {heading: H, show: a > 1}
  b: {required: twice > 4, when_hidden: WORD}
  two: {step: Two, show: "!(e ?? false)"}
  d: {read_only: "(c ?? 'x') == 'y'"}
  text: {note: Hello, show: sum > 3}
  f: {show: "beds.exists(r, r.note == 'n')"}
  twice: {read_only: true}
  beds:
    rows: beds
    show: a != 0
    items: {size: {read_only: stay.e}, note: {show: "big || stay.a > 5", required: size > 2, when_hidden: clear}}
"""


def live(items: str = ITEMS, policy: str = "clear") -> tuple[LiveForm, Any]:
    text = f"name: stay\nobject: stay\ndefault: true\nitems:{items.replace('WORD', policy)}"
    model = model_of({**OBJECTS, "forms/stay.yaml": text})
    return LiveForm(model.forms["stay"], model.objects), model


@dataclasses.dataclass
class Given:
    """Answers: what was typed, what is stored by path, what lies behind typed links."""

    typed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    stored: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    links: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    beds: Sequence[Given] = ()
    opaque: frozenset[str] = frozenset()

    def lookup(self, path: tuple[str, ...]) -> Any:
        return self.stored.get(".".join(path))

    def behind(self, field: str, id: str, path: tuple[str, ...]) -> Any:
        return self.links.get(id, {}).get(".".join(path))

    def rows(self, item: str) -> Sequence[Given]:
        return self.beds

    def as_json(self) -> dict[str, Any]:
        guest = self.typed.get("guest")
        behind = {"guest": {k: to_json(v) for k, v in self.links.get(guest, {}).items()}} if guest else {}
        return {"typed": {k: to_json(v) for k, v in self.typed.items()}, "known": {k: to_json(v) for k, v in self.stored.items()},
                "behind": behind, "rows": {"beds": [bed.as_json() for bed in self.beds]}}


def states(sheet: Sheet) -> dict[str, str]:
    return {name: "".join(letter for letter, on in zip("srf", (s.shown, s.required, s.read_only), strict=True) if on)
            for name, s in sheet.items.items()}


def test_conditions_settle_to_the_safe_side() -> None:
    """Requirement 1: nothing is known of a new record."""
    form, model = live()
    found = states(visible(form.form, model.objects, Given()))
    assert found == {"one": "s", "guest": "s", "e": "s", "a": "s", "h": "", "b": "", "c": "", "two": "s", "d": "s", "text": "", "f": "",
                     "twice": "sf", "beds": ""}
    assert states(form.decide(Given({"e": True})))["d"] == ""


def test_hidden_and_fixed_items_count_as_what_is_stored() -> None:
    """Requirement 2."""
    typed, stored = {"a": 0, "b": "q"}, {"a": 1, "b": "q"}
    assert "s" not in states(live(policy="clear")[0].decide(Given(typed, stored)))["c"]
    assert "s" in states(live(policy="keep")[0].decide(Given(typed, stored)))["c"]
    assert "s" not in states(live(policy="keep")[0].decide(Given(typed, {"a": 1})))["c"]
    fixed = live()[0].decide(Given({"a": 1, "b": "w"}, {"a": 9}))
    assert (states(fixed)["a"], states(fixed)["h"]) == ("sf", "s")


def test_formulas_and_links_follow() -> None:
    """Requirement 3."""
    form, _ = live()
    links = {"1" * 32: {"name": "Li"}, "2" * 32: {"name": "Wu"}}
    found = form.decide(Given({"a": 4, "d": 3, "b": "w", "guest": "1" * 32}, links=links))
    assert found.computed == {"sum": 4, "twice": 6}
    assert (states(found)["b"], states(found)["c"], states(found)["text"]) == ("sr", "sr", "s")
    assert states(form.decide(Given({"a": 4, "guest": "2" * 32}, {"guest": "1" * 32, "guest.name": "Li"}, links)))["c"] == ""
    assert states(form.decide(Given({"a": 4}, {"guest": "1" * 32, "guest.name": "Li"})))["c"] == "sr"


def test_rows_and_their_record_see_each_other() -> None:
    """Requirement 4."""
    form, _ = live()
    found = form.decide(Given({"a": 2, "e": False}, beds=[Given({"size": 4, "note": "n"}), Given({"size": 2, "note": "n"}), Given({"size": 2})]))
    assert [states(row) for row in found.groups["beds"]] == [{"size": "s", "note": "sr"}, {"size": "s", "note": ""}, {"size": "s", "note": ""}]
    assert found.computed["sum"] == 5
    assert states(found)["f"] == "s"
    assert states(form.decide(Given({"a": 2, "e": False}, beds=[Given({"size": 2, "note": "n"})])))["f"] == ""
    assert {states(row)["size"] for row in form.decide(Given({"a": 0}, beds=[Given()])).groups["beds"]} == {"f"}


@pytest.mark.parametrize(("items", "names"), [
    ("\n  a: {show: has(b)}\n  b: {show: a > 1}\n", {"a", "b"}), ("\n  d: {show: twice > 1}\n", {"d", "twice"}),
    ("\n  a: {show: sum > 1}\n", {"a", "sum"}), ("\n  a: {show: has(a)}\n", {"a"}),
    ("\n  a: {show: 'beds.exists(r, r.size > 1)'}\n  beds: {rows: beds, items: {size: {show: stay.a > 1}}}\n", {"a", "beds.size"}),
    ("\n  a: {read_only: has(b)}\n  b: {read_only: has(a)}\n", {"a", "b"}),
])
def test_circles_are_refused(items: str, names: set[str]) -> None:
    """Requirement 5."""
    problems = problems_of({**OBJECTS, "forms/stay.yaml": f"name: stay\nobject: stay\nitems:{items}"})
    found = [p.message for p in problems if p.code is Code.FORM_006]
    assert len(found) == 1
    assert all(name in found[0] for name in names)


def random_given(chance: random.Random) -> Given:
    guests = {"1" * 32: {"name": "Li"}, "2" * 32: {"name": "Wu"}}
    wide: dict[str, list[Any]] = {
        "a": [None, 0, 1, 2, 5, 6, 9], "b": [None, "q", "w"], "c": [None, "x", "z"], "d": [None, 1, 3], "e": [None, True, False],
        "guest": [None, *guests],
    }
    stored = {name: chance.choice(values) for name, values in wide.items() if chance.random() < 0.5}
    if stored.get("guest"):
        stored["guest.name"] = guests[stored["guest"]]["name"]
    of_bed: dict[str, list[Any]] = {"size": [None, 1, 2, 4], "note": [None, "n", "m"]}
    beds = [
        Given({name: chance.choice(values) for name, values in of_bed.items() if chance.random() < 0.7},
              {"size": chance.choice([None, 4]), "note": chance.choice([None, "n"])})
        for _ in range(chance.randint(0, 3))
    ]
    return Given({name: chance.choice(values) for name, values in wide.items() if chance.random() < 0.7}, stored, guests, beds)


@pytest.mark.browser
@pytest.mark.corpus
def test_the_browser_comes_to_the_same_sheet(page: Page, page_errors: list[str], origin: str) -> None:
    """Requirement 6."""
    page.goto(origin)
    page.evaluate(RUN)
    chance = random.Random("sheets")
    for policy in ("clear", "keep"):
        form, model = live(policy=policy)
        tree = form_to_browser(form, model.objects, lambda group, path: True)
        sets = [random_given(chance) for _ in range(150)]
        for given, text in zip(sets, page.evaluate(LATER, json.dumps([tree, [each.as_json() for each in sets]])), strict=True):
            assert json.loads(text) == as_json(form.decide(given)), given
    tree["levels"][""]["items"]["a"]["read_only"] = False
    broken = page.evaluate(LATER, json.dumps([tree, [each.as_json() for each in sets]]))
    assert any(json.loads(text) != as_json(form.decide(given)) for given, text in zip(sets, broken, strict=True))
    assert page_errors == []


def as_json(sheet: Sheet) -> dict[str, Any]:
    items = {name: {"shown": s.shown, "required": s.required, "read_only": s.read_only} for name, s in sheet.items.items()}
    groups = {name: [as_json(row) for row in rows] for name, rows in sheet.groups.items()}
    return {"items": items, "groups": groups, "computed": {name: to_json(value) for name, value in sheet.computed.items()}}


def test_what_is_hidden_is_not_named() -> None:
    """Requirement 7: without sight of the link's name, of `e`, and of the rows' notes."""
    form, model = live()
    hidden = {("", ("guest", "name")), ("", ("e",)), ("", ("beds", "note")), ("beds", ("note",))}
    tree = form_to_browser(form, model.objects, lambda group, path: (group, path) not in hidden and path != ("stay", "e"))
    text = json.dumps(tree)
    assert '"guest.name"' not in text
    assert '"e"' not in text
    assert '"note"' not in text
    assert ("guest", "name") in needed(form, model.objects).paths
    assert ["", "e", False] not in tree["order"]
