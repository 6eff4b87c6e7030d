"""Codes for how enrolments and steps ended; screens say them in words."""

from __future__ import annotations

import enum

__all__ = ["Why"]


class Why(enum.StrEnum):
    """Kept in `why` of `cw_enrolment` and `cw_enrolment_step`."""

    BY_HAND = "by_hand"
    CONDITION = "condition"
    """The plan's `stop_when` came true."""
    DELETED = "deleted"
    """The record that began the plan, or the record of the step, was deleted."""
    RETIRED = "retired"
    """The plan, or the step, is no longer in the live release."""
    WAITING = "waiting"
    """Of an enrolment under way: nothing is due until something becomes known."""
    CANCELLED = "cancelled"
    """Somebody cancelled the step's record."""
    LATE = "late"
    """Done after its window."""
    WINDOW = "window"
    """Its window passed."""
    DOWNTIME = "downtime"
    """Its time passed while nothing ran, and the step says to leave it out then."""
    DUPLICATE = "duplicate"
    """A record like the step's is there already, and the object allows no second one."""
    MERGED = "merged"
    """A later time of the same step stands for it."""
    WHEN = "when"
    """Its condition did not hold when it was due."""
    SKIP = "skip_when"
    """Its condition for being left out held when it was due."""
