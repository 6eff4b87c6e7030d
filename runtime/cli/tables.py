"""Tables and progress bars on the terminal; nothing is cut where the output goes to a file or a pipe."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

__all__ = ["print_table", "progress"]


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their headings; a narrow terminal folds cells, nothing is left out."""
    found = [columns, *rows]
    table = Table(box=None, pad_edge=False, show_header=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in found[1:]:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        widths = [max(cell_len(row[place]) for row in found) for place in range(len(columns))]
        console = Console(width=sum(widths) + 2 * len(widths) + 2, highlight=False)
    console.print(table)


@contextlib.contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; the value of the block is told how many steps were made."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=total)
        yield lambda steps: shown.advance(task, steps)
