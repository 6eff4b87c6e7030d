"""Scores: items with points, their sum, and the bands it falls into."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.expressions.tree import And, Coalesce, Compare, Conditional, IsNull, Node
from engine.expressions.types import BOOL, INT, TEXT, OptionOf, Type
from engine.fields.base import Invalid
from engine.fields.choice import Choice
from engine.model import Score, ScoreBand, ScoreItem
from engine.problems import Code
from engine.text.compile.cells import test
from engine.text.compile.context import Context, label
from engine.text.compile.coverage import Coverage, Row, words
from engine.text.compile.decisions import inline_of
from engine.text.compile.table_parts import Inputs, inputs, unknown_input
from engine.text.compile.table_scope import expression
from engine.text.compile.table_trees import at_most, first_match, literal, some, total
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import Entry, MapNode, ScalarNode
from engine.text.places import place_within

if TYPE_CHECKING:
    from engine.text.compile.tables import Tables

__all__ = ["compile_score"]

_RANGE = re.compile(r"(-?[0-9]+)?\s*\.\.\s*(-?[0-9]+)?\Z|(>=|<=|>|<)?\s*(-?[0-9]+)\Z")
_TRIED = 20_000
"""Sums for which gaps between bands are looked for."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Item:
    named: Named
    value: Node
    """Its points, null for a missing answer."""
    least: int
    most: int


def compile_score(context: Context, definition: Definition, tables: Tables) -> Score | None:
    """The score; None when a problem leaves it without meaning."""
    before = len(context.problems.errors)
    given = inputs(context, definition, tables)
    steps = _Score(context, definition, given)
    named = [one for one in context.ids.elements("score_item", definition.id, definition.node.map("items")) if not one.gone]
    if not named:
        context.problems.add(Code.TABLE_021.at(definition.place, name=definition.name, what="item"))
    items = [item for one in named if (item := steps.item(one)) is not None]
    missing = steps.missing(len(named))
    least, most = sum(item.least for item in items), sum(item.most for item in items)
    bands = steps.bands(least, most)
    kind = steps.band_type()
    if given.broken or given.scope.broken or len(context.problems.errors) > before or not items:
        return None
    points = _points(items, missing)
    trees = {"points": _enough(items, missing, points)}
    if bands and kind:
        trees["band"] = _enough(items, missing, steps.band(points, kind, bands, least, most))
    inline = inline_of(context, definition, given, trees, "points", {item.named.name: item.value for item in items})
    if inline is None:
        return None
    return Score(
        id=definition.id, name=definition.name, label=label(definition.node.get("label"), definition.name), place=definition.place,
        former=definition.former, on=given.on, inputs=given.elements, items={one.name: _written(one) for one in named},
        missing=missing, bands={band.name: band for band in bands}, choices=definition.node.text("of"), bounds=(least, most), inline=inline,
    )


def _points(items: Sequence[_Item], missing: str | int) -> Node:
    """The sum: null when an answer is missing, or with missing ones as 0."""
    values = [item.value for item in items]
    return total(values if missing == "unknown" else [Coalesce(INT, 0, (value, literal(INT, 0))) for value in values])


def _enough(items: Sequence[_Item], missing: str | int, value: Node) -> Node:
    """The value, or null where a score needs a number of answers and has fewer."""
    if isinstance(missing, str):
        return value
    answered = [Conditional(INT, 0, IsNull(BOOL, 0, item.value, True), literal(INT, 1), literal(INT, 0)) for item in items]
    enough = Compare(BOOL, 0, ">=", total(answered), literal(INT, missing))
    return Conditional(value.type, 0, enough, value, literal(value.type, None))


def _written(one: Named) -> ScoreItem:
    node = one.node.get("points")
    points: int | Mapping[str, int] = 0
    if isinstance(node, MapNode):
        points = {answer: _whole(entry) for answer, entry in node.entries.items()}
    elif isinstance(node, ScalarNode) and isinstance(node.value, int):
        points = node.value
    return ScoreItem(
        id=one.id, name=one.name, label=label(one.node.get("label"), one.name), place=one.place, former=one.former,
        input=one.node.text("input", one.name) if isinstance(node, MapNode) else "", condition=one.node.text("if"), points=points)


def _whole(entry: Entry) -> int:
    value = entry.node.value if isinstance(entry.node, ScalarNode) else 0
    return value if isinstance(value, int) else 0


