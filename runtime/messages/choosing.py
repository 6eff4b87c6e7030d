"""What is to become of a message now: sent by a channel, held until later, or never sent, and why. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Callable, Collection, Mapping

from engine.model import Message
from runtime.channels import Channel
from runtime.messages.recipients import Recipient

__all__ = ["Hold", "Never", "Reason", "Send", "choose"]

_LOOK_AGAIN = datetime.timedelta(minutes=10)


class Reason(enum.Enum):
    """Why a message waits or was not sent; what people read stands in `runtime.messages.words`."""

    NONE = ""
    REFUSES = "refuses"
    """She wants no messages at all."""
    REFUSED_CHANNEL = "refused_channel"
    """She wants none by any channel that the message has."""
    NO_CONSENT = "no_consent"
    """It is not for her care, and she did not agree to such messages."""
    UNREACHABLE = "unreachable"
    """There is no address for any channel, or none that takes it."""
    QUIET = "quiet"
    AWAY = "away"
    """The channel's server does not answer."""
    NOT_SET_UP = "not_set_up"
    NO_BASE_URL = "no_base_url"
    """A link needs the address of this installation."""
    NO_FORM = "no_form"
    """The form of its link asks for nothing, or its conditions read what a link may not tell."""
    LINK_ENDED = "link_ended"
    """An earlier attempt took its link along, and it was used or withdrawn since."""
    RETRY = "retry"
    """The last attempt failed; there will be another."""
    GIVEN_UP = "given_up"
    TOO_LATE = "too_late"
    GONE = "gone"
    """The recipient or the record is not there any more."""
    RETIRED = "retired"
    """The message was taken out of the definitions."""
    NO_RIGHT = "no_right"
    """She may not read the record, or does not sign in any more."""
    OTHER_CLINIC = "other_clinic"


@dataclasses.dataclass(frozen=True, slots=True)
class Send:
    channel: Channel
    address: str


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    until: datetime.datetime
    reason: Reason


@dataclasses.dataclass(frozen=True, slots=True)
class Never:
    """`refused` says that it was a person's wish or right, not a failure."""

    reason: Reason
    refused: bool


def choose(
    message: Message, to: Recipient, channels: Mapping[str, Channel], tried: Collection[str], now: datetime.datetime, *,
    quiet: datetime.datetime | None, away: Callable[[str], datetime.datetime | None], only: str = "",
) -> Send | Hold | Never:
    """The first channel that she can be reached by and does not refuse; a channel that is away is waited for, if it is not urgent.

    `only` is the one channel by which it may have been sent already: by another it would come twice.
    """
    if to.refuses:
        return Never(Reason.REFUSES, refused=True)
    if message.purpose == "marketing" and not to.marketing:
        return Never(Reason.NO_CONSENT, refused=True)
    refused, waits = 0, list[Hold]()
    known = [name for name in message.channels if name in channels and only in ("", name)]
    for name in known:
        channel = channels[name]
        if name in to.refused_channels:
            refused += 1
            continue
        address = "" if name in tried else channel.address(to.reach)
        if not address:
            continue
        hold = _hold(message, channel, now, quiet, away)
        if hold is None:
            return Send(channel, address)
        waits.append(hold)
        if not message.urgent and hold.reason is not Reason.NOT_SET_UP:
            break
    if waits:
        return min(waits, key=lambda hold: hold.until)
    if known and refused == len(known):
        return Never(Reason.REFUSED_CHANNEL, refused=True)
    return Never(Reason.UNREACHABLE, refused=False)


def _hold(
    message: Message, channel: Channel, now: datetime.datetime, quiet: datetime.datetime | None,
    away: Callable[[str], datetime.datetime | None],
) -> Hold | None:
    if channel.kept:
        return None  # it disturbs nobody
    if channel.missing:
        return Hold(now + _LOOK_AGAIN, Reason.NOT_SET_UP)
    if quiet is not None and not message.urgent:
        return Hold(quiet, Reason.QUIET)
    closed = away(channel.name)
    return None if closed is None else Hold(closed, Reason.AWAY)
