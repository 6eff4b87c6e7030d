"""Forms: the source of a page with every input spelled out.

Values, errors and warnings come as mappings by field name; `matches` and `typed` serve the link picker.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Container, Sequence

from engine.fields.base import Locale
from engine.model import Field, Form, FormItem, Label
from engine.targets.browser_values import code
from engine.targets.screens.emit import html, quoted
from engine.targets.screens.widgets import WIDE, parameters

__all__ = ["Input", "Mode", "form_source", "inputs", "rows_source"]


class Mode(enum.Enum):
    """How a field stands on a form for this person and row."""

    WRITE = "write"
    READ = "read_only"
    """Seen, but not to be changed here."""
    MASK = "masked"


@dataclasses.dataclass(frozen=True, slots=True)
class Input:
    """An item of a form as it is drawn: a field, or with `field` None what `kind` says."""

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
    kind: str = "field"
    """`field`, `heading`, `note`, `step` or `rows`."""
    item: str = ""
    """The item's name, which conditions know it by."""


def inputs(form: Form, fields: dict[str, Field], modes: dict[str, Mode], rows: Container[str] = ()) -> tuple[Input, ...]:
    """The inputs of a form in order; a field without a mode is left out, and so is a heading or step with nothing below it.

    `rows` names the items whose rows the person may see.
    """
    items = (item for item in form.items.values() if not item.rows or item.name in rows)
    found = [made for item in items if (made := _input(form, item, fields, modes)) is not None]
    kept: list[Input] = []
    for part in reversed(found):
        if part.kind == "heading" and (not kept or kept[-1].kind in ("heading", "step")):
            continue
        if part.kind == "step" and (not kept or kept[-1].kind == "step"):
            continue
        kept.append(part)
    return tuple(reversed(kept))


def _input(form: Form, item: FormItem, fields: dict[str, Field], modes: dict[str, Mode]) -> Input | None:
    if item.rows:
        return Input(item.name, item.label, help=item.help, kind="rows", item=item.name)
    if not item.field:
        kind = "note" if item.note else "step" if item.step else "heading"
        return Input(item.name, item.label, help=item.help, kind=kind, item=item.name)
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
    return Input(item.field, item.label, field, mode, item.required or field.required, width, item.help or field.help, why, item=item.name)


def form_source(base: str, parts: Sequence[Input], language: str, *, live: bool = False) -> str:
    """Source of a form page that extends `base` (`form.html` or `ask.html`). Context beside it: `values`, `errors`, `warnings`,
    `matches`, `typed`, `kept`: mappings by name that give none for a name they lack; `reasons`: why → text.

    With `live` every item stands in a part of its own that scripts and the server mark (`marks`: item → classes), and `groups` has
    the rows of items that have some, drawn.
    """
    widgets = sorted({_widget(part) for part in parts if part.field is not None})
    imports = "".join(f'{{% import "fields/{name}.html" as w_{name} %}}' for name in widgets)
    body = "".join(_sections(parts, language, live))
    return f"{{% extends {quoted(base)} %}}\n{imports}\n{{% block fields %}}{body}{{% endblock %}}\n"


def rows_source(parts: Sequence[Input], language: str) -> str:
    """Source of the inputs of one row, of which `prefix` begins the names; context as for forms, by the names without it."""
    widgets = sorted({_widget(part) for part in parts if part.field is not None})
    imports = "".join(f'{{% import "fields/{name}.html" as w_{name} %}}' for name in widgets)
    return imports + "".join(_piece(part, language, live=True, prefix="prefix ~ ") for part in parts)


