"""The compiler's messages in Chinese.

1. Every problem that a designer can meet has both sentences in Chinese, with the holes of the English ones.
2. They are filled; words of ours are Chinese as well, names stay. What cannot be said is said in English.
"""

from __future__ import annotations

import string

import pytest

from engine.problems import Code, Place
from engine.problems_zh import CHINESE
from engine.text import check, read_bytes

HEAD = b"name: house\nlanguage: 1\nversion: '1.0'\nlabel: {en: House}\n"


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", [code for code in Code if not code.code.startswith("IMPORT-")], ids=lambda code: code.code)
def test_each_has_the_same_holes(code: Code) -> None:
    """Requirement 1; mapping files are for the command line, which speaks English."""
    message, fix = CHINESE[code.code]
    assert holes(message) == holes(code.message)
    assert holes(fix) <= holes(code.fix) | holes(code.message)
    assert message.endswith(("。", "{suggestion}")) and not fix.endswith("。")


def test_none_is_of_no_code() -> None:
    """Requirement 1."""
    assert set(CHINESE) <= {code.code for code in Code}


def test_what_a_designer_reads() -> None:
    """Requirement 2, on a real mistake."""
    text = b"name: visit\nlabel: {en: Visit}\nfields:\n  pain: {type: intger, label: {en: Pain}}\n  note: 4\n"
    found = check(read_bytes({"house/pack.yaml": HEAD, "house/objects/visit.yaml": text}))
    said = [problem.say("zh") for problem in found.problems]
    assert ("字段“pain”的类型“intger”不存在。是不是“integer”？") in [message for message, _ in said]
    assert any(message.startswith("此处是数字 4，但需要一组键值") for message, _ in said), said
    assert all(fix.endswith("。") for _, fix in said)


def test_the_planted_faults() -> None:
    """Requirement 2: a word that is missing, and a code without Chinese, are told in English."""
    whole = Code.OBJECT_001.at(Place("x"), name="visit", suggestion=" Did you mean 'visits'?")
    assert whole.say("zh-Hans") == ("没有对象“visit”。是不是“visits”？", "请填写本包或其所依赖的包中的对象。")
    assert whole.say("en") == (whole.message, "Name an object of this pack or of a pack it requires.")
    assert Code.IMPORT_035.at(Place("x")).say("zh")[0] == "the key is empty."
