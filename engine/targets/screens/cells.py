"""How a field looks among others: the classes of its cell in lists and of its fact on record pages."""

from __future__ import annotations

import dataclasses

from engine.fields.base import StorageKind
from engine.model import Field, Label, Model, Object, StateCategory

__all__ = ["Cell", "due_field", "late_states", "open_states"]

_FIGURES = frozenset({StorageKind.INTEGER, StorageKind.DECIMAL})
_UNBROKEN = frozenset({StorageKind.DATE, StorageKind.INSTANT, StorageKind.TIME})


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """A column of a list or a fact of a record page. `sortable` puts a link into the head; `due` marks overdue rows."""

    key: str
    label: Label
    field: Field
    sortable: bool = False
    due: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it holds figures, which align to the right."""
        return self.field.type.columns[0].storage.kind in _FIGURES

    @property
    def look(self) -> str:
        """The classes of its cells."""
        if self.numeric:
            return "num"
        kind = self.field.type
        unbroken = kind.columns[0].storage.kind in _UNBROKEN or kind.personal or kind.name == "sequence"
        return "tight" if unbroken else ""

    @property
    def wide(self) -> bool:
        """Whether it takes a whole line of a record page."""
        return self.field.type.widget == "long_text"


def due_field(object: Object) -> Field | None:
    """The field that says when a row is due: what its task says, else the first required date or instant of a workflow's row."""
    if object.task is not None and object.task.due in object.fields:
        return object.fields[object.task.due]
    if not object.workflow:
        return None
    dates = (f for f in object.fields.values() if f.stored and f.type.columns[0].storage.kind in _UNBROKEN - {StorageKind.TIME})
    return next((field for field in dates if field.required), None)


def open_states(model: Model, object: Object) -> frozenset[str]:
    """Stored names of the states in which there is still something to do; empty without a workflow."""
    workflow = model.workflows.get(object.name)
    if workflow is None:
        return frozenset()
    still = (StateCategory.OPEN, StateCategory.WAITING)
    return frozenset(state.stored for state in workflow.states.values() if state.category in still)


def late_states(model: Model, object: Object) -> frozenset[str]:
    """Stored names of the states in which a day that has passed is late: the open ones. A row that waits, for healing or for
    somebody who cannot be reached, is not."""
    workflow = model.workflows.get(object.name)
    if workflow is None:
        return frozenset()
    return frozenset(state.stored for state in workflow.states.values() if state.category is StateCategory.OPEN)
