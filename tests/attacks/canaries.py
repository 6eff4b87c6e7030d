"""Definitions and records whose every text tries to be code: template code (H3) and markup (H4)."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Iterator, Mapping

import pytest
import yaml

from tests.fixtures.databases import Backend
from tests.runtime.api.world import FILES, Web, build, person_id
from tests.runtime.screens.surfing import Reader, Seen, Surfer

TEMPLATE = "{{7*7}}${7*7}#{7*7}<%=7*7%>{%print(7*7)%}{#gone#}"
MARKUP = "\"'><svg/onload=alert(1) id=hit>&amp;\\"
CANARY = f"{TEMPLATE}{MARKUP}%s%d%(x)s"
_NAMED = ("fields", "options", "states", "transitions")
_SAID = ("label", "plural", "help", "heading", "message")


def poisoned(files: Mapping[str, str] = FILES) -> dict[str, str]:
    """The chain's files, written as JSON, with a canary of its own number in every text that people are shown."""
    number = itertools.count(1000)  # no number of a label is 49
    return {path: json.dumps(_poison(yaml.safe_load(text), "", number), ensure_ascii=False, default=str) for path, text in files.items()}


def _poison(tree: object, parent: str, number: Iterator[int]) -> object:
    """Every text that is said is replaced; files, fields, options, states and transitions get a label, fields a help too."""
    if not isinstance(tree, dict):
        return tree
    made: dict[str, object] = {key: _poison(value, key, number) for key, value in tree.items() if key not in _SAID}
    made |= {key: _canary(number) for key in tree if key in _SAID}
    if parent in _NAMED:
        made = {key: {**value, "label": _canary(number)} if isinstance(value, dict) else value for key, value in made.items()}
    if parent == "fields":
        made = {key: {**value, "help": _canary(number)} for key, value in made.items()}  # type: ignore[dict-item]
    return made if parent else {**made, "label": _canary(number)}


def _canary(number: Iterator[int]) -> dict[str, str]:
    found = f"L{next(number)}.{CANARY}"
    return {"en": found, "zh": found}


@pytest.fixture(scope="module")
def poisoned_web(sqlite_backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, dict[str, str]]]:
    """The chain with canaries everywhere, and ids by object. What screens do with texts does not depend on the database."""
    web = Web.open(sqlite_backend.prepared("api-chain", build), tmp_path_factory.mktemp("keys"))
    web.publish(poisoned())
    yield web, populate(web)
    web.close()


@pytest.fixture
def planted(poisoned_web: tuple[Web, dict[str, str]]) -> Iterator[Web]:
    """The same, whose screens are generated anew before and after, for a fault planted in between."""
    web, _ids = poisoned_web
    web.store.release().cache.pop("runtime.screens", None)
    yield web
    web.store.release().cache.pop("runtime.screens", None)


def populate(web: Web) -> dict[str, str]:
    """Records whose texts are canaries; ids by object."""
    visit = web.make("visit", None, patient=web.patient(name=TEMPLATE, card=MARKUP[:20]), kind=MARKUP[:40])
    patient = web.patient(name=MARKUP, phone=CANARY[:30], doctor=person_id("manager"))
    web.make("visit", None, patient=patient, kind=TEMPLATE[:40])
    task = web.make("task", None, visit=visit, step=TEMPLATE[:40], assignee=person_id("nurse"))
    return {"patient": patient, "visit": visit, "task": task}


def pages(surfer: Surfer, ids: Mapping[str, str]) -> Iterator[tuple[str, Seen]]:
    """Every kind of screen: start, lists, records, forms, forms refused, a conflict, a step, errors."""
    paths = ["/", "/me", "/sign-in", f"/o/{CANARY[:9]}"]
    for name, id in ids.items():
        paths += [f"/o/{name}", f"/o/{name}?q={MARKUP[:9]}", f"/o/{name}/new", f"/o/{name}/{id}", f"/o/{name}/{id}/edit"]
    for path in paths:
        yield path, surfer.get(path)
    edit = f"/o/patient/{ids['patient']}/edit"
    form = surfer.get(edit).form(edit)
    yield "refused", surfer.send(edit, form, name="", born=CANARY, **{"team.text": CANARY})
    surfer.send(edit, form, card=TEMPLATE[:18])
    yield "conflict", surfer.send(edit, form, card=MARKUP[:18])
    yield "history", surfer.get(f"/o/patient/{ids['patient']}")
    surfer.send(f"/o/task/{ids['task']}/t/start")
    step = f"/o/task/{ids['task']}/t/finish"
    yield "step", surfer.get(step)
    yield "step refused", surfer.fill(step, pain=CANARY, _reason=CANARY)
    yield "lost", surfer.send(f"/o/task/{ids['task']}/t/start")


def computed(page: str) -> list[str]:
    """Canaries of which a template engine made something else."""
    text = html.unescape(page)
    found = re.findall(r"L\d+\.(?!" + re.escape(TEMPLATE) + ").{0,40}", text)
    return found + re.findall(r"(?:^|[^0-9-])49(?:[^0-9-]|$).{0,20}", " ".join(Reader(page).text))


def executed(page: str) -> list[str]:
    """Canaries of which a browser would make an element, an attribute or a script's address."""
    hits = []
    for tag, found in Reader(page).tags:
        if "/" in tag or "onload" in found or found.get("id") == "hit":
            hits.append(f"<{tag} {sorted(found)}>")
        hits += [f"{name}={value}" for name, value in found.items() if name.startswith("on")]
        hits += [found[name] for name in ("href", "src", "action") if found.get(name, "").strip().lower().startswith("javascript")]
    return hits


