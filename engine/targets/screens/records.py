"""Record pages: the source with every fact spelled out; facts come as a tuple `f` of ready texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.model import FormItem, Model, Object
from engine.targets.screens.cells import Cell
from engine.targets.screens.emit import html

__all__ = ["fact_order", "facts_source", "record_source"]


def record_source(parts: Sequence[str | Cell], language: str) -> str:
    """Source of the record page. `parts`: headings (texts) and facts in order. Context beside record.html's: `f`, `related`."""
    facts = "".join(_parts(parts, language))
    return f'{{% extends "record_page.html" %}}\n{{% block facts %}}{facts}{{% endblock %}}\n'


def facts_source(parts: Sequence[str | Cell], language: str) -> str:
    """Source of the facts alone, for a page that puts them into a frame of its own. Context: `f`."""
    return "".join(_parts(parts, language))


def _parts(parts: Sequence[str | Cell], language: str) -> Iterator[str]:
    place = 0
    for number, part in enumerate(parts):
        if isinstance(part, str):
            if number + 1 < len(parts) and not isinstance(parts[number + 1], str):
                yield f'</dl>\n<h2 class="facts-head">{html(part)}</h2>\n<dl class="facts">\n'  # a list of terms holds no heading
            continue
        wide = ' class="is-wide"' if part.wide else ""
        unit = getattr(part.field.type, "unit", "")
        label = part.label(language) + (f" ({unit})" if unit else "")
        yield f"<div{wide}><dt>{html(label)}</dt><dd>{{{{ f[{place}] }}}}</dd></div>\n"
        place += 1


def fact_order(model: Model, object: Object) -> tuple[FormItem | str, ...]:
    """Headings (form items) and names of fields as a record page shows them.

    The default form gives order and headings; a field that is not on it (a formula, a number) follows the field that it
    follows in the object's file. The state is left out: it stands in the page's head.
    """
    order: list[FormItem | str] = [item.field or item for item in model.form(object.name).items.values() if not (item.note or item.rows)]
    before = ""
    for name in object.fields:
        if name not in order:
            order.insert(_place_after(order, before), name)
        before = name
    return tuple(part for part in order if part != object.workflow)


def _place_after(order: list[FormItem | str], name: str) -> int:
    if name in order:
        return order.index(name) + 1
    return next((place for place, part in enumerate(order) if isinstance(part, str)), len(order))
