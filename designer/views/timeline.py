"""The steps of a plan on a line of days, and beside it the panel of the one that is chosen."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.asking import in_release
from designer.blueprint import designer
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.drawn import mark, mine
from designer.edits.edit import Edit
from designer.edits.elements import AddElement, ChangeElement
from designer.edits.refused import EditRefused
from designer.naming import name_of
from designer.rows import names_of, spoken
from designer.schema_form import Input, element_schema, inputs, posted
from designer.shell import draft_of, drafts, head, languages, problem_rows, show
from designer.spans import UNITS, At, Span, at_of, span_of
from designer.timeline import bases, lanes_of, steps_of, summary
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from designer.words import words
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []

_TIMES = ("at", "from", "every", "window", "times")
_SECTION = ("steps",)


def _asked() -> tuple[Draft, str]:
    """The draft and the plan of an address. Raises HttpProblem 404."""
    draft, name = draft_of(str((request.view_args or {})["id"])), request.values.get("name", "")
    if not draft.layers.of("plans", name):
        raise HttpProblem("not_found")
    return draft, name


def _address(id: str, name: str, step: str = "") -> str:
    return f"/design/{id}/timeline?{urlencode({'name': name} | ({'at': step} if step else {}))}"


@designer.get("/<record:id>/timeline")
@declare(policy=Policy.DESIGN)
def show_timeline(id: str) -> Response:
    """The line; `at` is the step whose panel stands beside it."""
    state, (draft, name) = here(), _asked()
    layers, step = draft.layers, request.args.get("at", "")
    value = steps_of(layers, name).get(step)
    paths = {layer.path for layer in layers.of("plans", name)}
    return show(
        "timeline.html", draft=head(state, draft, "overview"), name=name, label=layers.label("plans", name, state.language), url=_address(id, name),
        here_url=_address(id, name, step if value is not None else ""), definition=definition_url(id, "plans", name), languages=languages(state),
        lanes=lanes_of(layers, name, state.language), summary=summary(layers, name, state.language), units=_units(state.language),
        problems=problem_rows(draft, [p for p in problems_of(draft) if p.place.file in paths]),
        step=_panel(draft, name, step, value, state.language) if value is not None else None,
    )


def _units(language: str) -> list[tuple[str, str]]:
    _ = words(language)
    return list(zip(UNITS, (_("days"), _("weeks"), _("working days"), _("months"), _("years"), _("hours")), strict=True))


def _panel(draft: Draft, plan: str, name: str, value: dict[str, Any], language: str) -> dict[str, Any]:
    layers = draft.layers
    text = str(value.get("from" if value.get("every") else "at") or "")
    at, known = at_of(text), bases(layers, plan, name, language)
    edit = {"folder": "plans", "definition": plan, "pack": draft.pack, "section": list(_SECTION), "name": name}
    kept = in_release(draft, "plans", plan, (*_SECTION, name))
    return {
        "name": name, "drawn": mark(value), "label": next(lane.label for lane in lanes_of(layers, plan, language) if lane.name == name), "text": text,
        "at": at if at is not None and at.base in dict(known) else None, "bases": known, "every": span_of(value.get("every") or ""),
        "odd": {key: value[key] for key in ("every", "window") if value.get(key) and span_of(value[key]) is None},
        "window": span_of(value.get("window") or ""), "repeats": bool(value.get("every")), "times": value.get("times") or "",
        "inputs": [one for one in _inputs(draft, plan, value, language) if one.kind != "more"], "kept": kept,
        "owner": layers.owner("plans", plan, (*_SECTION, name)), "remove": edit | {"kind": "retire_element" if kept else "remove_element"},
        "more": f"/design/{draft.id}/element?kind=plans&name={plan}&section=steps&element={name}",
    }


def _inputs(draft: Draft, plan: str, value: dict[str, Any], language: str) -> list[Input]:
    keys, required = element_schema("plans", _SECTION, value)
    layers = draft.layers
    whole = {**layers.merged("plans", plan), "object": value.get("create")}
    known = names_of(layers, whole)
    found = inputs("plans", keys, value, required=required, leave=_TIMES, names={key: known[key] for key in ("create", "form", "message")})
    return spoken(found, layers, "plans", whole, language)


@designer.post("/<record:id>/timeline")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="element")
def change_timeline(id: str) -> AnyResponse:
    """What the panel of a step said; without `element` it makes a new step at a day."""
    state, (draft, plan) = here(), _asked()
    step = request.form.get("element", "")
    shown = [step]

    def act() -> Draft:
        edit = _changed(draft, plan, step) if step else _added(draft, plan, languages(state), shown)
        return drafts(state).edit(id, edit, state.who.id, state.now) if edit is not None else draft

    return carried_out(state, id, act, lambda _: _address(id, plan, shown[0]))


def _added(draft: Draft, plan: str, codes: tuple[str, ...], shown: list[str]) -> Edit:
    label = {code: text for code in codes if (text := request.form.get(f"label.{code}", "").strip())}
    if not label:
        raise EditRefused("empty_label")
    steps = draft.layers.elements("plans", plan, _SECTION)
    shown[0] = name_of(label, set(steps), fallback="step")
    live = list(steps_of(draft.layers, plan).values())
    made = {"create": live[-1]["create"]} if live and live[-1].get("create") else {}
    return AddElement(folder="plans", definition=plan, pack=draft.pack, section=_SECTION, name=shown[0],
                      value={"label": label, "at": _at(), **made})


def _changed(draft: Draft, plan: str, step: str) -> Edit | None:
    value = steps_of(draft.layers, plan).get(step)
    if value is None:
        raise EditRefused("no_place", at=step, path=f"plans/{plan}")
    changes = posted(_inputs(draft, plan, value, here().language), request.form, languages(here()))
    wanted: dict[str, Any] = {}
    if "at.base" in request.form:
        repeats, times = bool(request.form.get("repeats")), request.form.get("times", "").strip()
        every = (_span("every") or value.get("every")) if repeats else None
        if repeats and not every:
            raise EditRefused("no_time")
        if times and not (times.isascii() and times.isdigit() and len(times) < 5):
            raise EditRefused("bad_edit", why=times[:20])
        wanted = {"at": None if repeats else _at(), "from": _at() if repeats else None, "every": every,
                  "times": int(times) if repeats and times else None}
        wanted["window"] = _span("window") or (value.get("window") if value.get("window") and span_of(value["window"]) is None else None)
    held = {"window": value.get("window")} | {key: value.get(key) for key in wanted}
    changes |= {key: new for key, new in wanted.items() if new != held[key] and not _same(held[key], new)}
    changes = mine(changes, value, request.form.get("drawn"))
    return ChangeElement(folder="plans", definition=plan, pack=draft.pack, section=_SECTION, name=step, changes=changes) if changes else None


def _same(old: object, new: object) -> bool:
    """Whether two texts say the same time: spaces and brackets are left as somebody wrote them."""
    return old is not None and new is not None and at_of(old) is not None and at_of(old) == at_of(new)


def _number(key: str) -> int:
    text = request.form.get(key, "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise EditRefused("bad_edit", why=text[:20])
    return int(text)


def _unit(key: str) -> str:
    unit = request.form.get(key, "days")
    if unit not in UNITS:
        raise EditRefused("bad_edit", why=unit[:20])
    return unit


def _span(key: str) -> str | None:
    number = _number(f"{key}.number")
    return Span(number, _unit(f"{key}.unit")).text if number else None


def _at() -> str:
    base = request.form.get("at.base", "")
    if not base:
        if not request.form.get("at.text", "").strip():
            raise EditRefused("no_time")
        return request.form["at.text"].strip()
    number = _number("at.number") * (-1 if request.form.get("at.side") == "before" else 1)
    return At(base, Span(number, _unit("at.unit"))).text
