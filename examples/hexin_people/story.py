"""Two years of the example chain as rows in the order of time; a loader turns them into commands."""

from __future__ import annotations

import dataclasses
import datetime
import random
from collections.abc import Iterator, Mapping

from examples.hexin_people.care import care_of
from examples.hexin_people.habits import Habits
from examples.hexin_people.names import address, mobile, person_name, resident_id
from examples.hexin_people.rows import Move, Ref, Row
from examples.hexin_people.staff import CLINICS, House, house

__all__ = ["Example", "Move", "Ref", "Row", "generate"]

_TAGS = ("vip", "anxious", "hard_to_reach", "wheelchair", "diabetic")
_SOURCES = ("referral", "walk_in", "online", "dianping", "doctor", "event")


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """Everything the demo loads: `house` first, then `rows` in the order of `at`."""

    house: House
    rows: tuple[Row, ...]
    habits: Habits
    until: datetime.date
    """The day up to which work is done."""


def generate(*, seed: int, today: datetime.date, patients: int = 2000) -> Example:
    """The same seed, day and number give the same example. About 9 rows come with each patient."""
    rng = random.Random(seed)
    home = house(rng)
    rows: list[Row] = []
    for patient in _patients(rng, home, today, patients):
        rows.extend(patient)
    rows.sort(key=lambda row: row.at)
    return Example(home, tuple(rows), Habits(seed), today)


def _patients(rng: random.Random, home: House, today: datetime.date, count: int) -> Iterator[list[Row]]:
    number = 0
    while number < count:
        clinic = rng.choices(tuple(CLINICS), weights=(5, 4, 3))[0]
        family = 1 if rng.random() < 0.8 else rng.randrange(2, 5)
        rows = _family(rng, home, today, clinic, number, min(family, count - number))
        number += min(family, count - number)
        yield rows


def _family(rng: random.Random, home: House, today: datetime.date, clinic: str, first: int, size: int) -> list[Row]:
    since = today - datetime.timedelta(days=int(730 * rng.random() ** 0.8) + 1)
    rows: list[Row] = []
    household = None
    if size > 1:
        household = Ref(f"household:{first}")
        surname = rng.choice("王李张刘陈杨黄赵吴周")
        rows.append(Row("household", household.key, clinic, _opening(since), {"name": f"{surname}家", "address": address(rng, clinic)[2]}))
    guardian = None
    for offset in range(size):
        minor = offset >= 2 or (size == 1 and rng.random() < 0.05)
        ref = f"patient:{first + offset}"
        values = _patient(rng, home, today, clinic, minor)
        values |= {"household": household} if household else {}
        values |= {"guardian": guardian} if minor and guardian else {}
        guardian = guardian or Ref(ref)
        also = tuple(c for c in CLINICS if c != clinic and rng.random() < 0.03)
        row = Row("patient", ref, clinic, _opening(since), values, also=also)
        rows.append(row)
        rows.extend(care_of(rng, home, row, today))
        if rng.random() < 0.01 and offset == size - 1:
            rows.append(_duplicate(rng, row, first + offset))
    return rows


def _patient(rng: random.Random, home: House, today: datetime.date, clinic: str, minor: bool) -> dict[str, object]:
    sex = rng.choice(("male", "female"))
    years = rng.randrange(3, 17) if minor else min(96, max(18, int(rng.gauss(46, 16))))
    born = today - datetime.timedelta(days=int(years * 365.25) + rng.randrange(365))
    province, city, street = address(rng, clinic)
    doctors = [p for p in home.staff if p.clinic == clinic and p.job == "doctor"]
    teams = [ref for ref, code, *_ in home.teams if code == clinic]
    team = rng.choice(teams)
    nurses = [p for p in home.staff if p.clinic == clinic and p.job == "nurse"]
    lin = next((p for p in nurses if p.login == "lin" and team in p.teams), None)
    values: dict[str, object] = {
        "name": person_name(rng, sex), "sex": sex, "birth_date": born.isoformat(),
        "province": province, "city": city, "address": street, "country": "CN", "language": "中文",
        "doctor": Ref(rng.choice(doctors).ref), "team": Ref(team),
        "nurse": Ref((lin if lin and rng.random() < 0.6 else rng.choice(nurses)).ref), "source": rng.choice(_SOURCES),
    }
    if not minor or rng.random() < 0.4:
        values["phone"] = mobile(rng)
    if rng.random() < 0.75:
        values["id_number"] = resident_id(rng, born, sex)
    if not minor:
        values["marital_status"] = rng.choices(("single", "married", "divorced", "widowed"), weights=(3, 10, 1, 1))[0]
        values["smoker"] = rng.random() < 0.22
        values["income"] = f"{rng.randrange(4000, 60000)}.00"
    if rng.random() < 0.18:
        values["tags"] = sorted(rng.sample(_TAGS, rng.randrange(1, 3)), key=_TAGS.index)
    if rng.random() < 0.3:
        values["member_level"] = rng.choices(("silver", "gold", "diamond"), weights=(6, 3, 1))[0]
    if years > 60 and rng.random() < 0.07:
        values["deceased_on"] = (today - datetime.timedelta(days=rng.randrange(5, 300))).isoformat()
    return values


def _duplicate(rng: random.Random, row: Row, number: int) -> Row:
    """The same person registered a second time, with another phone: what a clinic finds when it cleans up."""
    values: Mapping[str, object] = {**row.values, "phone": mobile(rng), "note": "可能与另一份档案重复"}
    values = {key: value for key, value in values.items() if key not in ("id_number", "external_id")}
    return Row("patient", f"patient:{number}-again", row.clinic, row.at + datetime.timedelta(days=1), values)


def _opening(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(0), datetime.UTC)
