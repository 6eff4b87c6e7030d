"""Compare two releases, by ids alone: `diff(old, old_layout, new) -> ReleasePlan`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.model import Field, Model, Object
from engine.problems import Code, Problem
from engine.targets.automation import acts_beyond, timers_set
from engine.targets.disappearance import Disappearance
from engine.targets.doubts import COUNT, AnyRows, Doubt, Duplicates, ValuesIn
from engine.targets.elements import Found, elements
from engine.targets.layout import Layout, all_fields, all_objects
from engine.targets.operations import (
    AddColumn,
    AddElement,
    AddPack,
    ChangeElement,
    ComputeField,
    CreateIndex,
    CreateTable,
    CreateUnique,
    DropIndex,
    DropUnique,
    Operation,
    RemoveElement,
    RemovePack,
    RenameElement,
    RestoreElement,
    RestoreField,
    RetireElement,
    RetireField,
    RetypeField,
    RoleSees,
    SeedRecords,
    StopStoring,
    StoreFormula,
)
from engine.targets.plan import ReleasePlan
from engine.targets.plans_under_way import plans_under_way
from engine.targets.retype import abandon, same_storage, type_words
from engine.targets.rights import access_changes, meaning, new_fields_seen, rights, whose
from engine.targets.tables import ObjectTable, Tables, tables

__all__ = ["diff"]


def diff(old: Model | None, layout: Layout, new: Model, *, removed_packs: Iterable[str] = ()) -> ReleasePlan:
    """What publishing `new` over `old` does. `layout` is that of the live release (empty before the first one).

    A plan with problems must not be carried out; its doubts need answers from the rows first.
    """
    spent = tuple(_spent(layout, new))
    if spent:
        return ReleasePlan(hash=new.hash, base=old.hash if old else "", operations=(), layout=layout, problems=spent)
    return _Diff(old, layout, new, frozenset(removed_packs)).plan()


class _Diff:
    def __init__(self, old: Model | None, layout: Layout, new: Model, removed: frozenset[str]) -> None:
        self.old_model, self.new_model = old, new
        self.removed = removed
        self.known = layout
        self.old = elements(old) if old else {}
        self.new = elements(new)
        self.problems: list[Problem] = []
        self.doubts: list[Doubt] = []
        self.operations: list[Operation] = []
        self.retyped = self._retyped()
        self.layout = abandon(layout, self.retyped).extend(new)
        self.old_tables = tables(old, layout) if old else None
        self.new_tables: Tables = tables(new, self.layout)

    def plan(self) -> ReleasePlan:
        for key, found in self.new.items():
            before = self.old.get(key)
            self.operations.extend(self._appears(found) if before is None else self._stays(before, found))
        gone = Disappearance(self.old, self.new, self.removed, self.old_tables)
        for key, found in self.old.items():
            if key not in self.new:
                self._goes(found, gone)
        for obj in all_objects(self.new_model):
            self._table(obj)
        self._orphaned_indexes()
        self._access()
        self.operations.extend(acts_beyond(self.old_model, self.new_model))
        self.operations.extend(timers_set(self.old_model, self.new_model, self.new_tables))
        self.operations.extend(plans_under_way(self.old_model, self.new_model))
        self._rows_change_hands()
        return ReleasePlan(
            hash=self.new_model.hash, base=self.old_model.hash if self.old_model else "",
            operations=tuple(sorted(self.operations, key=lambda o: o.sort_key)), layout=self.layout,
            problems=tuple(self.problems), doubts=tuple(self.doubts),
        )

    # Elements

    def _appears(self, found: Found) -> Iterator[Operation]:
        """An element that the old release does not have. What comes with a new owner is said by the owner."""
        element = found.element
        if found.retired or self._comes_with_owner(found):
            return
        if found.kind == "pack":
            yield AddPack(id=element.id, label=element.label)
        elif found.kind == "object" and found.key in self.known.names:
            yield RestoreElement(id=element.id, label=element.label, kind="object")
        elif found.kind == "field" and found.key in self.known.names:
            yield RestoreField(id=element.id, label=element.label, object=found.owner.partition(" ")[2])
        elif found.kind == "dataset":
            yield self._seeds(found)
        elif found.kind not in ("object", "record", "unique", "index") and not _stored_field(found):
            yield AddElement(id=element.id, label=element.label, kind=found.kind)

    def _comes_with_owner(self, found: Found) -> bool:
        owner = self.new.get(found.owner)
        if owner is None:
            return False
        before = self.old.get(found.owner)
        return before is None or (before.retired and not owner.retired)

    def _stays(self, before: Found, after: Found) -> Iterator[Operation]:
        element = after.element
        if before.retired != after.retired:
            yield _turned(after)
        if after.retired:
            return
        if before.element.name != element.name:
            yield RenameElement(id=element.id, label=element.label, kind=after.kind, old=before.element.name, new=element.name)
        was, now = before.settings(), after.settings()
        settings = tuple(sorted(_SAID.get(name, name) for name in {*was, *now} if was.get(name) != now.get(name)))
        if after.kind == "field" and after.element.id in self.retyped:
            settings = tuple(name for name in settings if name != "type")
        if after.kind == "dataset":
            if settings or self._records(before, self.old) != self._records(after, self.new):
                yield self._seeds(after)
        elif settings and after.kind not in ("record", "unique", "index"):
            yield ChangeElement(id=element.id, label=element.label, kind=after.kind, settings=settings)

    def _goes(self, found: Found, gone: Disappearance) -> None:
        """An element whose lines are not there any more."""
        element = found.element
        if found.kind == "pack":
            if element.name in self.removed:
                self.operations.append(RemovePack(id=element.id, label=element.label))
            else:
                self.problems.append(Code.PLAN_009.at(element.place, name=element.name))
            return
        if element.pack in self.removed or gone.with_owner(found):
            return
        verdict = gone.verdict(found)
        if isinstance(verdict, Problem):
            self.problems.append(verdict)
            return
        if verdict is not None:
            self.doubts.append(verdict)
        if found.kind not in ("record", "unique", "index"):
            self.operations.append(RemoveElement(id=element.id, label=element.label, kind=found.kind))

    def _seeds(self, found: Found) -> Operation:
        dataset = found.element
        records = self._records(found, self.new)
        upgrade = str(found.settings()["upgrade"])
        return SeedRecords(
            id=dataset.id, label=dataset.label, object=str(found.settings()["object"]), upgrade=upgrade, count=len(records),
        )

    @staticmethod
    def _records(found: Found, among: dict[str, Found]) -> dict[str, object]:
        return {key: part.settings() for key, part in among.items() if part.owner == found.key and not part.retired}

    # Tables

    def _retyped(self) -> dict[str, Field]:
        """Fields whose values need other columns, by id, as the old release has them."""
        changed = {}
        for key, before in self.old.items():
            after = self.new.get(key)
            if after is None or not isinstance(before.element, Field) or not isinstance(after.element, Field):
                continue
            if before.element.stored and not same_storage(before.element, self.old_model, after.element, self.new_model):
                changed[before.element.id] = before.element
        return changed

    def _table(self, obj: Object) -> None:
        table = self.new_tables.by_id[obj.id]
        name = str(table.table.name)
        if f"object {obj.id}" not in self.known.names:
            self.operations.append(CreateTable(id=obj.id, label=obj.label, object=obj.id, table=name))
            return
        for field in all_fields(obj):
            columns = tuple(self.layout.column(field, spec.part) for spec in field.type.columns)
            if field.id in self.retyped:
                self._retype(obj, field, name, columns)
            elif f"field {field.id}" not in self.known.names:
                add = StoreFormula if field.kept and f"field {field.id}" in self.old else AddColumn
                self.operations.append(add(id=field.id, label=field.label, object=obj.id, table=name, columns=columns))
        self._to_formula(obj)
        self._compute(obj, name)
        self._indexes(obj, table)

    def _retype(self, obj: Object, field: Field, table: str, columns: tuple[str, ...]) -> None:
        before = self.retyped[field.id]
        old, new = type_words(before), type_words(field)
        self.operations.append(RetypeField(
            id=field.id, label=field.label, object=obj.id, table=table, columns=columns, old=old, new=new))
        self._doubt_values(before, field, old, new)

    def _to_formula(self, obj: Object) -> None:
        for field in obj.fields.values():
            if not field.stored and field.id in self.retyped:
                before = self.retyped[field.id]
                self._doubt_values(before, field, type_words(before), "formula")
                if before.kept:
                    self.operations.append(StopStoring(id=field.id, label=field.label, object=obj.id))

    def _compute(self, obj: Object, table: str) -> None:
        """Stored formulas whose columns do not hold what they give in the new release."""
        for field in obj.fields.values():
            if field.kept and not self._computed_already(obj, field):
                self.operations.append(ComputeField(id=field.id, label=field.label, object=obj.id, table=table))

    def _computed_already(self, obj: Object, field: Field) -> bool:
        before, found = self._old_object(obj.id), self.old.get(f"field {field.id}")
        if before is None or found is None or found.retired or field.id in self.retyped or self.old_model is None:
            return False
        was = found.element
        return isinstance(was, Field) and was.kept and meaning(was, before, self.old_model) == meaning(field, obj, self.new_model)

    def _doubt_values(self, before: Field, after: Field, old: str, new: str) -> None:
        if before.formula is not None or before.kept:
            return  # nobody typed what a formula gave
        assert self.old_tables is not None
        owner = next(t for t in self.old_tables.by_id.values() if _has(t.object, before))
        column = owner.table.c[self.known.column(before)]
        refusal = Code.PLAN_004.at(after.place, id=after.id, old=old, new=new, count=COUNT)
        self.doubts.append(ValuesIn(refusal=refusal, columns=(column,)))

    def _indexes(self, obj: Object, table: ObjectTable) -> None:
        before = self.old_tables.by_id.get(obj.id) if self.old_tables else None
        old = before.indexes if before else {}
        for name, spec in table.indexes.items():
            if name in old:
                continue
            columns = tuple(column.name for column in spec.columns)
            make = CreateUnique if spec.unique else CreateIndex
            self.operations.append(make(
                id=spec.rule.id if spec.rule else obj.id, label=obj.label, object=obj.id, table=spec.table, index=name,
                columns=columns))
            if spec.rule is not None and self._were_there(obj, columns):
                refusal = Code.PLAN_005.at(spec.rule.place, id=spec.rule.id, count=COUNT)
                self.doubts.append(Duplicates(refusal=refusal, columns=tuple(table.table.c[c] for c in columns)))
        if before is not None:
            self._drop(before, keep=frozenset(table.indexes))

    def _were_there(self, obj: Object, columns: tuple[str, ...]) -> bool:
        """Whether the columns exist before the publish; a new one holds only nulls, which never collide."""
        fresh = {
            self.layout.column(field, spec.part) for field in all_fields(obj) for spec in field.type.columns
            if f"field {field.id}" not in self.known.names or field.id in self.retyped
        }
        return not fresh & set(columns)

    def _drop(self, before: ObjectTable, keep: frozenset[str]) -> None:
        obj = before.object
        for name, spec in before.indexes.items():
            if name not in keep:
                make = DropUnique if spec.unique else DropIndex
                self.operations.append(make(
                    id=spec.rule.id if spec.rule else obj.id, label=obj.label, object=obj.id, table=spec.table, index=name,
                    columns=tuple(column.name for column in spec.columns)))

    def _orphaned_indexes(self) -> None:
        """The tables of a removed pack's objects stay without indexes, so that nothing needs looking after."""
        for id_, before in self.old_tables.by_id.items() if self.old_tables else ():
            if id_ not in self.new_tables.by_id:
                self._drop(before, keep=frozenset())

    # Rights and ownership

    def _access(self) -> None:
        before, after = rights(self.old_model), rights(self.new_model)
        self.operations.extend(access_changes(before, after))
        for field_id, roles in new_fields_seen(before, after).items():
            field = self.new[f"field {field_id}"].element
            self.operations.append(RoleSees(id=field_id, label=field.label, roles=roles))

    def _rows_change_hands(self) -> None:
        for obj in self.new_model.objects.values():
            before = self._old_object(obj.id)
            if before is None or self.old_model is None or self.old_tables is None:
                continue
            was, now = whose(before, self.old_model), whose(obj, self.new_model)
            for setting, old, new in zip(("belongs_to", "subject"), was, now, strict=True):
                if old != new:
                    refusal = Code.PLAN_006.at(obj.place, setting=setting, id=obj.id, count=COUNT)
                    self.doubts.append(AnyRows(refusal=refusal, table=self.old_tables.by_id[obj.id].table))

    def _old_object(self, id_: str) -> Object | None:
        found = self.old.get(f"object {id_}")
        return found.element if found and isinstance(found.element, Object) and not found.retired else None


_SAID = {"kept": "stored"}
"""Settings that the definitions call otherwise."""


def _spent(layout: Layout, new: Model) -> Iterator[Problem]:
    """Ids whose data was purged: the layout holds an empty name for them, for ever."""
    for key, found in elements(new).items():
        if layout.names.get(key) == "":
            yield Code.PLAN_007.at(found.element.place, kind=found.kind, id=found.element.id)


def _stored_field(found: Found) -> bool:
    return isinstance(found.element, Field) and found.element.stored


def _turned(found: Found) -> Operation:
    """An element that is now retired, or not any more."""
    element = found.element
    if _stored_field(found):
        turn = RetireField if found.retired else RestoreField
        return turn(id=element.id, label=element.label, object=found.owner.partition(" ")[2])
    turned = RetireElement if found.retired else RestoreElement
    return turned(id=element.id, label=element.label, kind=found.kind)


def _has(obj: Object, field: Field) -> bool:
    return any(own.id == field.id for own in all_fields(obj))
