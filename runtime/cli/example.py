"""Loads an example chain through the records service, with the clock set to the time of each day's work."""

from __future__ import annotations

import datetime
import graphlib
import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import click

from runtime.audit.keys import Keys
from runtime.cli.example_staff import Staff
from runtime.composition import records_for
from runtime.identity.actor import system_actor
from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.records.commands import Command, Create, JoinClinic, RequestInfo, Transition
from runtime.records.ids import Ids
from runtime.records.outcomes import Refused
from runtime.settings import Settings
from runtime.store.database import Store

__all__ = ["Example", "ExampleLoader", "Person", "Row"]


class Row(Protocol):
    """A record with what happened to it; links are objects with the `key` of another row."""

    object: str
    ref: str
    clinic: str
    at: datetime.datetime
    values: Mapping[str, Any]
    also: tuple[str, ...]
    moves: tuple[Any, ...]


class Person(Protocol):
    """A member of staff; `roles` are (role, clinic code)."""

    ref: str
    name: str
    job: str
    phone: str
    login: str
    roles: tuple[tuple[str, str], ...]
    teams: tuple[str, ...]


class Example(Protocol):
    """What a generator gives: the house (departments, teams, staff), rows in the order of time, and what the staff do with the tasks
    that plans make: `habits.moves(object, step, due)` gives transitions with their times. `until` is the last day of work."""

    house: Any
    rows: tuple[Row, ...]
    habits: Any
    until: datetime.date


_MORNING, _EVENING = datetime.time(0, 40), datetime.time(10, 30)
"""In UTC: after the clinics have opened, and when they close."""
_Step = tuple[datetime.date, tuple[object, ...], Callable[[], Command]]
"""The day, where in the day's order it stands, and the command, made when the clock stands at that day."""


