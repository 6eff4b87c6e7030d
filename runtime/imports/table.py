"""A table to import: its header and its lines, from CSV or XLSX."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.problems import Code, Place, Problem
from runtime.imports.csv_text import Damage, Record, records

__all__ = ["MAX_BYTES", "LineProblem", "Table", "Unreadable", "read_table"]

MAX_BYTES = 200_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class LineProblem:
    """A problem of one cell or line; the place's column counts cells, `column` is its header ('' for the whole line)."""

    problem: Problem
    column: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """The header and the lines below it. Cells are texts; XLSX also gives dates, times, numbers and booleans."""

    file: str
    header: tuple[str, ...]
    rows: Sequence[Record | Damage]
    problems: tuple[Problem, ...]
    """Of the header: what is double or empty."""

    def place(self, line: int, column: int = 1) -> Place:
        return Place(self.file, line, column)

    def damage(self, damage: Damage) -> LineProblem:
        """The problem of a line that cannot be read."""
        header = self.header[damage.column - 1] if damage.column <= len(self.header) else ""
        return LineProblem(damage.code.at(self.place(damage.line, damage.column), **damage.words), header)


class Unreadable(Exception):
    """The whole table cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_table(path: Path) -> Table:
    """Read a file by its content: XLSX begins like a ZIP archive, everything else is CSV. Raises Unreadable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(_unreadable(path.name, str(error.strerror), "make it readable")) from error
    if len(content) > MAX_BYTES:
        raise Unreadable(_unreadable(path.name, f"it has {len(content):,} bytes, more than {MAX_BYTES:,}", "split it into several files"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(_unreadable(path.name, "it is UTF-16", "save it as UTF-8"))
    found = _workbook(path) if content.startswith(b"PK\x03\x04") else records(content)
    return _table(path.name, found)


def _unreadable(name: str, why: str, fix: str) -> Problem:
    return Code.IMPORT_020.at(Place(name), why=why, fix=fix)


def _workbook(path: Path) -> Iterator[Record | Damage]:
    """The first sheet of a workbook. Raises Unreadable."""
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
            rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError, ValueError) as error:
        why = f"it is no workbook that can be opened ({error})"
        raise Unreadable(_unreadable(path.name, why, "save it again as XLSX or CSV")) from error
    for number, cells in enumerate(rows, 1):
        if any(cell not in ("", None) for cell in cells):
            yield Record(number, tuple(cells))


def _table(name: str, found: Iterator[Record | Damage]) -> Table:
    first = next(found, None)
    if first is None:
        raise Unreadable(_unreadable(name, "it is empty", "give a table with a header line"))
    if isinstance(first, Damage):
        raise Unreadable(first.code.at(Place(name, first.line, first.column), **first.words))
    header = tuple("" if cell is None else str(cell).strip() for cell in first.cells)
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, text in enumerate(header, 1):
        place = Place(name, first.line, number)
        if not text:
            problems.append(Code.IMPORT_022.at(place, warning=True, number=number))
        elif text in seen:
            problems.append(Code.IMPORT_021.at(place, warning=True, name=text, one=seen[text], two=number))
        else:
            seen[text] = number
    return Table(name, header, tuple(found), tuple(problems))
