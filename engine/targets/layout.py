"""Which table and column an element lives in: fixed when the element is first published, whatever it is called later."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping

from engine.model import Field, Model, Object

__all__ = ["RUNTIME_COLUMNS", "Layout", "all_fields", "all_objects"]

RUNTIME_COLUMNS = (
    "id", "version", "clinic_id", "subject_id", "created_at", "created_by", "updated_at", "updated_by",
)
"""The columns that every object table has besides its fields', in their order."""


def all_objects(model: Model) -> Iterator[Object]:
    """Objects of the Model, then the retired ones, whose tables stay."""
    yield from model.objects.values()
    yield from (element for element in model.retired.values() if isinstance(element, Object))


def all_fields(obj: Object) -> Iterator[Field]:
    """Fields that have columns, retired ones last."""
    for field in (*obj.fields.values(), *obj.retired_fields.values()):
        if field.stored:
            yield field


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """`"<kind> <id>"` → physical name, e.g. `"object core:patient"` → `o_patient`, `"field core:patient.phone"` → `phone`.

    A companion column's key ends with its part: `"field core:patient.phone e164"` → `phone__e164`. Kept with each release.
    """

    names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", types.MappingProxyType(dict(self.names)))

    def table(self, obj: Object) -> str:
        """The object's table. Raises KeyError for an object that the layout was not extended with."""
        return self.names[f"object {obj.id}"]

    def column(self, field: Field, part: str = "") -> str:
        """The field's column. Raises KeyError like `table`."""
        return self.names[_field_key(field, part)]

    def extend(self, model: Model) -> Layout:
        """This layout with a name for every element of the Model that has none yet; names once given never change."""
        names = dict(self.names)
        tables = {name for key, name in names.items() if key.startswith("object ")}
        for obj in all_objects(model):
            _allocate(names, f"object {obj.id}", f"o_{_first_name(obj.id)}", tables)
            self._extend_fields(names, obj)
        return Layout(names)

    @staticmethod
    def _extend_fields(names: dict[str, str], obj: Object) -> None:
        fields = tuple(all_fields(obj))
        keys = {_field_key(field, column.part) for field in fields for column in field.type.columns}
        # Names of the object's columns that no element of this Model claims (of a purge under way) are taken too.
        known = keys | {key for key in names if key.startswith("field ") and _owner(key) == _owner_of(obj)}
        taken = {*RUNTIME_COLUMNS, *(names[key] for key in known if key in names)}
        for field in fields:
            own = _first_name(field.id)
            for column in field.type.columns:
                wanted = f"{names[_field_key(field, '')]}__{column.part}" if column.part else own
                _allocate(names, _field_key(field, column.part), wanted, taken)


def _field_key(field: Field, part: str) -> str:
    return f"field {field.id} {part}" if part else f"field {field.id}"


def _first_name(element_id: str) -> str:
    """The name in an id: `core:patient.phone` → `phone`."""
    return element_id.partition(":")[2].rpartition(".")[2]


def _owner(key: str) -> str:
    """Of a field's key, the name of the object that its id gives."""
    return key.split(" ")[1].partition(":")[2].rpartition(".")[0]


def _owner_of(obj: Object) -> str:
    return obj.id.partition(":")[2]


def _allocate(names: dict[str, str], key: str, wanted: str, taken: set[str]) -> None:
    """Give `key` the wanted name, or that with the first free suffix (`_2`, `_3`, …); nothing when it has one."""
    if key in names:
        return
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    taken.add(name)
    names[key] = name
