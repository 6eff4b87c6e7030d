"""Every statement of the application, built once; those that depend on a person's clinics once per pattern of teams."""

import functools

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, bindparam, exists, or_

from tests.benchmarks.twin import tables as t

__all__ = [
    "AUDIT", "CLINICS", "HISTORY", "MEMBERSHIPS", "INSERT_HISTORY", "MOVE", "NAMES", "SESSION", "STAYS", "TEAMS", "TOKEN", "TOUCH_SESSION",
    "TOUCH_TOKEN", "UPDATE", "VIEW", "all_statements", "contacts", "list_of_tasks", "one_task",
]

_generation = sa.select(t.setting.c.value).where(t.setting.c.name == "access_generation").scalar_subquery().label("generation")
SESSION = (
    sa.select(t.session.c.user_id, t.session.c.created_at, t.session.c.seen_at, t.session.c.expires_at, t.user.c.disabled_at, _generation)
    .join_from(t.session, t.user, t.user.c.id == t.session.c.user_id).where(t.session.c.token_hash == bindparam("hash"))
)
TOKEN = (
    sa.select(
        t.token.c.id, t.token.c.user_id, t.token.c.expires_at, t.token.c.revoked_at, t.token.c.last_used_at, t.user.c.disabled_at, _generation,
    ).join_from(t.token, t.user, t.user.c.id == t.token.c.user_id).where(t.token.c.token_hash == bindparam("hash"))
)
TOUCH_SESSION = sa.update(t.session).where(t.session.c.token_hash == bindparam("hash")).values(seen_at=bindparam("at"))
TOUCH_TOKEN = sa.update(t.token).where(t.token.c.token_hash == bindparam("hash")).values(last_used_at=bindparam("at"))
MEMBERSHIPS = (
    sa.select(t.membership.c.clinic_id, t.clinic.c.name.label("clinic"), t.staff.c.name)
    .join_from(t.membership, t.clinic, t.clinic.c.id == t.membership.c.clinic_id).join(t.staff, t.staff.c.id == t.membership.c.user_id)
    .where(t.membership.c.user_id == bindparam("user"), t.membership.c.role == "bench:bench_nurse")
    .where(or_(t.membership.c.from_date.is_(None), t.membership.c.from_date <= bindparam("today")))
    .where(or_(t.membership.c.until_date.is_(None), t.membership.c.until_date >= bindparam("today")))
    .order_by(t.membership.c.clinic_id)
)
TEAMS = (
    sa.select(t.team.c.clinic_id, t.team.c.id).join_from(t.member, t.team, t.team.c.id == t.member.c.team)
    .where(t.member.c.member == bindparam("user")).order_by(t.team.c.id)
)
CLINICS = sa.select(t.clinic.c.id, t.clinic.c.name)
HISTORY = sa.select(t.history).where(t.history.c.record_id == bindparam("record")).order_by(t.history.c.version.desc())
STAYS = (
    sa.select(t.stay.c.clinic_id).where(t.stay.c.record_id == bindparam("record"))
    .where(or_(t.stay.c.until_date.is_(None), t.stay.c.until_date >= bindparam("today")))
    .order_by(t.stay.c.first.desc(), t.stay.c.clinic_id)
)
NAMES = sa.select(t.staff.c.id, t.staff.c.name).where(t.staff.c.id.in_(bindparam("ids", expanding=True)))
VIEW = sa.insert(t.view)
AUDIT = sa.insert(t.audit)
INSERT_HISTORY = sa.insert(t.history)
_changed = {"version": t.task.c.version + 1, "updated_at": bindparam("at"), "updated_by": bindparam("by")}
_found = and_(t.task.c.id == bindparam("record"), t.task.c.version == bindparam("was"))
UPDATE = sa.update(t.task).where(_found).values(
    **_changed, priority=bindparam("new_priority"), pain=bindparam("new_pain"), outcome=bindparam("new_outcome"))
