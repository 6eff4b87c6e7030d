"""What a new definition begins as, kind by kind: as little as works, with names made from the label, or a copy of another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from designer.edits.edit import Bench, Composite, reads
from designer.edits.files import CreateFile
from designer.edits.layering import clean, free_path
from designer.edits.primitive import SetValue
from designer.edits.refused import EditRefused
from designer.layers import Layers
from designer.naming import name_of
from engine.names import is_name
from engine.text.kinds import KINDS

__all__ = ["STARTS", "CreateDefinition", "CreatePack"]

Start = Callable[[Layers, str, dict[str, Any], str], dict[str, Any]]
"""(layers, name, label, about) → the file's value; `about` is the object that it is about, '' where none is needed."""


def _patient(layers: Layers) -> str:
    """The object whose records are about themselves: the patient."""
    for name in layers.names("objects"):
        if layers.merged("objects", name).get("subject") == "self":
            return name
    return ""


def _object(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    """Records about a patient, in the patient's clinic; without a patient, of one clinic."""
    note = {"en": "Subject", "zh": "主题"}
    start: dict[str, Any] = {"name": name, "label": label, "title": "{topic}"}
    fields: dict[str, Any] = {"topic": {"type": "text", "required": True, "max": 100, "label": note}}
    patient = about or _patient(layers)
    if not patient:
        return {**start, "belongs_to": "clinic", "fields": fields}
    link = {"type": "link", "to": patient, "required": True, "label": layers.merged("objects", patient).get("label", patient)}
    return {**start, "belongs_to": {"via": patient}, "subject": patient, "fields": {patient: link, **fields}}


def _form(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    fields = [n for n, f in layers.elements("objects", about, ("fields",)).items() if not f.get("formula") and not f.get("retired")]
    written = [n for n in fields if layers.elements("objects", about, ("fields",))[n].get("type") not in ("sequence", "state")]
    return {"name": name, "object": about, "label": label, "items": {field: {"width": "half"} for field in written[:12]}}


def _view(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    fields = list(layers.elements("objects", about, ("fields",)))
    return {"name": name, "object": about, "kind": "list", "label": label, "columns": {field: {} for field in fields[:5]}}


def _workflow(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    return {
        "object": about, "field": "status", "label": {"en": "Status", "zh": "状态"}, "initial": "open",
        "states": {"open": {"label": {"en": "Open", "zh": "待处理"}, "category": "open"},
                   "done": {"label": {"en": "Done", "zh": "已完成"}, "category": "done"}},
        "transitions": {"complete": {"from": "open", "to": "done", "label": {"en": "Complete", "zh": "完成"}}},
    }


def _choices(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    return {"name": name, "label": label, "options": {"yes": {"label": {"en": "Yes", "zh": "是"}}, "no": {"label": {"en": "No", "zh": "否"}}}}


def _role(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    return {"name": name, "label": label, "grants": {}}


def _score(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    return {"name": name, "label": label, **({"on": about} if about else {}), "items": {}, "bands": {}}


def _message(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    return {"name": name, "object": about, "label": label, "channels": ["inbox"], "subject": dict(label), "body": dict(label)}


def _plan(layers: Layers, name: str, label: dict[str, Any], about: str) -> dict[str, Any]:
    fields, patient = layers.elements("objects", about, ("fields",)), _patient(layers)
    day = next((n for n, f in fields.items() if f.get("type") in ("date", "datetime") and not f.get("formula")), "created_at")
    task = next((n for n in layers.names("objects") if layers.merged("objects", n).get("task")), "followup_task")
    first = {"label": {"en": "First step", "zh": "第一步"}, "at": "anchor + days(1)", "create": task}
    return {"name": name, "label": label, "subject": patient or about, "anchor": f"{about}.{day}", "steps": {"day1": first}}


STARTS: Mapping[str, Start] = {
    "objects": _object, "choices": _choices, "forms": _form, "views": _view, "workflows": _workflow, "roles": _role,
    "scores": _score, "messages": _message, "plans": _plan,
}
"""By the folder of the kind: those that can be made from nothing."""
ABOUT = frozenset({"forms", "views", "workflows", "messages", "plans"})
"""Kinds that are about an object."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateDefinition(Composite):
    """A new definition in a pack: from nothing, or with `like` a copy of another one of its kind. Its name is made from the
    label unless one is given; the names of workflows are those of their objects."""

    kind: ClassVar[str] = "create"
    words: ClassVar[tuple[str, str]] = ("Made the {kind} “{label}”", "新建{kind}“{label}”")

    folder: str
    pack: str
    label: dict[str, Any] = reads("map")
    name: str = ""
    about: str = ""
    like: str = ""

    def said(self, language: str) -> dict[str, object]:
        from designer.edits.said import kind_said

        label = self.label.get(language) or next(iter(self.label.values()), self.name)
        return {"kind": kind_said(self.folder, language), "label": label}

    def named(self, files: Mapping[str, str]) -> str:
        """The name that it gets. Raises EditRefused for one that is taken or none."""
        if KINDS[self.folder].name_key == "object":
            return self.about
        taken = Layers(files).names(self.folder)
        if self.name and (not is_name(self.name)):
            raise EditRefused("bad_name", name=self.name[:60])
        if self.name in taken:
            raise EditRefused("name_taken", name=self.name)
        return self.name or name_of(self.label, taken, fallback=KINDS[self.folder].name)

    def make(self, bench: Bench) -> None:
        layers = Layers(bench.files)
        if self.folder not in KINDS or self.folder not in STARTS and not self.like:
            raise EditRefused("bad_path", path=self.folder[:60])
        label = {code: clean(text).strip() for code, text in self.label.items() if isinstance(text, str) and text.strip()}
        if not label:
            raise EditRefused("empty_label")
        if layers.header(self.pack) is None:
            raise EditRefused("no_file", path=f"{self.pack}/pack.yaml")
        if self.folder in ABOUT and not self.like:
            layers.known("objects", self.about)
        name = self.named(bench.files)
        if name in layers.names(self.folder):
            raise EditRefused("name_taken", name=name)
        value = self._copy(layers, name, label) if self.like else STARTS[self.folder](layers, name, label, self.about)
        bench.do(CreateFile(path=free_path(bench.files, self.pack, self.folder, name), value=value))
        self._require(bench, layers, value)

    def _copy(self, layers: Layers, name: str, label: dict[str, Any]) -> dict[str, Any]:
        layers.known(self.folder, self.like)
        value = _without_history(layers.merged(self.folder, self.like))
        key = KINDS[self.folder].name_key
        if key == "object":
            return {**value, "object": self.about}
        return {key: name, **{k: v for k, v in value.items() if k not in (key, "default")}, "label": label}

    def _require(self, bench: Bench, layers: Layers, value: Mapping[str, Any]) -> None:
        """The pack requires those whose objects the new definition names."""
        owners = layers.names("objects")
        wanted = {owners[word] for word in (self.about, value.get("subject", "")) if isinstance(word, str) and word in owners}
        header = layers.header(self.pack)
        for owner in sorted(wanted - layers.all_required(self.pack)):
            assert header is not None
            bench.do(SetValue(path=header.path, at=("requires", owner), value=">=0"))


def _without_history(value: Any) -> Any:
    """A copy is no heir: former names, ids and places stay with the original."""
    if isinstance(value, dict):
        return {k: _without_history(v) for k, v in value.items() if k not in ("was", "id", "retired", "hidden")}
    return value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreatePack(Composite):
    """A new pack, the topmost layer; the organisation lists it."""

    kind: ClassVar[str] = "create_pack"
    words: ClassVar[tuple[str, str]] = ("Made the pack “{name}”", "新建包“{name}”")

    name: str
    label: dict[str, Any] = reads("map")

    def make(self, bench: Bench) -> None:
        layers = Layers(bench.files)
        if not is_name(self.name):
            raise EditRefused("bad_name", name=self.name[:60])
        if self.name in layers.packs:
            raise EditRefused("name_taken", name=self.name)
        header = {"name": self.name, "version": "0.1.0", "language": 1, "label": clean(self.label),
                  "requires": dict.fromkeys(layers.packs, ">=0")}
        bench.do(CreateFile(path=f"{self.name}/pack.yaml", value=header))
        listed = next((path for path in bench.files if path.partition(".")[0] == "organisation"), "")
        if listed:
            bench.do(SetValue(path=listed, at=("packs",), value=[*layers.packs, self.name]))
