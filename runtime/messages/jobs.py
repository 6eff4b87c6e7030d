"""The job of sending one message: everything is checked again, rendered, handed to a channel, and what became of it written down."""

from __future__ import annotations

import dataclasses
import datetime
import threading
from collections.abc import Mapping

from sqlalchemy import Connection, update

from engine.model import Hole, Message, Object
from engine.model.answerable import beyond, fillable
from runtime.channels import Again, Channel, Delivered, Letter, Refused, load_channels
from runtime.jobs.job import Job
from runtime.jobs.kinds import Aside, Finished, Later, Outside, Retry, Sending, Sent, Workplace
from runtime.links.making import NewLink, address_of, make_link, over
from runtime.messages.breaker import Breaker
from runtime.messages.choosing import Hold, Never, Reason, Send, choose
from runtime.messages.deliveries import Delivery, delivery, note_sending, settle
from runtime.messages.quiet import quiet_until
from runtime.messages.recipients import Recipient, by_id, find_recipient, stands, together_in_a_clinic
from runtime.messages.rendering import Written, reading_as, template_of, write
from runtime.messages.sending import KIND
from runtime.records.asked import asked_form
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["MessageJobs", "job_kinds"]

GOOD_FOR = datetime.timedelta(days=4)
"""What could not be told within this time is told no more; nights and a weekend with a dead server fit."""
_LOOK_AGAIN = datetime.timedelta(minutes=10)
_SETTLED = frozenset({"sent", "failed", "refused"})


@dataclasses.dataclass(frozen=True, slots=True)
class _Parcel:
    """What `send` takes; it never leaves this process but by the channel."""

    channel: Channel
    address: str = dataclasses.field(repr=False)
    letter: Letter = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class _NotThisWay(Retry):
    """The channel will never reach her; the next one is tried."""