def _sections(parts: Sequence[Input], language: str, live: bool) -> list[str]:
    found: list[str] = []
    section = step = False
    for part in parts:
        if section and part.kind in ("heading", "step", "rows"):
            found.append("</div></section>\n")
            section = False
        if part.kind == "step":
            found.append("</div>\n" if step else "")
            now = "" if step else " is-current"
            found.append(f'<div class="form-step{now}{_marks(part)}" data-step="{html(part.item)}"><h2 class="step-title" tabindex="-1">'
                         f"{html(part.label(language))}</h2>{_help(part, language)}\n")
            step = True
        elif part.kind == "rows":
            found.append(f'<section class="section{_marks(part)}" data-item="{html(part.item)}"><h2>{html(part.label(language))}</h2>'
                         f"{_help(part, language)}{{{{ groups[{quoted(part.item)}] }}}}</section>\n")
        else:
            if not section:
                found.append(_opened(part, language, live))
                section = True
            if part.kind != "heading":
                found.append(_piece(part, language, live=live))
    return [*found, "</div></section>\n" if section else "", "</div>\n" if step else ""]


def _opened(part: Input, language: str, live: bool) -> str:
    if part.kind != "heading":
        return '<section class="section"><div class="fields">\n'
    marks = f'{_marks(part)}" data-heading="{html(part.item)}' if live else ""
    return f'<section class="section{marks}"><h2>{html(part.label(language))}</h2>{_help(part, language)}<div class="fields">\n'


def _help(part: Input, language: str) -> str:
    return f'<p class="section-help">{html(part.help(language))}</p>' if part.help is not None else ""


def _marks(part: Input) -> str:
    return f"{{{{ marks[{quoted(part.item)}] }}}}"


def _piece(part: Input, language: str, *, live: bool, prefix: str = "") -> str:
    """A field or a note; in a live form within a part that is marked."""
    if part.field is not None:
        drawn = _field(part, part.field, language, prefix=prefix, demanded=None if live else part.required)
        about = f' data-field="{html(part.name)}" data-widget="{_widget(part)}"{_typed(part.field, part.mode, language)}'
    else:
        drawn, about = f'<p class="field is-full form-note" id="f-{html(part.item)}">{html(part.label(language))}</p>\n', ""
    return f'<div class="item{_marks(part)}" data-item="{html(part.item)}"{about}>{drawn}</div>\n' if live else drawn


def _typed(field: Field, mode: Mode, language: str) -> str:
    """What the browser must know to read an input as a value, or to write a computed value as text."""
    found = f' data-type="{html(json.dumps(code(field.type.expression_type)))}"'
    choices = getattr(field.type, "choices", None)
    if choices is not None and mode is Mode.WRITE:
        renamed = {option.name: option.stored for option in choices.options.values() if option.name != option.stored}
        return found + (f' data-stored="{html(json.dumps(renamed))}"' if renamed else "")
    if mode is Mode.READ and field.formula is not None:
        texts = {option.stored: option.label(language) for option in choices.options.values()} if choices is not None else {}
        if field.type.widget == "boolean":
            texts = {word: field.type.text(value, Locale(language=language)) for word, value in (("true", True), ("false", False))}
        found += f' data-texts="{html(json.dumps(texts, ensure_ascii=False))}" data-places="{getattr(field.type, "places", "")}"'
    return found


def _widget(part: Input) -> str:
    assert part.field is not None
    return part.field.type.widget if part.mode is Mode.WRITE else part.mode.value


def _field(part: Input, field: Field, language: str, *, prefix: str = "", demanded: bool | None = None) -> str:
    """`demanded` None leaves it to the marks of the part around whether a value is needed, unless the object needs one."""
    name = quoted(part.name)
    given = [prefix + name, quoted(part.label(language)), f"values[{name}]"]
    if part.mode is not Mode.MASK:
        given.append(f"errors[{name}]")
    if part.help is not None:
        given.append(f"help={quoted(part.help(language))}")
    if part.mode is Mode.WRITE:
        given += [f"required={_flag(field.required if demanded is None else demanded)}", f"warning=warnings[{name}]"]
        given += [f"{key}={value}" for key, value in parameters(field, language).items()]
    if part.why:
        given.append(f"why=reasons[{quoted(part.why)}]")
    given += [f"restricted={_flag(field.restricted)}", f"width={quoted(part.width)}"]
    return f"{{{{ w_{_widget(part)}.field({', '.join(given)}) }}}}\n"


def _flag(value: bool) -> str:
    return "true" if value else "false"
