"""Rows of a believable clinic chain, made from a seed: patients, their follow-up tasks, contacts, and one nurse who looks at them.

Pure: the rows depend on the number of patients, the seed and the day alone. Values are as both drivers take them in bulk:
dates and instants as ISO text.
"""

import dataclasses
import datetime
import random
from collections.abc import Iterator
from typing import Any

__all__ = ["Chain", "Table"]

CLINICS = ("和心口腔人民广场店", "和心口腔徐家汇店", "和心口腔陆家嘴店")
TEAMS = ("一组", "二组")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文玉兰红梅鑫宇欣怡子涵梓轩浩然"
STEPS = ("术后一天回访", "拆线提醒", "一周复查", "一个月复查", "半年洁牙提醒", "满意度回访", "用药提醒", "修复体检查")
STATES = (("planned", 25), ("due", 20), ("in_progress", 10), ("unreachable", 5), ("done", 35), ("cancelled", 5))
CHANNELS = ("phone", "phone", "phone", "wechat", "sms", "visit")
PRIORITIES = ("normal", "normal", "normal", "low", "high")
SUMMARIES = ("恢复良好，无不适", "轻微肿胀，嘱冰敷", "疼痛缓解，按时服药", "未接电话", "已约复查时间", "家属接听，转告患者")
RUNTIME = ("id", "version", "clinic_id", "subject_id", "created_at", "created_by", "updated_at", "updated_by")
TASK = (
    "patient", "step", "due", "channel", "priority", "assignee", "pain", "outcome", "contact_phone", "contact_phone__e164",
    "contact_email", "status",
)
PATIENT = ("number", "name", "sex", "birth_date", "phone", "phone__e164", "city", "doctor", "team", "source")
CONTACT = ("patient", "happened_at", "channel", "direction", "by", "task", "summary")
RELATED = 10
"""Contacts of a task that was spoken about often."""
SHARED = 0.03
"""How many patients are in two clinics."""


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table, in the order of `columns`."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class Chain:
    """`patients` patients and three times as many tasks; ids grow with the time a row was made."""

    def __init__(self, patients: int, day: datetime.date, seed: int = 20261122) -> None:
        self.patients = patients
        self.day = day
        self._random = random.Random(seed)
        self._start = datetime.datetime.combine(day, datetime.time(8), datetime.UTC) - datetime.timedelta(days=730)
        self._step = datetime.timedelta(days=728) / (patients * 3)
        self.clinics = [self._id(self._start) for _ in CLINICS]
        self.teams = [[self._id(self._start) for _ in TEAMS] for _ in CLINICS]
        self.staff = [self._id(self._start) for _ in range(12)]
        self.nurse = self._id(self._start)
        self._people: list[tuple[str, str, str]] = []
        """(id, clinic, phone) of each patient."""
        self._talked: list[tuple[str, str, str]] = []
        """(task, patient, clinic) of tasks with contacts."""

    def tables(self) -> Iterator[Table]:
        """In an order that foreign keys allow; each table's rows must be taken before the next table is asked for."""
        yield Table("o_clinic", (*RUNTIME, "name", "code"), self._named(self.clinics, CLINICS))
        yield Table("o_staff", (*RUNTIME, "name", "number", "job", "active"), self._staff())
        yield Table("o_team", (*RUNTIME, "name"), self._teams())
        yield Table("o_team_member", (*RUNTIME, "team", "member", "lead"), self._members())
        yield Table("o_patient", (*RUNTIME, *PATIENT), self._patients())
        yield Table("cw_record_clinic", ("record_id", "clinic_id", "object", "from_date", "first"), self._stays())
        yield Table("o_followup_task", (*RUNTIME, *TASK), self._tasks())
        yield Table("o_contact_log", (*RUNTIME, *CONTACT), self._contacts())

    def people(self) -> Iterator[Table]:
        """The nurse as a user, with her memberships in the first two clinics."""
        at = _instant(self._start)
        yield Table("cw_user", ("id", "login", "language", "created_at"), iter([(self.nurse, "nurse", "zh", at)]))
        rows = ((self._id(self._start), self.nurse, "bench:bench_nurse", clinic) for clinic in self.clinics[:2])
        yield Table("cw_membership", ("id", "user_id", "role", "clinic_id"), rows)

    def _id(self, at: datetime.datetime) -> str:
        chance = self._random.getrandbits
        return f"{int(at.timestamp() * 1000) << 80 | 7 << 76 | chance(12) << 64 | 2 << 62 | chance(62):032x}"

    def _runtime(self, id: str, at: str, clinic: str | None, subject: str | None) -> tuple[Any, ...]:
        return (id, 1, clinic, subject, at, "system", at, "system")

    def _named(self, ids: list[str], names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        at = _instant(self._start)
        for place, (id, name) in enumerate(zip(ids, names, strict=True)):
            yield (*self._runtime(id, at, None, None), name, f"C{place + 1}")

    def _staff(self) -> Iterator[tuple[Any, ...]]:
        at = _instant(self._start)
        for place, id in enumerate([*self.staff, self.nurse]):
            job = "nurse" if place > 5 else "doctor"
            yield (*self._runtime(id, at, None, None), self._name(), f"S{place:03}", job, True)

    def _teams(self) -> Iterator[tuple[Any, ...]]:
        at = _instant(self._start)
        for clinic, teams in zip(self.clinics, self.teams, strict=True):
            for team, name in zip(teams, TEAMS, strict=True):
                yield (*self._runtime(team, at, clinic, None), name)

    def _members(self) -> Iterator[tuple[Any, ...]]:
        at = _instant(self._start)
        for clinic, teams in zip(self.clinics[:2], self.teams[:2], strict=True):
            yield (*self._runtime(self._id(self._start), at, clinic, None), teams[0], self.nurse, False)

    def _name(self) -> str:
        chance = self._random
        return chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2))))

    def _phone(self) -> str:
        return f"13{self._random.randrange(10 ** 8, 10 ** 9)}"

    def _patients(self) -> Iterator[tuple[Any, ...]]:
        chance = self._random
        for place in range(self.patients):
            at = self._start + self._step * place * 3
            id, clinic, phone = self._id(at), chance.randrange(3), self._phone()
            self._people.append((id, self.clinics[clinic], phone))
            born = self.day - datetime.timedelta(days=chance.randrange(1_500, 30_000))
            yield (
                *self._runtime(id, _instant(at), self.clinics[clinic], id), f"P-{at.year}-{place + 1:04}", self._name(),
                chance.choice(("male", "female")), born.isoformat(), phone, f"+86{phone}", "上海", chance.choice(self.staff[:6]),
                chance.choice(self.teams[clinic]), None,
            )

    def _stays(self) -> Iterator[tuple[Any, ...]]:
        since = self._start.date().isoformat()
        for id, clinic, _ in self._people:
            yield (id, clinic, "core:patient", since, True)
            if self._random.random() < SHARED:
                other = self._random.choice([c for c in self.clinics if c != clinic])
                yield (id, other, "core:patient", since, False)

    def _tasks(self) -> Iterator[tuple[Any, ...]]:
        chance = self._random
        states = [name for name, weight in STATES for _ in range(weight)]
        often = max(self.patients // 100, 200)
        for place in range(self.patients * 3):
            at = self._start + self._step * place
            # Tasks come after their patient and belong mostly to recent ones.
            patient, clinic, phone = self._people[min(place // 3, self.patients - 1) - chance.randrange(min(place // 3, 50) + 1)]
            id, state = self._id(at), chance.choice(states)
            if len(self._talked) < often or place >= self.patients * 3 - often:
                self._talked.append((id, patient, clinic))
            done = state == "done"
            yield (
                *self._runtime(id, _instant(at), clinic, patient), patient, f"{chance.choice(STEPS)} {place}", self._due(state),
                chance.choice(CHANNELS), chance.choice(PRIORITIES), chance.choice(self.staff), chance.randrange(8) if done else None,
                chance.choice(SUMMARIES) if done else None, phone, f"+86{phone}", f"p{place}@example.cn", state,
            )

    def _due(self, state: str) -> str:
        """Planned tasks lie ahead or are late; due ones have come."""
        ahead = {"planned": (-20, 120), "due": (-30, 1)}.get(state, (-700, 0))
        return (self.day + datetime.timedelta(days=self._random.randrange(*ahead))).isoformat()

    def _contacts(self) -> Iterator[tuple[Any, ...]]:
        chance = self._random
        now = self._start + datetime.timedelta(days=729)
        for task, patient, clinic in self._talked:
            for number in range(RELATED):
                at = now + datetime.timedelta(seconds=number)
                yield (
                    *self._runtime(self._id(at), _instant(at), clinic, patient), patient, _instant(at), chance.choice(CHANNELS),
                    chance.choice(("outgoing", "incoming")), chance.choice(self.staff), task, chance.choice(SUMMARIES),
                )


def _instant(at: datetime.datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
