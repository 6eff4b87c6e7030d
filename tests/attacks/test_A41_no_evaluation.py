"""A-41: nothing that a request or a definition says is ever run: not by Python, not by the browser.

1. No `eval`, `exec`, `compile`, `__import__`, `pickle`, `marshal`, `yaml.load` in product code, under any name.
2. `getattr`, `setattr`, `delattr` and `import_module` take names from the code itself: where the name is a variable, the place stands
   below with the reason why no request decides it; a place that needs no reason any more fails.
3. The browser's own scripts hold no `eval`, no `Function`, no timer of text and no HTML made of data.
4. Each rule catches what it bans (the planted faults).
"""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("engine", "runtime", "designer", "plugins")
RUNS = {"eval", "exec", "compile", "__import__", "execfile"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle", "code", "codeop"}
UNSAFE_YAML = {"load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all"}
BY_NAME = {"getattr", "setattr", "delattr", "import_module", "attrgetter", "methodcaller"}
ALLOWED = {
    "designer/drafts/keeping.py": "columns of a row, which stand in the call",
    "designer/edits/edit.py": "fields of an edit, told by its class",
    "designer/routes.py": "modules of the package itself, told by the file system",
    "engine/expressions/checker/inline.py": "fields of a node of the typed tree, told by its class",
    "engine/expressions/scope.py": "settings of a scope, a table of the module",
    "engine/fields/__init__.py": "modules of the package itself, told by the file system",
    "engine/targets/elements.py": "fields of an element of the Model, told by its class",
    "engine/targets/operations.py": "fields of an operation, told by its class",
    "engine/targets/plan_reads.py": "fields of a node of the typed tree, told by its class",
    "engine/targets/sounds.py": "the book of readings, a constant of the module",
    "engine/text/compile/table_scope.py": "settings of a scope, a table of the module",
    "engine/text/compile/whole.py": "two keys that stand in the function itself",
    "runtime/channels.py": "the plugins of the product, a table of the module",
    "runtime/cli/demo.py": "the package of the examples, a constant",
    "runtime/cli/main.py": "modules of commands, a table of the module",
    "runtime/composition.py": "followers of the product, a table of the module",
    "runtime/identity/sessions.py": "columns of a row, which stand in the call",
    "runtime/identity/tokens.py": "parts of a token's scope, a constant",
    "runtime/imports/importing.py": "the store behind a rehearsal: names are those of the code that uses it",
    "runtime/jobs/kinds.py": "kinds of jobs of the product, a table of the module",
    "runtime/messages/recipients.py": "keys of `contact`, which stand in the call",
    "runtime/messages/told.py": "keys of `contact`, a constant of the module",
    "runtime/plans/enrolment.py": "fields of a row, told by its class",
    "runtime/records/fence.py": "fields of an element of the Model, told by its class",
    "runtime/records/looking.py": "one of two operators of SQL, by the database",
    "runtime/records/shapes.py": "fields of a node of the typed tree, told by its class",
    "runtime/screens/environment.py": "the sandbox of templates, which are the product's own files; it refuses names that are not plain",
    "runtime/screens/panels/contract.py": "panels of the product, a table of the module",
    "runtime/screens/routes.py": "modules of the package itself, told by the file system",
    "runtime/store/released.py": "who is told of a publish, a table of the module",
    "runtime/store/views.py": "columns of a table of the runtime",
    "runtime/web/app.py": "the edges of the application, a constant",
    "runtime/web/errors.py": "slots of the class itself",
    "runtime/web/routes.py": "a constant of the module",
}
READ_PAGES = {"board.js", "designer.js", "search.js", "simulate.js"}
"""Scripts that take parts of pages of this very server, which wrote them escaped; the parser runs nothing in them."""
SCRIPT = re.compile(
    r"\beval\b|\bnew\s+Function\b|(?<![\w.$])Function\s*\(|\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\s*\.\s*write|createContextualFragment"
    r"|\bset(?:Timeout|Interval)\s*\(\s*[\"'`]|\.constructor\s*\.\s*constructor|\bimport\s*\(|\bsrcdoc\b|\bDOMParser\b|javascript:"
)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def runs(node: ast.AST) -> bool:
    """Whether the node names something that runs text or rebuilds objects, also without calling it."""
    if isinstance(node, ast.Name):
        return node.id in RUNS
    if isinstance(node, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        return owner == "builtins" and node.attr in RUNS or owner == "yaml" and node.attr in UNSAFE_YAML
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return any(name.split(".")[0] in MODULES or name in {f"yaml.{each}" for each in UNSAFE_YAML} for name in names)


def by_name(node: ast.AST) -> bool:
    """Whether a name that is not written in the code decides what is reached."""
    if not isinstance(node, ast.Call) or called(node) not in BY_NAME:
        return False
    own = called(node) in {"import_module", "attrgetter", "methodcaller"}
    names = node.args[:1] if own else node.args[1:2]
    return not (names and isinstance(names[0], ast.Constant))


@functools.cache
def hits() -> dict[str, list[tuple[str, int]]]:
    """For each rule the places that break it, all files read once."""
    found: dict[str, list[tuple[str, int]]] = {"runs": [], "by_name": []}
    for folder in PRODUCT:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                for rule in (runs, by_name):
                    if rule(node):
                        found[rule.__name__].append((path, getattr(node, "lineno", 0)))
    return found


def test_product_code_runs_no_text() -> None:
    """Requirement 1."""
    assert hits()["runs"] == []


def test_names_come_from_the_code() -> None:
    """Requirement 2."""
    assert {path for path, _ in hits()["by_name"]} == set(ALLOWED)


def test_request_data_is_nowhere_a_name() -> None:
    """Requirement 2: what reads requests, the API and the gate, reaches nothing by a variable name."""
    assert not [path for path in ALLOWED if path.startswith("runtime/api/") or path == "runtime/web/gate.py"]


def test_scripts_run_no_text() -> None:
    """Requirement 3."""
    folders = (ROOT / "runtime" / "screens" / "static", ROOT / "designer" / "static")
    files = [file for folder in folders for file in sorted(folder.rglob("*.js")) if "vendor" not in file.parts]
    assert len(files) > 10
    found = [(file.name, hit[0]) for file in files for hit in SCRIPT.finditer(re.sub(r"(?m)^\s*//.*$", "", file.read_text("utf-8")))]
    assert {hit for hit in found if hit[1] != "DOMParser"} == set()
    assert {name for name, _ in found} == READ_PAGES


@pytest.mark.parametrize(("code", "rule"), [
    ("eval(x)", runs), ("run = eval", runs), ("exec(x)", runs), ("compile(x, '', 'eval')", runs), ("__import__(x)", runs), ("import pickle", runs),
    ("from marshal import loads", runs), ("yaml.load(x)", runs), ("from yaml import unsafe_load", runs), ("builtins.eval(x)", runs),
    ("getattr(record, request.args['field'])", by_name), ("setattr(record, name, value)", by_name),
    ("importlib.import_module(name)", by_name), ("operator.attrgetter(name)", by_name), ("getattr(x, f'{y}')", by_name),
])
def test_what_is_banned_is_caught(code: str, rule: object) -> None:
    """Requirement 4."""
    assert callable(rule)
    assert any(rule(node) for node in ast.walk(ast.parse(code)))


@pytest.mark.parametrize("code", ["re.compile(x)", "yaml.safe_load(x)", "getattr(x, 'name', None)", "importlib.import_module('a')"])
def test_what_is_allowed_passes(code: str) -> None:
    """Requirement 4."""
    assert not any(runs(node) or by_name(node) for node in ast.walk(ast.parse(code)))


@pytest.mark.parametrize("code", [
    "eval(tree)", "new Function('a')", "Function(text)()", "node.innerHTML = name", "list.insertAdjacentHTML('beforeend', html)", "document.write(x)",
    "setTimeout('go()', 1)", "x.constructor.constructor('a')", "import(address)", "frame.srcdoc = text",
])
def test_scripts_that_are_banned_are_caught(code: str) -> None:
    """Requirement 4."""
    assert SCRIPT.search(code)
