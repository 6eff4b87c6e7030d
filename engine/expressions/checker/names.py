"""Checking names: fields, roots, what lies behind links, variables of macros, items of lists and entries of maps."""

from __future__ import annotations

from engine.expressions.checker.checking import Base, Variable
from engine.expressions.checker.convert import convert, fit
from engine.expressions.checker.tables import call_table, table_of
from engine.expressions.errors import ExpressionError
from engine.expressions.limits import MAX_HOPS
from engine.expressions.syntax import nodes as syntax
from engine.expressions.tree import Index, IsNull, Literal, MapLit, Node, Path, Ref, Var
from engine.expressions.types import (
    BOOL,
    INT,
    NULL,
    TEXT,
    ListOf,
    MapOf,
    OptionOf,
    RecordOf,
    RowsOf,
    Type,
    UserOf,
    meet,
)
from engine.problems import Code, suggest

__all__ = ["Names"]

BEHIND_LINKS = "read names behind links only"
BEHIND_ROWS = "read a field of rows in a macro, as in rows.exists(x, x.name == …)"


class Names(Base):
    def name(self, part: syntax.Name) -> Node | None:
        return self.path(part, [])

    def select(self, part: syntax.Select) -> Node | None:
        names: list[tuple[int, str]] = []
        start: syntax.Syntax = part
        while isinstance(start, syntax.Select):
            names.append((start.at, start.name))
            start = start.target
        if isinstance(start, syntax.Name):
            return self.path(start, names[::-1])
        table = table_of(self.scope, start.name) if isinstance(start, syntax.Invoke) and not start.method else None
        if table is not None and isinstance(start, syntax.Invoke):
            return self.entries(call_table(self, table, start, names[-1]), names[-2::-1], "an output of a table")
        return self.entries(self.node(start), names[::-1], "a computed value")

    def path(self, start: syntax.Name, names: list[tuple[int, str]]) -> Node | None:
        """A name with names behind it: along links as far as they lead, then into maps."""
        outwards, variable = self.variable(start.name)
        owner = variable.type if variable else self.scope.root(start.name)
        if owner is None:
            self.unknown(start.at, start.name, None)
            return None
        path: Path = () if variable else (start.name,)
        behind = variable is None or variable.row
        hops = 0
        for at, name in names:
            if isinstance(owner, MapOf):
                break
            if not behind or not isinstance(owner, RecordOf):
                words = f"'{'.'.join((start.name, *(name for _, name in names[:hops])))}', a {owner.words}"
                hint = BEHIND_ROWS if isinstance(owner, RowsOf) else BEHIND_LINKS
                self.problem(at, Code.EXPR_003, what=f"'.{name}'", found=words, hint=hint)
                return None
            if hops == MAX_HOPS:
                whole = ".".join((start.name, *(name for _, name in names)))
                self.problem(start.at, Code.EXPR_012, path=whole, limit=MAX_HOPS)
                return None
            kind = self.scope.member(owner, name)
            if kind is None:
                self.unknown(at, name, owner)
                return None
            path, owner, hops = (*path, name), kind, hops + 1
        found = _var(owner, start.at, outwards, path, variable) if variable else _ref(owner, start.at, path)
        return self.entries(found, names[hops:], "")

    def variable(self, name: str) -> tuple[int, Variable | None]:
        """The innermost variable of the name, and how many macros lie between."""
        for outwards, variable in enumerate(reversed(self.variables)):
            if variable.name == name:
                return outwards, variable
        return 0, None

    def entries(self, node: Node | None, names: list[tuple[int, str]], words: str) -> Node | None:
        """`map.name` for each of the names."""
        for at, name in names:
            if node is None:
                return None
            if not isinstance(node.type, MapOf):
                self.problem(at, Code.EXPR_003, what=f"'.{name}'", found=words or node.type.words, hint=BEHIND_LINKS)
                return None
            node = self.entry(at, node, Literal(TEXT, at, name))
        return node

    def unknown(self, at: int, name: str, owner: Type | None) -> None:
        words = "this place" if owner is None else "the user" if isinstance(owner, UserOf) else f"'{getattr(owner, 'object', owner.words)}'"
        known = [*self.scope.names(owner), *(each.name for each in self.variables if owner is None)]
        self.problem(at, Code.EXPR_002, name=name, owner=words, suggestion=suggest(name, known))

    # Items of lists and entries of maps

    def index(self, part: syntax.Index) -> Node | None:
        pair = self.nodes((part.target, part.key))
        if pair is None:
            return None
        whole, key = pair
        if isinstance(whole.type, MapOf):
            return self.entry(part.at, whole, key)
        if isinstance(whole.type, ListOf) and key.type in (INT, NULL):
            return Index(whole.type.item, part.at, whole, convert(key, INT))
        if whole.type == NULL:
            return Literal(NULL, part.at, None)
        hint = "count places of a list from 0" if isinstance(whole.type, ListOf) else "take an item of a list or an entry of a map"
        self.mismatch(part.at, "'[ ]'", whole, key, hint=hint)
        return None

    def entry(self, at: int, whole: Node, key: Node) -> Node | None:
        assert isinstance(whole.type, MapOf)
        try:
            if isinstance(whole, MapLit):
                whole = fit(whole, MapOf(key.type, NULL))
            assert isinstance(whole.type, MapOf)
            key = fit(key, whole.type.key)
        except ExpressionError as error:
            self.errors.append(error)
            return None
        if meet(whole.type.key, key.type) is None or not _same(whole.type.key, key.type):
            self.mismatch(at, "a key", whole, key, hint=f"use a key that is a {whole.type.key.words}")
            return None
        return Index(whole.type.value, at, whole, convert(key, whole.type.key))

    def has(self, part: syntax.Invoke) -> Node | None:
        """`has(x)` of a name, a path or an entry of a map; the count of arguments is right."""
        if not isinstance(part.args[0], syntax.Name | syntax.Select):
            self.problem(part.args[0].at, Code.EXPR_003, what="'has'", found="a computed value", hint="write x != null")
            return None
        x = self.node(part.args[0])
        return x and IsNull(BOOL, part.at, x, True)


def _same(key: Type, given: Type) -> bool:
    """Keys are found by equality of one type: a decimal is no place for an integer key."""
    if NULL in (key, given):
        return given in (NULL, TEXT, INT, BOOL) or isinstance(given, OptionOf)
    return key == given or isinstance(key, RecordOf)


def _ref(kind: Type, at: int, path: Path) -> Node:
    """A path; `user` as a value is the user's id, and the id behind a link is the link itself."""
    if path == ("user",):
        return Ref(RecordOf(kind.object) if isinstance(kind, RecordOf) else kind, at, ("user", "id"))
    if path[-1] == "id" and len(path) > 1 and path != ("user", "id"):
        return Ref(kind, at, path[:-1])
    return Ref(kind, at, path)


def _var(kind: Type, at: int, outwards: int, path: Path, variable: Variable) -> Node:
    """A variable or what lies behind it; a row as a value is its id, and the id behind a link of a row is the link itself."""
    if not variable.row:
        return Var(kind, at, outwards, ())
    if len(path) > 1 and path[-1] == "id":
        return Var(kind, at, outwards, path[:-1])
    return Var(kind, at, outwards, path or ("id",))
