"""Forms: the source of a page with every input spelled out.

Values, errors and warnings come as mappings by field name; `matches` and `typed` serve the link picker.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from engine.model import Field, Form, FormItem, Label
from engine.targets.screens.emit import html, quoted
from engine.targets.screens.widgets import WIDE, parameters

__all__ = ["Input", "Mode", "form_source", "inputs"]


class Mode(enum.Enum):
    """How a field stands on a form for this person and row."""

    WRITE = "write"
    READ = "read_only"
    """Seen, but not to be changed here."""
    MASK = "masked"


@dataclasses.dataclass(frozen=True, slots=True)
class Input:
    """A field on a form, or with `field` None a heading."""

    name: str
    label: Label
    field: Field | None = None
    mode: Mode = Mode.WRITE
    required: bool = False
    width: str = "third"
    """`full`, `half` or `third` of the form's width."""
    help: Label | None = None
    why: str = ""
    """For READ: the word of the reason, `given`, `computed` or `not_yours`."""


def inputs(form: Form, fields: dict[str, Field], modes: dict[str, Mode]) -> tuple[Input, ...]:
    """The inputs of a form in order; a field without a mode is left out, and so is a heading with nothing below it."""
    found = [made for item in form.items.values() if (made := _input(form, item, fields, modes)) is not None]
    return tuple(
        part for place, part in enumerate(found)
        if part.field is not None or (place + 1 < len(found) and found[place + 1].field is not None)
    )


def _input(form: Form, item: FormItem, fields: dict[str, Field], modes: dict[str, Mode]) -> Input | None:
    if not item.field:
        return Input(item.name, item.label, help=item.help)
    mode = modes.get(item.field)
    if mode is None:
        return None
    field = fields[item.field]
    why = ""
    if mode is Mode.WRITE and (item.read_only or not field.typed):
        mode = Mode.READ
    if mode is Mode.READ:
        why = "computed" if field.formula else "given" if not field.type.writable else "not_yours"
    width = ("full" if field.type.widget in WIDE else "third") if form.generated else item.width
    return Input(item.field, item.label, field, mode, item.required or field.required, width, item.help or field.help, why)


def form_source(base: str, parts: Sequence[Input], language: str) -> str:
    """Source of a form page that extends `base` (`form.html` or `ask.html`). Context beside it: `values`, `errors`, `warnings`,
    `matches`, `typed`, `kept`: mappings by name that give none for a name they lack; `reasons`: why → text."""
    widgets = sorted({_widget(part) for part in parts if part.field is not None})
    imports = "".join(f'{{% import "fields/{name}.html" as w_{name} %}}' for name in widgets)
    body = "".join(_sections(parts, language))
    return f"{{% extends {quoted(base)} %}}\n{imports}\n{{% block fields %}}{body}{{% endblock %}}\n"


def _sections(parts: Sequence[Input], language: str) -> list[str]:
    found: list[str] = []
    is_open = False
    for part in parts:
        if part.field is None or not is_open:
            found.append("</div></section>\n" if is_open else "")
            heading = f"<h2>{html(part.label(language))}</h2>" if part.field is None else ""
            if part.field is None and part.help is not None:
                heading += f'<p class="section-help">{html(part.help(language))}</p>'
            found.append(f'<section class="section">{heading}<div class="fields">\n')
            is_open = True
        if part.field is not None:
            found.append(_field(part, part.field, language))
    return [*found, "</div></section>\n" if is_open else ""]


def _widget(part: Input) -> str:
    assert part.field is not None
    return part.field.type.widget if part.mode is Mode.WRITE else part.mode.value


def _field(part: Input, field: Field, language: str) -> str:
    name = quoted(part.name)
    given = [name, quoted(part.label(language)), f"values[{name}]"]
    if part.mode is not Mode.MASK:
        given.append(f"errors[{name}]")
    if part.help is not None:
        given.append(f"help={quoted(part.help(language))}")
    if part.mode is Mode.WRITE:
        given += [f"required={_flag(part.required)}", f"warning=warnings[{name}]"]
        given += [f"{key}={value}" for key, value in parameters(field, language).items()]
    if part.why:
        given.append(f"why=reasons[{quoted(part.why)}]")
    given += [f"restricted={_flag(field.restricted)}", f"width={quoted(part.width)}"]
    return f"{{{{ w_{_widget(part)}.field({', '.join(given)}) }}}}\n"


def _flag(value: bool) -> str:
    return "true" if value else "false"
