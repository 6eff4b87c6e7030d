"""CSV as people send it.

1. Encodings and delimiters are found out; quoted cells keep delimiters, line ends and doubled quotation marks.
2. Damage is told by line and column, and every other line is read.
3. A forgotten quotation mark costs its own line alone.
"""

from __future__ import annotations

import pytest

from engine.problems import Code
from runtime.imports.csv_text import Damage, Record, delimiter_of, encoding_of, records


def _cells(content: bytes | str) -> list[tuple[object, ...]]:
    found = records(content.encode() if isinstance(content, str) else content)
    return [each.cells for each in found if isinstance(each, Record)]


def _damage(content: bytes | str) -> list[tuple[int, int, Code]]:
    found = records(content.encode() if isinstance(content, str) else content)
    return [(each.line, each.column, each.code) for each in found if isinstance(each, Damage)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("姓名,性别\n李雷,男\n".encode(), "utf-8"), (b"\xef\xbb\xbf" + "姓名\n李\n".encode(), "utf-8"),
     ("姓名,性别\n李雷,男\n".encode("gb18030"), "gb18030"),
     (b"name\nAnn\n", "utf-8"), ("姓名\n".encode() * 9 + b"\xff\xfe\n", "utf-8"), ("姓名\n".encode() * 9 + b"caf\xe9,1\n", "utf-8")],
)
def test_encoding_is_found_out(content: bytes, encoding: str) -> None:
    """Requirement 1; a few damaged lines do not turn a table of UTF-8 into GB 18030."""
    assert encoding_of(content) == encoding


@pytest.mark.parametrize(("header", "delimiter"), [("a,b,c", ","), ("a;b;c", ";"), ("a\tb", "\t"), ('"a,b,c";d', ";"), ("a", ",")])
def test_delimiter_is_found_out(header: str, delimiter: str) -> None:
    """Requirement 1."""
    assert delimiter_of(header) == delimiter


def test_quoted_cells() -> None:
    """Requirement 1, with every line ending and a byte order mark."""
    text = '\ufeffa,b\r\n"1, 2","he said ""no"""\r\n"two\nlines",x\r5" pipe,y\n'.replace("\r5", "\n5")
    assert _cells(text) == [("a", "b"), ("1, 2", 'he said "no"'), ("two\nlines", "x"), ('5" pipe', "y")]
    assert _cells("a;b\r1;2\r") == [("a", "b"), ("1", "2")]


def test_padding_is_no_damage() -> None:
    """Requirement 2: spreadsheets add empty cells and empty lines."""
    assert _cells("a,b\n1,2,,,\n\n  \n3,4\n") == [("a", "b"), ("1", "2"), ("3", "4")]


def test_damage_is_told_by_line_and_column() -> None:
    """Requirement 2."""
    lines = [b"a,b,c", b"1,2,3", b"1,2", b"1,2,3,4", b"1,\0,3", b"1,2,\xff", b'1,"2"x,3', b"4,5,6"]
    assert _damage(b"\n".join(lines)) == [
        (3, 3, Code.IMPORT_023), (4, 4, Code.IMPORT_023), (5, 2, Code.IMPORT_024), (6, 3, Code.IMPORT_026), (7, 2, Code.IMPORT_027)]
    assert _cells(b"\n".join(lines)) == [("a", "b", "c"), ("1", "2", "3"), ("4", "5", "6")]


@pytest.mark.parametrize("later", ["x,y", 'x,"y"', '"x",y', '"x","y"', '"two\nlines",y'])
def test_a_forgotten_quotation_mark_costs_its_own_line(later: str) -> None:
    """Requirement 3: whatever quotation marks stand in the lines behind it, none of them is swallowed."""
    text = f'a,b\n1,2\n3,"4\n{later}\n{later}\n5,6\n'
    assert [damage[:2] for damage in _damage(text)] == [(3, 2)]
    assert len(_cells(text)) == 5


def test_reading_is_linear_in_the_forgotten_marks() -> None:
    """Requirement 3: a table of nothing but open quotation marks is refused line by line."""
    assert len(_damage("a,b\n" + 'x,"y\n' * 1500)) == 1500
