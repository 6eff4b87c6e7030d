"""The compiler's messages in Chinese.

1. Every problem that a designer can meet has both sentences in Chinese, with the holes of the English ones.
2. Their holes are filled; words of ours are Chinese as well, names stay. What cannot be said is said in English.
3. No English is left in what broken packs and wrong expressions are told.
"""

from __future__ import annotations

import re
import string

import pytest

from engine.expressions import check as check_expression
from engine.problem_phrases_zh import in_chinese
from engine.problem_words_zh import PHRASES
from engine.problems import Code, Place
from engine.problems_zh import CHINESE
from engine.text import check, read_bytes
from tests.builders import problems_of
from tests.engine.expressions.clinic import Clinic
from tests.engine.expressions.test_check import PROBLEMS
from tests.engine.text.broken import CASES, Case, marked

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


def english(text: str) -> str:
    """Words of English that stand in a Chinese sentence outside of quotation marks; keywords of the language are single words."""
    found = re.search(r"[A-Za-z]{2,} [a-z]{2,}", re.sub(r"“[^”]*”|hit: collect sum|\"[^\"]*\" or \"[^\"]*\"", "", text))
    return found[0] if found else ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_english_about_broken_packs(case: Case) -> None:
    """Requirement 3."""
    files = marked(dict(case.files))[0]
    said = [text for problem in problems_of(files, case.base) for text in problem.say("zh")]
    assert said and not any(map(english, said)), said


def test_no_english_about_wrong_expressions() -> None:
    """Requirement 3."""
    said = [text for row in PROBLEMS for error in check_expression(row[0], Clinic()).errors for text in error.say("zh")]
    assert len(said) > 2 * len(PROBLEMS) * 0.9
    assert [text for text in said if english(text)] == []


def test_words() -> None:
    """Requirement 2: phrases within phrases, lists of types, the order of Chinese; names that read like words of ours stay."""
    assert in_chinese("it gives list of option of core:tag") == "它得到“core:tag”的选项的列表"
    assert in_chinese("integer and map of text to duration in days") == "整数和文本到以天计的时长的键值表"
    assert in_chinese("field 'data' of type text") == "text 类型的字段“data”"
    assert in_chinese("there is no choice set 'rsik'. Did you mean 'risk'?") == "没有选项集“rsik”。是不是“risk”？"
    assert in_chinese("nothing that anybody knows") == "nothing that anybody knows"
    assert in_chinese("the " * 3000) == "the " * 3000
    owner = Code.NAME_007.at(Place("x"), key="title", pack="house", kind="object", name="link", owner="data").say("zh")[0]
    assert owner == "“title”写在包“house”中，但对象“link”属于包“data”。"


def test_phrases_keep_their_holes() -> None:
    """Requirement 2: what stands in English stands in Chinese, once each."""
    holes = re.compile(r"\{(?:=|_|@\d)?\}")
    assert [one for one, other in PHRASES.items() if len(holes.findall(one)) != len(holes.findall(other))] == []


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
    assert english(Code.FIELD_004.at(Place("x"), key="of", field="risk", why="no such thing", fix="x").say("zh")[0]) == "no such"
    assert Code.IMPORT_035.at(Place("x")).say("zh")[0] == "the key is empty."
