"""A workflow drawn: its states and transitions, and beside them the panel of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.asking import in_release
from designer.blueprint import designer
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.drawing import drawing_of, live, texts_of
from designer.drawn import mine
from designer.edits.definitions import ChangeDefinition
from designer.edits.edit import Edit, Together
from designer.edits.elements import AddElement, ChangeElement
from designer.edits.flowing import AddTransition
from designer.edits.refused import EditRefused
from designer.edits.renaming import RenameElement
from designer.following import Wanted, effect_of
from designer.given import UNITS, Moment
from designer.layers import Layers, label_of
from designer.naming import name_of
from designer.panels import Panels, address, place_of
from designer.schema_form import element_schema, inputs, posted
from designer.shell import draft_of, drafts, head, languages, problem_rows, show
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from engine.names import ACTIONS
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []


def _flow() -> tuple[Draft, Layers, str]:
    """The draft and the workflow of an address. Raises HttpProblem 404."""
    draft = draft_of(str((request.view_args or {})["id"]))
    name = request.values.get("name", "")
    if not draft.layers.of("workflows", name):
        raise HttpProblem("not_found")
    return draft, draft.layers, name


@designer.get("/<record:id>/drawing")
@declare(policy=Policy.DESIGN)
def show_drawing(id: str) -> Response:
    """The drawing; `at` is the element whose panel stands beside it, `new` the kind of one to add."""
    state = here()
    draft, layers, name = _flow()
    at, new = request.args.get("at", ""), request.args.get("new", "")
    panels = Panels(draft, name, state.language)
    panel = panels.fresh(new, request.args) if new else panels.chosen(at)
    paths = {layer.path for layer in layers.of("workflows", name)}
    drawing = drawing_of(layers, name, state.language)
    return show(
        "drawing.html", draft=head(state, draft, "overview"), name=name, label=layers.label("objects", name, state.language), drawing=drawing,
        panel=panel, languages=languages(state), url=address(id, name), here_url=request.full_path.rstrip("?"),
        definition=definition_url(id, "workflows", name),
        problems=problem_rows(draft, [p for p in problems_of(draft) if p.place.file in paths and not p.warning]),
        labels={box.name: box.label for box in drawing.boxes},
    )


@designer.post("/<record:id>/drawing")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="element")
def change_drawing(id: str) -> AnyResponse:
    """What the form of a panel said; without `element` it makes a new one."""
    state = here()
    draft, _, name = _flow()
    form = _Posted(draft, name, languages(state))
    made = form.edits()

    def act() -> Draft:
        edits = made()
        return drafts(state).edit(id, Together.of(edits), state.who.id, state.now) if edits else draft

    return carried_out(state, id, act, lambda _: address(id, name, at=form.at))


class _Posted:
    """A posted panel, and the edits that it means. `at` is where it leads afterwards."""

    def __init__(self, draft: Draft, flow: str, spoken: tuple[str, ...]) -> None:
        self._draft, self._layers, self._flow, self._spoken = draft, draft.layers, flow, spoken
        self._section, self._element = place_of(f"{request.form.get('section', '')}.{request.form.get('element', '')}")
        self._sent = {key: ",".join(request.form.getlist(key)) for key in request.form}
        self.at = ".".join((*self._section, self._element)) if self._element else ""

    def edits(self) -> Callable[[], list[Edit]]:
        """Raises HttpProblem 404 for what is no part of a workflow."""
        known: Mapping[tuple[str, ...], Callable[[], list[Edit]]] = {
            ("states",): self._state, ("transitions",): self._transition, ("timers",): self._timer}
        if self._section in known:
            return self._rename if "rename" in self._sent else known[self._section]
        if len(self._section) == 3 and self._section[::2] == ("transitions", "then"):
            return self._effect
        raise HttpProblem("not_found")

    def _elements(self) -> dict[str, dict[str, Any]]:
        return self._layers.elements("workflows", self._flow, self._section)

    def _there(self) -> dict[str, Any]:
        value = self._elements().get(self._element)
        if self._element and value is None:
            raise EditRefused("no_place", at=self._element, path=f"workflows/{self._flow}")
        return value or {}

    def _changes(self, leave: tuple[str, ...] = ()) -> dict[str, Any]:
        """The keys that were posted with other values than they have."""
        value = self._there()
        keys, required = element_schema("workflows", self._section, value)
        return posted(inputs("workflows", keys, value, required=required, leave=leave), self._sent, self._spoken)

    def _of(self) -> dict[str, Any]:
        return {"folder": "workflows", "definition": self._flow, "pack": self._draft.pack}

    def _named(self, label: object, fallback: str) -> str:
        """The name of a new element; it is shown afterwards."""
        taken = {*self._elements(), *(ACTIONS if self._section == ("transitions",) else ())}
        name = name_of(label, taken, fallback=fallback) if isinstance(label, str | dict) and label else name_of(fallback, taken)
        self.at = ".".join((*self._section, name))
        return name

    def _change(self, changes: dict[str, Any]) -> list[Edit]:
        changes = mine(changes, self._there(), self._sent.get("drawn"))
        return [ChangeElement(**self._of(), section=self._section, name=self._element, changes=changes)] if changes else []

    def _state(self) -> list[Edit]:
        changes = self._changes()
        if self._element:
            return self._change(changes)
        if "label" not in changes:
            raise EditRefused("empty_label")
        name = self._named(changes["label"], "state")
        first: list[Edit] = [] if live(self._layers, self._flow, ("states",)) else [ChangeDefinition(**self._of(), changes={"initial": name})]
        return [AddElement(**self._of(), section=self._section, name=name, value=changes), *first]

    def _transition(self) -> list[Edit]:
        if not self._sent.get("from") or not self._sent.get("to"):
            raise EditRefused("nowhere")
        changes = self._changes()
        if self._element:
            return self._change(changes)
        if "label" not in changes:
            raise EditRefused("empty_label")
        name = self._named(changes["label"], "transition")
        return [AddTransition(definition=self._flow, pack=self._draft.pack, name=name, value=changes,
                              roles=tuple(request.form.getlist("roles")))]

    def _timer(self) -> list[Edit]:
        at = self._moment()
        changes = self._changes(leave=("at",)) | ({"at": at} if at != self._there().get("at") else {})
        whole = {**self._there(), **changes}
        fired = live(self._layers, self._flow, ("transitions",)).get(str(whole.get("fire")), {})
        if whole.get("in") and fired and whole["in"] not in texts_of(fired.get("from")):
            raise EditRefused("leads_from_elsewhere", name=label_of(fired, here().language) or whole["fire"])
        if self._element:
            return self._change(changes)
        if not all(changes.get(key) for key in ("in", "at", "fire")):
            raise EditRefused("no_time")
        return [AddElement(**self._of(), section=self._section, name=self._named(changes.get("label"), changes["fire"]), value=changes)]

    def _moment(self) -> str:
        base, number, unit = (self._sent.get(f"at.{part}", "") for part in ("base", "number", "unit"))
        if not base:
            if not self._sent.get("at.text", "").strip():
                raise EditRefused("no_time")
            return self._sent["at.text"].strip()
        if number and not (number.isascii() and number.isdigit() and len(number) < 6) or unit not in UNITS:
            raise EditRefused("bad_edit", why=number[:20])
        return Moment(base, int(number or 0) * (-1 if self._sent.get("at.side") == "before" else 1), unit).text

    def _effect(self) -> list[Edit]:
        if self._section[1] not in live(self._layers, self._flow, ("transitions",)):
            raise EditRefused("no_place", at=self._section[1], path=f"workflows/{self._flow}")
        do, _, rest = self._sent.get("kind", "").partition("/")
        on, _, what = rest.partition("/")
        label = self._changes(leave=tuple(key for key in element_schema("workflows", self._section, {})[0] if key != "label"))
        rows = zip(request.form.getlist("value.field"), request.form.getlist("value.text"), strict=False)
        value = label | effect_of(self._layers, self._flow, Wanted(do, on, what), self._sent, rows)
        if self._element:
            old = self._there()
            return self._change({key: new for key, new in value.items() if new != old.get(key)})
        named = {key: held for key, held in value.items() if held is not None}
        return [AddElement(**self._of(), section=self._section, name=self._named(label.get("label"), f"{do}_{what or on}".strip("_")), value=named)]

    def _rename(self) -> list[Edit]:
        to, at = self._sent["rename"].strip(), (*self._section, self._element)
        self._there()
        if not to or to == self._element:
            return []
        self.at = ".".join((*self._section, to))
        return [RenameElement(**{**self._of(), "pack": self._layers.owner("workflows", self._flow, at)}, section=self._section,
                              name=self._element, to=to, was=in_release(self._draft, "workflows", self._flow, at))]
