"""The registry of what the compiler is told from outside."""

from __future__ import annotations

import pytest

from engine.fields.text import Text
from engine.registry import builtin
from engine.text import check, read_bytes
from tests.builders import files_of


class Barcode(Text):
    """A field type that a plugin would bring."""

    name = "barcode"


def test_a_registered_type_is_part_of_the_language() -> None:
    """A new type works in definitions without an edit elsewhere."""
    source = read_bytes(files_of({"objects/x.yaml": "name: x\nfields: {f: {type: barcode, max: 13}}\n"}))
    assert [p.code.code for p in check(source).problems] == ["FIELD-002"]
    model = check(source, registry=builtin().with_field_types([Barcode], "plugins.barcode")).model
    assert model is not None and model.objects["x"].fields["f"].type.name == "barcode"


def test_two_claims_to_a_name_are_both_named() -> None:
    """Registries remember who registered, and are frozen."""
    with pytest.raises(ValueError, match=r"'text' is registered by engine\.fields\.text and by plugins\.mine"):
        builtin().with_field_types([Text], "plugins.mine")
    with pytest.raises(TypeError):
        builtin().field_types["x"] = Text  # type: ignore[index]
