"""The house rules that a program can check.

1. The top-level folders are those of the design, and no others.
2. Product code neither evaluates text nor unpickles nor loads unsafe YAML.
3. SQL is never put together from strings at the call that runs it.
4. Chance, the clock and the environment are arguments: only the edges read them; the engine writes no file.
5. Only the command line prints.
6. Files and functions stay short.
7. No tracked file names a package index or a path of somebody's machine, and the locks carry no address.
8. Every exception in `allowances.yaml` is still needed.
"""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("engine", "runtime", "designer", "plugins")
FOLDERS = {*PRODUCT, "definitions", "tests", "examples", "docs", ".ci"}
LONGEST_FILE = 600
LONGEST_FUNCTION = 100
ALLOWANCES: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "tests" / "allowances.yaml").read_text("utf-8")) or {}

EVALUATORS = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
UNSAFE_YAML = r"yaml\.((unsafe_|full_)?load(_all)?)"
SQL_CALLS = {"text", "literal_column", "exec_driver_sql", "execute", "executemany", "executescript"}
CLOCK = r"\b(datetime|date)\.(now|utcnow|today)$"
FILE_WRITES = {"write_text", "write_bytes", "mkdir", "unlink", "rename", "touch", "rmdir"}

Check = Callable[[ast.AST], bool]


def _called(node: ast.AST) -> str:
    """The last part of the name that is called: `text` for both `text(...)` and `sa.text(...)`; empty for no call."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _calls_by_name(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _imports(node: ast.AST, modules: set[str]) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in modules for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in modules


def _is_glued(node: ast.AST) -> bool:
    """A string made of parts at run time: f-string with a value, `+`, `%`, `.format`, `.join`."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return _called(node) in {"format", "join", "format_map"}


def _evaluates(node: ast.AST) -> bool:
    # The last part of the name is read first: to write out each call of the product takes seconds.
    unsafe_yaml = isinstance(node, ast.Call) and "load" in _called(node) and re.fullmatch(UNSAFE_YAML, ast.unparse(node.func)) is not None
    return _calls_by_name(node, EVALUATORS) or _imports(node, UNSAFE_MODULES) or unsafe_yaml


def _glues_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node) in SQL_CALLS and bool(node.args) and _is_glued(node.args[0])


def _makes_terms(node: ast.AST) -> bool:
    """Text with holes becomes SQL as it stands; outside the back ends of expressions nobody has a reason to write any."""
    return isinstance(node, ast.Call) and _called(node) in {"Term", "write"} and bool(node.args) and _is_glued(node.args[0])


def _takes_chance(node: ast.AST) -> bool:
    return _imports(node, {"random"})


