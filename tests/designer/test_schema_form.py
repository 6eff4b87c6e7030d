"""Forms out of schemas ask only what the element can say."""

from __future__ import annotations

from typing import Any

import pytest

from designer.schema_form import beside, element_schema


@pytest.mark.parametrize(("value", "asked"), [
    ({"width": "half"}, {"label", "show", "required", "read_only", "when_hidden", "help", "width"}),
    ({"field": "pain", "required": True}, {"label", "field", "show", "required", "read_only", "when_hidden", "help", "width"}),
    ({"heading": "Care"}, {"heading", "show"}), ({"note": {"en": "Call."}}, {"note", "show"}), ({"step": "Two"}, {"step", "show"}),
    ({"rows": "checks"}, {"rows", "label", "help", "show", "read_only", "when_hidden", "min", "max", "order"}),
])
def test_items_of_a_form_ask_what_fits_their_sort(value: dict[str, Any], asked: set[str]) -> None:
    """A heading has no width to choose, a field no rows to count."""
    keys = set(element_schema("forms", ("items",), value)[0]) - {"was", "id", "hidden", "after", "retired", "name", "items"}
    assert keys - beside("forms", ("items",), value) == asked & keys and asked & keys == asked
    assert beside("objects", ("fields",), {"type": "text"}) == frozenset()