class MessageJobs(Outside):
    """Sends messages; at least once, by each channel's own way of telling repeats."""

    name = KIND
    together = 4

    def __init__(self, workplace: Workplace, channels: Mapping[str, Channel] | None = None) -> None:
        self._workplace = workplace
        self._channels = load_channels(workplace.settings.environment) if channels is None else channels
        self._breakers = {name: Breaker() for name in self._channels}
        self._in_doubt: set[str] = set()
        self._lock = threading.Lock()

    # Before sending

    def prepare(
        self, connection: Connection, job: Job, release: Release, now: datetime.datetime,
    ) -> Sending | Finished | Later | Retry | Aside:
        """See `Outside`."""
        row = delivery(connection, str(job.payload.get("key", "")))
        if row is None or row["state"] in _SETTLED:
            return Finished("settled already")
        if job.doubtful and not row["doubtful"]:
            connection.execute(update(system.message).where(system.message.c.id == row["id"]).values(doubtful=True))
            row = {**row, "doubtful": True}
        message = next((one for one in release.model.messages.values() if one.id == row["message"]), None)
        if message is None:
            return _never(connection, row, Never(Reason.RETIRED, refused=True))
        if now - row["queued_at"] > GOOD_FOR:
            return _never(connection, row, Never(Reason.TOO_LATE, refused=False))
        return self._checked(connection, row, message, release, now)

    def _checked(
        self, connection: Connection, row: Delivery, message: Message, release: Release, now: datetime.datetime,
    ) -> Sending | Finished | Later:
        about, whom = by_id(release.model, row["object"]), by_id(release.model, row["to_object"])
        if about is None or whom is None or about.name != message.object or not stands(connection, release, about, row["record_id"]):
            return _never(connection, row, Never(Reason.GONE, refused=True))
        to = find_recipient(connection, release, whom, row["to_id"], now)
        if to is None:
            there = whom.account and stands(connection, release, whom, row["to_id"])
            return _never(connection, row, Never(Reason.NO_RIGHT if there else Reason.GONE, refused=True))
        both = ((about, row["record_id"]), (whom, row["to_id"]))
        if not together_in_a_clinic(connection, release, *both, to.reader.today):
            return _never(connection, row, Never(Reason.OTHER_CLINIC, refused=True))
        quiet = quiet_until(release.model.organisation, now)
        chosen = choose(
            message, to, self._channels, row["tried"], now, quiet=quiet, away=lambda name: self._breakers[name].closed_until(now),
            only=(row["channel"] or "") if row["doubtful"] else "")
        if isinstance(chosen, Never):
            return _never(connection, row, chosen)
        if isinstance(chosen, Hold):
            return _held(connection, row, chosen)
        return self._written(connection, row, message, about, to, chosen, release, now)

    def _written(
        self, connection: Connection, row: Delivery, message: Message, about: Object, to: Recipient, chosen: Send, release: Release,
        now: datetime.datetime,
    ) -> Sending | Finished | Later:
        channel = chosen.channel
        link = ""
        if message.filling is not None and not channel.kept and Hole.LINK in template_of(message.body, to.language).parts:
            if not self._workplace.settings.base_url:
                return _held(connection, row, Hold(now + _LOOK_AGAIN, Reason.NO_BASE_URL))
            if over(connection, row["link_id"]):
                return _never(connection, row, Never(Reason.LINK_ENDED, refused=True))
            link = self._link(connection, row, message, about, release, now)
            if not link:
                return _never(connection, row, Never(Reason.NO_FORM, refused=False))
        reading = reading_as(connection, release, to.reader, now)
        text = write(message, [row["record_id"]], reading, to.language, link).get(row["record_id"])
        if text is None:
            return _never(connection, row, Never(Reason.NO_RIGHT, refused=True))
        note_sending(connection, row, release, channel.name, now, self._workplace.new_id)
        if channel.kept:
            settle(connection, row, "sent", channel=channel.name, language=to.language, sent_at=now, held_until=None)
            return Finished(channel.name)
        settle(connection, row, row["state"], row["reason"], channel=channel.name, language=to.language, held_until=None)
        return Sending(_Parcel(channel, chosen.address, _letter(text, to.language, release)))

    def _link(
        self, connection: Connection, row: Delivery, message: Message, about: Object, release: Release, now: datetime.datetime,
    ) -> str:
        """The address in the message; the same in every attempt. '' where the form is not one that a link may show."""
        assert message.filling is not None
        id = row["link_id"]
        if id is None:
            form = release.model.forms[message.filling.form]
            workflow = release.model.workflows.get(message.object)
            transition = workflow.transitions.get(message.filling.transition) if workflow else None
            if transition is not None and transition.ask == form.name:  # a plan's step may ask for another one in its place
                form = asked_form(connection, release, about, transition, row["record_id"]) or form
            if beyond(about, form) or not fillable(about, form):
                return ""
            made = NewLink(
                form=form.id, transition=transition.id if transition else None, object=row["object"], record_id=row["record_id"],
                subject_id=row["subject_id"], clinic_id=row["clinic_id"], message_id=row["id"], created_by="system",
                expires_at=now + datetime.timedelta(days=message.filling.days))
            id = make_link(connection, made, self._workplace.keys, now=now, new_id=self._workplace.new_id)
            connection.execute(update(system.message).where(system.message.c.id == row["id"]).values(link_id=id))
        return address_of(self._workplace.settings.base_url, id, self._workplace.keys)

    # Sending, and after it

    def send(self, sending: Sending, *, key: str, doubtful: bool) -> Sent | Retry | Aside:
        """See `Outside`."""
        parcel: _Parcel = sending.content
        breaker = self._breakers[parcel.channel.name]
        try:
            result = parcel.channel.send(parcel.letter, parcel.address, key=key, doubtful=doubtful)
        except BaseException:
            with self._lock:
                self._in_doubt.add(key)
            breaker.failed(self._workplace.clock())
            raise
        if isinstance(result, Delivered):
            breaker.worked()
            return Sent(result.receipt)
        if isinstance(result, Refused):
            breaker.worked()
            return _NotThisWay(f"{parcel.channel.name}: {result.why}")
        assert isinstance(result, Again)
        if result.away:
            breaker.failed(self._workplace.clock())
        return Retry(f"{parcel.channel.name}: {result.why}")

    def record(self, connection: Connection, job: Job, result: Sent | Retry | Aside, now: datetime.datetime) -> None:
        """See `Outside`."""
        row = delivery(connection, str(job.payload.get("key", "")))
        with self._lock:
            in_doubt = job.key in self._in_doubt
            self._in_doubt.discard(job.key)
        if row is None:
            return
        doubtful = row["doubtful"] or in_doubt
        if isinstance(result, Sent):
            settle(connection, row, "sent", sent_at=now, doubtful=doubtful)
        elif isinstance(result, _NotThisWay):
            settle(
                connection, row, row["state"], Reason.RETRY.value, tried=[*row["tried"], row["channel"]],
                channel=row["channel"] if doubtful else None)
        elif isinstance(result, Aside):
            settle(connection, row, "doubtful" if doubtful else "failed", Reason.GIVEN_UP.value, doubtful=doubtful)
        else:
            settle(connection, row, "doubtful" if doubtful else "queued", Reason.RETRY.value, doubtful=doubtful)


def _never(connection: Connection, row: Delivery, never: Never) -> Finished:
    """What may have been sent before is never said not to be."""
    state = "doubtful" if row["doubtful"] else "refused" if never.refused else "failed"
    settle(connection, row, state, never.reason.value, held_until=None)
    return Finished(f"not sent: {never.reason.value}")


def _held(connection: Connection, row: Delivery, hold: Hold) -> Later:
    settle(connection, row, "doubtful" if row["doubtful"] else "held", hold.reason.value, held_until=hold.until)
    return Later(hold.until)


def _letter(text: Written, language: str, release: Release) -> Letter:
    return Letter(text.subject, text.body, language, release.model.organisation.label(language))


def job_kinds(workplace: Workplace) -> tuple[MessageJobs, ...]:
    """See `runtime.jobs.kinds`."""
    return (MessageJobs(workplace),)


