"""Writes random well-typed expressions as text: every operator, macro and function, by templates for each kind of value.

In a template `{integer}` stands for an expression of that kind, `{[integer]}` for a list of such, and `‹a|b›` for one of the two.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

PLACE = re.compile(r"\{(\[?[a-z]+\]?)\}|‹([^‹›]*)›")

LEAVES = {
    "boolean": ["flag", "other", "true", "false", "has(name)", "has(patient.name)", "(opens < time('12:30'))"],
    "integer": ["n", "m", "n", "m", "0", "1", "-1", "2", "7", "1000", "9007199254740991", "user.level"],
    "decimal": ["d", "e", "d", "e", "0.5", "2.25", "-0.01", "100.0", "0.0000000001"],
    "float": ["1e0", "2.5e0", "1e100", "1e-100", "0e0", "-3e5"],
    "text": ["name", "note", "name", "patient.name", "patient.doctor.name", "'a'", "'王'", "'é'", "''", "'2026-11-22'", "'-7.5'", "'q\"'", "'\\n'"],
    "date": ["born", "due", "today", "date('2024-02-29')", "date('9999-12-31')", "date('0001-01-01')"],
    "instant": ["seen", "sent", "now", "timestamp('2026-11-22T00:00:00Z')"],
}
# What a child row gives, behind its variable.
OF_ROWS = {
    "boolean": ["{}.done", "has({}.due)", "({}.status == 'finished')", "({}.assignee == user.id)", "('vip' in {}.tags)"],
    "integer": ["{}.minutes", "size({}.title)", "size({}.tags)"],
    "decimal": ["{}.cost"],
    "text": ["{}.title", "{}.assignee.name"],
    "date": ["{}.due"],
    "instant": ["{}.seen"],
}
KINDS = ("boolean", "boolean", "boolean", "boolean", "integer", "integer", "decimal", "float", "text", "date", "instant")
ITEMS = ("integer", "integer", "decimal", "text", "date", "instant", "boolean", "float")
SIGN = "‹==|!=|<|<=|>|>=›"
PATTERNS = "‹" + "|".join(["'^a'", "'[a-z]+$'", "'王.?$'", r"r'^\w{1,2}$'", "'(?:ab)*c?$'", r"r'[0-9]{4}-'"]) + "›"
SPAN = "‹days|months|years|workdays›({integer})"
CLOCK = "‹getFullYear|getMonth|getDate|getDayOfMonth|getDayOfWeek|getDayOfYear|getHours|getMinutes|getSeconds|getMilliseconds›"
ROUND = "‹getFullYear|getMonth|getDate|getDayOfMonth|getDayOfWeek|getDayOfYear›"
LENGTH = "‹getHours|getMinutes|getSeconds|getMilliseconds›"

PLAIN: dict[str, list[str]] = {
    "boolean": [
        "({boolean} && {boolean})", "({boolean} || {boolean})", "({boolean} && {boolean} && {boolean})", "!{boolean}",
        f"({{integer}} {SIGN} {{integer}})", f"({{integer}} {SIGN} {{decimal}})", f"({{decimal}} {SIGN} {{decimal}})",
        f"({{integer}} {SIGN} {{float}})", f"({{text}} {SIGN} {{text}})", f"({{date}} {SIGN} {{date}})", f"({{instant}} {SIGN} {{instant}})",
        f"({{date}} - {{date}} {SIGN} days({{integer}}))", "({boolean} ‹==|!=› {boolean})", f"({{boolean}} {SIGN} {{boolean}})",
        "({any} ‹==|!=› null)", "({text}.‹startsWith|endsWith|contains›({text}))", f"matches({{text}}, {PATTERNS})", "bool({text})",
        "({integer} in [{integer}, {integer}])", "({decimal} in [{integer}, {decimal}, null])", "({text} in [{text}, {text}])",
        "({date} in [{date}, null])", "(status in ['‹planned|due›', '‹finished|cancelled›'])", "(clinic_id in user.clinics)",
        "(assignee == user.id)", "('nurse' in user.roles)", f"(assignee != '{'b' * 32}')", "('‹vip|new|quiet›' in tags)", "has(tags)",
        "user.roles.exists(r, r == {text})", "user.roles.all(r, r != {text})", "tags.‹exists|all|exists_one›(g, g ‹==|!=› '‹vip|new›')",
        "(tags == ['‹vip|new›'])", "(tags + ['vip'] != tags)", "(tags[{integer}] == 'quiet')",
        "({[integer]} ‹==|!=› {[integer]})", "({[text]} == {[text]})", "({[decimal]} ‹==|!=› {[integer]})", "({[boolean]} == {[boolean]})",
        "({[date]} == {[date]})", "({integer} in {[integer]})", "({decimal} in {[integer]})", "({text} in {[text]})", "({date} in {[date]})",
        "{[boolean]}[{integer}]", "({[any]} == null)", "(duration('‹1h|90m|-5s|0.5s›') ‹<|==› ({instant} - {instant}))",
    ],
    "integer": [
        "({integer} ‹+|-|*|%› {integer})", "‹div|min|max|sum›({integer}, {integer})", "abs({integer})", "(-{integer})", "size({text})",
        "age({date})", "days_between({date}, {date})", "workdays_between({date}, {date})", "size(tags)", "size({[any]})", "{[integer]}[{integer}]",
        "{[integer]}.‹sum|min|max›()", "int({decimal})", "int({float})", "int({text})", "int(string({integer}))", "int({instant})",
        f"{{instant}}.{CLOCK}()", f"{{instant}}.{CLOCK}('‹Asia/Shanghai|America/New_York|-03:30›')", f"{{date}}.{ROUND}()",
        f"({{instant}} - {{instant}}).{LENGTH}()", "{text}.indexOf({text})", "({boolean} ? 1 : 0)",
    ],
    "decimal": [
        "({decimal} ‹+|-|*|/› {decimal})", "({decimal} ‹+|-|*|/› {integer})", "({integer} / {integer})", "(-{decimal})", "abs({decimal})",
        "‹min|max›({decimal}, {integer})", "{[decimal]}.‹sum|min|max|avg›()", "{[integer]}.avg()", "{[decimal]}[{integer}]", "decimal({text})",
        "decimal(string({decimal}))", "decimal({integer})",
    ],
    "float": [
        "({float} ‹+|-|*|/› {float})", "({float} ‹+|-|*|/› {integer})", "({decimal} ‹+|-|*|/› {float})", "double({text})", "double({integer})",
        "{[float]}.‹min|max›()", "{[float]}[{integer}]",
    ],
    "text": [
        "({text} + {text})", "‹lower|upper›({text})", "string({integer})", "string({decimal})", "string({boolean})", "string({date})",
        "string({instant})", "string({instant} - {instant})", "string(opens)", "‹min|max›({text}, {text})", "{text}.trim()",
        "{text}.substring({integer})", "{text}.substring(0, {integer})", "{text}.replace('a', '‹|bb|王›')", "{[text]}.join('‹, |-|›')",
        "{[text]}[{integer}]", "{[text]}.‹min|max›()", "fixed({decimal}, ‹0|1|2|4›)", "format({date}, '‹yyyy-MM-dd|d.M.yyyy|MM/dd›')",
        "format({instant}, 'yyyy-MM-dd ‹HH:mm:ss|HH›')", "format(opens, 'HH-mm')", "(' ' + {text} + ' ')",
    ],
    "date": [
        f"({{date}} ‹+|-› {SPAN})", "date({text})", "date({instant})", "‹min|max›({date}, {date})", "{[date]}.‹min|max›()", "{[date]}[{integer}]",
    ],
    "instant": [
        "({instant} ‹+|-› ‹hours|days›({integer}))", "timestamp({integer})", "{[instant]}.‹min|max›()", "{[instant]}[{integer}]",
        "({instant} + duration('‹1h|90m|-5s›'))",
    ],
}
# Maps stay outside SQL: Python and the browser alone compute them.
MAPS: dict[str, list[str]] = {
    "boolean": ["('‹a|b|z›' in {{'a': {any}, 'b': null}})", "{{'a': 1, 'b': 2}}.‹exists|all›(k, k == {text})", "({{1: {text}}} == {{1: {text}}})"],
    "integer": ["{{'a': {integer}, 'b': {integer}}}.‹a|b›", "{{'a': {integer}}}[{text}]", "size({{1: {any}, 2: null}})"],
    "text": ["{{1: {text}, 2: {text}}}[{integer}]", "{{true: {text}, false: {text}}}[{boolean}]"],
}


class Writer:
    """Writes one expression of a wanted kind, at most `depth` levels deep, with macros in macros twice at most."""

    def __init__(self, random: Random, *, maps: bool = False) -> None:
        self.random = random
        self.variables: list[dict[str, list[str]]] = []
        self.rows = False
        self.forms: dict[str, list[str | Callable[[int], str]]] = {kind: [*templates] for kind, templates in PLAIN.items()}
        for kind, templates in MAPS.items() if maps else ():
            self.forms[kind] += [each for each in templates for _ in range(3)]
        self.forms["boolean"] += [self._condition] * 10
        self.forms["integer"] += [self._count, self._count, self._total, self._total]
        for kind in ("decimal", "date", "instant", "text"):
            self.forms[kind] += [lambda depth, kind=kind: self._extreme(kind, depth)] * 2  # type: ignore[misc]

    def of(self, kind: str, depth: int) -> str:
        """An expression of the kind; leaves at the bottom, and now and then above it."""
        if kind == "any":
            kind = self.random.choice(KINDS)
        if kind.startswith("["):
            return self._list(self.random.choice(ITEMS) if kind == "[any]" else kind[1:-1], depth)
        if depth <= 0 or self.random.random() < 0.15:
            return self._leaf(kind)
        if self.random.random() < 0.12:
            one, two = self.of(kind, depth - 1), self.of(kind, depth - 1)
            return f"({self.of('boolean', depth - 1)} ? {one} : {two})" if self.random.random() < 0.5 else f"({one} ?? {two})"
        return self._form(self.random.choice(self.forms[kind]), depth - 1)

    def _form(self, form: str | Callable[[int], str], depth: int) -> str:
        return self._filled(form, depth) if isinstance(form, str) else form(depth)

    def _filled(self, template: str, depth: int) -> str:
        def one(match: re.Match[str]) -> str:
            return self.of(match[1], depth) if match[1] else self.random.choice(match[2].split("|"))

        return PLACE.sub(one, template.replace("{{", "\x01").replace("}}", "\x02")).replace("\x01", "{").replace("\x02", "}")

    def _leaf(self, kind: str) -> str:
        near = [each for names in self.variables for each in names.get(kind, ())]
        return self.random.choice(near if near and self.random.random() < 0.6 else LEAVES[kind])

    def _list(self, item: str, depth: int) -> str:
        choice = self.random.random()
        if depth > 0 and len(self.variables) < 2 and choice < 0.45:
            return self._mapped(item, depth - 1)
        if depth > 0 and choice < 0.6:
            return f"({self._list(item, depth - 1)} ‹+|??› {self._list(item, depth - 1)})".replace("‹+|??›", self.random.choice(["+", "??"]))
        if depth > 0 and choice < 0.65:
            return f"({self.of('boolean', depth - 1)} ? {self._list(item, depth - 1)} : {self._list(item, depth - 1)})"
        items = [self.of(item, depth - 1) for _ in range(self.random.randint(1, 3))] + ["null"] * (self.random.random() < 0.2)
        return f"[{', '.join(items)}]"

    # Macros

    @contextmanager
    def _variable(self, kind: str) -> Iterator[str]:
        """A new variable that stands for items of the kind, for child rows or for tags."""
        name = f"x{len(self.variables)}"
        given = {each: [form.format(name) for form in forms] for each, forms in OF_ROWS.items()} if kind == "rows" else {kind: [name]}
        if kind == "tags":
            given = {"boolean": [f"({name} == 'vip')", f"({name} != 'new')", f"({name} in ['vip', 'quiet'])"]}
        self.variables.append(given)
        outside, self.rows = self.rows, self.rows or kind == "rows"
        try:
            yield name
        finally:
            self.variables.pop()
            self.rows = outside

    def _over(self, depth: int, item: str = "") -> tuple[str, str]:
        """What a macro runs over, and the kind of its items."""
        choice = self.random.random()
        if choice < 0.4 and not self.rows and not item:
            rows = self.random.choice(["tasks", "tasks", "patient.tasks"])
            if self.random.random() < 0.3:
                with self._variable("rows") as name:
                    rows += f".filter({name}, {self.of('boolean', depth - 1)})"
            return rows, "rows"
        if choice < 0.5 and not item:
            return "tags", "tags"
        kind = item or self.random.choice(ITEMS)
        return self._list(kind, depth - 1), kind

    def _within(self, make: Callable[[str], str], depth: int, item: str = "") -> str:
        """`over.` and what `make` writes after it, given the variable."""
        if len(self.variables) >= 2:
            return self._leaf(item or "boolean")
        over, kind = self._over(depth, item)
        with self._variable(kind) as name:
            return f"{over}.{make(name)}"

    def _condition(self, depth: int) -> str:
        macro = self.random.choice(["exists", "exists", "all", "exists_one"])
        return self._within(lambda name: f"{macro}({name}, {self.of('boolean', depth)})", depth)

    def _count(self, depth: int) -> str:
        if len(self.variables) >= 2:
            return self._leaf("integer")
        if not self.rows and self.random.random() < 0.3:
            return self.random.choice(["tasks.count()", "size(patient.tasks)"])
        return self._within(lambda name: f"count({name}, {self.of('boolean', depth)})", depth)

    def _total(self, depth: int) -> str:
        return self._extreme("integer", depth)

    def _extreme(self, kind: str, depth: int) -> str:
        if len(self.variables) >= 2:
            return self._leaf(kind)
        macro = self.random.choice(["min", "max"] + ["sum"] * (kind in ("integer", "decimal")) + ["avg"] * (kind == "decimal"))
        return self._within(lambda name: f"{macro}({name}, {self.of(kind, depth)})", depth)

    def _mapped(self, item: str, depth: int) -> str:
        if self.random.random() < 0.4:
            return self._within(lambda name: f"filter({name}, {self.of('boolean', depth)})", depth, item)
        if self.random.random() < 0.3:
            return self._within(lambda name: f"map({name}, {self.of('boolean', depth)}, {self.of(item, depth)})", depth)
        return self._within(lambda name: f"map({name}, {self.of(item, depth)})", depth)
