"""The checker reports every problem at once, each with its code, its place in the text and a way out."""

import pytest

from engine.expressions import check, refs, rows_read, walk
from engine.expressions.scope import RESERVED_WORDS
from engine.expressions.tree import Compare, Literal
from engine.expressions.types import BOOL, DATE, FLOAT, INT, TEXT, DecimalOf, Type
from engine.problems import Code, Place
from tests.engine.expressions.clinic import STATUS, Clinic

PROBLEMS = [
    ("n >", 3, "EXPR-001"),
    ("", 0, "EXPR-001"),
    ("n = 3", 2, "EXPR-001"),
    ("n and m", 2, "EXPR-001"),
    ("n > 1)", 5, "EXPR-001"),
    ("“a” == name", 0, "EXPR-001"),
    ("n ＞ 1", 2, "EXPR-001"),
    ("'abc", 0, "EXPR-001"),
    ("n in [1,", 8, "EXPR-001"),
    ("12u", 2, "EXPR-001"),
    ("b'x' == name", 1, "EXPR-001"),
    ("{'a': 1", 7, "EXPR-001"),
    ("{n: 1}.a", 1, "EXPR-003"),
    ("{1: 1, 'a': 1}.a", 7, "EXPR-003"),
    ("{1.5: 1}[1]", 1, "EXPR-003"),
    ("{'a': 1, 'a': 2}.a", 9, "EXPR-015"),
    ("{'a': 1, 'b': 'x'}.a", 0, "EXPR-003"),
    ("{'a': 1}[1]", 8, "EXPR-003"),
    ("{1: 1}[1.0]", 6, "EXPR-003"),
    ("{1: 1}.a", 7, "EXPR-003"),
    ("{}[{'a': 1}]", 2, "EXPR-003"),
    ("{}[[1]]", 2, "EXPR-003"),
    ("1 in {'a': 1}", 2, "EXPR-003"),
    ("{'palnned': 1}[status]", 1, "EXPR-008"),
    ("tags['a']", 4, "EXPR-003"),
    ("tags[1.0]", 4, "EXPR-003"),
    ("name[0]", 4, "EXPR-003"),
    ("tags < tags", 5, "EXPR-003"),
    ("{'a': 1} < {'a': 1}", 9, "EXPR-003"),
    ("tags + 1", 5, "EXPR-003"),
    ("tags + [1]", 5, "EXPR-003"),
    ("tags.exists(t, t)", 15, "EXPR-003"),
    ("tags.exists(t, t == 'x')", 20, "EXPR-008"),
    ("tags.exists(t, u == 'vip')", 15, "EXPR-002"),
    ("tags.exists(t, true) && t == 'vip'", 24, "EXPR-002"),
    ("tags.exists(t)", 5, "EXPR-004"),
    ("tags.exists()", 5, "EXPR-004"),
    ("tags.filter(t, true, true)", 5, "EXPR-004"),
    ("tags.map(t, t, t, t)", 5, "EXPR-004"),
    ("tags.sum()", 5, "EXPR-003"),
    ("[true].max()", 7, "EXPR-003"),
    ("['a'].avg()", 6, "EXPR-003"),
    ("name.exists(t, true)", 5, "EXPR-003"),
    ("exists(tags, t, true)", 0, "EXPR-005"),
    ("tags.exists('t', true)", 12, "EXPR-019"),
    ("tags.exists(t.u, true)", 14, "EXPR-019"),
    ("tags.exists(user, true)", 12, "EXPR-019"),
    ("tags.exists(today, true)", 12, "EXPR-019"),
    ("tags.exists(if, true)", 12, "EXPR-013"),
    ("tags.exists(t, t.name == 'a')", 17, "EXPR-003"),
    ("user.roles.all(a, user.roles.all(b, user.roles.all(c, a == b)))", 11, "EXPR-017"),
    ("[1].map(a, a.b)", 13, "EXPR-003"),
    ("tasks", 0, "EXPR-003"),
    ("tasks == null", 0, "EXPR-003"),
    ("has(tasks)", 4, "EXPR-003"),
    ("tasks[0]", 0, "EXPR-003"),
    ("[tasks]", 1, "EXPR-003"),
    ("flag ? tasks : null", 7, "EXPR-003"),
    ("tasks.filter(t, true)", 6, "EXPR-003"),
    ("tasks.title", 6, "EXPR-003"),
    ("tasks.sum()", 6, "EXPR-003"),
    ("tasks.exists(t, t.titel == 'a')", 18, "EXPR-002"),
    ("tasks.exists(t, t.title.x == 'a')", 24, "EXPR-003"),
    ("tasks.exists(t, t.assignee.chief.chief.chief.name == 'a')", 16, "EXPR-012"),
    ("tasks.exists(t, tasks.exists(u, true))", 22, "EXPR-018"),
    ("tasks.exists(t, t.steps.size() > 1)", 24, "EXPR-018"),
    ("tasks.exists(t, [1].exists(x, patient.tasks.count() > 0))", 44, "EXPR-018"),
    ("has([1].a)", 8, "EXPR-003"),
    ("has({'a': 1}['a'])", 12, "EXPR-003"),
    ("n ? 1", 5, "EXPR-001"),
    ("nme == 'a'", 0, "EXPR-002"),
    ("flag && patient.nme == 'a'", 16, "EXPR-002"),
    ("user.clinic == 'a'", 5, "EXPR-002"),
    ("subject", 0, "EXPR-002"),
    ("n == 'a'", 2, "EXPR-003"),
    ("n && flag", 0, "EXPR-003"),
    ("!n", 1, "EXPR-003"),
    ("due > '2026-01-01'", 4, "EXPR-003"),
    ("due + hours(1)", 4, "EXPR-003"),
    ("seen + months(1)", 5, "EXPR-003"),
    ("due < now", 4, "EXPR-003"),
    ("name.size", 5, "EXPR-003"),
    ("n in 5", 2, "EXPR-003"),
    ("name in note", 5, "EXPR-003"),
    ("flag ? 1 : 'a'", 5, "EXPR-003"),
    ("[1, 'a']", 0, "EXPR-003"),
    ("d % 2", 2, "EXPR-003"),
    ("has(n + 1)", 6, "EXPR-003"),
    ("status < 'due'", 7, "EXPR-003"),
    ("status == name", 7, "EXPR-003"),
    ("assignee == clinic_id", 9, "EXPR-003"),
    ("1 < n < 3", 6, "EXPR-003"),
    ("(n + 1).size", 8, "EXPR-003"),
    ("days(1) < months(1)", 8, "EXPR-003"),
    ("5.contains('a')", 2, "EXPR-003"),
    ("size()", 0, "EXPR-004"),
    ("size(name, note)", 0, "EXPR-004"),
    ("name.contains()", 5, "EXPR-004"),
    ("has()", 0, "EXPR-004"),
    ("max(n)", 0, "EXPR-004"),
    ("siez(name)", 0, "EXPR-005"),
    ("name.days()", 5, "EXPR-005"),
    ("eval('1')", 0, "EXPR-005"),
    ("convert(n)", 0, "EXPR-005"),
    ("status == 'palnned'", 10, "EXPR-008"),
    ("status in ['due', 'x']", 18, "EXPR-008"),
    ("'x' in tags", 0, "EXPR-008"),
    ("status ?? 'x'", 10, "EXPR-008"),
    ("status == 'done'", 10, "EXPR-009"),
    ("'fresh' in tags", 0, "EXPR-009"),
    ("matches(name, note)", 14, "EXPR-010"),
    (r"matches(name, r'(a)\1')", 14, "EXPR-010"),
    ("matches(name, '(?=a)')", 14, "EXPR-010"),
    ("matches(name, '(a+)+')", 14, "EXPR-010"),
    ("matches(name, 'a{101}')", 14, "EXPR-010"),
    ("matches(name, '[a')", 14, "EXPR-010"),
    ("matches(name, '')", 14, "EXPR-010"),
    ("matches(name, 'a**')", 14, "EXPR-010"),
    ("matches(name, '(a')", 14, "EXPR-010"),
    ("patient.doctor.chief.chief.chief.name == 'a'", 0, "EXPR-012"),
    ("while", 0, "EXPR-013"),
    ("n + import", 4, "EXPR-013"),
    ("9007199254740992", 0, "EXPR-014"),
    ("0.12345678901", 0, "EXPR-014"),
    ("1e999", 0, "EXPR-014"),
    ("n + 123456789012345678901234567890", 4, "EXPR-014"),
    (r"'a\q'", 2, "EXPR-015"),
    (r"'\u0000'", 1, "EXPR-015"),
    (r"'\ud800'", 1, "EXPR-015"),
    ("date('2026-02-30')", 5, "EXPR-015"),
    ("timestamp('2026-02-30T00:00:00Z')", 10, "EXPR-015"),
    ("duration('1 h')", 9, "EXPR-015"),
    ("seen.getHours('Mars/Base')", 14, "EXPR-015"),
    ("seen.getHours(name)", 14, "EXPR-015"),
    ("due.getHours()", 4, "EXPR-003"),
    ("format(due, 'dd.MM.yy')", 12, "EXPR-015"),
    ("format(due, 'HH:mm')", 12, "EXPR-015"),
    ("format(due, '')", 12, "EXPR-015"),
    ("format(due, name)", 12, "EXPR-015"),
    ("format(name, 'dd')", 0, "EXPR-003"),
    ("fixed(d, 11)", 9, "EXPR-015"),
    ("fixed(d, n)", 9, "EXPR-015"),
    ("name.replace('', 'x')", 13, "EXPR-015"),
    ("name.replace(note, 'x')", 13, "EXPR-015"),
    ("name" + ".replace('a', 'aaaaaaaaaa')" * 9, 221, "EXPR-017"),
    ("name.trim(note)", 5, "EXPR-004"),
    ("tags.join(',')", 5, "EXPR-003"),
    ("due + workdays(1) + hours(1)", 18, "EXPR-003"),
    ("workdays(1) < days(1)", 12, "EXPR-003"),
    ("int(flag)", 0, "EXPR-003"),
    ("decimal(1e0)", 0, "EXPR-003"),
    ("bool(1)", 0, "EXPR-003"),
    ("time('25:00')", 5, "EXPR-015"),
    ("patient == 'x'", 11, "EXPR-015"),
]


