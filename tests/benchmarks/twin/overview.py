"""The board of tasks and the page of a patient: statements and what the pages show."""

import functools
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, bindparam, func, or_

from tests.benchmarks.twin import tables as t
from tests.benchmarks.twin.pages import BADGES, CATEGORIES, CHANNELS, DIRECTIONS, PRIORITIES, changed, mask_phone
from tests.benchmarks.twin.people import ZONE, Person
from tests.benchmarks.twin.statements import hers

__all__ = [
    "LANES", "board", "board_lanes", "contact_rows_of", "contacts_of", "patient", "patient_facts", "seen", "stream", "stream_days",
    "task_rows_of", "tasks_of",
]

LANES = ("planned", "due", "in_progress", "unreachable", "done")
OPEN_STATES = ("planned", "due", "in_progress", "unreachable")
LANE = 20
SEXES = {"female": "女", "male": "男", "other": "其他", "unknown": "未知"}


def _patients(person_teams: tuple[int, ...]) -> ColumnElement[bool]:
    """Patients of her teams in each of her clinics."""
    def here(place: int) -> ColumnElement[bool]:
        stay = t.stay.alias()
        return sa.exists().where(
            stay.c.record_id == t.patient.c.id, stay.c.clinic_id == bindparam(f"clinic_{place}"),
            or_(stay.c.from_date.is_(None), stay.c.from_date <= bindparam("today")),
            or_(stay.c.until_date.is_(None), stay.c.until_date >= bindparam("today")))

    return or_(*(and_(t.patient.c.team.in_([bindparam(f"team_{place}_{n}") for n in range(count)]), here(place))
                 for place, count in enumerate(person_teams)))


@functools.cache
def board(teams: tuple[int, ...]) -> sa.Select[Any]:
    """The first tasks of each state by their day, of those that are done the last."""
    parts = []
    for state in LANES:
        task = t.task.alias()
        order = (task.c.due.desc(), task.c.id.desc()) if state == "done" else (task.c.due, task.c.id)
        parts.append(
            sa.select(
                task.c.id, task.c.status, t.patient.c.name, task.c.step, task.c.due, task.c.channel, task.c.priority, t.staff.c.name.label("who"),
            )
            .join_from(task, t.patient, t.patient.c.id == task.c.patient).outerjoin(t.staff, t.staff.c.id == task.c.assignee)
            .where(hers(task, teams), task.c.clinic_id == bindparam("clinic"), task.c.status == sa.literal_column(f"'{state}'"))
            .order_by(*order).limit(LANE + 1).subquery())
    return sa.union_all(*(sa.select(part) for part in parts))  # type: ignore[return-value]


def board_lanes(rows: Any, person: Person) -> list[dict[str, object]]:
    """Columns as the template takes them."""
    by_state: dict[str, list[Any]] = {state: [] for state in LANES}
    for row in rows:
        by_state[row[1]].append(row)
    return [
        {"state": state, "badge": BADGES[state], "category": CATEGORIES[state], "count": f"{LANE}+" if len(found) > LANE else len(found),
         "more": len(found) > LANE, "cards": [_card(row, person) for row in found[:LANE]]}
        for state, found in by_state.items()
    ]


def _card(row: Any, person: Person) -> tuple[object, ...]:
    id, status, name, step, due, channel, priority, who = row
    late = due is not None and due < person.today and CATEGORIES[status] == "open"
    return id, f"{name} · {step}", due.isoformat() if due else "", CHANNELS.get(channel, ""), priority, PRIORITIES.get(priority, ""), who, late


@functools.cache
def patient(teams: tuple[int, ...]) -> sa.Select[Any]:
    """A patient of hers with how many tasks are open."""
    task = t.task.alias()
    count = (sa.select(func.count()).where(task.c.patient == t.patient.c.id, task.c.status.in_([sa.literal_column(f"'{s}'") for s in OPEN_STATES]),
                                           hers(task, teams)).scalar_subquery())
    return (
        sa.select(t.patient, t.staff.c.name.label("doctor_name"), t.team.c.name.label("team_name"), count.label("open_tasks"))
        .outerjoin_from(t.patient, t.staff, t.staff.c.id == t.patient.c.doctor).outerjoin(t.team, t.team.c.id == t.patient.c.team)
        .where(_patients(teams), t.patient.c.id == bindparam("record")))


@functools.cache
def tasks_of(teams: tuple[int, ...]) -> sa.Select[Any]:
    """Open tasks of a patient by their day."""
    task = t.task.c
    return (
        sa.select(task.id, task.step, task.due, task.status, task.priority, task.assignee, t.staff.c.name.label("who"))
        .join_from(t.task, t.patient, t.patient.c.id == task.patient).outerjoin(t.staff, t.staff.c.id == task.assignee)
        .where(hers(t.task, teams), task.patient == bindparam("record"), task.status.in_([sa.literal_column(f"'{s}'") for s in OPEN_STATES]))
        .order_by(task.due, task.id).limit(7))


