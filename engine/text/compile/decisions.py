"""Decision tables: rules with a cell for each input, what they give, and which of several that match counts."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.expressions.checker.inline import MAX_TREE, MAX_TREE_DEPTH, Inline, depth, grown
from engine.expressions.tree import And, Coalesce, Conditional, Literal, Node
from engine.expressions.types import BOOL, INT, Type, is_exact
from engine.model import DecisionTable, TableOutput, TableRule
from engine.problems import Code, Place, suggest
from engine.text.compile.cells import cell
from engine.text.compile.context import Context, label
from engine.text.compile.coverage import Coverage, Row, words
from engine.text.compile.table_parts import Inputs, inputs, output_value, outputs, rebound, unknown_input
from engine.text.compile.table_scope import expression
from engine.text.compile.table_trees import TRUE, at_most, certain, first_match, first_of, literal, some, total, when
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import MapNode, ScalarNode, plain
from engine.text.nodes import Node as TextNode

if TYPE_CHECKING:
    from engine.text.compile.tables import Tables

__all__ = ["compile_decision", "inline_of"]


@dataclasses.dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as trees: its test, and its value by output."""

    named: Named
    test: Node
    then: Mapping[str, Node]


def compile_decision(context: Context, definition: Definition, tables: Tables) -> DecisionTable | None:
    """The table; None when a problem leaves it without meaning."""
    before = len(context.problems.errors)
    given, out = inputs(context, definition, tables), outputs(context, definition)
    steps = _Decision(context, definition, given, out)
    named = [one for one in context.ids.elements("table_rule", definition.id, definition.node.map("rules")) if not one.gone]
    rules = [steps.rule(one) for one in named]
    if not named:
        context.problems.add(Code.TABLE_021.at(definition.place, name=definition.name, what="rule"))
    default = steps.values(definition.node.get("default"), definition.node.place_of("default"), needed=False)
    steps.policy(rules)
    if given.broken or given.scope.broken or not out or len(context.problems.errors) > before:
        return None
    trees = steps.trees(rules, default)
    parts = {rule.named.name: rule.test for rule in rules}
    inline = inline_of(context, definition, given, trees, next(iter(out)) if len(out) == 1 else "", parts)
    if inline is None:
        return None
    return DecisionTable(
        id=definition.id, name=definition.name, label=label(definition.node.get("label"), definition.name), place=definition.place,
        former=definition.former, on=given.on, hit=steps.hit, inputs=given.elements, outputs=out,
        rules={one.name: _written(one, out) for one in named}, default=_then(definition.node.get("default"), out), inline=inline,
    )


def inline_of(
    context: Context, definition: Definition, given: Inputs, trees: Mapping[str, Node], main: str, parts: Mapping[str, Node],
) -> Inline | None:
    """The function of a table; None with a problem when its tree is too large."""
    for tree in trees.values():
        size = grown(tree, given.bound)
        levels = depth(tree) + max(map(depth, given.bound.values()), default=0)
        if size > MAX_TREE or levels > MAX_TREE_DEPTH:
            limit = f"{MAX_TREE} parts" if size > MAX_TREE else f"{MAX_TREE_DEPTH} levels"
            context.problems.add(Code.TABLE_011.at(definition.place, name=definition.name, limit=limit))
            return None
    finished = {name: rebound(tree, given) for name, tree in trees.items()}
    taken = () if given.on else tuple(given.scope.inputs.items())
    return Inline(definition.name, taken, finished, main, given.on, {name: rebound(part, given) for name, part in parts.items()})


def _written(one: Named, out: Mapping[str, TableOutput]) -> TableRule:
    cells = one.node.map("when")
    return TableRule(
        id=one.id, name=one.name, label=label(one.node.get("label"), one.name), place=one.place, former=one.former,
        when={name: plain(entry.node) for name, entry in cells.entries.items()} if cells else {}, condition=one.node.text("if"),
        then=_then(one.node.get("then"), out),
    )


