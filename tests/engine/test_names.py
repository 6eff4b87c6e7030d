"""Names and ids (semantics, Names and ids)."""

from __future__ import annotations

import pytest

from engine.names import is_name, reserved, split_id


@pytest.mark.parametrize("name", ["a", "select", "order_2", "a" * 41])
def test_names_in_use(name: str) -> None:
    """SQL keywords are fine, because the compiler quotes them."""
    assert is_name(name) and not reserved(name)


@pytest.mark.parametrize("name", ["", "A", "_a", "1a", "a-b", "a" * 42, "名", "a\n", "ａ", "a.b", "__proto__"])
def test_what_is_no_name(name: str) -> None:
    """Only ASCII: two names that look alike are alike."""
    assert not is_name(name)


@pytest.mark.parametrize("name", ["id", "version", "clinic_id", "updated_by", "user", "subject", "today", "in", "null", "package", "a__"])
def test_reserved_names(name: str) -> None:
    """The runtime's fields, the roots of expressions, CEL's reserved words, names that end in two underscores."""
    assert is_name(name) and reserved(name)


@pytest.mark.parametrize(("text", "parts"), [
    ("core:patient", ("core", "patient")), ("core:patient.mood.good", ("core", "patient.mood.good")), ("core", None), ("core:", None),
    ("core:a.b.c.d", None), ("core:A", None), ("a:b:c", None),
])
def test_ids_are_a_pack_and_names(text: str, parts: tuple[str, str] | None) -> None:
    assert split_id(text) == parts
