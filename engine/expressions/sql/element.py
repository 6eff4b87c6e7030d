"""One element of SQLAlchemy for a whole expression: its text is written already, only its columns and binds are compiled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, FromClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from engine.expressions.sql.terms import HOLE, Term

__all__ = ["Written"]


class Written(ColumnElement[Any]):
    """A term as a column expression of a type. It stands, is cached, copied and adapted like any other one."""

    __visit_name__ = "written"
    _traverse_internals = [
        ("text", InternalTraversal.dp_string), ("holes", InternalTraversal.dp_clauseelement_tuple), ("type", InternalTraversal.dp_type),
    ]

    text: str
    holes: tuple[ClauseElement, ...]
    loose: bool

    def __init__(self, term: Term, kind: TypeEngine[Any]) -> None:
        self.text, self.holes, self.loose = term
        self.type = kind

    @property
    def _from_objects(self) -> list[FromClause]:
        """The tables around that the statement must name; those of a subquery within are its own."""
        own = {each for part in self.holes if isinstance(part, FromClause) for each in part._from_objects}
        return [each for part in self.holes if not isinstance(part, FromClause) for each in part._from_objects if each not in own]

    def self_group(self, against: Any = None) -> ColumnElement[Any]:
        return Grouping(self) if self.loose and against is not None else self

    def _negate(self) -> ColumnElement[Any]:
        return Written(Term(f"NOT ({self.text})", self.holes, True), self.type)


@compiles(Written)
def _compile(element: Written, compiler: Any, **settings: Any) -> str:
    settings.update(within_columns_clause=False, add_to_result_map=None)
    text = element.text.replace("%", "%%") if compiler.preparer._double_percents else element.text
    own = [part for part in element.holes if isinstance(part, FromClause)]
    if not own:
        return _filled(text, [compiler.process(part, **settings) for part in element.holes])
    # A subquery in the text: what stands within, such as a rule of access, may refer to its tables and to those around.
    inside = {each for part in own for each in part._from_objects}
    around = compiler.stack[-1] if compiler.stack else compiler._default_stack_entry
    entry = {**around, "asfrom_froms": inside.union(around["asfrom_froms"]), "correlate_froms": inside.union(around["correlate_froms"])}
    compiler.stack.append(entry)
    try:
        # The lint for unconnected tables does not see the conditions that stand in the text.
        settings["from_linter"] = None
        parts = [compiler.process(part, **settings, **({"asfrom": True} if isinstance(part, FromClause) else {})) for part in element.holes]
    finally:
        compiler.stack.pop()
    return _filled(text, parts)


def _filled(text: str, parts: list[str]) -> str:
    """The text with the parts in its holes, in order."""
    between = text.split(HOLE)
    return "".join([each for pair in zip(between, (*parts, ""), strict=True) for each in pair])