@pytest.mark.parametrize(("text", "offset", "code"), PROBLEMS)
def test_problem_has_code_and_place(text: str, offset: int, code: str) -> None:
    """Each kind of mistake is reported once, under its own code, at the character where it stands."""
    checked = check(text, Clinic())
    assert checked.tree is None
    assert [(error.offset, error.code.code) for error in checked.errors] == [(offset, code)]
    assert "{" not in checked.errors[0].fix and checked.errors[0].message.endswith((".", "?"))


def test_all_problems_at_once() -> None:
    """A name, an option and a function that are all wrong are three problems, in the order of the text."""
    checked = check("nme > 1 && status == 'duu' && siez(name) > n + flag", Clinic())
    assert [error.code.code for error in checked.errors] == ["EXPR-002", "EXPR-008", "EXPR-005", "EXPR-003"]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("stauts == null", "status"),
        ("patient.nam == 'a'", "name"),
        ("siez(name) > 1", "size"),
        ("status == 'plannd'", "planned"),
        ("user.team", "teams"),
    ],
)
def test_suggestion(text: str, suggestion: str) -> None:
    """A misspelt name brings the nearest known one."""
    assert f"Did you mean '{suggestion}'?" in check(text, Clinic()).errors[0].message


def test_former_option_names_the_current_one() -> None:
    """A former option name is refused and the current one told; the tree holds the name that rows store."""
    [error] = check("status == 'done'", Clinic()).errors
    assert error.words == {"name": "done", "current": "finished"}
    tree = check("status == 'finished'", Clinic()).tree
    assert isinstance(tree, Compare) and isinstance(tree.right, Literal)
    assert (tree.right.value, tree.right.type) == ("done", STATUS)


