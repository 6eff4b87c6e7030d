"""Indexes of stored formulas: of those alone whose texts fit an entry, since PostgreSQL refuses rows of others at every write."""

from __future__ import annotations

import pytest

from engine.targets.layout import Layout
from engine.targets.tables import tables
from tests.builders import model_of

NOTE = """
name: note
title: "{head}"
belongs_to: organisation
fields:
  head: {type: text, max: 100}
  body: {type: text, max: 2000}
  about: {type: link, to: note, inverse: replies}
  shout: {type: text, formula: "body + '!'"}
  found: {type: text, formula: "FORMULA", stored: true, index: true}
"""


@pytest.mark.parametrize(("formula", "indexed"), [
    ("head", True), ("head + about.head + '!'", True), ("head ?? 'none'", True), ("head == 'a' ? head : 'x'", True), ("replies.max(n, n.head)", True),
    ("body", False), ("head + head + head + head", False), ("head ?? body", False), ("shout", False), ("about.found2", False),
    ("replies.max(n, n.body)", False), ("body.trim()", False),
])
def test_texts_that_fit(formula: str, indexed: bool) -> None:
    """What a formula may give decides, not the `max` of its field; what another formula gives is not bounded by that either."""
    text = NOTE.replace("FORMULA", formula) + "  found2: {type: text, formula: \"body\", stored: true}\n"
    model = model_of({"objects/note.yaml": text})
    note = model.objects["note"]
    layout = Layout().extend(model)
    table = tables(model, layout).by_id[note.id]
    column = layout.column(note.fields["found"])
    assert any(column in [part.name for part in spec.columns] for spec in table.indexes.values()) is indexed
