"""Which indexes an object's table has: unique rules, asked-for ones, and those its lists and links need."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from engine.expressions.limits import MAX_TEXT
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import And, Arith, Coalesce, Compare, Conditional, In, Literal, Macro, Node, Ref, Var, refs
from engine.expressions.types import TEXT
from engine.fields.text import INDEXABLE_TEXT
from engine.model import BoardView, Field, Model, Object, SortKey, UniqueRule
from engine.model.reads import reads
from engine.targets.layout import RUNTIME_COLUMNS, Layout

__all__ = ["IndexColumn", "IndexSpec", "index_specs"]

_NOT_NULL = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by"})


@dataclasses.dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index by its physical name."""

    name: str
    descending: bool = False

    def clause(self, table: sa.Table) -> sa.ColumnElement[Any]:
        """What stands in CREATE INDEX; rows without a value come last in both directions, as in lists."""
        column = table.c[self.name]
        if not self.descending:
            return column
        return column.desc() if self.name in _NOT_NULL else _DescendingNullsLast(column)


@dataclasses.dataclass(frozen=True, slots=True)
class IndexSpec:
    """A physical index. Equal names mean equal indexes, so two releases are compared by names alone."""

    name: str
    table: str
    columns: tuple[IndexColumn, ...]
    rule: UniqueRule | None = dataclasses.field(default=None, compare=False)
    """The unique rule it holds; None for an index that only makes reading fast."""

    @property
    def unique(self) -> bool:
        return self.rule is not None

    def on(self, table: sa.Table) -> sa.Index:
        """The index as a SQLAlchemy schema element, attached to the table."""
        return sa.Index(self.name, *(column.clause(table) for column in self.columns), unique=self.unique)


class _DescendingNullsLast(sa.sql.functions.FunctionElement[Any]):
    """`x DESC NULLS LAST` in CREATE INDEX."""

    inherit_cache = True


@compiles(_DescendingNullsLast)
def _with_nulls(element: _DescendingNullsLast, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} DESC NULLS LAST"


@compiles(_DescendingNullsLast, "sqlite")
def _without_nulls(element: _DescendingNullsLast, compiler: SQLCompiler, **options: Any) -> str:
    # To SQLite null is the least value, so it comes last here; its CREATE INDEX knows no NULLS LAST.
    return f"{compiler.process(element.clauses, **options)} DESC"


def index_specs(obj: Object, model: Model, layout: Layout) -> tuple[IndexSpec, ...]:
    """Every index of the object's table besides the primary key, each once, unique ones first."""
    table = layout.table(obj)
    specs = [_unique(obj, rule, table, layout) for rule in obj.unique.values()]
    for columns in _plain(obj, model, layout):
        names = ",".join(f"{c.name} desc" if c.descending else c.name for c in columns)
        specs.append(IndexSpec(f"ix_{table}_{_hash(table, names)}", table, columns))
    return tuple({spec.name: spec for spec in specs}.values())


def _unique(obj: Object, rule: UniqueRule, table: str, layout: Layout) -> IndexSpec:
    columns = tuple(IndexColumn(_physical(obj, name, layout)) for name in rule.fields)
    if rule.scope == "clinic":
        columns = (IndexColumn("clinic_id"), *columns)
    name = f"ux_{table}_{_hash(rule.id, ','.join(column.name for column in columns))}"
    return IndexSpec(name, table, columns, rule)


def _plain(obj: Object, model: Model, layout: Layout) -> Iterator[tuple[IndexColumn, ...]]:
    """Column lists of the indexes that make reading fast; the id at the end pages by key and breaks ties."""
    clinic = () if obj.belongs_to.scope == "organisation" else (IndexColumn("clinic_id"),)
    last = IndexColumn("id")
    if clinic:
        yield (*clinic, last)
    if obj.subject:
        yield (IndexColumn("subject_id"), last)
    if obj.workflow:
        yield (*clinic, IndexColumn(_physical(obj, obj.workflow, layout)), last)
    for field in obj.fields.values():
        if field.stored and (field.type.link_to or (field.indexed and _indexable(obj, model, field))):
            yield (IndexColumn(layout.column(field)), last)
    order = next((view.sort for view in model.views.values() if view.object == obj.name and view.default and view.kind == "list"), ())
    for name, single in sorted(_narrowing(obj, model).items()):
        column = IndexColumn(_physical(obj, name, layout))
        yield (column, last)
        if single and _sortable(obj, model, order):  # the first page of somebody's own rows, without sorting all of them
            yield (column, *_keys(obj, order, layout))
    for view in model.views.values():
        if view.object == obj.name and _sortable(obj, model, view.sort):
            # A board reads the first rows of each state; along an order of all states it would pass by the rows of the others.
            state = IndexColumn(_physical(obj, obj.workflow, layout)) if isinstance(view, BoardView) else None
            keys = (key for key in _keys(obj, view.sort, layout) if state is None or key.name != state.name)
            yield (*clinic, *((state,) if state else ()), *keys)
    for index in obj.indexes.values():
        if all(name in RUNTIME_COLUMNS or _indexable(obj, model, obj.fields[name]) for name in index.fields):
            yield tuple(IndexColumn(_physical(obj, name, layout)) for name in index.fields)