@pytest.mark.parametrize(
    ("text", "want", "kind"),
    [
        ("n", DecimalOf(2), DecimalOf(2)),
        ("d / n", DecimalOf(2), DecimalOf(2)),
        ("n", FLOAT, FLOAT),
        ("null", DATE, DATE),
        ("'due'", STATUS, STATUS),
        ("d", INT, None),
        ("n", BOOL, None),
        ("status", TEXT, None),
        ("name", STATUS, None),
    ],
)
def test_wanted_type(text: str, want: Type, kind: Type | None) -> None:
    """A place that needs a type gets it, exact numbers rounded half-even to its places; else EXPR-016."""
    checked = check(text, Clinic(), want=want)
    assert (checked.tree and checked.tree.type) == kind
    assert [error.code.code for error in checked.errors] == ([] if kind else ["EXPR-016"])


def test_refs_are_all_paths_that_are_read() -> None:
    """Dependencies are the paths of the tree: the implied `today` of age() too, and a link for the id behind it."""
    tree = check("age(born) > n && patient.doctor.name != user.name && patient.id == null", Clinic()).tree
    assert tree is not None
    assert refs(tree) == {("born",), ("today",), ("n",), ("patient", "doctor", "name"), ("user", "name"), ("patient",)}
    assert next(walk(tree)) is tree


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("n > 1", {}),
        ("tasks.count() > n", {("tasks",): set()}),
        ("size(patient.tasks)", {("patient", "tasks"): set()}),
        ("tasks.exists(t, t.assignee.name == name && t.done)", {("tasks",): {("assignee", "name"), ("done",)}}),
        ("tasks.filter(t, t.done).sum(u, u.minutes)", {("tasks",): {("done",), ("minutes",)}}),
        ("tasks.exists(t, [1].exists(x, x == t.minutes))", {("tasks",): {("minutes",)}}),
        ("tags.exists(x, tasks.exists(t, x in t.tags))", {("tasks",): {("tags",)}}),
        ("tasks.map(t, t.assignee) == patient.tasks.map(t, t.assignee.id)", {("tasks",): {("assignee",)}, ("patient", "tasks"): {("assignee",)}}),
    ],
)
def test_rows_read_are_all_paths_of_child_rows(text: str, rows: dict[tuple[str, ...], set[tuple[str, ...]]]) -> None:
    """Access rules depend on what a macro reads of each row: through filters, in nested macros, and the rows alone when counted."""
    tree = check(text, Clinic()).tree
    assert tree is not None
    assert rows_read(tree) == rows
    assert refs(tree) >= set(rows)


