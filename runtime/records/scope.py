"""What a reader may name in filters, sorts and columns: for her, what she may never see does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.expressions.checker.inline import Inline
from engine.expressions.types import DATE, INSTANT, INT, TEXT, IdOf, ListOf, RecordOf, RowsOf, Type, UserOf
from engine.model import Field, Model
from engine.model.reads import Read, reads
from engine.targets.layout import RUNTIME_COLUMNS
from runtime.access import Access, Sight
from runtime.records.sources import RowSource
from runtime.store.compiled import Release

__all__ = ["ReaderScope"]

_NAME = re.compile("[a-z][a-z0-9_]*")
_RUNTIME: dict[str, Type] = {"version": INT, "created_at": INSTANT, "updated_at": INSTANT}
_ROOTS: dict[str, Type] = {"today": DATE, "now": INSTANT}


class ReaderScope:
    """The names of an object and of what its links lead to, as one shape of reader may use them. A Scope of expressions."""

    def __init__(self, release: Release, access: Access, object_name: str, actions: tuple[str, ...] = ("read",)) -> None:
        self._release = release
        self.model: Model = release.model
        self.zone = self.model.organisation.timezone
        self.calendar = self.model.organisation.calendar
        self._access = access
        self.object = self._object = object_name
        self._actions = actions
        self._usable: dict[str, dict[str, Field]] = {}

    def usable(self, object_name: str) -> dict[str, Field]:
        """The fields of an object whose value is shown in some row."""
        found = self._usable.get(object_name)
        if found is None:
            found = self._usable[object_name] = dict(self._find(object_name))
        return found

    def field(self, path: tuple[str, ...]) -> Field | None:
        """The field at the end of a path, None when any step of it is unknown to the reader."""
        object_name, field = self._object, None
        for name in path:
            field = self.usable(object_name).get(name) if object_name else None
            if field is None:
                return None
            object_name = field.type.link_to
        return field

    def visible(self, name: str) -> Field | None:
        """An own field that is shown at least masked in some row; what may be a column but not a filter."""
        field = self.model.objects[self._object].fields.get(name)
        rights = self._access.object(self._object)
        if field is None or any(rights.field(action, name).fixed is Sight.ABSENT for action in self._actions):
            return None
        return field

    def now_called(self, text: str) -> tuple[str, str] | None:
        """When a text begins with a former name of a field that the reader may use, that name and the current one."""
        found = _NAME.match(text)
        fields = self.usable(self._object).values() if found else ()
        return next(((found[0], field.name) for field in fields if found and found[0] in field.former), None)

    def resolve(self, path: tuple[str, ...]) -> tuple[str, Field]:
        """The object and the field at the end of a path that exists, whoever may see it."""
        object_name = self._object
        for link in path[:-1]:
            object_name = self.model.objects[object_name].fields[link].type.link_to
        return object_name, self.model.objects[object_name].fields[path[-1]]

    def _find(self, object_name: str) -> Iterable[tuple[str, Field]]:
        actions = self._actions if object_name == self._object else ("read",)
        rights = self._access.object(object_name)
        if not all(rights.allows(action) for action in actions):
            return
        source = RowSource(self._release, object_name)
        for name, field in source.object.fields.items():
            if all(rights.shown(action, name, source) is not False for action in actions):
                yield name, field

    # The protocol of engine.expressions.scope.Scope

    def root(self, name: str) -> Type | None:
        field = self.usable(self._object).get(name)
        if field is not None:
            return field.type.expression_type
        rows = self._rows(self._object, name)
        if rows is not None:
            return rows
        if name == "user":
            account = self.model.account
            return UserOf(account.name) if account else None
        return _ROOTS.get(name) or self._runtime(self._object, name)

    def member(self, owner: Type, name: str) -> Type | None:
        if isinstance(owner, UserOf) and name in ("clinics", "teams", "roles"):
            return self._own_list(name)
        if not isinstance(owner, RecordOf) or isinstance(owner, IdOf):
            return None
        field = self.usable(owner.object).get(name)
        if field is not None:
            return field.type.expression_type
        rows = None if isinstance(owner, UserOf) else self._rows(owner.object, name)
        return rows or self._runtime(owner.object, name)

    def _rows(self, object_name: str, name: str) -> RowsOf | None:
        """Child rows, where the reader may read some of them and see what they hang on."""
        inverse = self.model.objects[object_name].inverses.get(name)
        known = inverse is not None and inverse.link in self.usable(inverse.object)
        return RowsOf(inverse.object, inverse.link) if inverse and known else None

    def _own_list(self, name: str) -> Type | None:
        """`user.clinics`, `user.teams` and `user.roles`, typed like links so that they compare with them."""
        clinic, roster = self.model.clinic, self.model.roster
        if name == "clinics" and clinic is not None:
            return ListOf(IdOf(clinic.name))
        if name == "teams" and roster is not None and roster.roster is not None:
            return ListOf(IdOf(roster.fields[roster.roster.team].type.link_to))
        return ListOf(TEXT)

    def _runtime(self, object_name: str, name: str) -> Type | None:
        if name == "id":
            return IdOf(object_name)
        if name in ("created_by", "updated_by"):
            return IdOf(self.model.account.name) if self.model.account else TEXT
        if name == "clinic_id":
            return IdOf(self.model.clinic.name) if self.model.clinic else TEXT
        return _RUNTIME.get(name)

    def function(self, name: str) -> Inline | None:
        """A decision table or a score; one over an object only where the reader may use all that it reads."""
        found = self.model.function(name)
        if found is None or found.on != self._object:
            return found
        trees = found.outputs.values()
        known = all(self._readable(read) for tree in trees for read in reads(self.model.objects, found.on, tree, through=False))
        return found if known else None

    def _readable(self, read: Read) -> bool:
        return not read.object or read.name in RUNTIME_COLUMNS or read.name in self.usable(read.object)

    def names(self, owner: Type | None) -> Iterable[str]:
        if owner is None:
            return [*self.usable(self._object), *self._inverses(self._object), *_ROOTS, "user"]
        if isinstance(owner, IdOf) or not isinstance(owner, RecordOf):
            return []
        return [*self.usable(owner.object), *self._inverses(owner.object)]

    def _inverses(self, object_name: str) -> Iterable[str]:
        return (name for name in self.model.objects[object_name].inverses if self._rows(object_name, name))
