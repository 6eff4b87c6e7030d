"""The records that packs ship, written by the records service inside the transaction that publishes them.

A record is found again by the key of its data set. What is there already is kept, filled where it is empty, or replaced.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.model import DataRecord, DataSet, Upgrade
from engine.problems import Code, Problem
from runtime.access import Access
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, system_actor
from runtime.records.commands import Command, Create, RequestInfo, Update
from runtime.records.outcomes import Refused as RecordRefused
from runtime.records.writing.attempt import carry_out
from runtime.records.writing.journal import Journal
from runtime.records.writing.work import LateRefusals, Work
from runtime.store.compiled import Release
from runtime.store.errors import Refused

__all__ = ["Seeding"]


class Seeding:
    """`publish(..., seed=Seeding(clock, new_id, keys))`. Records are written as the built-in account, whoever publishes."""

    def __init__(self, clock: Callable[[], datetime.datetime], new_id: Callable[[], str], keys: Keys) -> None:
        self._clock = clock
        self._new_id = new_id
        self._audit_key = keys.derive("audit")

    def __call__(self, connection: sa.Connection, release: Release, datasets: Sequence[DataSet], actor: Actor) -> None:
        """Bring the records of the data sets into the database. Raises Refused with the place of each that is not possible."""
        system = system_actor(actor.today, id=actor.id, name=actor.name)
        sowing = _Sowing(connection, release)
        for batch in sowing.batches(datasets):
            work = Work(
                connection=connection, release=release, access=Access.of(release, system), actor=system, now=self._clock(),
                request=RequestInfo(channel="publish"), new_id=self._new_id, journal=Journal(release, self._audit_key),
                language="en", precheck=True,
            )
            try:
                outcomes = carry_out(work, [command for _, command in batch], {}, atomic=True)
            except LateRefusals as late:
                raise Refused(tuple(_problem(batch[n][0], refused) for n, refused in sorted(late.refusals.items()))) from late
            for (record, _), outcome in zip(batch, outcomes, strict=True):
                sowing.ids[record.id] = outcome.id


class _Sowing:
    """Finds what is there, and orders what is not so that links lead to records made before."""

    def __init__(self, connection: sa.Connection, release: Release) -> None:
        self._connection = connection
        self._release = release
        self.ids: dict[str, str] = {}
        """Element id of a shipped record → the id of its row."""

    def batches(self, datasets: Sequence[DataSet]) -> Iterator[list[tuple[DataRecord, Command]]]:
        """Commands with the records they are for; a batch links to nothing but rows of earlier ones."""
        waiting = [(dataset, record) for dataset in datasets for record in dataset.records.values() if not record.retired]
        while waiting:
            ready = [(dataset, record) for dataset, record in waiting if self._can_be_linked(dataset, record)]
            if not ready:
                raise Refused(tuple(_circle(record) for _, record in waiting))
            waiting = [pair for pair in waiting if pair not in ready]
            commands = [(record, command) for dataset, record in ready for command in self._commands(dataset, record)]
            if commands:
                yield commands

    def _can_be_linked(self, dataset: DataSet, record: DataRecord) -> bool:
        return all(self._row_of(name) for name in self._links(dataset, record).values())

    def _links(self, dataset: DataSet, record: DataRecord) -> Mapping[str, str]:
        """Field name → `set.record` of the record's links."""
        fields = self._release.model.objects[dataset.object].fields
        return {name: str(value) for name, value in record.values.items() if value is not None and fields[name].type.link_to}

    def _row_of(self, name: str) -> str | None:
        """The row of `set.record`; a set that is not being published is looked up by its key."""
        set_name, _, record_name = name.partition(".")
        dataset = self._release.model.datasets[set_name]
        record = dataset.records[record_name]
        if record.id not in self.ids:
            keys = [key for key in self._links(dataset, record).items() if key[0] in dataset.key]
            if all(self._row_of(linked) for _, linked in keys):
                row = self._existing(dataset, self._values(dataset, record))
                if row is not None:
                    self.ids[record.id] = row["id"]
        return self.ids.get(record.id)

    def _values(self, dataset: DataSet, record: DataRecord) -> dict[str, object]:
        """The values in JSON form, links as ids of rows where those are known."""
        links = self._links(dataset, record)
        return {name: self._row_of(links[name]) if name in links else value for name, value in record.values.items()}

    def _existing(self, dataset: DataSet, values: Mapping[str, object]) -> Mapping[str, Any] | None:
        """The row with the record's key: field names → in-memory values, and its id."""
        table = self._release.tables.object(dataset.object)
        fields = self._release.model.objects[dataset.object].fields
        wanted = [table.column(name) == fields[name].type.parse(values[name]) for name in dataset.key]
        columns = [table.column(name).label(name) for name in values]
        statement = sa.select(table.table.c.id.label("id"), *columns).where(*wanted).order_by(table.table.c.id).limit(1)
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else dict(row)

    def _commands(self, dataset: DataSet, record: DataRecord) -> Iterator[Command]:
        values = self._values(dataset, record)
        row = self._existing(dataset, values)
        if row is None:
            yield Create(dataset.object, values)
            return
        self.ids[record.id] = row["id"]
        changed = dict(self._changed(dataset, values, row))
        if changed:
            yield Update(dataset.object, row["id"], changed, None)

    def _changed(self, dataset: DataSet, values: Mapping[str, object], row: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
        fields = self._release.model.objects[dataset.object].fields
        for name, value in values.items():
            fills = dataset.upgrade is Upgrade.FILL and row[name] is None and value is not None
            replaces = dataset.upgrade is Upgrade.REPLACE and row[name] != fields[name].type.parse(value)
            if fills or replaces:
                yield name, value


def _problem(record: DataRecord, refused: RecordRefused) -> Problem:
    errors = "; ".join(f"{error.field}: {error.message}" for error in refused.errors)
    return Code.PLAN_015.at(record.place, id=record.id, why=errors or refused.message)


def _circle(record: DataRecord) -> Problem:
    return Code.PLAN_015.at(record.place, id=record.id, why="its links lead back to itself, or to a record that is not there")
