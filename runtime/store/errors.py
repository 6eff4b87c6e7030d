"""What the store raises; every message says what to do."""

from __future__ import annotations

from engine.problems import Problem

__all__ = [
    "FenceMoved", "Forbidden", "NoRelease", "NothingToPublish", "Overtaken", "PublishError", "Refused", "SchemaTooNew",
    "StoreBusy", "StoreError", "StoreUnavailable", "TooSlow", "WrongDatabase",
]


class StoreError(Exception):
    """The store cannot do what was asked; the text is for people."""


class StoreBusy(StoreError):
    """Another writer, a lock or a time limit kept the work from being done; nothing was written, trying again is right (503)."""


class TooSlow(StoreBusy):
    """A statement took longer than it may and was stopped; asking for less is right, as with a narrower filter (503)."""


class BadText(StoreError):
    """A text holds what the database cannot keep, such as NUL; nothing was written, sending something else is right (400)."""


class StoreUnavailable(StoreError):
    """The database does not answer, or its disk is full; nothing was acknowledged (503)."""


class WrongDatabase(StoreError):
    """The address or the database is not one that Carework runs on."""


class SchemaTooNew(StoreError):
    """A newer Carework has been here; this one must not touch the database."""


class NoRelease(StoreError):
    """Nothing has been published in this database yet."""


class FenceMoved(Exception):
    """The live release is not the one this work was prepared for; `live` is the hash of the live one ('' for none)."""

    def __init__(self, live: str) -> None:
        super().__init__(f"the live release is now {live[:12] or 'none'}")
        self.live = live




class PublishError(Exception):
    """A publish did not happen; everything is as it was."""


class Refused(PublishError):
    """The definitions, or the rows that are there, do not allow it; `problems` says all of why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Forbidden(PublishError):
    """The actor lacks a right: `design`, or `grant` where effective rights change."""

    def __init__(self, right: str) -> None:
        super().__init__(f"publishing this needs the right '{right}'")
        self.right = right


class NothingToPublish(PublishError):
    """Exactly this release is live already."""

    def __init__(self, live: str) -> None:
        super().__init__(f"release {live[:12]} is live already")
        self.live = live


class Overtaken(PublishError):
    """Somebody else published between plan and flip; plan again on the release that is live now."""

    def __init__(self, live: str) -> None:
        super().__init__(f"another publish came first; the live release is now {live[:12]}; plan again")
        self.live = live
