"""CSV as people send it: encodings and delimiters found out, and damage told by line and column while the rest is read on.

RFC 4180 with three liberties: `;` and tab as delimiters, any line ending, and quotation marks inside an unquoted cell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from engine.problems import Code

__all__ = ["Damage", "Record", "delimiter_of", "encoding_of", "records"]

_BOM = b"\xef\xbb\xbf"
_LONGEST = 1000
"""Lines a quoted cell may reach over; more means that a quotation mark was forgotten."""


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """The cells of one line, or of several that a quoted cell holds together; `line` is the first, from 1."""

    line: int
    cells: tuple[object, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Damage:
    """A line that cannot be read; `column` counts cells from 1."""

    line: int
    column: int
    code: Code
    words: dict[str, Any]


def encoding_of(content: bytes) -> str:
    """`utf-8` or `gb18030`. Of a file that is neither throughout, the one that fewer lines break."""
    body = content.removeprefix(_BOM)
    if body is not content and len(body) < len(content):
        return "utf-8"
    lines = [line for line in body.split(b"\n") if not line.isascii()]
    broken = {name: sum(not _decodes(line, name) for line in lines) for name in ("utf-8", "gb18030")}
    if broken["utf-8"] == 0 or broken["utf-8"] <= broken["gb18030"]:
        return "utf-8"
    # A few damaged lines of UTF-8 nearly always read as some GB 18030: what most lines are decides.
    return "utf-8" if broken["utf-8"] * 2 < len(lines) else "gb18030"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(header: str) -> str:
    """The one of comma, semicolon and tab that the header line has most of outside quotation marks."""
    plain = "".join(header.split('"')[::2])
    return max(",;\t", key=plain.count)


def records(content: bytes) -> Iterator[Record | Damage]:
    """The header line first, then every line that is not empty; each with as many cells as the header, or as damage."""
    encoding = encoding_of(content)
    body = content.removeprefix(_BOM)
    if b"\n" not in body:
        body = body.replace(b"\r", b"\n")
    lines: list[str | Damage] = [_decoded(line.removesuffix(b"\r"), number, encoding) for number, line in enumerate(body.split(b"\n"), 1)]
    first = next((line for line in lines if isinstance(line, str) and line.strip()), "")
    reader = _Reader(lines, delimiter_of(first))
    yield from reader.read()


def _decoded(line: bytes, number: int, encoding: str) -> str | Damage:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        column = line[: error.start].count(b",") + line[: error.start].count(b";") + line[: error.start].count(b"\t") + 1
        shown = {"utf-8": "UTF-8", "gb18030": "GB 18030"}[encoding]
        return Damage(number, column, Code.IMPORT_026, {"encoding": shown, "byte": f"{line[error.start]:02x}"})


class _Broken(Exception):
    """The record that begins at a line cannot be read."""

    def __init__(self, column: int, code: Code, **words: object) -> None:
        super().__init__(code.code)
        self.column = column
        self.code = code
        self.words = words


class _Reader:
    def __init__(self, lines: Sequence[str | Damage], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._width = 0

    def read(self) -> Iterator[Record | Damage]:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if isinstance(line, Damage):
                yield line
                at += 1
                continue
            if not line.strip():
                at += 1
                continue
            try:
                cells, following = self._record(line, at)
            except _Broken as broken:
                # Going on with the very next line loses no line silently, whatever the quotation marks were meant for.
                yield Damage(at + 1, broken.column, broken.code, broken.words)
                at += 1
                continue
            yield Record(at + 1, tuple(cells))
            at = following

    def _record(self, line: str, at: int) -> tuple[list[str], int]:
        if "\0" in line:
            raise _Broken(line[: line.index("\0")].count(self._delimiter) + 1, Code.IMPORT_024, character="U+0000")
        cells, following = (line.split(self._delimiter), at + 1) if '"' not in line else self._quoted(line, at)
        if not self._width:
            self._width = len(cells)
        if len(cells) > self._width and not any(cells[self._width:]):
            del cells[self._width:]  # spreadsheets pad lines with empty cells
        if len(cells) != self._width:
            raise _Broken(min(len(cells), self._width) + 1, Code.IMPORT_023, found=len(cells), wanted=self._width)
        return cells, following

    def _quoted(self, text: str, at: int) -> tuple[list[str], int]:
        cells: list[str] = []
        last, position = at, 0
        while True:
            if text[position:position + 1] != '"':
                end = text.find(self._delimiter, position)
                cells.append(text[position:] if end < 0 else text[position:end])
            else:
                text, last, end = self._close(text, position, last, len(cells) + 1)
                cells.append(text[position + 1:end].replace('""', '"'))
                end += 1
                if text[end:end + 1] not in ("", self._delimiter):
                    raise _Broken(len(cells), Code.IMPORT_025 if last > at else Code.IMPORT_027)
                end = end if end < len(text) else -1
            if end < 0:
                return cells, last + 1
            position = end + 1

    def _close(self, text: str, position: int, last: int, column: int) -> tuple[str, int, int]:
        """Where the quoted cell that opens at `position` closes, reading on over line ends as far as needed."""
        first, start = last, position + 1
        while True:
            end = text.find('"', start)
            if end >= 0 and text[end + 1:end + 2] == '"':
                start = end + 2
            elif end >= 0:
                return text, last, end
            else:
                last += 1
                following = self._lines[last] if last < len(self._lines) else None
                if not isinstance(following, str) or last - first > _LONGEST or "\0" in following:
                    raise _Broken(column, Code.IMPORT_025)
                start = len(text) + 1
                text = f"{text}\n{following}"
