"""Names made from labels.

1. Chinese labels by pinyin, others by their letters; always a name that definitions take.
2. Never one that is taken, reserved, or longer than a name may be.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.naming import name_of
from engine.names import is_name, reserved


@pytest.mark.parametrize(("label", "name"), [
    ("Cast removal follow-up", "cast_removal_follow_up"), ("拔牙后随访", "ba_ya_hou_sui_fang"), ({"zh": "骨折", "en": ""}, "gu_zhe"),
    ({"zh": "骨折", "en": "Fracture"}, "fracture"), ("Él niño", "el_nino"), ("3天", "tian"), ("id", "id_1"), ("☎", "new"), ("ＡＢＣ", "abc"),
    ("术后第1天 check", "shu_hou_di_1_tian_check"), ("form", "form_2"), ("表单", "biao_dan_3"),
])
def test_labels_become_names(label: object, name: str) -> None:
    """Requirements 1 and 2."""
    assert name_of(label, {"form", "biao_dan", "biao_dan_2"}) == name  # type: ignore[arg-type]


@given(st.text(max_size=80), st.lists(st.text(alphabet="abc_1", min_size=1, max_size=3), max_size=3))
def test_whatever_is_typed(label: str, taken: list[str]) -> None:
    """Requirement 2."""
    name = name_of(label, taken)
    assert is_name(name) and not reserved(name) and name not in taken
