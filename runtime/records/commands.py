"""Commands: what a caller wants changed, as frozen values. Lists of them go to the records service, the one way in."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = [
    "Command", "Create", "Delete", "Encoding", "JoinClinic", "LeaveClinic", "Made", "RequestInfo", "Restore", "Transition", "Undo", "Update",
]


class Encoding(enum.Enum):
    """How the values of a command are written."""

    JSON = "json"
    """The JSON form of each field type, e.g. decimals as strings, links as ids."""
    TEXT = "text"
    """What a person typed or a CSV cell holds; a list of texts for fields of several choices."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """Where commands come from, for history and audit."""

    id: str = ""
    """The request's id, the same in logs, history and audit."""
    channel: str = "service"
    """`screen`, `api`, `import`, `cli`, `publish` or `service`."""
    release: str = ""
    """Hash of the release that the caller's form or payload was made for, '' for the pinned one."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that are being run and lead to the commands: what follows from these calls none of them off."""


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """Among the values of a Create: a link to the record that an earlier Create of the same atomic list makes, by its place from 0."""

    place: int


@dataclasses.dataclass(frozen=True, slots=True)
class Create:
    """A new record. `clinic` is the id it shall belong to; None takes the actor's own where she may create.

    `id` is for records whose id is fixed beforehand (shipped data, accounts); only the system account may give it.
    """

    object: str
    values: Mapping[str, Any]
    clinic: str | None = None
    id: str | None = None
    encoding: Encoding = Encoding.JSON
    country: str = ""
    """The country (ISO 3166) of phones written without one; '' is the organisation's."""
    action: ClassVar[str] = "create"


@dataclasses.dataclass(frozen=True, slots=True)
class Update:
    """New values for the named fields; the others stay. `version` is the one the caller saw; None overwrites whatever stands."""

    object: str
    id: str
    values: Mapping[str, Any]
    version: int | None
    encoding: Encoding = Encoding.JSON
    country: str = ""
    """As in `Create`."""
    action: ClassVar[str] = "update"


@dataclasses.dataclass(frozen=True, slots=True)
class Delete:
    """Takes a record out of its table; `Restore` puts it back."""

    object: str
    id: str
    version: int | None = None
    action: ClassVar[str] = "delete"


@dataclasses.dataclass(frozen=True, slots=True)
class Restore:
    """Undoes a delete, together with what the delete took along."""

    id: str
    action: ClassVar[str] = "restore"


@dataclasses.dataclass(frozen=True, slots=True)
class Transition:
    """Fires a transition of the record's workflow; `values` are the answers of the form it asks for."""

    object: str
    id: str
    name: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    version: int | None = None
    reason: str | None = None
    encoding: Encoding = Encoding.JSON

    @property
    def action(self) -> str:
        """The right it needs has the transition's name."""
        return self.name


@dataclasses.dataclass(frozen=True, slots=True)
class Undo:
    """Takes back the actor's own change that made `version` of a record, if nothing came after it and nothing else followed from it.

    It needs the right that the change needed.
    """

    object: str
    id: str
    version: int
    action: ClassVar[str] = "read"


@dataclasses.dataclass(frozen=True, slots=True)
class JoinClinic:
    """Makes a record of a `clinics` object visible to one more clinic; needs the right to update it, in that clinic too."""

    object: str
    id: str
    clinic: str
    action: ClassVar[str] = "update"


@dataclasses.dataclass(frozen=True, slots=True)
class LeaveClinic:
    """Ends a record's stay in a clinic; needs the right to update it there. Its first clinic cannot be left."""

    object: str
    id: str
    clinic: str
    action: ClassVar[str] = "update"


Command = Create | Update | Delete | Restore | Transition | Undo | JoinClinic | LeaveClinic
