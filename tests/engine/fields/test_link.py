"""Links: an id comes in, exactly in the form of ids."""

import pytest

from engine.expressions.types import RecordOf
from engine.fields.link import Link
from tests.engine.fields.refusals import read, typed

ID = "0190f5c0a1b27c3d8e4f5061728394a5"


@pytest.mark.parametrize("value", [ID.upper(), ID[:-1], ID + "0", f"{ID[:8]}-{ID[8:]}", {"id": ID}, [ID], 1, True, f"{ID}\n", "g" * 32])
def test_anything_else_is_refused(value: object) -> None:
    """32 lower-case hex digits and nothing else."""
    assert read(Link("staff"), value) == "invalid_link"


def test_link() -> None:
    """The target is known to expressions and to tables; typed ids may have spaces around them."""
    kind = Link("staff")
    assert read(kind, ID) == typed(kind, f" {ID} ") == ID
    assert kind.expression_type == RecordOf("staff") and kind.link_to == "staff" and kind.on_delete == "restrict"