def _narrowing(obj: Object, model: Model) -> dict[str, bool]:
    """Own columns that the row rule of a grant holds against fixed values, a reader of few rows finds them there; and whether
    some rule holds it against a single one."""
    rules = (grant.rows.tree for role in model.roles.values() for grant in role.grants.values() if grant.object == obj.name and grant.rows)
    found: dict[str, bool] = {}
    for part in (part for tree in rules for part in _conjuncts(tree)):
        name = _fixed(part)
        if name in obj.fields and obj.fields[name].stored and _indexable(obj, model, obj.fields[name]):
            found[name] = found.get(name, False) or isinstance(part, Compare)
    return found


def _conjuncts(tree: Node) -> tuple[Node, ...]:
    return tree.items if isinstance(tree, And) else (tree,)


def _fixed(part: Node) -> str:
    """The field of `field == value` or `field in values`, where the values are known before the query runs; else ''."""
    if isinstance(part, In):
        pair = (part.item, part.items)
    elif isinstance(part, Compare) and part.op == "==":
        pair = (part.left, part.right) if isinstance(part.left, Ref) and len(part.left.path) == 1 else (part.right, part.left)
    else:
        return ""
    field, value = pair
    known = all(path[0] in BOUND_ROOTS for path in refs(value))
    return field.path[0] if isinstance(field, Ref) and len(field.path) == 1 and known else ""


def _sortable(obj: Object, model: Model, sort: tuple[SortKey, ...]) -> bool:
    """Whether an index of the object's own table can give the order: own stored columns, none too long for an index."""
    def fits(key: SortKey) -> bool:
        name = key.path[0]
        if len(key.path) > 1:
            return False
        if name in RUNTIME_COLUMNS:
            return True
        field = obj.fields[name]
        return field.stored and field.type.sortable and _indexable(obj, model, field)

    return bool(sort) and all(fits(key) for key in sort)


def _indexable(obj: Object, model: Model, field: Field) -> bool:
    """Whether every value fits an entry of an index. PostgreSQL refuses the row of one that does not, and a formula's text may be
    longer than its field's `max`, which bounds what people type."""
    if not field.type.indexable or field.formula is None or field.type.expression_type != TEXT:
        return field.type.indexable
    read = [model.objects[each.object].fields.get(each.name) for each in reads(model.objects, obj.name, field.formula.tree) if each.object]
    return not any(found is not None and found.formula for found in read) and _longest(field.formula.tree) <= INDEXABLE_TEXT


def _longest(tree: Node) -> int:
    """The most characters of a text; more than it may really have where that takes more than a look at the parts."""
    if isinstance(tree, Literal):
        return len(tree.value) if isinstance(tree.value, str) else 0
    if isinstance(tree, Ref | Var):
        return tree.type.longest if tree.type == TEXT else MAX_TEXT
    if isinstance(tree, Arith):
        return sum(map(_longest, tree.args))
    if isinstance(tree, Coalesce):
        return max(map(_longest, tree.items))
    if isinstance(tree, Conditional):
        return max(_longest(tree.then), _longest(tree.otherwise))
    return _longest(tree.body) if isinstance(tree, Macro) and tree.body is not None else MAX_TEXT


def _keys(obj: Object, sort: tuple[SortKey, ...], layout: Layout) -> Iterator[IndexColumn]:
    for key in sort:
        yield IndexColumn(_physical(obj, key.path[0], layout), key.descending)
    if sort[-1].path != ("id",):
        yield IndexColumn("id", sort[-1].descending)


def _physical(obj: Object, name: str, layout: Layout) -> str:
    return name if name in RUNTIME_COLUMNS else layout.column(obj.fields[name])


def _hash(*parts: str) -> str:
    """Ten hex digits; with a table's name (at most 45 characters) they stay under PostgreSQL's 63 bytes."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