class ExampleLoader:
    """Turns an example into commands, one list for each day. `ids` keeps the record id of every ref."""

    def __init__(self, store: Store, keys: Keys, clinics: Mapping[str, str]) -> None:
        self._store = store
        self._clinics = clinics
        self._now = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        self._new_id = Ids(lambda: int(self._now.timestamp() * 1000), secrets.randbits)
        self._records = records_for(store, lambda: self._now, self._new_id, keys=keys)
        workplace = Workplace(
            store=store, records=self._records, keys=keys, clock=lambda: self._now, new_id=self._new_id, settings=Settings())
        self._staff = Staff(self._records, Runner(workplace, "example"), store.release())
        self.ids: dict[str, str] = {}

    def load(self, example: Example, advance: Callable[[int], None]) -> int:
        """Load everything; `advance` is told how many commands were carried out each time. Returns how many there were."""
        rows = example.rows
        first = min((row.at for row in rows), default=datetime.datetime.now(datetime.UTC)) - datetime.timedelta(days=1)
        self._run(first, list(self._house(example.house)), advance)
        order = self._order(dict.fromkeys(row.object for row in rows))
        steps = sorted(itertools.chain.from_iterable(self._steps(row, order) for row in rows), key=lambda step: step[:2])
        by_day = {day: list(several) for day, several in itertools.groupby(steps, key=lambda step: step[0])}
        day, last = min(by_day, default=example.until), max([*by_day, example.until])
        while day <= last:
            self._begin(day, example)
            today = by_day.get(day, [])
            if today:
                self._run(max(_time_of(step) for step in today), [step[2] for step in today], advance)
            if day < example.until:
                self._now = max(self._now, datetime.datetime.combine(day, _EVENING, datetime.UTC))
                self._staff.work(day, self._now)
            day += datetime.timedelta(days=1)
        return len(steps)

    def _begin(self, day: datetime.date, example: Example) -> None:
        """What came due in the night and in the morning, and what the staff will do about it."""
        if day > example.until:
            return
        self._now = max(self._now, datetime.datetime.combine(day, _MORNING, datetime.UTC))
        self._staff.look(day, self._now, example.habits)

    def _order(self, names: Iterable[str]) -> dict[str, int]:
        """The place of each object when rows are made: what others link to comes first."""
        objects = self._store.release().model.objects
        links = {name: {field.type.link_to for field in objects[name].links} - {name} for name in names}
        return {name: place for place, name in enumerate(graphlib.TopologicalSorter(links).static_order())}

    def _run(self, at: datetime.datetime, steps: Sequence[Callable[[], Command]], advance: Callable[[int], None]) -> None:
        self._now = at
        commands: list[Command] = []
        made: set[tuple[str, str | None]] = set()
        for command in (step() for step in steps):
            if isinstance(command, Create):
                # Rows of one object are written as one set, so one that links to another of them waits for the next list.
                if any((command.object, value) in made for value in command.values.values() if isinstance(value, str)):
                    self._execute(commands, advance)
                    commands, made = [], set()
                made.add((command.object, command.id))
            commands.append(command)
        self._execute(commands, advance)

    def _execute(self, commands: Sequence[Command], advance: Callable[[int], None]) -> None:
        today = self._now.date()
        outcomes = self._records.execute(commands, system_actor(today), request=RequestInfo(channel="service"))
        for command, outcome in zip(commands, outcomes, strict=True):
            if isinstance(outcome, Refused) and outcome.kind.value != "not_tried":
                why = "; ".join(f"{error.field}: {error.message}" for error in outcome.errors) or outcome.message
                raise click.ClickException(f"the example does not fit the definitions: {command} is refused: {why}")
        advance(len(commands))

    def house_size(self, example: Example) -> int:
        """How many commands the house takes."""
        return sum(1 for _ in self._house(example.house))

    def _id(self, ref: str) -> str:
        found = self.ids.get(ref)
        if found is None:
            found = self.ids[ref] = self._new_id()
        return found

    def _create(self, object: str, ref: str, clinic: str, values: Mapping[str, object]) -> Create:
        known = {name: self._id(value.key) if hasattr(value, "key") else value for name, value in values.items()}
        scope = self._store.release().model.objects[object].belongs_to.scope
        place = self._clinics[clinic] if clinic and scope in ("clinic", "clinics") else None
        return Create(object, known, clinic=place, id=self._id(ref))

    def _house(self, house: Any) -> Iterator[Callable[[], Command]]:
        for ref, clinic, name in house.departments:
            yield _later(self._create, "department", ref, clinic, {"name": name})
        for ref, clinic, name, department in house.teams:
            yield _later(self._create, "team", ref, clinic, {"name": name, "department": _Key(department)})
        people: Iterable[Person] = house.staff
        for person in people:
            yield _later(self._create, "staff", person.ref, "", {"name": person.name, "job": person.job, "phone": person.phone})
        for person in people:
            for team in person.teams:
                values = {"team": _Key(team), "member": _Key(person.ref)}
                yield _later(self._create, "team_member", f"team_member:{person.ref}-{team}", "", values)

    def _steps(self, row: Row, order: Mapping[str, int]) -> Iterator[_Step]:
        """New rows before further clinics before transitions; alike ones side by side, so that they are written as one set."""
        yield row.at.date(), (0, order[row.object], "", row.at), _later(self._create, row.object, row.ref, row.clinic, row.values)
        for clinic in row.also:
            yield row.at.date(), (1, order[row.object], "", row.at), _later(self._join, row, clinic)
        day, turn = row.at.date(), 0
        for move in row.moves:
            day, turn = (day, turn + 1) if move.at.date() == day else (move.at.date(), 0)
            yield day, (2 + turn, order[row.object], move.transition, move.at), _later(self._move, row, move)

    def _join(self, row: Row, clinic: str) -> JoinClinic:
        return JoinClinic(row.object, self._id(row.ref), self._clinics[clinic])

    def _move(self, row: Row, move: Any) -> Transition:
        return Transition(row.object, self._id(row.ref), move.transition, values=move.values, reason=move.reason or None)


class _Key:
    """A link to another row."""

    def __init__(self, key: str) -> None:
        self.key = key


def _later(make: Callable[..., Command], *arguments: object) -> Callable[[], Command]:
    return lambda: make(*arguments)


def _time_of(step: _Step) -> datetime.datetime:
    at = step[1][-1]
    assert isinstance(at, datetime.datetime)
    return at