def _then(node: TextNode | None, out: Mapping[str, TableOutput]) -> Mapping[str, object]:
    if node is None:
        return {}
    if isinstance(node, MapNode):
        return {name: plain(entry.node) for name, entry in node.entries.items()}
    return {next(iter(out)): plain(node)}


class _Decision:
    """Compiles the rules of one table."""

    def __init__(self, context: Context, definition: Definition, given: Inputs, out: Mapping[str, TableOutput]) -> None:
        self._context = context
        self._definition = definition
        self._given = given
        self._out = out
        self.hit = definition.node.text("hit", "unique")

    def rule(self, named: Named) -> _Rule:
        return _Rule(named, self._test(named), self.values(named.node.get("then"), named.place, needed=True))

    def _test(self, named: Named) -> Node:
        tests: list[Node] = []
        cells = named.node.map("when")
        for name, entry in cells.entries.items() if cells else ():
            if not self._given.known(name):
                unknown_input(self._context, self._given, self._definition.name, name, entry.place)
                continue
            found = cell(self._context, self._given.scope, name, entry.node)
            if found is not None:
                tests.append(found)
        node = named.node.get("if")
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            found = expression(self._context, self._given.scope, node, node.value, 0, BOOL)
            if found is not None:
                tests.append(found)
        if not tests:
            return TRUE
        return tests[0] if len(tests) == 1 else And(BOOL, 0, tuple(tests))

    def values(self, node: TextNode | None, place: Place, *, needed: bool) -> dict[str, Node]:
        """The values by output; a single output needs no name."""
        found: dict[str, Node] = {}
        written: dict[str, tuple[Place, TextNode]] = {}
        if isinstance(node, MapNode):
            written = {name: (entry.place, entry.node) for name, entry in node.entries.items()}
        elif node is not None and len(self._out) == 1:
            written = {next(iter(self._out)): (node.place, node)}
        elif node is not None and self._out:
            self._context.problems.add(Code.TABLE_018.at(node.place, name=self._definition.name, outputs=", ".join(self._out)))
            return found
        for name, (at, value) in written.items():
            if name not in self._out:
                hint = suggest(name, self._out)
                self._context.problems.add(Code.TABLE_003.at(at, name=name, owner=self._definition.name, suggestion=hint))
                continue
            made = output_value(self._context, self._given.scope, name, self._out[name].type, value)
            if made is not None:
                found[name] = made
        for name in self._out if needed else ():
            if name not in written:
                self._context.problems.add(Code.TABLE_004.at(place, output=name))
        return found

    # Hit policies

    def policy(self, rules: Sequence[_Rule]) -> None:
        """Reports outputs that the hit policy cannot work with."""
        node = self._definition.node.get("hit")
        at = node.place if node else self._definition.place
        if self.hit.startswith("collect"):
            why = self._uncollectable()
            if why:
                self._context.problems.add(Code.TABLE_006.at(at, hit=self.hit, why=why))
        if self.hit in ("any", "priority", "collect min", "collect max"):
            for rule in rules:
                computed = next((name for name, value in rule.then.items() if not isinstance(value, Literal)), None)
                if computed is not None:
                    why = f"it compares outputs, and '{computed}' is computed here"
                    self._context.problems.add(Code.TABLE_006.at(rule.named.place, hit=self.hit, why=why))
                elif self.hit == "priority":
                    self._ranked(rule)

    def _uncollectable(self) -> str:
        if len(self._out) != 1:
            return f"it collects one output, and there are {len(self._out)}"
        name, output = next(iter(self._out.items()))
        kind = output.type.expression_type
        if self.hit == "collect count":
            return "" if kind == INT else f"it counts rules, and '{name}' is no integer"
        return "" if is_exact(kind) else f"'{name}' is no number"

    def _ranked(self, rule: _Rule) -> None:
        for name, value in rule.then.items():
            output = self._out[name]
            if not output.order or (isinstance(value, Literal) and value.value not in output.order):
                why = f"the value is not among 'order' of the output '{name}'" if output.order else f"the output '{name}' has no 'order'"
                self._context.problems.add(Code.TABLE_006.at(rule.named.node.place_of("then"), hit=self.hit, why=why))
                return

    def trees(self, rules: Sequence[_Rule], default: Mapping[str, Node]) -> dict[str, Node]:
        disjoint = self._coverage(rules, bool(default))
        return {name: self._tree(name, output.type.expression_type, rules, default, disjoint) for name, output in self._out.items()}

    def _coverage(self, rules: Sequence[_Rule], has_default: bool) -> bool:
        """Reports overlaps, gaps and rules that never count; whether it is sure that no two rules match at once."""
        ranked = self._by_priority(rules) if self.hit == "priority" else rules
        rows = [Row(rule.named.name, rule.named.place, rule.test, _plain_values(rule.then)) for rule in ranked]
        found, problems = Coverage(self._given, rows).findings(self.hit), self._context.problems
        for row in found.unreached:
            problems.add(Code.TABLE_007.at(row.place, warning=True, name=row.name))
        for one, other, case in found.overlaps:
            if self.hit == "unique" or (self.hit == "any" and one.values != other.values):
                problems.add(Code.TABLE_008.at(
                    other.place, warning=True, name=other.name, other=one.name, hit=self.hit, case=words(case)))
        if found.gap is not None and not has_default and not self.hit.startswith("collect"):
            problems.add(Code.TABLE_009.at(
                self._definition.place, warning=True, name=self._definition.name, case=words(found.gap)))
        return found.sure and not found.overlaps

    def _by_priority(self, rules: Sequence[_Rule]) -> list[_Rule]:
        def rank(rule: _Rule) -> tuple[int, ...]:
            return tuple(o.order.index(v.value) for name, o in self._out.items() if isinstance(v := rule.then[name], Literal))

        return sorted(rules, key=rank)

    def _tree(self, name: str, kind: Type, rules: Sequence[_Rule], default: Mapping[str, Node], disjoint: bool) -> Node:
        otherwise = default.get(name, literal(kind, None))
        pairs = [(rule.test, rule.then[name]) for rule in rules]
        if self.hit == "priority":
            pairs = [(rule.test, rule.then[name]) for rule in self._by_priority(rules)]
        elif self.hit.startswith("collect"):
            return self._collected(kind, pairs, otherwise if name in default else None)
        found = first_match(kind, pairs, otherwise)
        if self.hit in ("first", "priority") or disjoint or len(rules) < 2:
            return found
        tests = [rule.test for rule in rules] if self.hit == "unique" else _groups(rules)
        if len(tests) < 2:
            return found
        ones = [Coalesce(INT, 0, (when(test, literal(INT, 1)), literal(INT, 0))) if test != TRUE else literal(INT, 1) for test in tests]
        return Conditional(kind, 0, at_most(total(ones), 1), found, literal(kind, None))

    def _collected(self, kind: Type, pairs: list[tuple[Node, Node]], default: Node | None) -> Node:
        tests = [test for test, _ in pairs]
        if self.hit in ("collect min", "collect max"):
            known = [(value.value, test, value) for test, value in pairs if isinstance(value, Literal) and value.value is not None]
            known.sort(key=operator.itemgetter(0), reverse=self.hit == "collect max")
            return first_match(kind, [(test, value) for _, test, value in known], default or literal(kind, None))
        zero = literal(kind, 0)
        values = [literal(INT, 1)] * len(pairs) if self.hit == "collect count" else [value for _, value in pairs]
        parts = [first_of(kind, [when(test, value), zero]) for test, value in zip(tests, values, strict=True)]
        found = total(parts)
        return found if default is None else Conditional(kind, 0, certain(some(tests)), found, default)


def _groups(rules: Sequence[_Rule]) -> list[Node]:
    """Of rules that give the same, whether one matches."""
    groups: dict[tuple[object, ...], list[Node]] = {}
    for rule in rules:
        groups.setdefault(_plain_values(rule.then), []).append(rule.test)
    return [some(tests) for tests in groups.values()]


def _plain_values(then: Mapping[str, Node]) -> tuple[object, ...]:
    return tuple((type(value.value), value.value) if isinstance(value, Literal) else value for _, value in sorted(then.items()))
