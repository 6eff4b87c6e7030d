"""Attachments: the field holds an id; the type says what may be uploaded."""

import pytest

from engine.fields.attachment import Attachment
from tests.engine.fields.refusals import read


@pytest.mark.parametrize("value", ["photo.png", "../x", {"id": "a"}, 1, "F" * 32])
def test_only_ids_are_values(value: object) -> None:
    """A file name or a path is never taken."""
    assert read(Attachment(), value) == "invalid_attachment"


def test_accepted_media_types() -> None:
    """Exact types and whole families; everything when nothing is said."""
    kind = Attachment(accept=("image/*", "application/pdf"))
    assert kind.accepts("image/png") and kind.accepts("application/pdf")
    assert not kind.accepts("application/zip") and not kind.accepts("text/html")
    assert Attachment().accepts("text/html")
