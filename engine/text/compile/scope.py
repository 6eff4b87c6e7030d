"""The names an expression of a definition may use: the row's fields and what lies behind links, `user`, `today`, `now`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.expressions.types import DATE, INSTANT, INT, TEXT, IdOf, ListOf, RecordOf, RowsOf, Type, UserOf
from engine.model import Organisation
from engine.text.compile.context import Draft

if TYPE_CHECKING:
    from engine.expressions.checker.inline import Inline
    from engine.text.compile.tables import Tables

__all__ = ["DraftScope", "Scopes"]

_ROOTS: Mapping[str, Type] = {"today": DATE, "now": INSTANT}


class Scopes:
    """Makes the scope of each object once, over all objects of a release."""

    def __init__(self, drafts: Mapping[str, Draft], organisation: Organisation, tables: Tables | None = None) -> None:
        self.drafts = drafts
        self.organisation = organisation
        self.tables = tables
        self.account = self._marked("account")
        self.clinic = self._marked("clinic")
        roster = next((draft for draft in drafts.values() if draft.node.map("roster")), None)
        team = roster.types.get(roster.node.map("roster").text("team")) if roster else None  # type: ignore[union-attr]
        self.team = team.link_to if team else ""
        self._made: dict[str, DraftScope] = {}

    def _marked(self, key: str) -> str:
        return next((name for name, draft in self.drafts.items() if draft.node.flag(key)), "")

    def of(self, object_name: str) -> DraftScope:
        if object_name not in self._made:
            self._made[object_name] = DraftScope(self, object_name)
        return self._made[object_name]

    def runtime_field(self, object_name: str, name: str) -> Type | None:
        """The type of a field that the runtime keeps on every row."""
        if name == "id":
            return IdOf(object_name)
        if name in ("created_by", "updated_by"):
            return IdOf(self.account) if self.account else TEXT
        if name == "clinic_id":
            return IdOf(self.clinic) if self.clinic else TEXT
        return {"version": INT, "created_at": INSTANT, "updated_at": INSTANT}.get(name)

    def field(self, object_name: str, name: str) -> Type | None:
        """The type of a field, of the child rows that an inverse names, or of a field of the runtime."""
        draft = self.drafts.get(object_name)
        found = draft.types.get(name) if draft else None
        if found is not None:
            return found.expression_type
        inverse = draft.inverses.get(name) if draft else None
        return RowsOf(inverse.object, inverse.link) if inverse else self.runtime_field(object_name, name)


class DraftScope:
    """A Scope (see `engine.expressions.scope`) over one object."""

    def __init__(self, scopes: Scopes, object_name: str) -> None:
        self._scopes = scopes
        self.object = self._object = object_name
        self.zone = scopes.organisation.timezone
        self.calendar = scopes.organisation.calendar

    def root(self, name: str) -> Type | None:
        found = self._scopes.field(self._object, name)
        if found is not None:
            return found
        if name == "user":
            return UserOf(self._scopes.account) if self._scopes.account else None
        return _ROOTS.get(name)

    def member(self, owner: Type, name: str) -> Type | None:
        if isinstance(owner, UserOf):
            found = self._of_user(name)
            if found is not None:
                return found
        if isinstance(owner, IdOf) or not isinstance(owner, RecordOf):
            return None
        found = self._scopes.field(owner.object, name)
        # What is known of the user stands in binds; no rows hang on it.
        return None if isinstance(owner, UserOf) and isinstance(found, RowsOf) else found

    def _of_user(self, name: str) -> Type | None:
        if name == "clinics":
            return ListOf(RecordOf(self._scopes.clinic) if self._scopes.clinic else TEXT)
        if name == "teams":
            return ListOf(RecordOf(self._scopes.team) if self._scopes.team else TEXT)
        return ListOf(TEXT) if name == "roles" else None

    def function(self, name: str) -> Inline | None:
        """A decision table or a score; one over another object is not known here."""
        return self._scopes.tables.find(name) if self._scopes.tables else None

    def names(self, owner: Type | None) -> Iterable[str]:
        drafts = self._scopes.drafts
        if owner is None:
            return [*drafts[self._object].types, *drafts[self._object].inverses, *_ROOTS, "user"]
        if isinstance(owner, IdOf):
            return []
        found = [*drafts[owner.object].types] if isinstance(owner, RecordOf) and owner.object in drafts else []
        if isinstance(owner, UserOf):
            return [*found, "id", "clinics", "teams", "roles"]
        rows = drafts[owner.object].inverses if isinstance(owner, RecordOf) and owner.object in drafts else ()
        return [*found, *rows, "id"]