def test_error_becomes_a_problem_of_its_file() -> None:
    """The caller says where the character stands; code, message and fix come along."""
    [error] = check("nme", Clinic()).errors
    problem = error.at(Place("core/objects/task.yaml", 7, 12))
    assert str(problem).startswith(
        "core/objects/task.yaml:7:12 EXPR-002 'nme' is not known in this place. Did you mean 'name'?"
    )


@pytest.mark.parametrize("word", sorted(RESERVED_WORDS - {"in", "true", "false", "null"}))
def test_reserved_words_are_refused(word: str) -> None:
    """CEL's reserved words are no names, even if a scope had them."""
    assert [error.code.code for error in check(f"{word} == 1", Clinic()).errors] == ["EXPR-013"]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("due + 3", "write days(3)"),
        ("3 + due", "write days(3)"),
        ("due - n", "write days(…)"),
        ("n > '3'", "write 3 without quotation marks"),
        ("'2.5' == n", "write 2.5 without quotation marks"),
        ("n > name", "use values of types that go together"),
        ("due > 3", "use values of types that go together"),
        ("due > '2026-01-01'", 'write date("2026-11-22")'),
    ],
)
def test_a_wrong_type_is_told_with_what_to_write(text: str, fix: str) -> None:
    """The slips that people make with days and numbers are answered with what they meant."""
    [error] = check(text, Clinic()).errors
    assert (error.code, error.at(Place("a.yaml", 1, 1)).fix) == (Code.EXPR_003, fix)
