"""Model → Jinja2 source of screens. Pure text in, pure text out; `runtime/screens` compiles it when a screen is first asked for."""

from engine.targets.screens.cells import Cell, due_field, late_states, open_states
from engine.targets.screens.emit import html, quoted
from engine.targets.screens.forms import Input, Mode, form_source, inputs, rows_source
from engine.targets.screens.lists import list_source, row_pieces, table_source
from engine.targets.screens.records import fact_order, facts_source, record_source

__all__ = [
    "Cell", "Input", "Mode", "due_field", "fact_order", "facts_source", "form_source", "html", "inputs", "late_states",
    "list_source", "open_states", "quoted", "record_source", "row_pieces", "rows_source", "table_source",
]
