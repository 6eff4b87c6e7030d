"""Deliveries and links in words: what was told, by which channel, how it stands and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.channels import load_channels
from runtime.links.making import Link
from runtime.messages.deliveries import Delivery
from runtime.screens.past import moment, people_names
from runtime.screens.plans import locale_of
from runtime.screens.words import Say, words
from runtime.web.state import RequestState

__all__ = ["link_lines", "told_lines"]

_CATEGORIES = {"queued": "open", "held": "waiting", "doubtful": "alert", "sent": "done", "failed": "alert", "refused": "cancelled"}


def told_lines(state: RequestState, rows: Sequence[Delivery]) -> list[dict[str, Any]]:
    """What parts/told.html takes."""
    _ = words(state.language)
    locale, model = locale_of(state.release, state.language), state.release.model
    messages = {message.id: message.label(state.language) for message in model.messages.values()}
    labels = _channel_labels(state)
    account = model.account.id if model.account else ""
    names = people_names(state, {row["to_id"] for row in rows if row["to_object"] == account})
    found = []
    for row in rows:
        at = row["sent_at"] or row["held_until"] or row["queued_at"]
        found.append({
            "what": messages.get(row["message"], _("Message")), "channel": labels.get(row["channel"] or "", ""),
            "to": names.get(row["to_id"], "") if row["to_object"] == account else "",
            "state": _states(_)[row["state"]], "category": _CATEGORIES[row["state"]], "at": at.isoformat(), "at_text": moment(at, locale),
            "why": _why(row, moment(row["held_until"], locale) if row["held_until"] else "", _),
        })
    return found


def link_lines(state: RequestState, links: Sequence[Link], *, manage_url: str = "") -> list[dict[str, Any]]:
    """The links over a record; with `manage_url` those that are good can be shown again and withdrawn."""
    _ = words(state.language)
    locale = locale_of(state.release, state.language)
    forms = {form.id: form.label(state.language) for form in state.release.model.forms.values()}
    found = []
    for link in links:
        label, category = _link_state(link, state, _)
        good = category in ("open", "waiting")
        found.append({
            "what": forms.get(link["form"], _("Form")), "state": label, "category": category, "at": link["created_at"].isoformat(),
            "at_text": moment(link["created_at"], locale), "until": moment(link["expires_at"], locale) if good else "",
            "show_url": f"{manage_url}/{link['id']}" if good and manage_url else None,
            "revoke_url": f"{manage_url}/{link['id']}/revoke" if good and manage_url else None,
        })
    return found


def _link_state(link: Link, state: RequestState, _: Say) -> tuple[str, str]:
    if link["used_at"] is not None:
        return _("Answered"), "done"
    if link["revoked_at"] is not None:
        return _("Withdrawn"), "cancelled"
    if link["expires_at"] <= state.now:
        return _("Ended"), "cancelled"
    return (_("Opened"), "waiting") if link["opened_at"] is not None else (_("Not opened yet"), "open")


def _channel_labels(state: RequestState) -> Mapping[str, str]:
    channels = load_channels({})
    return {name: label.get(state.language) or label["en"] for name, label in channels.labels.items()}


def _states(_: Say) -> Mapping[str, str]:
    return {
        "queued": _("To be sent"), "held": _("Held back"), "doubtful": _("Perhaps sent"), "sent": _("Sent"), "failed": _("Not delivered"),
        "refused": _("Not sent"),
    }


def _why(row: Delivery, until: str, _: Say) -> str:
    """The reason in words; for one that may have come twice, that."""
    if row["state"] == "sent":
        return _("It may have been delivered twice.") if row["doubtful"] else ""
    reasons = {
        "refuses": _("She wants no messages at all."), "refused_channel": _("She does not want to be reached this way."),
        "unreachable": _("There is no address that takes it."), "quiet": _("Quiet hours: it will be sent at %(time)s.") % {"time": until},
        "away": _("The server does not answer; the next attempt is at %(time)s.") % {"time": until},
        "not_set_up": _("The channel is not set up on this server."), "no_base_url": _("This server's address for links is not set up."),
        "no_consent": _("She has not agreed to messages that are not for her care."),
        "no_form": _("Its form cannot be filled by a link."), "link_ended": _("Its link was used or withdrawn meanwhile."),
        "set_aside": _("It could not be sent; who runs the server decides what becomes of it."), "dropped": _("It was given up."),
        "retry": _("The last attempt failed; there will be another."), "given_up": _("Every attempt failed."),
        "too_late": _("It could not be sent in time."), "gone": _("The record or the recipient is not there any more."),
        "retired": _("This message is not used any more."), "no_right": _("The recipient may not see this record."),
        "other_clinic": _("The recipient belongs to another clinic."),
    }
    return reasons.get(row["reason"], "")