class _Score:
    """Compiles the parts of one score."""

    def __init__(self, context: Context, definition: Definition, given: Inputs) -> None:
        self._context = context
        self._definition = definition
        self._given = given

    def item(self, named: Named) -> _Item | None:
        node, condition = named.node.get("points"), named.node.get("if")
        if isinstance(node, MapNode):
            return self._answers(named, node)
        if not isinstance(condition, ScalarNode) or not isinstance(condition.value, str):
            if "if" not in named.node.entries:
                why = "its points need a condition, or points for each answer"
                self._context.problems.add(Code.TABLE_016.at(named.place, what=f"the item '{named.name}'", why=why))
            return None
        found = expression(self._context, self._given.scope, condition, condition.value, 0, BOOL)
        points = node.value if isinstance(node, ScalarNode) and isinstance(node.value, int) else 0
        if found is None:
            return None
        return _Item(named, Conditional(INT, 0, found, literal(INT, points), literal(INT, 0)), min(0, points), max(0, points))

    def _answers(self, named: Named, node: MapNode) -> _Item | None:
        name, at = named.node.text("input", named.name), named.node.place_of("input") if "input" in named.node.entries else named.place
        if not self._given.known(name):
            unknown_input(self._context, self._given, self._definition.name, name, at)
            return None
        if "if" in named.node.entries:
            self._context.problems.add(Code.SHAPE_009.at(named.node.entries["if"].place, one="points by answer", other="if"))
        rules, rows = [], []
        for answer, entry in node.entries.items():
            tests = list(test(self._context, self._given.scope, name, entry.key, answer))
            if not tests:
                continue
            found = some(tests)
            rules.append((found, literal(INT, _whole(entry))))
            rows.append(Row(answer, entry.place, found, ()))
        if not rules:
            return None
        self._covered(named, name, rows)
        all_points = [_whole(entry) for entry in node.entries.values()]
        value = first_match(INT, rules, literal(INT, None))
        return _Item(named, value, min(0, *all_points), max(0, *all_points))

    def _covered(self, named: Named, name: str, rows: list[Row]) -> None:
        """Reports answers without points, and tests of answers that others come before."""
        found = Coverage(self._given, rows).findings("first")
        for row in found.unreached:
            self._context.problems.add(Code.TABLE_007.at(row.place, warning=True, name=row.name))
        if found.gap is not None:
            kind = self._given.scope.root(name)
            certain = kind == BOOL or isinstance(kind, OptionOf)
            self._context.problems.add(Code.TABLE_014.at(named.place, warning=not certain, item=named.name, case=words(found.gap)))

    def missing(self, items: int) -> str | int:
        node = self._definition.node.get("missing")
        if isinstance(node, MapNode):
            needed = node.value("at_least")
            needed = needed if isinstance(needed, int) else 1
            if not 1 <= needed <= max(items, 1):
                why = f"there are {items} items"
                self._context.problems.add(Code.TABLE_016.at(node.place_of("at_least"), what=f"at_least: {needed}", why=why))
            return needed
        return str(node.value) if isinstance(node, ScalarNode) else "unknown"

    # Bands

    def band_type(self) -> Type | None:
        """What a band is: an option of the set that the score names, else a text."""
        node = self._definition.node.get("of")
        if not isinstance(node, ScalarNode):
            return TEXT
        choices = self._context.choices.get(self._context.reference("choices", node) or "")
        return Choice(choices).expression_type if choices else None

    def bands(self, least: int, most: int) -> list[ScoreBand]:
        """In the order of their points; reports bands that overlap and points without a band."""
        found = []
        for named in self._context.ids.elements("score_band", self._definition.id, self._definition.node.map("bands")):
            limits = None if named.gone else self._limits(named)
            if limits is not None:
                found.append(ScoreBand(id=named.id, name=named.name, label=label(named.node.get("label"), named.name), place=named.place,
                                       former=named.former, least=limits[0], most=limits[1]))
                self._option(named)
        found.sort(key=lambda band: (band.least is not None, band.least or 0))
        for one, other in zip(found, found[1:], strict=False):
            if one.most is None or other.least is None or other.least <= one.most:
                self._context.problems.add(Code.TABLE_013.at(other.place, name=other.name, other=one.name))
        if found and most - least < _TRIED:
            gap = next((n for n in range(least, most + 1) if not any(_holds(band, n) for band in found)), None)
            if gap is not None:
                self._context.problems.add(Code.TABLE_009.at(
                    self._definition.place, warning=True, name=self._definition.name, case=f"points = {gap}"))
        return found

    def _limits(self, named: Named) -> tuple[int | None, int | None] | None:
        """The least and the most points of a band, None with a problem."""
        bands = self._definition.node.map("bands")
        node = bands.get(named.name) if bands else None
        if isinstance(node, MapNode):
            node = node.get("range")
        if not isinstance(node, ScalarNode):
            return None
        text = str(node.value).strip()
        found = _RANGE.match(text)
        if found is None or text == "..":
            why = "the points of a band are written 0..6, >= 7 or 3"
            self._context.problems.add(Code.TABLE_012.at(place_within(node, 0), text=text[:60], why=why))
            return None
        if found[4] is None:
            low, high = (int(end) if end else None for end in (found[1], found[2]))
            return low, high
        number, sign = int(found[4]), found[3]
        return {None: (number, number), ">=": (number, None), ">": (number + 1, None), "<=": (None, number), "<": (None, number - 1)}[sign]

    def _option(self, named: Named) -> None:
        choices = self._context.choices.get(self._definition.node.text("of"))
        if choices is None:
            return
        try:
            Choice(choices).parse(named.name)
        except Invalid as error:
            self._context.problems.add(Code.TABLE_005.at(named.place, name="band", code=error.code))

    def band(self, points: Node, kind: Type, bands: Sequence[ScoreBand], least: int, most: int) -> Node:
        rules = [(_falls(points, bands, place, least, most), literal(kind, self._value(band, kind))) for place, band in enumerate(bands)]
        return first_match(kind, rules, literal(kind, None))

    @staticmethod
    def _value(band: ScoreBand, kind: Type) -> str:
        return kind.names[band.name] if isinstance(kind, OptionOf) else band.name


def _holds(band: ScoreBand, number: int) -> bool:
    return (band.least is None or band.least <= number) and (band.most is None or number <= band.most)


def _falls(points: Node, bands: Sequence[ScoreBand], place: int, least: int, most: int) -> Node:
    """Whether points fall into a band; bounds that the bands before it, or the score itself, rule out are left out."""
    band = bands[place]
    before = bands[place - 1].most if place else least - 1
    open_below = band.least is None or (before is not None and band.least <= before + 1)
    open_above = band.most is None or band.most >= most
    if open_above:
        return Compare(BOOL, 0, ">=", points, literal(INT, least if band.least is None else band.least))
    above = at_most(points, band.most if band.most is not None else most)
    return above if open_below else And(BOOL, 0, (Compare(BOOL, 0, ">=", points, literal(INT, band.least)), above))
