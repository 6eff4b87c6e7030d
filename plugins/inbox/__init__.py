"""The channel `inbox`: messages to people who sign in, read in Carework itself with the rights that they have then."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.channels import Channel, Reach

__all__ = ["Inbox", "channels"]


class Inbox(Channel):
    """The delivery's row is all that is kept: no text of a record is copied anywhere."""

    name = "inbox"
    label = {"en": "Inbox", "zh": "收件箱"}
    kept = True

    def address(self, reach: Reach) -> str:
        """See `Channel`."""
        return "inbox" if reach.account else ""


def channels(environment: Mapping[str, str]) -> tuple[Channel, ...]:
    """See `runtime.channels`."""
    return (Inbox(),)
