"""What happens to one patient: treatments, implants, appointments, follow-up tasks, contacts, allergies."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

from examples.hexin_people.rows import Move, Ref, Row
from examples.hexin_people.staff import House, Person

__all__ = ["care_of"]

_TREATMENTS = (
    ("洁牙", "checkup", 280), ("根管治疗", "therapy", 1800), ("智齿拔除", "surgery", 1200), ("种植手术", "implant", 9800),
    ("种植修复", "restoration", 6800), ("正畸复诊", "therapy", 500), ("口腔检查", "checkup", 120), ("牙周维护", "therapy", 900),
)
_STEPS = ((1, "术后第 1 天回访"), (7, "术后一周复查提醒"), (30, "满月随访"), (180, "半年复查"))
_ALLERGENS = (("青霉素", "severe", "皮疹、呼吸困难"), ("头孢", "moderate", "皮疹"), ("乳胶", "mild", "瘙痒"), ("海鲜", "mild", "荨麻疹"))
_OUTCOMES = ("恢复良好，无明显不适", "轻微肿胀，已嘱咐冰敷", "疼痛可忍，按时服药", "已预约复诊", "伤口愈合正常，继续观察")
_PURPOSES = ("初诊检查", "复诊", "拆线", "种植二期", "戴牙", "洁牙")


def care_of(rng: random.Random, home: House, patient: Row, today: datetime.date) -> Iterator[Row]:
    """The rows about one patient, none of them later than `today` but planned tasks and booked appointments."""
    start = patient.at.date()
    doctors = [p for p in home.staff if p.clinic == patient.clinic and p.job == "doctor"]
    nurses = [p for p in home.staff if p.clinic == patient.clinic and p.job == "nurse"]
    end = _day(patient.values.get("deceased_on")) or today
    if rng.random() < 0.12:
        substance, severity, reaction = rng.choice(_ALLERGENS)
        yield Row("allergy", f"allergy:{patient.ref}", patient.clinic, patient.at, {
            "patient": Ref(patient.ref), "substance": substance, "severity": severity, "reaction": reaction})
    yield from _chronic(rng, patient, start, today, rng.choice(doctors))
    days: set[datetime.date] = set()
    for number in range(rng.choices((0, 1, 2, 3), weights=(1, 5, 3, 1))[0]):
        day = start + datetime.timedelta(days=rng.randrange(0, max(1, (end - start).days + 1)))
        if day <= end and day not in days:  # a patient has each step of a follow-up once a day
            days.add(day)
            yield from _treatment(rng, patient, f"{patient.ref}-{number}", day, today, end, rng.choice(doctors), rng.choice(nurses))
    for number in range(rng.choices((0, 1, 2, 3), weights=(2, 4, 3, 1))[0]):
        day = start + datetime.timedelta(days=rng.randrange(0, (today - start).days + 15))
        yield _appointment(rng, patient, f"{patient.ref}-{number}", day, today, end, rng.choice(doctors))


def _chronic(rng: random.Random, patient: Row, start: datetime.date, today: datetime.date, doctor: Person) -> Iterator[Row]:
    """High blood pressure of some older patients, pregnancies of some young women; plans follow both."""
    born = datetime.date.fromisoformat(str(patient.values["birth_date"]))
    age, chance = (start - born).days // 365, rng.random()
    noticed = start + datetime.timedelta(days=rng.randrange(0, max(1, min(200, (today - start).days))))
    if age >= 45 and chance < 0.15:
        yield Row("hypertension", f"hypertension:{patient.ref}", patient.clinic, _at(noticed, 3), {
            "patient": Ref(patient.ref), "diagnosed_on": noticed.isoformat(), "doctor": Ref(doctor.ref),
            "grade": rng.choices(("grade1", "grade2", "grade3"), weights=(5, 3, 1))[0], "medication": rng.choice(("氨氯地平", "缬沙坦", "厄贝沙坦"))})
    if patient.values["sex"] == "female" and 22 <= age <= 40 and chance < 0.12 and patient.values.get("deceased_on") is None:
        begun = noticed - datetime.timedelta(days=rng.randrange(35, 75))
        born_on = begun + datetime.timedelta(days=rng.randrange(266, 288))
        moves = (Move("deliver", _at(born_on, 6)),) if born_on < today else ()
        yield Row("pregnancy", f"pregnancy:{patient.ref}", patient.clinic, _at(noticed, 2), {
            "patient": Ref(patient.ref), "last_period": begun.isoformat(), "doctor": Ref(doctor.ref),
            "gravidity": rng.randrange(1, 4), "parity": rng.randrange(0, 2)}, moves=moves)


def _treatment(
    rng: random.Random, patient: Row, key: str, day: datetime.date, today: datetime.date, end: datetime.date, doctor: Person, nurse: Person
) -> Iterator[Row]:
    name, kind, fee = rng.choice(_TREATMENTS)
    treatment = Ref(f"treatment:{key}")
    at = _at(day, rng.randrange(1, 9))
    done = (Move("finish", at + datetime.timedelta(hours=1)),) if day < today else ()
    yield Row("treatment", treatment.key, patient.clinic, at, {
        "patient": Ref(patient.ref), "name": name, "kind": kind, "doctor": Ref(doctor.ref), "started_on": day.isoformat(),
        "fee": f"{fee + rng.randrange(0, 5) * 50}.00", "diagnosis": f"{name}相关"}, moves=done)
    if kind == "implant":
        healed = (Move("heal", at + datetime.timedelta(days=1)),) if day < today - datetime.timedelta(days=2) else ()
        yield Row("implant", f"implant:{key}", patient.clinic, at + datetime.timedelta(minutes=5), {
            "treatment": treatment, "patient": Ref(patient.ref), "tooth": f"{rng.randrange(1, 5)}{rng.randrange(1, 9)}",
            "system": rng.choice(("straumann", "nobel", "osstem", "dentium")), "lot": f"L{rng.randrange(10**6):06d}",
            "diameter": rng.choice(("3.3", "4.1", "4.8")), "length": rng.choice(("8.0", "10.0", "12.0")),
            "torque": rng.randrange(20, 46), "placed_on": day.isoformat(), "bone_graft": rng.random() < 0.3}, moves=healed)
    if kind == "surgery":  # implants are followed by a plan
        for offset, step in _STEPS:
            yield from _task(rng, patient, f"{key}-{offset}", treatment, day + datetime.timedelta(days=offset), step, at, today, end, nurse)


def _task(
    rng: random.Random, patient: Row, key: str, treatment: Ref, due: datetime.date, step: str, made: datetime.datetime,
    today: datetime.date, end: datetime.date, nurse: Person
) -> Iterator[Row]:
    assignee = "staff:lin" if getattr(patient.values["team"], "key", "") == "team:XH-1" and rng.random() < 0.6 else nurse.ref
    values = {
        "patient": Ref(patient.ref), "step": step, "due": due.isoformat(), "treatment": treatment, "assignee": Ref(assignee),
        "channel": rng.choices(("phone", "wechat", "sms"), weights=(6, 3, 1))[0],
        "priority": rng.choices(("normal", "high", "low"), weights=(8, 1, 1))[0],
    }
    task = Row("followup_task", f"followup_task:{key}", patient.clinic, made + datetime.timedelta(minutes=10), values)
    if due > end and end < today:
        yield _moved(task, Move("cancel", _at(end, 8), reason="患者已去世"))
        return
    chance = rng.random() if due > today - datetime.timedelta(days=30) else 0.15 + 0.85 * rng.random()  # nothing lies about for months
    if due >= today - datetime.timedelta(days=1) or chance < 0.08:
        yield task  # timers make it due, and count it as not reached two days later
    elif chance < 0.15:
        yield _moved(task, Move("cancel", _at(due, 3), reason=rng.choice(("患者要求取消", "已在外院复查", "重复任务"))))
    else:
        called = _at(due, rng.randrange(1, 9))
        answer = {"pain": min(10, max(0, int(rng.gauss(2, 2)))), "outcome": rng.choice(_OUTCOMES)}
        yield _moved(task, Move("start", called), Move("complete", called + datetime.timedelta(minutes=6), answer))
        if rng.random() < 0.5:
            yield Row("contact_log", f"contact_log:{key}", patient.clinic, called + datetime.timedelta(minutes=8), {
                "patient": Ref(patient.ref), "happened_at": f"{called:%Y-%m-%dT%H:%M:%SZ}", "channel": values["channel"],
                "by": Ref(assignee), "task": Ref(task.ref), "summary": answer["outcome"]})


def _appointment(
    rng: random.Random, patient: Row, key: str, day: datetime.date, today: datetime.date, end: datetime.date, doctor: Person
) -> Row:
    starts = _at(day, rng.randrange(1, 9), rng.choice((0, 30)))
    booked = _at(min(today, max(patient.at.date(), day - datetime.timedelta(days=rng.randrange(1, 14)))), 5)
    values = {
        "patient": Ref(patient.ref), "doctor": Ref(doctor.ref), "starts_at": f"{starts:%Y-%m-%dT%H:%M:%SZ}",
        "minutes": rng.choice((15, 30, 45, 60)), "purpose": rng.choice(_PURPOSES),
    }
    row = Row("appointment", f"appointment:{key}", patient.clinic, booked, values)
    if day > end and end < today:
        return _moved(row, Move("cancel", booked + datetime.timedelta(hours=1), reason="患者已去世"))
    if day >= today:
        return _moved(row, Move("confirm", booked + datetime.timedelta(hours=2))) if rng.random() < 0.5 else row
    chance = rng.random()
    if chance < 0.1:
        return _moved(row, Move("miss", starts + datetime.timedelta(hours=1)))
    if chance < 0.2:
        return _moved(row, Move("cancel", booked + datetime.timedelta(hours=1), reason="患者改期"))
    return _moved(row, Move("arrive", starts), Move("finish", starts + datetime.timedelta(minutes=40)))


def _moved(row: Row, *moves: Move) -> Row:
    return Row(row.object, row.ref, row.clinic, row.at, row.values, row.also, moves)


def _at(day: datetime.date, hour: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour, minute), datetime.UTC)


def _day(value: object) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else None