def _reads_clock(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or _called(node) not in {"time", "time_ns", "now", "utcnow", "today"}:
        return False
    called = ast.unparse(node.func)
    return called in {"time.time", "time.time_ns"} or re.search(CLOCK, called) is not None


def _reads_environment(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and ast.unparse(node) in {"os.environ", "os.getenv"}


def _writes_file(node: ast.AST) -> bool:
    return _called(node) in FILE_WRITES and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def _prints(node: ast.AST) -> bool:
    return _calls_by_name(node, {"print"})


# rule → (what it looks for, the folders it holds in, the folders exempt from it)
RULES: dict[str, tuple[Check, tuple[str, ...], tuple[str, ...]]] = {
    "evaluates": (_evaluates, PRODUCT, ()),
    "glues-sql": (_glues_sql, PRODUCT, ()),
    "makes-sql-terms": (_makes_terms, PRODUCT, ("engine/expressions/",)),
    "takes-chance": (_takes_chance, PRODUCT, ()),
    "reads-clock": (_reads_clock, PRODUCT, ("runtime/cli/",)),
    "reads-environment": (_reads_environment, PRODUCT, ("runtime/cli/",)),
    "writes-file": (_writes_file, ("engine",), ()),
    "prints": (_prints, PRODUCT, ("runtime/cli/",)),
}

# What these rules look for may stand in an argument's default.
ARGUMENTS = {"reads-clock", "reads-environment"}

# rule → (source that breaks it, source that does not)
SPECIMENS: dict[str, tuple[list[str], list[str]]] = {
    "evaluates": (
        ["eval(x)", "exec(x)", "compile(x, '', 'eval')", "__import__(x)", "import pickle", "from marshal import loads",
         "yaml.load(x)", "yaml.unsafe_load(x)"],
        ["environment.compile(x)", "re.compile(x)", "json.load(x)", "model.eval(x)", "yaml.safe_load(x)"],
    ),
    "glues-sql": (
        ["text(f'SELECT {x}')", "sa.text('SELECT ' + x)", "c.execute('SELECT %s' % x)", "text('{}'.format(x))",
         "c.exec_driver_sql(', '.join(x))"],
        ["text('SELECT 1')", "c.execute(select(x))", "c.execute('SELECT ?', (x,))", "text(f'SELECT 1')"],
    ),
    "makes-sql-terms": (["Term(f'{x} = 1')", "write('a' + x)"], ["Term('TRUE')", "write('NOT ', x)"]),
    "takes-chance": (["import random", "from random import choice"], ["import secrets"]),
    "reads-clock": (
        ["datetime.now(UTC)", "date.today()", "datetime.datetime.utcnow()", "time.time()"],
        ["clock.now()", "context.today()", "time.monotonic()", "def f(clock=lambda: datetime.now(UTC)): ..."],
    ),
    "reads-environment": (["os.environ['X']", "os.environ.get('X')", "os.getenv('X')"], ["environment.get('X')"]),
    "writes-file": (["path.write_text(x)", "path.unlink()"], ["path.read_bytes()", "rename(x)"]),
    "prints": (["print(x)"], ["console.print(x)"]),
}


@cache
def _tracked() -> tuple[str, ...]:
    """Files that git has or would take in, as paths from the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(path for path in listed.split("\0") if path and (ROOT / path).is_file())


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), path)


def _modules(folders: tuple[str, ...] = PRODUCT) -> list[str]:
    return [path for path in _tracked() if path.endswith(".py") and path.split("/")[0] in folders]


def _in_defaults(tree: ast.AST) -> set[int]:
    """Nodes inside the defaults of arguments: `clock=lambda: datetime.now(UTC)` is an argument."""
    arguments = (node for node in ast.walk(tree) if isinstance(node, ast.arguments))
    defaults = (value for node in arguments for value in (*node.defaults, *node.kw_defaults) if value)
    return {id(node) for value in defaults for node in ast.walk(value)}


def _offences(rule: str, tree: ast.AST) -> list[int]:
    """Lines of the places in the tree that break the rule."""
    forgiven = _in_defaults(tree) if rule in ARGUMENTS else set()
    return [
        getattr(node, "lineno", 0) for node in ast.walk(tree) if id(node) not in forgiven and RULES[rule][0](node)
    ]


def _breaches(rule: str) -> Iterator[tuple[str, int]]:
    """(file, line) of each place that breaks the rule, allowed or not."""
    _, folders, exempt = RULES[rule]
    for path in _modules(folders):
        if not path.startswith(exempt or ("\0",)):
            yield from ((path, line) for line in _offences(rule, _tree(path)))


def test_top_level_folders_are_those_of_the_design() -> None:
    """Requirement 1. The locks and settings are files at the root, scripts live in `.ci`."""
    assert {path.split("/")[0] for path in _tracked() if "/" in path} == FOLDERS


@pytest.mark.parametrize("rule", RULES)
def test_rule_tells_good_from_bad(rule: str) -> None:
    """Requirements 2 to 5: each check finds the planted faults and leaves what resembles them alone."""
    bad, good = SPECIMENS[rule]
    found = {source for source in [*bad, *good] if _offences(rule, ast.parse(source))}
    assert found == set(bad)


@pytest.mark.parametrize("rule", RULES)
def test_product_code_keeps_the_rule(rule: str) -> None:
    """Requirements 2 to 5, apart from the exceptions that `allowances.yaml` gives reasons for."""
    allowed = ALLOWANCES.get(rule, {})
    assert [f"{path}:{line} {rule}" for path, line in _breaches(rule) if path not in allowed] == []


def test_every_allowance_is_needed_and_has_a_reason() -> None:
    """Requirement 8."""
    assert set(ALLOWANCES) <= set(RULES)
    for rule, files in ALLOWANCES.items():
        assert set(files) == {path for path, _ in _breaches(rule)} & set(files), f"{rule}: no longer needed"
        assert all(len(reason) > 10 for reason in files.values()), f"{rule}: give the reason"


def test_files_and_functions_stay_short() -> None:
    """Requirement 6: lines from the first to the last, docstring included."""
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in _modules()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}
    functions = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in _modules()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in functions.items() if lines > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_is_for() -> None:
    """A module's first line says what it is for."""
    assert [path for path in _modules() if _tree(path).body and not ast.get_docstring(_tree(path))] == []


# In pieces, so that this file does not contain what it looks for.
INDEXES = ["py" + "pi.org", "python" + "hosted", "registry." + "npmjs", "npm" + "mirror", "proxy." + "golang.org"]
MACHINE_PATHS = ["ro" + "ot", "wo" + "rk", "t" + "mp", "o" + "pt", "ho" + "me"]
FOREIGN = re.compile("|".join(map(re.escape, INDEXES)) + rf"|(?<![\w.\-*/}}])/(?:{'|'.join(MACHINE_PATHS)})/")


@pytest.mark.parametrize(
    ("text", "found"),
    [(f"see {INDEXES[0]}/simple", True), (f'"/{MACHINE_PATHS[1]}/main"', True), ("../shared/data", False),
     ("/workflows/x", False), ("/o/patient/work/", False), ("https://example.org/home/", False)],
)
def test_foreign_names_are_recognised(text: str, found: bool) -> None:
    """Requirement 7: the pattern finds planted names and passes ordinary paths."""
    assert bool(FOREIGN.search(text)) is found


def test_no_tracked_file_names_an_index_or_a_machine() -> None:
    """Requirement 7."""
    hits = []
    for path in _tracked():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content[:8000]:
            lines = content.decode("utf-8", "replace").splitlines()
            found = ((number, FOREIGN.search(line)) for number, line in enumerate(lines, 1))
            hits += [f"{path}:{number} {hit.group()}" for number, hit in found if hit]
    assert hits == []


LOCKED = r"^[a-z0-9][a-z0-9._\-\[\],]*==\S+( ; [^;]+?)?( +--hash=sha256:[0-9a-f]{64})+ *$"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_lock_pins_every_file_by_hash_and_names_no_index(lock: str) -> None:
    """Requirement 7: each line is a pin, its hashes, or nothing; no option, no address, no path."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    for line in filter(None, text.splitlines()):
        assert re.match(LOCKED, line), line[:120]


def test_locks_agree_and_leave_the_stale_casbin_out() -> None:
    """The runtime's pins are those of the development lock; the distribution `casbin` shadows pycasbin's module."""
    pins = {lock: set(re.findall(r"^[a-z0-9]\S*==\S+", (ROOT / lock).read_text("utf-8"), re.M)) for lock in
            ("requirements.txt", "requirements-dev.txt")}
    assert pins["requirements.txt"] < pins["requirements-dev.txt"]
    assert any(pin.startswith("pycasbin==") for pin in pins["requirements.txt"])
    assert not any(pin.startswith("casbin==") for pin in pins["requirements-dev.txt"])