MOVE = sa.update(t.task).where(_found, t.task.c.status == bindparam("source")).values(**_changed, status=bindparam("target"))


def hers(row: sa.Table, teams: tuple[int, ...]) -> ColumnElement[bool]:
    """Rows of patients of her teams in each of her clinics; a patient may be shared with a clinic. `teams`: how many she has in each."""
    return or_(*(and_(t.patient.c.team.in_([bindparam(f"team_{place}_{n}") for n in range(count)]), _here(row, place))
                 for place, count in enumerate(teams)))


def _here(row: sa.Table, place: int) -> ColumnElement[bool]:
    stay = t.stay.alias()
    shared = exists().where(
        stay.c.record_id == row.c.patient, stay.c.clinic_id == bindparam(f"clinic_{place}"),
        or_(stay.c.from_date.is_(None), stay.c.from_date <= bindparam("today")),
        or_(stay.c.until_date.is_(None), stay.c.until_date >= bindparam("today")),
    )
    return or_(row.c.clinic_id == bindparam(f"clinic_{place}"), shared)


OVERDUE = and_(t.task.c.status.in_([sa.literal_column("'planned'"), sa.literal_column("'due'")]), t.task.c.due < bindparam("today"))


@functools.cache
def list_of_tasks(teams: tuple[int, ...], after: bool = False) -> sa.Select[tuple[object, ...]]:
    """The list: one clinic, one state, newest first. The patient's name needs no condition: who may see the task may see the patient."""
    task = t.task.c
    statement = (
        sa.select(
            task.id, task.version, task.patient, t.patient.c.name, task.step, task.due, task.status, OVERDUE.label("overdue"), task.priority,
            task.channel, task.pain, task.contact_phone, task.contact_email,
        )
        .join_from(t.task, t.patient, t.patient.c.id == task.patient)
        .where(hers(t.task, teams), task.clinic_id == bindparam("clinic"), task.status == bindparam("state"))
        .order_by(task.id.desc()).limit(bindparam("row_limit", type_=sa.Integer))
    )
    return statement.where(task.id < bindparam("after")) if after else statement


@functools.cache
def one_task(teams: tuple[int, ...], lock: bool = False) -> sa.Select[tuple[object, ...]]:
    """One task that she may see."""
    statement = (
        sa.select(t.task, t.patient.c.name.label("patient_name"), t.staff.c.name.label("assignee_name"), OVERDUE.label("overdue"))
        .join_from(t.task, t.patient, t.patient.c.id == t.task.c.patient).outerjoin(t.staff, t.staff.c.id == t.task.c.assignee)
        .where(hers(t.task, teams), t.task.c.id == bindparam("record"))
    )
    return statement


@functools.cache
def contacts(teams: tuple[int, ...]) -> sa.Select[tuple[object, ...]]:
    """The newest contacts of a task."""
    contact = t.contact.c
    return (
        sa.select(
            contact.id, t.patient.c.name, contact.happened_at, contact.channel, contact.direction, contact.by, t.staff.c.name.label("by_name"),
        )
        .join_from(t.contact, t.patient, t.patient.c.id == contact.patient).outerjoin(t.staff, t.staff.c.id == contact.by)
        .where(hers(t.contact, teams), contact.task == bindparam("record"))
        .order_by(contact.id.desc()).limit(bindparam("row_limit", type_=sa.Integer))
    )


def all_statements(teams: tuple[int, ...]) -> dict[str, sa.Executable]:
    """By name, for printing."""
    return {
        "session": SESSION, "token": TOKEN, "memberships": MEMBERSHIPS, "teams": TEAMS, "list": list_of_tasks(teams), "task": one_task(teams),
        "contacts": contacts(teams), "history": HISTORY, "names": NAMES, "update": UPDATE, "transition": MOVE,
        "insert history": INSERT_HISTORY, "insert audit": AUDIT, "insert view": VIEW,
    }
