"""Functions that are trees: a call of a decision table or a score becomes the table's tree with the arguments in their places.

Back ends never see a call: they get an ordinary tree. What it costs is measured before it is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from engine.expressions.checker.convert import convert, fit
from engine.expressions.errors import ExpressionError
from engine.expressions.tree import Macro, MapLit, Node, Ref, Var, walk
from engine.expressions.types import NULL, Type, is_exact, meet
from engine.problems import Code

__all__ = ["INPUT", "MAX_TREE", "MAX_TREE_DEPTH", "Inline", "TableCall", "argument", "as_inputs", "depth", "grown", "instance", "place"]

INPUT = "="
"""The first step of the path of a `Ref` that stands for an input of the table: no name of the language begins so."""

MAX_TREE = 4_000
"""Parts of an expression once its calls of tables are written out, and of a table itself."""
MAX_TREE_DEPTH = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Inline:
    """A function made of trees, one for each output. A tree reads an input as `Ref(type, at, (INPUT, name))`."""

    name: str
    inputs: tuple[tuple[str, Type], ...]
    """The parameters in their order."""
    outputs: Mapping[str, Node]
    main: str
    """The output that `name(…)` gives by itself, '' when one has to be named: `name(…).output`."""
    on: str = ""
    """The object over which it is written: it takes no arguments then and reads the record."""
    parts: Mapping[str, Node] = dataclasses.field(default_factory=dict)
    """What it is made of, for a trace: the test of each rule of a decision table, the points of each item of a score."""
    broken: bool = False
    """Whether it has a problem of its own, reported already; a call of it stays silent."""


@dataclasses.dataclass(frozen=True, slots=True)
class TableCall:
    """A call of a table in an expression, outside of macros; `at` is where its name stands."""

    at: int
    table: Inline
    args: tuple[Node, ...]

    def parts(self) -> dict[str, Node]:
        """What the table is made of, with the arguments in it."""
        given = {name: arg for (name, _), arg in zip(self.table.inputs, self.args, strict=True)}
        return {name: place(tree, given, self.at) for name, tree in self.table.parts.items()}


def argument(node: Node, kind: Type) -> Node | None:
    """The node as the value of an input: literals read as options, numbers converted. None when the type does not fit.

    Raises ExpressionError for a literal that is none of the input's options.
    """
    node = fit(node, kind)
    if node.type == kind:
        return node
    fits = node.type == NULL or (is_exact(node.type) and is_exact(kind)) or meet(node.type, kind) == kind
    return convert(node, kind) if fits else None


def grown(tree: Node, args: Mapping[str, Node]) -> int:
    """How many parts the tree has with the arguments in it."""
    sizes = {name: sum(1 for _ in walk(arg)) for name, arg in args.items()}
    found = 0
    for node in walk(tree):
        name = _input(node)
        found += 1 if name is None else sizes.get(name, 1)
    return found


def depth(node: Node) -> int:
    """Levels of a tree; without recursion, for trees that were not measured yet."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        at, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in at.children)
    return deepest


def instance(inline: Inline, output: str, args: Sequence[Node], at: int) -> Node:
    """The tree of an output with the arguments in it, as if written at `at`. Raises ExpressionError when it is too large."""
    given = {name: arg for (name, _), arg in zip(inline.inputs, args, strict=True)}
    tree = inline.outputs[output]
    size, levels = grown(tree, given), depth(tree) + max(map(depth, args), default=0)
    if size > MAX_TREE or levels > MAX_TREE_DEPTH:
        limit = f"{MAX_TREE} parts" if size > MAX_TREE else f"{MAX_TREE_DEPTH} levels"
        raise ExpressionError(at, Code.TABLE_020, {"name": inline.name, "limit": limit})
    return place(tree, given, at)


def place(tree: Node, args: Mapping[str, Node], at: int | None, within: int = 0) -> Node:
    """The tree with arguments for its inputs; all of its own parts stand at `at` (None: where they are).

    `within` counts the macros around a part: variables that an argument brings along lie that much further out.
    """
    name = _input(tree)
    if name is not None and name in args:
        return _outwards(args[name], within, 0) if within else args[name]
    return _rebuilt(tree, lambda part, inside: place(part, args, at, within + inside), {} if at is None else {"at": at})


def as_inputs(tree: Node, names: Collection[str]) -> Node:
    """The tree of an expression of a table with what it reads of the inputs marked as such."""
    if isinstance(tree, Ref) and tree.path[0] in names:
        return dataclasses.replace(tree, path=(INPUT, *tree.path))
    return _rebuilt(tree, lambda part, inside: as_inputs(part, names), {})


def _outwards(node: Node, by: int, within: int) -> Node:
    """An argument's tree for a place inside `by` more macros: its free variables lie further out."""
    if isinstance(node, Var):
        return dataclasses.replace(node, outwards=node.outwards + by) if node.outwards >= within else node
    return _rebuilt(node, lambda part, inside: _outwards(part, by, within + inside), {})


def _rebuilt(node: Node, change: Callable[[Node, int], Node], changes: dict[str, Any]) -> Node:
    """The node with its children changed; `change` is told whether a child stands inside one macro more."""
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        inside = int(isinstance(node, Macro) and field.name in ("test", "body"))
        if isinstance(value, Node):
            changes[field.name] = change(value, inside)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[field.name] = tuple(change(part, inside) for part in value)
        elif isinstance(node, MapLit) and field.name == "entries":
            changes[field.name] = tuple((change(key, inside), change(one, inside)) for key, one in value)
    return dataclasses.replace(node, **changes) if changes else node


def _input(node: Node) -> str | None:
    """The name of the input for which a part stands."""
    return node.path[1] if isinstance(node, Ref) and node.path[0] == INPUT else None