@functools.cache
def contacts_of(teams: tuple[int, ...]) -> sa.Select[Any]:
    """The newest contacts of a patient with the step of their task."""
    contact = t.contact.c
    return (
        sa.select(contact.id, contact.happened_at, contact.channel, contact.direction, contact.by, t.staff.c.name.label("who"), contact.task,
                  t.patient.c.name, t.task.c.step)
        .join_from(t.contact, t.patient, t.patient.c.id == contact.patient).outerjoin(t.staff, t.staff.c.id == contact.by)
        .outerjoin(t.task, t.task.c.id == contact.task)
        .where(hers(t.contact, teams), contact.patient == bindparam("record")).order_by(contact.id.desc()).limit(6))


@functools.cache
def stream(teams: tuple[int, ...]) -> sa.Select[Any]:
    """The newest entries of the histories of the patient, her tasks and her contacts."""
    parts = []
    for kind, row, title in (("followup_task", t.task, t.task.c.step), ("contact_log", t.contact, t.contact.c.summary)):
        history, link = t.history.alias(), t.subject.alias()
        mine = sa.select(link.c.record_id).where(link.c.subject_id == bindparam("record"), link.c.object == sa.literal_column(f"'core:{kind}'"))
        parts.append(
            sa.select(history.c.id, history.c.record_id, history.c.at, history.c.by, history.c.action, history.c.reason, history.c.changes,
                      sa.literal_column(f"'{kind}'").label("kind"), title.label("title"))
            .join_from(history, row, row.c.id == history.c.record_id).join(t.patient, t.patient.c.id == row.c.patient)
            .where(row.c.id.in_(mine), row.c.patient == bindparam("record"), hers(row, teams)).order_by(history.c.id.desc()).limit(21).subquery())
    history = t.history.alias()
    own = sa.select(history.c.id, history.c.record_id, history.c.at, history.c.by, history.c.action, history.c.reason, history.c.changes,
                    sa.literal_column("'patient'").label("kind"), sa.literal_column("''").label("title"))
    own = own.where(history.c.record_id == bindparam("record"))
    parts.append(own.order_by(history.c.id.desc()).limit(21).subquery())
    joined = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    return sa.select(joined).order_by(joined.c.id.desc()).limit(21)


def patient_facts(row: Any, person: Person) -> list[tuple[str, object]]:
    """Labels and texts of one patient."""
    born = row.birth_date
    today = person.today
    age = "–" if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    sources = {"referral": "老患者介绍", "walk_in": "自然到店", "online": "网络", "doctor": "医生转诊", "event": "活动", "other": "其他"}
    return [
        ("编号", row.number or "–"), ("姓名", row.name), ("性别", SEXES.get(row.sex, "–")), ("出生日期", born.isoformat() if born else "–"),
        ("年龄", age),
        ("手机", mask_phone(row.phone) or "–"), ("城市", row.city or "–"), ("主诊医生", row.doctor_name or "–"), ("团队", row.team_name or "–"),
        ("来源", sources.get(row.source, row.source or "–")), ("待办随访", row.open_tasks),
    ]


def task_rows_of(rows: Any, person: Person) -> list[tuple[object, ...]]:
    """Rows of the panel of tasks."""
    return [(r.id, r.step, r.due.isoformat(), BADGES[r.status], r.priority, PRIORITIES.get(r.priority, ""), r.assignee, r.who,
             r.due < person.today and CATEGORIES[r.status] == "open") for r in rows[:6]]


def contact_rows_of(rows: Any) -> list[tuple[object, ...]]:
    """Rows of the panel of contacts."""
    return [(r.id, _moment(r.happened_at), CHANNELS.get(r.channel, ""), DIRECTIONS.get(r.direction, ""), r.by, r.who, r.task, r.name, r.step)
            for r in rows[:5]]


def stream_days(rows: Any, names: dict[str, str], person: Person) -> list[tuple[str, list[dict[str, object]]]]:
    """Entries by day, newest first."""
    said = {"create": "新建", "update": "修改", "pick_up": "接手", "put_back": "放回"}
    kinds = {"followup_task": ("随访任务", "checklist"), "contact_log": ("联系记录", "phone"), "patient": ("患者", "users")}
    days: dict[str, list[dict[str, object]]] = {}
    for row in rows[:20]:
        at = row.at.astimezone(ZONE)
        kind, icon = kinds[row.kind]
        days.setdefault(at.date().isoformat(), []).append({
            "who": names.get(row.by, "系统"), "what": said.get(row.action, row.action), "at": row.at.isoformat(), "time": at.strftime("%H:%M"),
            "kind": kind, "icon": icon, "title": row.title, "url": f"/o/{row.kind}/{row.record_id}", "note": row.reason,
            "changes": [] if row.action == "create" else changed(orjson.loads(row.changes)),
        })
    return list(days.items())


def seen(id: str, tasks: Any, contacts: Any, entries: Any) -> list[tuple[str, str, list[str]]]:
    """What the page of a patient shows, of each object; see `Views.record_all`."""
    shown = {"followup_task": dict.fromkeys(one.id for one in tasks[:6]), "contact_log": dict.fromkeys(one.id for one in contacts[:5])}
    for entry in entries[:20]:
        if entry.kind in shown:
            shown[entry.kind][entry.record_id] = None
    return [("record", "core:patient", [id]), *(("list", f"core:{kind}", list(ids)) for kind, ids in shown.items() if ids)]


def _moment(at: Any) -> str:
    return str(at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M"))

